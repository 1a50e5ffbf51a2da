/**
 * Who waits for operators: until they are handed over, or complete, or a time is over. A wait is a function that runs, or a
 * call that is answered, when it has come so far; the loop goes on meanwhile.
 */
import { EventKind } from '../../build/gen/ts/records.ts'
import { errorCodes } from '../../spec/constants.ts'
import { NONE } from '../../spec/records.ts'
import type { Batch } from './batch.ts'
import type { Client } from './clients.ts'
import type { Decider } from './decider.ts'
import type { StreamState, Streams } from './streams.ts'

const TOO_LATE = errorCodes['ACL_ERROR_RT_STREAM_SYNC_TIMEOUT'] as number
const INVALID_STREAM = errorCodes['ACL_ERROR_RT_INVALID_HANDLE'] as number

/** An operator that was not handed over in so long waits for more than its turn. */
const SOON_NS = 20e6

/** A wait with an end: answered when complete, or when its time is over. */
interface Timed {
  place: number
  stream: StreamState
  seq: number
  deadline: number
}

export class Waits {
  readonly #timed: Timed[] = []
  /** Calls that are answered when something has come, or with `late` at their deadline. */
  readonly #asked = new Set<{ place: number; deadline: number; late: number }>()

  readonly #decider: Decider
  readonly #batch: Batch
  readonly #streams: Streams

  constructor(decider: Decider, batch: Batch, streams: Streams) {
    this.#decider = decider
    this.#batch = batch
    this.#streams = streams
  }

  /**
   * What came of the stream's last operator, which the executor knows once it was handed over. Where that is not soon, it
   * may wait for the client itself: then the next synchronization says it.
   */
  cameOf(client: Client, place: number, number: number): void {
    const s = this.#streams.stream(number, client.number)
    if (s === undefined || s.handed >= s.submitted) return this.#batch.call(place, NONE, 0)
    const asked = { place, deadline: this.#decider.now + SOON_NS, late: 0 }
    this.#asked.add(asked)
    this.gate(s, s.submitted, () => {
      if (this.#asked.delete(asked)) this.#batch.call(place, NONE, 0)
    })
  }

  /** Runs `then` when the stream's operators up to `seq` are handed over. */
  gate(s: StreamState, seq: number, then: () => void): void {
    if (s.handed >= seq) then()
    else s.gates.add(seq, then)
  }

  /** Runs `then` when all of these operators are handed over. */
  behind(last: readonly (readonly [StreamState, number])[], then: () => void): void {
    const held = last.filter(([s, seq]) => s.handed < seq)
    let left = held.length
    if (left === 0) return then()
    for (const [s, seq] of held)
      this.gate(s, seq, () => {
        if (--left === 0) then()
      })
  }

  /** Behind everything that the client has issued. */
  behindAll(client: Client, then: () => void): void {
    this.behind(
      this.#streams.of(client.number).map((s) => [s, s.submitted] as const),
      then,
    )
  }

  /** Behind the records of events. */
  behindEvents(client: Client, place: number, numbers: number[]): void {
    const events = numbers.map((number) => this.#streams.event(number, client.number))
    this.behind(
      events.flatMap((e) => Array.from(e?.object.records ?? [])),
      () => this.#batch.call(place, NONE, 0),
    )
  }

  /** Answers a call when the stream has come as far as it is now; -1 ms: however long that takes. */
  synchronize(client: Client, place: number, number: number, timeoutMs: number): void {
    const s = this.#streams.stream(number, client.number)
    if (s === undefined) return this.#batch.answer(place, INVALID_STREAM)
    this.#decider.event(EventKind.STREAM_SYNC, number)
    this.#decider.feed()
    const seq = s.submitted
    if (timeoutMs < 0)
      return this.gate(s, seq, () => {
        this.#batch.wait(place, number, seq)
        this.#streams.mark(s)
      })
    const deadline = this.#decider.now + timeoutMs * 1e6
    this.#timed.push({ place, stream: s, seq, deadline })
    this.gate(s, seq, () => this.#decider.mark(s))
  }

  /** Everything of the client, but no longer than this. */
  synchronizeAll(client: Client, place: number, timeoutMs: number): void {
    const asked = { place, deadline: this.#decider.now + timeoutMs * 1e6, late: TOO_LATE }
    this.#asked.add(asked)
    this.whenComplete(client, () => {
      if (this.#asked.delete(asked)) this.#batch.wait(place, NONE, client.number)
    })
  }

  /** Runs `then` when everything that the client has issued is complete on the device. */
  whenComplete(client: Client, then: () => void): void {
    this.complete(this.#streams.of(client.number), then)
  }

  /** Runs `then` when everything issued on these streams is complete. */
  complete(streams: StreamState[], then: () => void): void {
    const all = streams.filter((s) => s.complete < s.submitted)
    let left = all.length
    if (left === 0) return then()
    const open = (): void => {
      if (--left === 0) then()
    }
    for (const s of all) {
      const seq = s.submitted
      s.completions.add(seq, open)
      this.gate(s, seq, () => this.#decider.mark(s))
    }
  }

  /** Answers waits that are over; when the next one's time is over, Infinity for never. */
  look(): number {
    let next = Infinity
    for (const asked of this.#asked) {
      if (this.#decider.now < asked.deadline) next = Math.min(next, asked.deadline)
      else {
        this.#asked.delete(asked)
        this.#batch.answer(asked.place, asked.late)
      }
    }
    for (let i = this.#timed.length - 1; i >= 0; i--) {
      const t = this.#timed[i] as Timed
      const complete = t.stream.complete >= t.seq
      if (!complete && this.#decider.now < t.deadline) {
        next = Math.min(next, t.deadline)
        continue
      }
      if (!complete) this.#batch.answer(t.place, TOO_LATE)
      else if (this.#streams.streams[t.stream.number] !== t.stream) this.#batch.answer(t.place, t.stream.aborted)
      else this.#batch.wait(t.place, t.stream.number, t.seq)
      this.#timed.splice(i, 1)
    }
    return next
  }

  /** The client of these places is gone. */
  forget(isTheirs: (place: number) => boolean): void {
    for (const asked of this.#asked) if (isTheirs(asked.place)) this.#asked.delete(asked)
    for (let i = this.#timed.length - 1; i >= 0; i--)
      if (isTheirs((this.#timed[i] as Timed).place)) this.#timed.splice(i, 1)
  }
}
