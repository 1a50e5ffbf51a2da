/**
 * A recording in memory, as it is read: every frame goes to a core that decides it again and is compared
 * (host-node/replay/comparison.ts), its events and the decisions they led to are kept as bytes, the core's state is
 * copied along the way, and the timeline's rows are gathered (activity.ts). Everything else in the debugger asks this.
 */
import { CoreInstance } from '../../host-node/core/instance.ts'
import { describeDamage } from '../../host-node/log/errors.ts'
import { FrameStream } from '../../host-node/log/frame-stream.ts'
import type { Frame, LogEnd } from '../../host-node/log/frames.ts'
import type { LogHeader } from '../../host-node/log/header.ts'
import { decodeNames } from '../../host-node/log/names.ts'
import { hexBytes, shownEvent } from '../../host-node/log/shown.ts'
import { Comparison, hex64, type Difference } from '../../host-node/replay/comparison.ts'
import { DECISION_BYTES, EVENT_BYTES } from '../../spec/records.ts'
import { Activity } from './activity.ts'
import { RecordStore } from './record-store.ts'
import { Snapshots } from './snapshots.ts'

/** Events between two copies of the state: re-executing all of them takes some fiftieth of a second. */
const SNAPSHOT_EVENTS = 1 << 18
/** Events fed at a time. */
const SLICE_EVENTS = 1 << 14
const CAUSE_AT = 24

/** Whether the recording is decided again as it was, as far as it was read. */
export interface Verdict {
  events: number
  decisions: number
  /** Events of the run before the first of the recording; events are counted from there. */
  begins_after: number
  differences: number
  /** Its numbers are those of the whole run. */
  first_difference?: Difference
  snapshots_checked: number
  hashes_checked: number
  unverified: number
  /** All of it was read. */
  complete: boolean
  /** What is wrong with the file, in one line. */
  damage?: string
  damage_kind?: 'torn' | 'damaged'
  /** SHA-256 of the recording's core, and of the one that replays, where the page may compute it. */
  core_recorded: string
  core_replaying?: string
  state_hash?: string
  decision_hash?: string
}

export class Recording {
  readonly file: string
  readonly events = new RecordStore(EVENT_BYTES)
  /** As the core decides them here; where the verdict is good, as they were recorded. */
  readonly decisions = new RecordStore(DECISION_BYTES)
  readonly activity = new Activity()
  readonly snapshots: Snapshots
  readonly #core: CoreInstance
  readonly #comparison: Comparison
  readonly #stream: FrameStream
  readonly #core_hash: string | undefined
  #end: LogEnd | undefined
  #stats: unknown
  #since = 0

