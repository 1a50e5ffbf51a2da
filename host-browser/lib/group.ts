/** Who shares something, by phase: a device, or a tenant on it. */
import type { SpanWriter } from './writers.ts'

export class Group {
  /** Streams at work, by kind of activity. */
  readonly #active: Int32Array
  readonly #spans: SpanWriter
  #code = 0
  #since = 0

  constructor(kinds: number, spans: SpanWriter) {
    this.#active = new Int32Array(kinds)
    this.#spans = spans
  }

  /** One stream more (1) or fewer (-1) is at work on a kind of activity. */
  change(kind: number, by: 1 | -1, time: number, event: number): void {
    const count = (this.#active[kind] = this.#active[kind]! + by)
    if (count > 1 || (count === 1 && by < 0)) return
    this.close(time, event)
    this.#code = count === 0 ? this.#code & ~(1 << kind) : this.#code | (1 << kind)
  }

  /** Ends the span that is under way; another of the same code begins. */
  close(time: number, event: number): void {
    if (this.#code !== 0 && time > this.#since) this.#spans.add(this.#since, time, this.#code, event)
    this.#since = time
  }
}
