/**
 * A second core that stands anywhere in a recording: forward by executing, back by the last copy of the state before the
 * place and executing from there. Positions are numbers of events executed, 0 to all.
 */
import { CoreInstance } from '../../host-node/core/instance.ts'
import { EVENT_BYTES } from '../../spec/records.ts'
import type { Recording } from './recording.ts'

export class Cursor {
  readonly core: CoreInstance
  readonly #recording: Recording
  /** Nowhere at first: where a recording begins is known when it is read. */
  #at = Number.POSITIVE_INFINITY
  /** A copy of the whole state at one place, for going back a little. */
  readonly #mark: Uint8Array
  #marked = -1

  constructor(recording: Recording, wasm: Uint8Array<ArrayBuffer>) {
    this.#recording = recording
    this.core = new CoreInstance(wasm)
    this.#mark = new Uint8Array(this.core.state_bytes)
  }

  /** Events executed; infinite before the first seek. */
  get at(): number {
    return this.#at
  }

  /** Goes to the place after so many events; beyond the end is the end. */
  seek(events: number): void {
    const target = Math.max(0, Math.min(Math.floor(events), this.#recording.events.count))
    const { snapshots } = this.#recording
    if (this.#recording.events.count === 0) return
    if (target < this.#at || target - this.#at > snapshots.every) {
      if (this.#marked >= 0 && this.#marked <= target && target - this.#marked < snapshots.every / 8) {
        this.core.restore(this.#mark)
        this.#at = this.#marked
      } else {
        const from = snapshots.restore(target, this.core)
        if (from === undefined) this.core.reset()
        this.#at = from ?? 0
      }
    }
    this.#forward(target)
  }

  /** Keeps the state as it is here: coming back to here, or to a little behind, costs no re-execution. */
  mark(): void {
    this.#mark.set(this.core.state)
    this.#marked = this.#at
  }

  /** Executes one event; its decisions, valid until the next call. Undefined at the end. */
  step(): Uint8Array | undefined {
    if (this.#at >= this.#recording.events.count) return undefined
    this.core.inbox.set(this.#recording.events.at(this.#at))
    const decisions = this.core.run(1)
    this.#at++
    return decisions
  }

  #forward(target: number): void {
    while (this.#at < target) {
      const events = this.#recording.events.run(this.#at, target - this.#at)
      this.core.feedTo(events, () => {})
      this.#at += events.length / EVENT_BYTES
    }
  }
}
