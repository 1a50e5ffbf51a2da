/**
 * The device of the model: streams in order, the operators at their fronts at once. An operator has its own time, and
 * is slowed down by what else runs, by pairs of phases, as durations.ts measured it. Waits hold their stream.
 */
import { PHASES } from './flights.ts'
import { slowed, type Slowdown } from './durations.ts'

/** Work below this is done, ns: times are sums of fractions. */
const DONE_NS = 0.01

/** A stream of the device. */
export interface Lane {
  number: number
  phase: number
  /** Operators handed over, and complete. */
  handed: number
  done: number
  /** Own time that is left of the one at the front, ns; meaningful while it runs. */
  left: number
  rate: number
  running: boolean
}

export interface DeviceHost {
  /** Own time of an operator, ns. */
  own(lane: Lane, operator: number): number
  /** Whether the operator at the front may begin: a wait for an event or a notify may not. */
  ready(lane: Lane, operator: number): boolean
  /** It is complete. */
  complete(lane: Lane, operator: number): void
}

export class Device {
  readonly #host: DeviceHost
  readonly #slow: Slowdown
  #running: Lane[] = []
  readonly #counts = Array.from({ length: PHASES }, () => 0)
  #now = 0
  #next = Infinity
  #settling = false
  readonly #started: Lane[] = []
  /** Time with anything running, ns. */
  busy_ns = 0

  constructor(slow: Slowdown, host: DeviceHost) {
    this.#slow = slow
    this.#host = host
  }

  /** Something was handed over, or may begin now. */
  start(lane: Lane): void {
    if (lane.running || lane.handed === lane.done) return
    this.#started.push(lane)
    this.#settle()
  }

  /** When the next operator is complete; Infinity for never. */
  get next(): number {
    return this.#next
  }

  /** Lets time pass up to `to`, which is not beyond next; what is complete by then leaves. */
  advance(to: number): void {
    const passed = to - this.#now
    this.#now = to
    if (this.#running.length === 0) return
    if (passed > 0) {
      this.busy_ns += passed
      for (const lane of this.#running) lane.left -= passed * lane.rate
    }
    if (to >= this.#next) this.#settle()
  }

  /** Begins what can begin and completes what is complete, until neither changes anything. */
  #settle(): void {
    if (this.#settling) return
    this.#settling = true
    for (;;) {
      const started = this.#started.pop()
      if (started !== undefined) {
        this.#begin(started)
        continue
      }
      const done = this.#running.find((lane) => this.#isDone(lane))
      if (done === undefined) break
      this.#leave(done)
    }
    this.#settling = false
    this.#reckon()
  }

  /** Nothing is left of it, or less than the clock can tell: far from 0 a nanosecond is the least it can. */
  #isDone(lane: Lane): boolean {
    return lane.left <= DONE_NS || this.#now + lane.left / lane.rate <= this.#now
  }

  #begin(lane: Lane): void {
    while (!lane.running && lane.done < lane.handed && this.#host.ready(lane, lane.done)) {
      lane.left = this.#host.own(lane, lane.done)
      if (lane.left <= DONE_NS) {
        this.#host.complete(lane, lane.done++)
        continue
      }
      lane.running = true
      this.#counts[lane.phase]!++
      this.#running.push(lane)
    }
  }

  #leave(lane: Lane): void {
    lane.running = false
    this.#counts[lane.phase]!--
    this.#running.splice(this.#running.indexOf(lane), 1)
    this.#host.complete(lane, lane.done++)
    this.#begin(lane)
  }

  /** Speeds, and when the next one is complete. */
  #reckon(): void {
    this.#next = Infinity
    for (const lane of this.#running) {
      const present = (other: number): number => (this.#counts[other]! > 0 ? 1 : 0)
      lane.rate = 1 / slowed(this.#slow, lane.phase, present, this.#counts[lane.phase]! - 1)
      this.#next = Math.min(this.#next, this.#now + lane.left / lane.rate)
    }
  }
}
