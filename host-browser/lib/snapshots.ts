/**
 * Copies of the core's state along a recording, to go back to. Pages that did not change since the copy before are
 * shared, and where all copies together exceed their budget every second one is given up: a seek then runs over twice
 * the events.
 */
import type { CoreInstance } from '../../host-node/core/instance.ts'
import { lowerBound } from './columns.ts'

const PAGE_BYTES = 4096
const PAGE_WORDS = PAGE_BYTES / 4
const BUDGET_BYTES = 384 * 1024 * 1024

/** `undefined`: all zero. */
type Pages = (Int32Array | undefined)[]

export class Snapshots {
  /** Events between two copies. */
  every: number
  readonly #budget: number
  readonly #events: number[] = []
  readonly #states: Pages[] = []
  #bytes = 0

  constructor(every: number, budget_bytes = BUDGET_BYTES) {
    this.every = every
    this.#budget = budget_bytes
  }

  /** Bytes that all copies take. */
  get bytes(): number {
    return this.#bytes
  }

  get count(): number {
    return this.#events.length
  }

  /** Forgets every copy, and takes one of the beginning. */
  begin(core: CoreInstance): void {
    this.#events.length = 0
    this.#states.length = 0
    this.#bytes = 0
    this.take(0, core)
  }

  /** Copies the state of the core after so many events, which are more than at the copy before. */
  take(events: number, core: CoreInstance): void {
    const before = this.#states.at(-1) ?? []
    const pages: Pages = []
    const state = new Int32Array(core.state.buffer, core.state.byteOffset, core.state.length >>> 2)
    for (let at = 0, page = 0; at < state.length; at += PAGE_WORDS, page++) {
      const end = Math.min(at + PAGE_WORDS, state.length)
      const then = before[page]
      if (isSame(state, at, end, then)) pages.push(then)
      else {
        pages.push(state.slice(at, end))
        this.#bytes += (end - at) * 4
      }
    }
    this.#events.push(events)
    this.#states.push(pages)
    if (this.#bytes > this.#budget) this.#thin()
  }

  /** Puts the core to the last copy that is not after `events`; how many events that was after, or undefined for none. */
  restore(events: number, core: CoreInstance): number | undefined {
    const i = lowerBound(this.#events, this.#events.length, events + 1) - 1
    if (i < 0) return undefined
    core.restorePages(this.#states[i] as Pages, PAGE_BYTES)
    return this.#events[i]
  }

  #thin(): void {
    for (let i = this.#events.length - 2; i > 0; i -= 2) {
      this.#events.splice(i, 1)
      this.#states.splice(i, 1)
    }
    this.every *= 2
    const kept = new Set<Int32Array>()
    for (const pages of this.#states) for (const page of pages) if (page !== undefined) kept.add(page)
    this.#bytes = [...kept].reduce((sum, page) => sum + page.byteLength, 0)
  }
}

/** Whether words of the state are those of a page; without one, whether they are all zero. */
function isSame(state: Int32Array, from: number, to: number, page: Int32Array | undefined): boolean {
  if (page === undefined) {
    for (let i = from; i < to; i++) if (state[i] !== 0) return false
    return true
  }
  for (let i = from; i < to; i++) if (state[i] !== page[i - from]) return false
  return true
}
