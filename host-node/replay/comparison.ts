/**
 * What replay compares: feeds recorded events to a core and compares what it decides with what was recorded, byte by
 * byte, then the hashes and every snapshot. Whatever is recorded and whole is compared; nothing is assumed equal. Runs
 * in Node and in a browser.
 */
import { DECISION_BYTES, EVENT_BYTES } from '../../spec/records.ts'
import type { CoreInstance } from '../core/instance.ts'
import { equalBytes } from '../log/equal.ts'
import type { Frame } from '../log/frames.ts'
import { shownDecision, type ShownRecord } from '../log/shown.ts'
import { decodeSnapshot, snapshotStateBytes } from '../log/snapshot.ts'
import { ByteQueue } from './byte-queue.ts'

/** One place where recording and replay differ. */
export interface Difference {
  what: 'decision' | 'missing decision' | 'extra decision' | 'decision hash' | 'state hash' | 'snapshot'
  /** Number of the decision, counted from 1, where it is one. */
  decision?: number
  /** Number of the event that led to it (or, for a snapshot, the event after which it was taken), counted from 1. */
  event?: number
  recorded: ShownRecord | string | null
  replayed: ShownRecord | string | null
  /** The event that led to it, where it could be found again. */
  cause?: ShownRecord
}

/** A 64-bit hash as people read it. */
export const hex64 = (value: bigint): string => `0x${value.toString(16).padStart(16, '0')}`

/** A recording's frames against a core: give it every frame in order, then finish(). */
export class Comparison {
  /** Events fed. */
  events = 0
  decisions = 0
  differences = 0
  snapshots = 0
  hashes = 0
  unverified = 0
  first: Difference | undefined
  /** Number of the last decision that was compared. */
  #compared = 0
  #isNumbered = false
  #eventsBefore = 0
  readonly #core: CoreInstance
  readonly #recorded = new ByteQueue()
  readonly #replayed = new ByteQueue()

  constructor(core: CoreInstance) {
    this.#core = core
  }

  /** Events before the first of the recording: one may begin with a SNAPSHOT. */
  get eventsBefore(): number {
    return this.#eventsBefore
  }

  frame(frame: Frame): void {
    if (frame.name === 'EVENTS') {
      this.feed(frame.payload)
    } else if (frame.name === 'DECISIONS') {
      if (!this.#isNumbered) this.#compared = Number(frame.first_seq) - 1
      this.#isNumbered = true
      const records = frame.count * DECISION_BYTES
      this.#recorded.push(frame.payload.subarray(0, records))
      this.#compare()
      // The core tells its hash only as it is now: comparable where both sides have come equally far.
      if (this.#recorded.length > 0 || this.#replayed.length > 0) return
      this.hashes++
      const hash = new DataView(frame.payload.buffer, frame.payload.byteOffset + records, 8).getBigUint64(0, true)
      this.#hash('decision hash', hash, this.#core.decisionHash())
    } else if (frame.name === 'SNAPSHOT') {
      this.#snapshot(frame)
    }
  }

  /** Feeds whole events, of a frame or a part of one; `sink` sees the decisions they lead to, during the call only. */
  feed(events: Uint8Array, sink: (decisions: Uint8Array) => void = () => {}): void {
    this.#core.feedTo(events, (decisions) => {
      this.decisions += decisions.length / DECISION_BYTES
      this.#replayed.push(decisions)
      sink(decisions)
    })
    this.events += events.length / EVENT_BYTES
    this.#compare()
  }

