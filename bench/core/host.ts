/**
 * Plays host to a core in virtual time: streams that issue, a device that runs one operator after another, completions,
 * credit and ticks, as host-shim does it. What it yields is the event stream of a busy device, the same for the same
 * seed; it ends with an error where the core refuses an event, so that no benchmark measures refusals.
 */
import {
  DECISION_BYTES,
  DecisionFlag,
  DecisionKind,
  encodeEvent,
  EVENT_BYTES,
  NONE,
  type EventRecord,
} from '../../build/gen/ts/records.ts'
import type { Core } from '../../host-node/core/core.ts'
import { shownDecision, shownLine } from '../../host-node/log/shown.ts'
import { MinHeap } from './min-heap.ts'

/** Every event needs its own fields only; the host adds the common ones. */
type Draft = EventRecord extends infer E
  ? E extends EventRecord
    ? Omit<E, 'flags' | 'stream' | 'time_ns'>
    : never
  : never

/** An operator as a stream issues it. */
export interface Operator {
  op_class: number
  key: bigint
  blocks: number
  args_bytes: number
  bytes: bigint
  evidence: number
  /** Time it takes on the device. */
  device_ns: number
}

/** What a stream issues. */
export interface Program {
  /** The operator with this number, counted from 1. */
  operator(op_seq: number): Operator
  /** Mean device time of its operators. */
  mean_ns: number
}

interface Stream {
  program: Program
  /** Issued to the core or on credit, decided, and complete. */
  submitted: number
  decided: number
  completed: number
  /** Operators left of a grant, and how many of it were used. */
  credit: number
  used: number
  ready: boolean
}

/** Operators a stream has issued and that are not complete: what a serving step has in flight. */
const DEPTH = 8
/** Time the host takes to issue an operator (shared/facts/hardware.md: launch 5.8 us, several threads at once). */
const ISSUE_NS = 1000
const NEVER = 2n ** 64n - 1n

export class Host {
  readonly #core: Core
  readonly #streams: Stream[] = []
  readonly #completions = new MinHeap<{ stream: number; seq: number; count: number; device_ns: number }>()
  #bytes = new Uint8Array(1024 * EVENT_BYTES)
  #view = new DataView(this.#bytes.buffer)
  #events = 0
  #now = 0
  #device_free = 0
  /** Streams that may issue, in the order in which they became able to. */
  #ready: number[] = []

  constructor(core: Core) {
    this.#core = core
  }

  /** Events so far. */
  get events(): number {
    return this.#events
  }

