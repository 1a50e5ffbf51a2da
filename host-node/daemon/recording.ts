/**
 * The daemon's recording: what the core was fed and what it decided, in the same format as the interposer's. Records are
 * gathered and written a frame at a time, so that a daemon that is killed loses the last part of a second at most. A file
 * that cannot be written any more ends the recording, with a reason, and nothing else.
 */
import { DECISION_BYTES, EVENT_BYTES } from '../../spec/records.ts'
import type { Core } from '../core/core.ts'
import { LogWriter } from '../log/writer.ts'
import type { Recorder } from './decider.ts'

/** Records of a frame; reached within milliseconds under load. */
const FRAME_EVENTS = 512
/** Events between two snapshots to seek to, as host-shim/record/recorder.h has it. */
const SNAPSHOT_EVENTS = 262_144
/** Names are clients' words: no client fills the memory with them. */
const MOST_NAMES = 65_536

export class Recording implements Recorder {
  readonly #core: Core
  readonly #onEnd: (why: string) => void
  readonly #events = new Uint8Array(FRAME_EVENTS * EVENT_BYTES)
  #decisions = new Uint8Array(4 * FRAME_EVENTS * DECISION_BYTES)
  #eventBytes = 0
  #decisionBytes = 0
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

  take(event: Uint8Array, decisions: Uint8Array): void {
    if (this.#writer === undefined) return
    this.#events.set(event, this.#eventBytes)
    this.#eventBytes += event.length
    if (this.#decisionBytes + decisions.length > this.#decisions.length) {
      const larger = new Uint8Array(this.#decisions.length * 2)
      larger.set(this.#decisions)
      this.#decisions = larger
    }
    this.#decisions.set(decisions, this.#decisionBytes)
    this.#decisionBytes += decisions.length
    this.#sinceSnapshot++
    if (this.#eventBytes === this.#events.length) this.flush()
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
    if (this.#eventBytes === 0) return
    const [events, decisions] = [this.#eventBytes, this.#decisionBytes]
    this.#eventBytes = this.#decisionBytes = 0
    this.#guarded((writer) => {
      writer.writeEvents(this.#events.subarray(0, events))
      if (decisions > 0) writer.writeDecisions(this.#decisions.subarray(0, decisions), this.#core.decisionHash())
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