  /** `core_hash`: SHA-256 of the wasm, where known. Throws CoreError where the wasm is no core. */
  constructor(file: string, wasm: Uint8Array<ArrayBuffer>, core_hash?: string, snapshot_events = SNAPSHOT_EVENTS) {
    this.file = file
    this.snapshots = new Snapshots(snapshot_events)
    this.#core = new CoreInstance(wasm)
    this.#core_hash = core_hash
    this.#comparison = new Comparison(this.#core)
    this.#stream = new FrameStream(file, (frame) => this.#frame(frame))
    this.snapshots.begin(this.#core)
  }

  get header(): LogHeader | undefined {
    return this.#stream.header
  }

  /** What a STATS frame says: calls by function, faults. */
  get stats(): unknown {
    return this.#stats
  }

  /** Takes in the next bytes of the file. Throws LogError where they are no recording. */
  push(bytes: Uint8Array): void {
    this.#stream.push(bytes)
  }

  /** There are no more bytes. Throws LogError where there was no recording. */
  finish(): void {
    this.#end = this.#stream.finish()
    this.#comparison.finish(this.#end.footer, this.#end.damage !== undefined)
  }

  get verdict(): Verdict {
    const c = this.#comparison
    const damage = this.#end?.damage ?? this.#stream.read.damage
    const first = c.first && { ...c.first, ...this.#cause(c.first) }
    return {
      events: c.events,
      decisions: c.decisions,
      begins_after: c.eventsBefore,
      differences: c.differences,
      ...(first && { first_difference: first }),
      snapshots_checked: c.snapshots,
      hashes_checked: c.hashes,
      unverified: c.unverified,
      complete: this.#end !== undefined,
      ...(damage && { damage: describeDamage(this.file, damage), damage_kind: damage.kind }),
      core_recorded: this.header === undefined ? '' : hexBytes(this.header.core_hash),
      ...(this.#core_hash !== undefined && { core_replaying: this.#core_hash }),
      ...(this.#end && { state_hash: hex64(this.#core.stateHash()), decision_hash: hex64(this.#core.decisionHash()) }),
    }
  }

  /** The event that led to a decision; both counted from 0, from the first of the recording. */
  eventOf(decision: number): number {
    return this.decisions.u64(decision, CAUSE_AT) - 1 - this.#comparison.eventsBefore
  }

  /** Index of the first decision that an event, or one after it, led to; all counted from 0. */
  firstDecision(event: number): number {
    let low = 0
    let high = this.decisions.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.eventOf(middle) < event) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Event time, ns; events are counted from 0. */
  timeOf(event: number): number {
    return this.events.u64(event, 8)
  }

  /** Index of the first event that is not before a time. A refused event may lie out of order, by its own time only. */
  eventAt(time_ns: number): number {
    let low = 0
    let high = this.events.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.timeOf(middle) < time_ns) low = middle + 1
      else high = middle
    }
    return low
  }

  #cause({ event }: Difference): Partial<Difference> {
    const at = (event ?? 0) - this.#comparison.eventsBefore - 1
    return at < 0 || at >= this.events.count ? {} : { cause: shownEvent(this.events.at(at)) }
  }

  #frame(frame: Frame): void {
    if (frame.name === 'EVENTS') this.#feed(frame.payload)
    else if (frame.name === 'NAMES') this.activity.topology.name(decodeNames(frame.payload, frame.count))
    else if (frame.name === 'STATS') this.#stats = JSON.parse(new TextDecoder().decode(frame.payload))
    else {
      this.#comparison.frame(frame)
      if (frame.name === 'SNAPSHOT' && this.events.count === 0) this.#begin()
    }
  }

  /** The recording may begin in the middle of a run, with the state of the core there. */
  #begin(): void {
    const { eventsBefore } = this.#comparison
    if (eventsBefore === 0) return
    this.snapshots.begin(this.#core)
    this.activity.begin(eventsBefore, this.#core.figures)
  }

  /** What was kept goes on, not the frame's bytes: it lies at words. */
  #feed(payload: Uint8Array): void {
    for (let at = 0; at < payload.length;) {
      const first = this.events.count
      const decided = this.decisions.count
      const room = Math.min(SLICE_EVENTS, this.snapshots.every - this.#since, this.events.together)
      this.events.append(payload.subarray(at, at + room * EVENT_BYTES))
      const events = this.events.run(first, room)
      at += events.length
      this.#comparison.feed(events, (decisions) => this.decisions.append(decisions))
      this.activity.walk(words(events), this.#decided(decided))
      this.#since += events.length / EVENT_BYTES
      if (this.#since < this.snapshots.every) continue
      this.snapshots.take(this.events.count, this.#core)
      this.#since = 0
    }
  }

  /** The decisions from `first`, as words. */
  #decided(first: number): Uint32Array {
    const count = this.decisions.count - first
    const whole = count === 0 ? new Uint8Array() : this.decisions.run(first, count)
    if (whole.length === count * DECISION_BYTES) return words(whole)
    const copy = new Uint8Array(count * DECISION_BYTES)
    for (let i = 0; i < count;) {
      const part = this.decisions.run(first + i, count - i)
      copy.set(part, i * DECISION_BYTES)
      i += part.length / DECISION_BYTES
    }
    return words(copy)
  }
}

/** Kept bytes as words. */
const words = (bytes: Uint8Array): Uint32Array => new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2)
