/**
 * Copies of the core's state along a recording, to go back to. Pages that did not change since the copy before are
 * shared, and where all copies together exceed their budget every second one is given up: a seek then runs over twice
 * the events.
 */
import type { CoreInstance } from '../../host-node/core/instance.ts'
import { equalBytes } from '../../host-node/log/equal.ts'
import { lowerBound } from './columns.ts'

const PAGE_BYTES = 4096
const BUDGET_BYTES = 384 * 1024 * 1024

/** `undefined`: all zero. */
type Pages = (Uint8Array | undefined)[]

const zero = new Uint8Array(PAGE_BYTES)

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

  /** Copies the state of the core after so many events, which are more than at the copy before. */
  take(events: number, core: CoreInstance): void {
    const before = this.#states.at(-1) ?? []
    const pages: Pages = []
    const state = core.state
    for (let at = 0, page = 0; at < state.length; at += PAGE_BYTES, page++) {
      const now = state.subarray(at, at + PAGE_BYTES)
      const then = before[page]
      if (then !== undefined && equalBytes(then, now)) pages.push(then)
      else if (equalBytes(now, now.length === PAGE_BYTES ? zero : zero.subarray(0, now.length))) pages.push(undefined)
      else {
        pages.push(now.slice())
        this.#bytes += now.length
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
    const kept = new Set<Uint8Array>()
    for (const pages of this.#states) for (const page of pages) if (page !== undefined) kept.add(page)
    this.#bytes = [...kept].reduce((sum, page) => sum + page.length, 0)
  }
}
