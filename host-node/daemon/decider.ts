/**
 * The core and what follows from its decisions: each event goes in alone, with the time of the loop, and its decisions
 * become commands before the next. Credit that the core takes back is reported after all decisions of the event, in the
 * order in which they came, exactly as the interposer does it (host-shim/engine/device.c): that is what makes a recording
 * of either replay.
 */
import { DecisionFlag, DecisionKind, EventKind } from '../../build/gen/ts/records.ts'
import { EVENT_BYTES, NONE } from '../../spec/records.ts'
import type { Core } from '../core/core.ts'
import { MARK, SAMPLE, type Batch } from './batch.ts'
import type { StreamState, Streams } from './streams.ts'

/** Where fed events and decisions go, to be replayed. */
export interface Recorder {
  /** Whether it wants events and decisions now. */
  readonly isOn: boolean
  take(event: Uint8Array, decisions: Uint8Array): void
  /** What a number stands for (NameKind), for people. */
  name(kind: number, id: bigint, name: string): void
}

/** A decision that is no order to carry out, for whoever shows or answers it. */
export interface Notices {
  phase(stream: number, phase: number, confidence: number): void
  share(permille: number): void
  /** The core refused an event: what the host did was wrong, or a limit is reached. */
  fault(code: number, eventKind: number, stream: number): void
}

const HIGH = 2 ** 32
const DECISION_WORDS = 8

export class Decider {
  /** Words of the event that is being made. */
  readonly words: Uint32Array
  /** Nanoseconds since the start; never goes back. */
  now = 0
  /** Answer to the last MEM_ALLOC. */
  admitted = true
  /** Asked of an operator that waits for a function of the client: then the host goes on with it, not the executor. */
  begins: (s: StreamState, place: number) => boolean = () => false
  /** Whether the core refused the last event. */
  refused = false
  readonly #revoked: number[] = []

  readonly core: Core
  readonly batch: Batch
  readonly streams: Streams
  readonly notices: Notices
  readonly recorder: Recorder | undefined

  constructor(core: Core, batch: Batch, streams: Streams, notices: Notices, recorder?: Recorder) {
    this.core = core
    this.batch = batch
    this.streams = streams
    this.notices = notices
    this.recorder = recorder
    const { buffer, byteOffset } = core.inbox
    this.words = new Uint32Array(buffer, byteOffset, EVENT_BYTES / 4)
  }

  /** Begins an event; its fields are 0 until they are set. */
  event(kind: number, stream: number = NONE): Uint32Array {
    const w = this.words
    w.fill(0)
    w[0] = kind
    w[1] = stream
    w[2] = this.now % HIGH
    w[3] = this.now / HIGH
    return w
  }

  /** Sets a u64 field at a byte offset. */
  set64(at: number, value: number | bigint): void {
    const big = typeof value === 'bigint' ? value : undefined
    this.words[at / 4] = big === undefined ? (value as number) % HIGH : Number(big & 0xffffffffn)
    this.words[at / 4 + 1] = big === undefined ? (value as number) / HIGH : Number(big >> 32n)
  }

  /** Feeds the event, and CREDIT_USED for every stream whose credit is taken back by it. */
  feed(): void {
    this.#run()
    while (this.#revoked.length > 0) this.settle(this.streams.streams[this.#revoked.pop() as number])
  }

  /** Ends the grant of a stream and reports what was used of it. */
  settle(s: StreamState | undefined): void {
    if (s === undefined || s.granted === 0) return
    this.batch.takeNothing(s)
    const { used } = s
    s.granted = s.used = 0
    s.settled += used
    if (used > 0) this.mark(s)
    this.event(EventKind.CREDIT_USED, s.number)
    this.set64(16, used)
    this.#run()
    this.tellComplete(s)
  }

  /** Tells the core of operators that were seen complete before it knew of them. */
  tellComplete(s: StreamState): void {
    const seq = Math.min(s.complete, s.settled)
    if (seq <= s.told || s.aborted !== 0) return // an aborted one it knows no more
    s.told = seq
    this.event(EventKind.OP_COMPLETE, s.number)
    this.set64(16, seq)
    this.set64(32, this.now)
    this.#run()
  }

  /** The function of the client that the stream waited for has returned. */
  called(s: StreamState, place: number): void {
    this.batch.ops(s.number, [place], 0)
    s.handed++
    s.openGates()
    this.streams.completed(s, s.handed)
    this.tellComplete(s)
  }

  /** A marker behind what the stream has handed over. */
  mark(s: StreamState): void {
    this.batch.mark(s.number)
    this.streams.mark(s)
  }

  #run(): void {
    const { core } = this
    this.refused = false
    const event = this.recorder?.isOn === true ? core.inbox.slice(0, EVENT_BYTES) : undefined
    const decisions = core.run(1)
    if (event !== undefined) this.recorder?.take(event, decisions)
    if (decisions.length === 0) return
    const w = new Uint32Array(decisions.buffer, decisions.byteOffset, decisions.length / 4)
    for (let at = 0; at < w.length; at += DECISION_WORDS) this.#apply(w, at)
  }

  #apply(w: Uint32Array, at: number): void {
    const kind = w[at]! & 0xff
    const flags = (w[at]! >>> 8) & 0xff
    const number = w[at + 1]!
    const count = w[at + 2]!
    if (kind === DecisionKind.DISPATCH) this.#dispatch(number, count, flags)
    else if (kind === DecisionKind.REVOKE) this.#revoked.push(number)
    else if (kind === DecisionKind.PHASE) this.notices.phase(number, count, w[at + 4]!)
    else if (kind === DecisionKind.SHARE) this.notices.share(count)
    else if (kind === DecisionKind.ADMIT) this.admitted = true
    else if (kind === DecisionKind.DENY) this.admitted = false
    else if (kind === DecisionKind.FAULT) {
      this.refused = true
      this.notices.fault(count, w[at + 4]!, number)
    }
  }

  #dispatch(number: number, count: number, flags: number): void {
    const s = this.streams.streams[number]
    if (s === undefined) return
    if ((flags & DecisionFlag.CREDIT) !== 0) {
      s.granted = count
      s.used = 0
      return
    }
    if (count === 0) {
      this.mark(s)
      return
    }
    const places = s.take(count)
    if (s.callbacks.size > 0 && this.begins(s, places[0]!)) return
    const asked = ((flags & DecisionFlag.MARK) !== 0 ? MARK : 0) | ((flags & DecisionFlag.SAMPLE) !== 0 ? SAMPLE : 0)
    this.batch.ops(number, places, asked)
    s.handed += places.length
    if (asked !== 0) this.streams.mark(s)
    s.openGates()
  }
}
