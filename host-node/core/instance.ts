/**
 * The scheduling core in a JavaScript engine, Node's or a browser's: instantiates core.wasm and moves records in and out
 * of its mailboxes. Views on its memory are built once; the memory is fixed, so they stay valid. The same events always
 * give the same decisions, however they are cut into calls. Nothing here is Node's own.
 */
import { instantiateSync } from '@assemblyscript/loader'
import { DECISION_BYTES, EVENT_BYTES } from '../../spec/records.ts'
import { equalBytes } from '../log/equal.ts'
import type { CoreFigures } from './figures.ts'

/** The functions that core.wasm exports; u64 results come as BigInt, u32 as number, both signed. */
interface CoreExports {
  memory: WebAssembly.Memory
  init(): void
  run(events: number): number
  consumed(): number
  inbox_ptr(): number
  outbox_ptr(): number
  inbox_capacity(): number
  outbox_capacity(): number
  state_ptr(): number
  state_bytes(): number
  state_hash(): bigint
  decision_hash(): bigint
  next_wake_ns(): bigint
  events_seen(): bigint
}

const functions = [
  'init',
  'run',
  'consumed',
  'inbox_ptr',
  'outbox_ptr',
  'inbox_capacity',
  'outbox_capacity',
  'state_ptr',
  'state_bytes',
  'state_hash',
  'decision_hash',
  'next_wake_ns',
  'events_seen',
] as const

/** The core broke the contract of its exports: a defect of the core or a file that is no core. */
export class CoreError extends Error {
  override readonly name = 'CoreError'
}

export class CoreInstance {
  /** Where events are put before run(): room for inbox_records records. */
  readonly inbox: Uint8Array
  readonly inbox_records: number
  /** What it says of its state, for those who show it; asking changes nothing. */
  readonly figures: CoreFigures
  readonly #exports: CoreExports
  readonly #outbox: Uint8Array
  readonly #outbox_records: number
  readonly #state: Uint8Array

  /** Instantiates a core.wasm and puts it into its first state. Throws CoreError where it is none. */
  constructor(wasm: Uint8Array<ArrayBuffer>) {
    // The loader supplies env.abort, which turns a failed assertion into an Error with message, file and line. The
    // functions are then called directly: its wrappers cost more than a decision.
    const { instance } = instantiateSync(wasm, {})
    this.#exports = checkedExports(instance.exports)
    this.figures = instance.exports as unknown as CoreFigures
    const { memory } = this.#exports
    this.#exports.init()
    this.inbox_records = this.#exports.inbox_capacity() >>> 0
    this.#outbox_records = this.#exports.outbox_capacity() >>> 0
    const view = (at: number, bytes: number): Uint8Array => new Uint8Array(memory.buffer, at >>> 0, bytes >>> 0)
    this.inbox = view(this.#exports.inbox_ptr(), this.inbox_records * EVENT_BYTES)
    this.#outbox = view(this.#exports.outbox_ptr(), this.#outbox_records * DECISION_BYTES)
    this.#state = view(this.#exports.state_ptr(), this.#exports.state_bytes())
  }

  /** Back to the state after construction. */
  reset(): void {
    this.#exports.init()
  }

  /**
   * Runs over the first `records` of the inbox and returns the decisions, valid until the next call. May stop before
   * the last record when the outbox fills; consumed() says how many it took.
   */
  run(records: number): Uint8Array {
    const decisions = this.#guarded(() => this.#exports.run(records)) >>> 0
    if (decisions > this.#outbox_records) {
      throw new CoreError(`the core made ${decisions} decisions in an outbox of ${this.#outbox_records}`)
    }
    return this.#outbox.subarray(0, decisions * DECISION_BYTES)
  }

  /** A trap or a failed assertion leaves the core half changed: it comes out as one kind of error. */
  #guarded(call: () => number): number {
    try {
      return call()
    } catch (error) {
      const after = `after event ${this.eventsSeen()}`
      throw new CoreError(`the core failed ${after}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  /** How many records the last run() took. */
  consumed(): number {
    return this.#exports.consumed() >>> 0
  }

  /** Feeds whole event records, any number, and hands each batch of decisions to `sink`, valid during the call only. */
  feedTo(events: Uint8Array, sink: (decisions: Uint8Array) => void): void {
    if (events.length % EVENT_BYTES !== 0) {
      throw new RangeError(`${events.length} bytes are no whole events of ${EVENT_BYTES}`)
    }
    let at = 0
    while (at < events.length) {
      const records = Math.min(this.inbox_records, (events.length - at) / EVENT_BYTES)
      this.inbox.set(events.subarray(at, at + records * EVENT_BYTES))
      const decisions = this.run(records)
      const taken = this.consumed()
      if (taken === 0 || taken > records) throw new CoreError(`the core took ${taken} of ${records} events`)
      at += taken * EVENT_BYTES
      if (decisions.length > 0) sink(decisions)
    }
  }

  /** Feeds whole event records and returns a copy of all decisions they led to. */
  feed(events: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = []
    this.feedTo(events, (decisions) => parts.push(decisions.slice()))
    if (parts.length === 1) return parts[0] as Uint8Array
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
      all.set(part, at)
      at += part.length
    }
    return all
  }

  /** Hash over the whole state. */
  stateHash(): bigint {
    return BigInt.asUintN(64, this.#exports.state_hash())
  }

  /** Hash chained over every decision since the first. */
  decisionHash(): bigint {
    return BigInt.asUintN(64, this.#exports.decision_hash())
  }

  /** Time at which the core wants a TICK, in nanoseconds of event time; all ones where it wants none. */
  nextWakeNs(): bigint {
    return BigInt.asUintN(64, this.#exports.next_wake_ns())
  }

  /** Events taken since the first. */
  eventsSeen(): bigint {
    return BigInt.asUintN(64, this.#exports.events_seen())
  }

  /** Size of the state in bytes. */
  get state_bytes(): number {
    return this.#state.length
  }

  /** Whether the state is this one, byte for byte. */
  stateEquals(state: Uint8Array): boolean {
    return equalBytes(this.#state, state)
  }

  /** The state itself: changes with every event, and is not to be written. */
  get state(): Uint8Array {
    return this.#state
  }

  /** A copy of the state, complete: restore() and the same events give the same decisions. */
  snapshot(): Uint8Array {
    return this.#state.slice()
  }

  /** Puts a state back that a core of the same hash gave. */
  restore(state: Uint8Array): void {
    if (state.length !== this.#state.length) {
      throw new CoreError(`a state of ${state.length} bytes is not of this core, which has ${this.#state.length}`)
    }
    this.#state.set(state)
  }

  /** Puts a state back that is kept in pages; one that is missing is all zero. */
  restorePages(pages: readonly (Int32Array | undefined)[], page_bytes: number): void {
    this.#state.fill(0)
    const words = new Int32Array(this.#state.buffer, this.#state.byteOffset, this.#state.length >>> 2)
    for (const [i, page] of pages.entries()) if (page !== undefined) words.set(page, (i * page_bytes) >>> 2)
  }
}

function checkedExports(exports: WebAssembly.Exports): CoreExports {
  const missing = functions.find((name) => typeof exports[name] !== 'function')
  if (missing !== undefined) throw new CoreError(`the module exports no function ${missing}, so it is no core`)
  if (!(exports.memory instanceof WebAssembly.Memory)) throw new CoreError('the module exports no memory')
  return exports as unknown as CoreExports
}