  /** Compares what is left, and the final hashes. */
  finish(footer: { decision_hash: bigint; state_hash: bigint } | undefined, torn: boolean): void {
    for (const [queue, what] of [
      [this.#recorded, 'missing decision'],
      [this.#replayed, 'extra decision'],
    ] as const) {
      while (queue.length > 0) {
        const record = queue.peek(DECISION_BYTES)
        const event = causeOf(record)
        // In a torn recording the events, or the decisions, of the last moments may be lost.
        if (torn && (what === 'extra decision' || event > this.#eventsBefore + this.events)) {
          this.unverified++
        } else {
          const decision = this.#compared + 1
          this.#differ(() => {
            const shown = shownDecision(record)
            const sides =
              what === 'missing decision' ? { recorded: shown, replayed: null } : { recorded: null, replayed: shown }
            return { what, decision, event, ...sides }
          })
        }
        this.#compared++
        queue.drop(DECISION_BYTES)
      }
    }
    if (footer === undefined) return
    this.#hash('decision hash', footer.decision_hash, this.#core.decisionHash())
    this.#hash('state hash', footer.state_hash, this.#core.stateHash())
    this.hashes += 2
  }

  #compare(): void {
    const bytes = Math.min(this.#recorded.length, this.#replayed.length)
    const recorded = this.#recorded.peek(bytes)
    const replayed = this.#replayed.peek(bytes)
    const count = bytes / DECISION_BYTES
    if (!equalBytes(recorded, replayed)) {
      for (let i = 0; i < count; i++)
        this.#decision(recordAt(recorded, i), recordAt(replayed, i), this.#compared + i + 1)
    }
    this.#compared += count
    this.#recorded.drop(bytes)
    this.#replayed.drop(bytes)
  }

  #decision(recorded: Uint8Array, replayed: Uint8Array, decision: number): void {
    if (equalBytes(recorded, replayed)) return
    this.#differ(() => ({
      what: 'decision',
      decision,
      event: Math.min(causeOf(recorded), causeOf(replayed)),
      recorded: shownDecision(recorded),
      replayed: shownDecision(replayed),
    }))
  }

  #hash(what: 'decision hash' | 'state hash', recorded: bigint, replayed: bigint): void {
    if (recorded === replayed) return
    this.#differ(() => ({ what, decision: this.#compared, recorded: hex64(recorded), replayed: hex64(replayed) }))
  }

  #snapshot(frame: Frame): void {
    const event = Number(frame.first_seq) - 1
    if (event > 0 && this.events === 0 && this.snapshots === 0 && this.#begin(frame, event)) return
    this.snapshots++
    const difference = this.#snapshotDifference(frame, event)
    if (difference === undefined) return
    this.#differ(() => ({ what: 'snapshot', event, recorded: difference[0], replayed: difference[1] }))
  }

  /** The recording begins with this state; false where it is of another core. */
  #begin(frame: Frame, event: number): boolean {
    if (snapshotStateBytes(frame.payload) !== this.#core.state_bytes) return false
    this.#core.restore(decodeSnapshot(frame.payload, frame.count))
    this.#eventsBefore = event
    return true
  }

  #snapshotDifference(frame: Frame, event: number): [string, string] | undefined {
    const fed = this.#eventsBefore + this.events
    if (event !== fed) return [`state after event ${event}`, `events end at ${fed} here in the file`]
    const bytes = snapshotStateBytes(frame.payload)
    if (bytes !== this.#core.state_bytes) return [`state of ${bytes} bytes`, `state of ${this.#core.state_bytes} bytes`]
    const state = decodeSnapshot(frame.payload, frame.count)
    if (this.#core.stateEquals(state)) return undefined
    const now = this.#core.snapshot()
    const at = state.findIndex((byte, i) => byte !== now[i])
    return [`byte ${state[at]} at ${at} of the state`, `byte ${now[at]} at ${at} of the state`]
  }

  #differ(describe: () => Difference): void {
    this.differences++
    this.first ??= describe()
  }
}

const recordAt = (records: Uint8Array, i: number): Uint8Array =>
  records.subarray(i * DECISION_BYTES, (i + 1) * DECISION_BYTES)

/** Number of the event that led to a decision (its event_seq). */
const causeOf = (record: Uint8Array): number =>
  Number(new DataView(record.buffer, record.byteOffset, DECISION_BYTES).getBigUint64(24, true))
