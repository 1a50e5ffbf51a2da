/** A figure over time, with a pyramid of extremes, so that a drawing never misses a peak. */
import { Column, lowerBound } from './columns.ts'
import type { CounterRows } from './deltas.ts'

const SHIFT = 3

/** Points to draw: steps from each to the next. */
export interface Points {
  time: number[]
  value: number[]
}

export class Counter {
  readonly id: number
  readonly #time = new Column(Float64Array)
  readonly #last = new Column(Float32Array)
  readonly #low: Column<Float32Array<ArrayBuffer>>[] = [new Column(Float32Array)]
  readonly #high: Column<Float32Array<ArrayBuffer>>[] = [new Column(Float32Array)]

  constructor(id: number) {
    this.id = id
  }

  get count(): number {
    return this.#time.length
  }

  append(rows: CounterRows): void {
    const first = this.count
    this.#time.append(rows.time)
    this.#last.append(rows.last)
    this.#low[0]!.append(rows.low)
    this.#high[0]!.append(rows.high)
    for (let level = 1; (this.count - 1) >>> (SHIFT * level) > 0; level++) this.#extremes(level, first)
  }

  /** The value at a time; undefined before the first. */
  at(time: number): number | undefined {
    const i = lowerBound(this.#time.data, this.count, time + 1) - 1
    return i < 0 ? undefined : this.#last.data[i]!
  }

  /** At most about two points for each of `bins` parts of a stretch of time, extremes kept. */
  points(from: number, to: number, bins: number): Points {
    const time: number[] = []
    const value: number[] = []
    const before = this.at(from)
    if (before !== undefined) {
      time.push(from)
      value.push(before)
    }
    const begin = lowerBound(this.#time.data, this.count, from)
    const end = lowerBound(this.#time.data, this.count, to)
    if (end - begin <= bins * 2) {
      for (let i = begin; i < end; i++) this.#exact(i, time, value)
    } else {
      let i = begin
      for (let bin = 1; bin <= bins && i < end; bin++) {
        const next = lowerBound(this.#time.data, this.count, from + ((to - from) * bin) / bins)
        if (next > i) this.#bin(i, next, time, value)
        i = next
      }
    }
    const last = this.at(to)
    if (last !== undefined && this.count > 0) {
      time.push(to)
      value.push(last)
    }
    return { time, value }
  }

  #exact(i: number, time: number[], value: number[]): void {
    const [low, high, last] = [this.#low[0]!.data[i]!, this.#high[0]!.data[i]!, this.#last.data[i]!]
    const at = this.#time.data[i]!
    for (const v of low === high ? [last] : [low, high, last]) {
      time.push(at)
      value.push(v)
    }
  }

  #bin(from: number, to: number, time: number[], value: number[]): void {
    let low = Infinity
    let high = -Infinity
    for (let i = from; i < to;) {
      let level = 0
      while (level + 1 < this.#low.length) {
        const size = 1 << (SHIFT * (level + 1))
        if ((i & (size - 1)) !== 0 || i + size > to) break
        level++
      }
      low = Math.min(low, this.#low[level]!.data[i >>> (SHIFT * level)]!)
      high = Math.max(high, this.#high[level]!.data[i >>> (SHIFT * level)]!)
      i += 1 << (SHIFT * level)
    }
    const at = this.#time.data[from]!
    time.push(at, at)
    value.push(low, high)
    if (to - 1 > from) {
      time.push(this.#time.data[to - 1]!)
      value.push(this.#last.data[to - 1]!)
    }
  }

  #extremes(level: number, first: number): void {
    let begin = first
    if (this.#low.length <= level) {
      this.#low.push(new Column(Float32Array))
      this.#high.push(new Column(Float32Array))
      begin = 0
    }
    const [low, high] = [this.#low[level]!, this.#high[level]!]
    const [lows, highs] = [this.#low[0]!.data, this.#high[0]!.data]
    let known = low.length
    const blocks = ((this.count - 1) >>> (SHIFT * level)) + 1
    const [least, most] = [low.extend(blocks), high.extend(blocks)]
    for (let i = begin; i < this.count; i++) {
      const block = i >>> (SHIFT * level)
      if (block === known) {
        least[block] = lows[i]!
        most[block] = highs[i]!
        known++
      } else {
        if (lows[i]! < least[block]!) least[block] = lows[i]!
        if (highs[i]! > most[block]!) most[block] = highs[i]!
      }
    }
  }
}