  /** All events so far, as bytes. */
  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#events * EVENT_BYTES)
  }

  /** Adds a stream with what it issues. Its number is the number of streams before it. */
  addStream(vnpu: number, program: Program): void {
    const stream = this.#streams.length
    this.#streams.push({ program, submitted: 0, decided: 0, completed: 0, credit: 0, used: 0, ready: false })
    this.event({ kind: 'STREAM_ADD', vnpu, priority: 0 }, stream)
    this.#wake(stream)
  }

  /** Feeds one event and carries out what the core decides. */
  event(draft: Draft, stream: number): void {
    this.#reserve()
    const at = this.#events * EVENT_BYTES
    encodeEvent(this.#view, at, { ...draft, flags: 0, stream, time_ns: BigInt(this.#now) } as EventRecord)
    this.#events++
    const decisions = this.#core.feed(this.#bytes.subarray(at, at + EVENT_BYTES))
    const revoked: number[] = []
    for (let i = 0; i < decisions.length; i += DECISION_BYTES) {
      const number = this.#decision(decisions.subarray(i, i + DECISION_BYTES))
      if (number !== undefined) revoked.push(number)
    }
    for (const number of revoked) this.#settle(number, this.#streams[number] as Stream)
  }

  /** Goes on until there are so many events. */
  run(events: number): void {
    while (this.#events < events) {
      const stream = this.#due() ? undefined : this.#ready.shift()
      if (stream === undefined) this.#advance()
      else this.#issue(stream)
    }
  }

  #issue(number: number): void {
    const stream = this.#streams[number] as Stream
    stream.ready = false
    if (stream.credit > 0) {
      this.#useCredit(stream)
      if (stream.credit === 0) this.#settle(number, stream)
    } else {
      this.#now += ISSUE_NS
      stream.submitted++
      const { device_ns: _, ...operator } = stream.program.operator(stream.submitted)
      const op_seq = BigInt(stream.submitted)
      this.event({ kind: 'OP_SUBMIT', api: 0, sync_object: NONE, op_seq, ...operator }, number)
    }
    this.#wake(number)
  }

  /** Operators that the core does not hear of go straight to the device: one, or as many as fit where none competes. */
  #useCredit(stream: Stream): void {
    const wake = this.#core.nextWakeNs()
    const until = Math.min(this.#completions.firstKey() ?? Infinity, wake === NEVER ? Infinity : Number(wake))
    const room = this.#ready.length > 0 ? 1 : Math.max(1, Math.ceil((until - this.#now) / ISSUE_NS))
    const count = Math.min(stream.credit, room)
    stream.credit -= count
    stream.used += count
    this.#now += count * ISSUE_NS
    this.#device_free = Math.max(this.#device_free, this.#now) + Math.round(count * stream.program.mean_ns)
  }

  /** Reports what was used of a grant, with a marker behind it, and ends the grant. */
  #settle(number: number, stream: Stream): void {
    const { used } = stream
    stream.submitted += used
    stream.decided += used
    stream.credit = 0
    stream.used = 0
    if (used > 0) this.#mark(number, stream, 0, 0)
    this.event({ kind: 'CREDIT_USED', count: BigInt(used) }, number)
  }

  /** Whether something has happened, or was to happen, by now. */
  #due(): boolean {
    return (this.#completions.firstKey() ?? Infinity) <= this.#now || this.#core.nextWakeNs() <= BigInt(this.#now)
  }

  /** To the next completion or tick. */
  #advance(): void {
    const wake = this.#core.nextWakeNs()
    const next = this.#completions.firstKey()
    if (next !== undefined && (wake === NEVER || BigInt(next) <= wake)) {
      this.#now = Math.max(this.#now, next)
      this.#complete()
    } else if (wake !== NEVER) {
      this.#now = Math.max(this.#now, Number(wake))
      this.event({ kind: 'TICK' }, NONE)
    } else {
      throw new Error(`the core holds everything and wants no tick, after event ${this.#events}`)
    }
  }

  #complete(): void {
    const done = this.#completions.take()
    const stream = this.#streams[done.stream] as Stream
    stream.completed = done.seq
    const { device_ns, count } = done
    const end_ns = BigInt(this.#now)
    const what = { completed_seq: BigInt(done.seq), device_ns: BigInt(device_ns), end_ns, count }
    this.event({ kind: 'OP_COMPLETE', ...what }, done.stream)
    this.#wake(done.stream)
  }

  /** Carries a decision out; the number of the stream where it takes a grant back, which is answered with an event. */
  #decision(record: Uint8Array): number | undefined {
    const view = new DataView(record.buffer, record.byteOffset, DECISION_BYTES)
    const kind = view.getUint8(0)
    const number = view.getUint32(4, true)
    if (kind === DecisionKind.FAULT) {
      throw new Error(`the core refused event ${this.#events}: ${shownLine(shownDecision(record))}`)
    }
    const stream = this.#streams[number]
    if (stream === undefined) return undefined
    if (kind === DecisionKind.REVOKE) return number
    if (kind === DecisionKind.DISPATCH) this.#dispatch(number, stream, view.getUint32(8, true), view.getUint8(1))
    return undefined
  }

  #dispatch(number: number, stream: Stream, count: number, flags: number): void {
    if ((flags & DecisionFlag.CREDIT) !== 0) {
      stream.credit = count
      this.#wake(number)
      return
    }
    let device_ns = 0
    for (let i = 1; i <= count; i++) device_ns += stream.program.operator(stream.decided + i).device_ns
    stream.decided += count
    this.#device_free = Math.max(this.#device_free, this.#now) + device_ns
    const sampled = count === 1 && (flags & DecisionFlag.SAMPLE) !== 0
    if ((flags & (DecisionFlag.MARK | DecisionFlag.SAMPLE)) !== 0) {
      this.#mark(number, stream, sampled ? count : 0, sampled ? device_ns : 0)
    }
  }

  /** A marker behind what was handed over last. */
  #mark(number: number, stream: Stream, count: number, device_ns: number): void {
    this.#completions.put(this.#device_free, { stream: number, seq: stream.decided, count, device_ns })
  }

  /** A stream that has credit, or less in flight than its depth, may issue. */
  #wake(number: number): void {
    const stream = this.#streams[number] as Stream
    if (stream.ready || (stream.credit === 0 && stream.submitted - stream.completed >= DEPTH)) return
    stream.ready = true
    this.#ready.push(number)
  }

  #reserve(): void {
    if ((this.#events + 1) * EVENT_BYTES <= this.#bytes.length) return
    const larger = new Uint8Array(this.#bytes.length * 2)
    larger.set(this.#bytes)
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}
