/**
 * The daemon's recording: what the core was fed and what it decided, in the same format as the interposer's. Records are
 * gathered and written a frame at a time, so that a daemon that is killed loses the last part of a second at most. A file
 * that cannot be written any more ends the recording, with a reason, and nothing else.
 */
import type { Core } from '../core/core.ts'
import { LogWriter } from '../log/writer.ts'
import type { Recorder } from './decider.ts'
import { Gather } from './gather.ts'

/** Events between two snapshots to seek to, as host-shim/record/recorder.h has it. */
export const SNAPSHOT_EVENTS = 262_144
/** Names are clients' words: no client fills the memory with them. */
export const MOST_NAMES = 65_536

export class Recording implements Recorder {
  readonly #core: Core
  readonly #onEnd: (why: string) => void
  readonly #gather = new Gather()
  #sinceSnapshot = 0
  readonly #named = new Set<string>()
  #writer: LogWriter | undefined

  /** Begins a recording in `file`. Throws where it cannot be made, or exists. */
  constructor(file: string, core: Core, configuration: Record<string, unknown>, onEnd: (why: string) => void) {
    this.#core = core
    this.#onEnd = onEnd
    this.#writer = new LogWriter(file, {
      start_unix_ns: BigInt(Date.now()) * 1_000_000n,
      core_hash: Buffer.from(core.hash, 'hex'),
      json: { host: 'daemon', pid: process.pid, ...configuration },
    })
  }

  get isOn(): boolean {
    return this.#writer !== undefined
  }

  /** Where it is, and how many bytes of it are written; undefined where it has ended. */
  get written(): { file: string; bytes: number } | undefined {
    return this.#writer && { file: this.#writer.file, bytes: this.#writer.bytes }
  }

  take(event: Uint8Array, decisions: Uint8Array): void {
    if (this.#writer === undefined) return
    this.#gather.take(event, decisions)
    this.#sinceSnapshot++
    if (this.#gather.isFull) this.flush()
  }

  /** Says what a number stands for, once, before the first event that speaks of it. */
  name(kind: number, id: bigint, name: string): void {
    const key = `${kind} ${id} ${name}`
    if (this.#named.has(key) || this.#named.size >= MOST_NAMES) return
    this.#named.add(key)
    this.flush()
    this.#guarded((writer) => writer.writeNames([{ kind, id, name }]))
  }

  /** Writes what was gathered. */
  flush(): void {
    const { events, decisions } = this.#gather.drain()
    if (events.length === 0) return
    this.#guarded((writer) => {
      writer.writeEvents(events)
      if (decisions.length > 0) writer.writeDecisions(decisions, this.#core.decisionHash())
      if (this.#sinceSnapshot < SNAPSHOT_EVENTS) return
      this.#sinceSnapshot = 0
      writer.writeSnapshot(this.#core.snapshot())
    })
  }

  /** Completes the file. */
  close(): void {
    this.flush()
    const hashes = { decision_hash: this.#core.decisionHash(), state_hash: this.#core.stateHash() }
    this.#guarded((writer) => writer.close(hashes))
    this.#writer = undefined
  }

  #guarded(write: (writer: LogWriter) => void): void {
    if (this.#writer === undefined) return
    try {
      write(this.#writer)
    } catch (error) {
      const { file } = this.#writer
      this.#writer = undefined
      this.#onEnd(`${file}: ${error instanceof Error ? error.message : String(error)}; the recording ends here`)
    }
  }
}
