/** Where activity.ts puts rows until they are sent. */
import { Column } from './columns.ts'
import type { CounterRows, DecisionRows, SpanRows, StepRows, Wait } from './deltas.ts'

export class SpanWriter {
  readonly #start = new Column(Float64Array)
  readonly #length = new Column(Float32Array)
  readonly #code = new Column(Uint8Array)
  readonly #event = new Column(Uint32Array)

  add(start: number, end: number, code: number, event: number): void {
    this.#start.push(start)
    this.#length.push(end - start)
    this.#code.push(code)
    this.#event.push(event)
  }

  get length(): number {
    return this.#start.length
  }

  take(): SpanRows {
    return { start: this.#start.take(), length: this.#length.take(), code: this.#code.take(), event: this.#event.take() }
  }
}

export class DecisionWriter {
  readonly #time = new Column(Float64Array, 4096)
  readonly #kind = new Column(Uint8Array, 4096)
  readonly #rule = new Column(Uint8Array, 4096)
  readonly #stream = new Column(Uint16Array, 4096)

  add(time: number, kind: number, rule: number, stream: number): void {
    this.#time.push(time)
    this.#kind.push(kind)
    this.#rule.push(rule)
    this.#stream.push(stream)
  }

  take(): DecisionRows {
    return { time: this.#time.take(), kind: this.#kind.take(), rule: this.#rule.take(), stream: this.#stream.take() }
  }
}

export class StepWriter {
  readonly #stream = new Column(Uint16Array)
  readonly #phase = new Column(Uint8Array)
  readonly #start = new Column(Float64Array)
  readonly #length = new Column(Float64Array)
  readonly #since = new Column(Float64Array)

  add(stream: number, phase: number, start: number, length: number, since: number): void {
    this.#stream.push(stream)
    this.#phase.push(phase)
    this.#start.push(start)
    this.#length.push(length)
    this.#since.push(since)
  }

  take(): StepRows {
    return {
      stream: this.#stream.take(),
      phase: this.#phase.take(),
      start: this.#start.take(),
      length: this.#length.take(),
      since: this.#since.take(),
    }
  }
}

/** Rows of a figure in all before a row stands for twice the time: bounds what ten million changes take. */
const ROWS_AT_A_WIDTH = 1 << 18

/**
 * A figure that changes often. A row holds the least, greatest and last value of a stretch of time; stretches are a
 * microsecond at first, and twice as long whenever there are many rows.
 */
export class CounterWriter {
  readonly #time = new Column(Float64Array)
  readonly #low = new Column(Float32Array)
  readonly #high = new Column(Float32Array)
  readonly #last = new Column(Float32Array)
  #width = 1000
  #rows = 0
  #begun = -Infinity
  #l = 0
  #h = 0
  #v = Number.NaN

  set(time: number, value: number): void {
    if (value === this.#v) return
    if (time >= this.#begun + this.#width) {
      this.#flush()
      this.#begun = time
      this.#l = value
      this.#h = value
    } else if (value < this.#l) this.#l = value
    else if (value > this.#h) this.#h = value
    this.#v = value
  }

  get length(): number {
    return this.#time.length
  }

  /** `all`: the stretch that is not over, too; the next value then begins a new one. */
  take(all: boolean): CounterRows {
    if (all) {
      this.#flush()
      this.#begun = -Infinity
    }
    return { time: this.#time.take(), low: this.#low.take(), high: this.#high.take(), last: this.#last.take() }
  }

  #flush(): void {
    if (this.#begun === -Infinity) return
    this.#time.push(this.#begun)
    this.#low.push(this.#l)
    this.#high.push(this.#h)
    this.#last.push(this.#v)
    if (++this.#rows % ROWS_AT_A_WIDTH === 0) this.#width *= 2
  }
}

const WAITS_KEPT = 64

/** The longest waits: a handful, the shortest of which a new one has to beat. */
export class LongestWaits {
  #waits: Wait[] = []
  #least = 0

  add(stream: number, phase: number, start: number, end: number, event: number, rule: number): void {
    if (end - start <= this.#least) return
    this.#waits.push({ stream, phase, start_ns: start, length_ns: end - start, event, rule })
    if (this.#waits.length < WAITS_KEPT * 2) return
    this.#waits = this.list()
    this.#least = (this.#waits.at(-1) as Wait).length_ns
  }

  /** Longest first. */
  list(): Wait[] {
    return [...this.#waits].sort((a, b) => b.length_ns - a.length_ns).slice(0, WAITS_KEPT)
  }
}
