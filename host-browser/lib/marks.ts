/** Every decision, by time, and how many of each kind there are up to every 64th: counts of any stretch at once. */
import { decisions as kinds } from '../../spec/records.ts'
import { Column, lowerBound } from './columns.ts'
import type { DecisionRows } from './deltas.ts'

const EVERY = 64

/** Numbers of the kinds: indexes into counts. */
export const KINDS = Math.max(...kinds.map(({ id }) => id)) + 1

export class Marks {
  readonly time = new Column(Float64Array)
  readonly kind = new Column(Uint8Array)
  readonly rule = new Column(Uint8Array)
  readonly stream = new Column(Uint16Array)
  readonly #sums = new Column(Uint32Array)
  readonly #running = new Uint32Array(KINDS)

  get count(): number {
    return this.time.length
  }

  append(rows: DecisionRows): void {
    const first = this.count
    this.time.append(rows.time)
    this.kind.append(rows.kind)
    this.rule.append(rows.rule)
    this.stream.append(rows.stream)
    for (let i = first; i < this.count; i++) {
      if (i % EVERY === 0) this.#sums.append(this.#running as Uint32Array<ArrayBuffer>)
      const kind = this.kind.data[i]!
      if (kind < KINDS) this.#running[kind] = this.#running[kind]! + 1
    }
  }

  /** Index of the first decision that is not before a time. */
  from(time: number): number {
    return lowerBound(this.time.data, this.count, time)
  }

  /** Adds to `into` how many decisions of each kind there are with an index from `first` to before `end`. */
  tally(first: number, end: number, into: Uint32Array): void {
    this.#upTo(end, 1, into)
    this.#upTo(first, -1, into)
  }

  #upTo(end: number, sign: 1 | -1, into: Uint32Array): void {
    if (end === 0) return
    const block = Math.min(Math.floor(end / EVERY), this.#sums.length / KINDS - 1)
    const at = block * KINDS
    for (let kind = 0; kind < KINDS; kind++) into[kind] = into[kind]! + sign * this.#sums.data[at + kind]!
    for (let i = block * EVERY; i < end; i++) {
      const kind = this.kind.data[i]!
      if (kind < KINDS) into[kind] = into[kind]! + sign
    }
  }
}
