/**
 * What activity.ts knows of one stream, and where its rows go. An object each, with what it leads to at hand: it is looked
 * at several times for every event.
 */
import { Phase } from '../../build/gen/ts/records.ts'
import type { CounterWriter, SpanWriter } from './writers.ts'
import type { Group } from './group.ts'
import type { TenantTime } from './tenant-service.ts'

/** Where a stream belongs, and the rows that its changes go to. */
export interface StreamPlace {
  readonly device: number
  readonly tenant: number
  readonly onDevice: Group
  readonly ofTenant: Group
  readonly time: TenantTime
  /** Operators that wait on the device; by prefill, decode, other. */
  readonly queues: readonly Queue[]
}

/** Operators of a phase that wait on a device. */
export interface Queue {
  length: number
  readonly counter: CounterWriter
}

export class StreamRow {
  readonly number: number
  readonly runs: SpanWriter
  readonly waiting: SpanWriter
  place: StreamPlace
  phase: number = Phase.UNKNOWN
  /** Operators: numbers of the last one submitted, dispatched, complete. */
  submitted = 0
  dispatched = 0
  completed = 0
  /** 0 idle, 1 + kind of activity it is counted under. */
  counted = 0
  onCredit = false
  /** Event times, ns, of what is under way; -1 where nothing is. */
  since = 0
  waitSince = -1
  headSince = -1
  stepSince = -1
  stepEnd = -1

  constructor(number: number, place: StreamPlace, runs: SpanWriter, waiting: SpanWriter) {
    this.number = number
    this.place = place
    this.runs = runs
    this.waiting = waiting
  }

  /** So many operators more, or fewer, wait. */
  queue(by: number, time: number): void {
    const { phase } = this
    const queue = this.place.queues[phase === Phase.PREFILL ? 0 : phase === Phase.DECODE ? 1 : 2] as Queue
    queue.length += by
    queue.counter.set(time, queue.length)
  }

  /** After an event: a stream that still has something queued waits. */
  waitsFrom(time: number): void {
    if (this.submitted <= this.dispatched || this.waitSince >= 0) return
    this.waitSince = time
    if (this.headSince < 0) this.headSince = time
  }

  /** What waited up to now waits no more. */
  endWait(time: number, event: number): void {
    const since = this.waitSince
    if (since >= 0 && time > since) this.waiting.add(since, time, 1 << this.phase, event)
    this.waitSince = -1
  }
}
