/** Where activity.ts puts rows until they are sent. */
import { Column } from './columns.ts'
import type { CounterRows, DecisionRows, SpanRows, StepRows, Wait } from './deltas.ts'

/* Each writer has its arrays itself: one store instruction a value, where a column of any type costs a look at which. */

const grown = <T extends { length: number; set(from: T): void }>(from: T, into: T): T => {
  into.set(from)
  return into
}

export class SpanWriter {
  #start = new Float64Array(16)
  #length = new Float32Array(16)
  #code = new Uint8Array(16)
  #event = new Uint32Array(16)
  #n = 0

  add(start: number, end: number, code: number, event: number): void {
    const n = this.#n
    if (n === this.#code.length) this.#grow(n * 2)
    this.#start[n] = start
    this.#length[n] = end - start
    this.#code[n] = code
    this.#event[n] = event
    this.#n = n + 1
  }

  get length(): number {
    return this.#n
  }

  take(): SpanRows {
    const n = this.#n
    this.#n = 0
    return {
      start: this.#start.slice(0, n),
      length: this.#length.slice(0, n),
      code: this.#code.slice(0, n),
      event: this.#event.slice(0, n),
    }
  }

  #grow(room: number): void {
    this.#start = grown(this.#start, new Float64Array(room))
    this.#length = grown(this.#length, new Float32Array(room))
    this.#code = grown(this.#code, new Uint8Array(room))
    this.#event = grown(this.#event, new Uint32Array(room))
  }
}

export class DecisionWriter {
  #time = new Float64Array(4096)
  #kind = new Uint8Array(4096)
  #rule = new Uint8Array(4096)
  #stream = new Uint16Array(4096)
  #n = 0

  add(time: number, kind: number, rule: number, stream: number): void {
    const n = this.#n
    if (n === this.#kind.length) this.#grow(n * 2)
    this.#time[n] = time
    this.#kind[n] = kind
    this.#rule[n] = rule
    this.#stream[n] = stream
    this.#n = n + 1
  }

  take(): DecisionRows {
    const n = this.#n
    this.#n = 0
    return {
      time: this.#time.slice(0, n),
      kind: this.#kind.slice(0, n),
      rule: this.#rule.slice(0, n),
      stream: this.#stream.slice(0, n),
    }
  }

  #grow(room: number): void {
    this.#time = grown(this.#time, new Float64Array(room))
    this.#kind = grown(this.#kind, new Uint8Array(room))
    this.#rule = grown(this.#rule, new Uint8Array(room))
    this.#stream = grown(this.#stream, new Uint16Array(room))
  }
}

/** Steps are few. */
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
const ROWS_AT_A_WIDTH = 1 << 16

/**
 * A figure that changes often. A row holds the least, greatest and last value of a stretch of time; stretches are a
 * microsecond at first, and twice as long whenever there are many rows.
 */
export class CounterWriter {
  #time = new Float64Array(16)
  #low = new Float32Array(16)
  #high = new Float32Array(16)
  #last = new Float32Array(16)
  #n = 0
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

  /** `all`: the stretch that is not over, too; the next value then begins a new one. */
  take(all: boolean): CounterRows {
    if (all) {
      this.#flush()
      this.#begun = -Infinity
    }
    const n = this.#n
    this.#n = 0
    return {
      time: this.#time.slice(0, n),
      low: this.#low.slice(0, n),
      high: this.#high.slice(0, n),
      last: this.#last.slice(0, n),
    }
  }

  #flush(): void {
    if (this.#begun === -Infinity) return
    const n = this.#n
    if (n === this.#time.length) this.#grow(n * 2)
    this.#time[n] = this.#begun
    this.#low[n] = this.#l
    this.#high[n] = this.#h
    this.#last[n] = this.#v
    this.#n = n + 1
    if (++this.#rows % ROWS_AT_A_WIDTH === 0) this.#width *= 2
  }

  #grow(room: number): void {
    this.#time = grown(this.#time, new Float64Array(room))
    this.#low = grown(this.#low, new Float32Array(room))
    this.#high = grown(this.#high, new Float32Array(room))
    this.#last = grown(this.#last, new Float32Array(room))
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
