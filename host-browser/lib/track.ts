/**
 * A track of the timeline: spans by time in columns, and over them a pyramid of sums, so that drawing or adding up any
 * stretch of time costs what its pixels cost, not what its spans do. Spans do not overlap.
 */
import { Column, lowerBound } from './columns.ts'
import type { SpanRows } from './deltas.ts'

/** Kinds of activity that are summed: four phases, and credit. */
export const SUMS = 5

/** Blocks of a level hold 8 of the level below. */
const SHIFT = 3

/** Gets a span, or a block of spans that is narrower than asked for; `sums`: ns by kind, valid during the call. */
export type Visit = (start: number, end: number, code: number, sums: Float32Array | undefined, index: number) => void

export class Track {
  readonly id: number
  readonly start = new Column(Float64Array)
  readonly length = new Column(Float32Array)
  readonly code = new Column(Uint8Array)
  readonly event = new Column(Uint32Array)
  readonly #levels: Column<Float32Array<ArrayBuffer>>[] = []

  constructor(id: number) {
    this.id = id
  }

  get count(): number {
    return this.start.length
  }

  append(rows: SpanRows): void {
    if (rows.start.length === 0) return
    const first = this.count
    this.start.append(rows.start)
    this.length.append(rows.length)
    this.code.append(rows.code)
    this.event.append(rows.event)
    for (let level = 1; this.count >>> (SHIFT * level) > 0 || level === 1; level++) this.#sum(level, first)
  }

  endOf(i: number): number {
    return this.start.data[i]! + this.length.data[i]!
  }

  /** Index of the first span that ends after a time. */
  firstAfter(time: number): number {
    const i = lowerBound(this.start.data, this.count, time)
    return i > 0 && this.endOf(i - 1) > time ? i - 1 : i
  }

  /** The span at a time, or -1. */
  at(time: number): number {
    const i = this.firstAfter(time)
    return i < this.count && this.start.data[i]! <= time ? i : -1
  }

  /** Visits what lies between two times, in order; what is narrower than `narrow` ns in blocks. */
  visit(from: number, to: number, narrow: number, visit: Visit): void {
    const n = this.count
    const starts = this.start.data
    let i = this.firstAfter(from)
    while (i < n && starts[i]! < to) {
      let level = 0
      let next = i + 1
      let end = this.endOf(i)
      if (end - starts[i]! < narrow) {
        for (;;) {
          const size = 1 << (SHIFT * (level + 1))
          if ((i & (size - 1)) !== 0 || level + 1 > this.#levels.length) break
          const last = Math.min(i + size, n) - 1
          if (this.endOf(last) - starts[i]! > narrow) break
          level++
          next = last + 1
          end = this.endOf(last)
          if (next === n) break
        }
      }
      visit(starts[i]!, end, this.code.data[i]!, level === 0 ? undefined : this.#block(level, i), i)
      i = next
    }
  }

  /** Time by kind of activity between two times, ns; spans that reach beyond count in part. */
  sums(from: number, to: number): Float64Array {
    const total = new Float64Array(SUMS)
    const narrow = (to - from) / 64
    this.visit(from, to, narrow, (start, end, code, sums) => {
      const part = end > start ? (Math.min(end, to) - Math.max(start, from)) / (end - start) : 0
      for (let kind = 0; kind < SUMS; kind++) {
        if (sums !== undefined) total[kind] = total[kind]! + sums[kind]! * part
        else if ((code & (1 << kind)) !== 0) total[kind] = total[kind]! + (end - start) * part
      }
    })
    return total
  }

  #block(level: number, i: number): Float32Array {
    const at = (i >>> (SHIFT * level)) * SUMS
    return this.#levels[level - 1]!.data.subarray(at, at + SUMS)
  }

  /** Brings a level up to date with the spans from `first` on. */
  #sum(level: number, first: number): void {
    let column = this.#levels[level - 1]
    const begin = column === undefined ? 0 : first
    if (column === undefined) this.#levels.push((column = new Column(Float32Array, 1024)))
    const needed = (((this.count - 1) >>> (SHIFT * level)) + 1) * SUMS
    const data = column.extend(needed)
    for (let i = begin; i < this.count; i++) {
      const code = this.code.data[i]!
      const length = this.length.data[i]!
      const at = (i >>> (SHIFT * level)) * SUMS
      for (let kind = 0; kind < SUMS; kind++)
        if ((code & (1 << kind)) !== 0) data[at + kind] = data[at + kind]! + length
    }
  }
}
