/**
 * The core of the new run: takes one event at a time, keeps what went in and what came out, and hands each decision on.
 */
import { EventKind, NONE } from '../../../build/gen/ts/records.ts'
import type { WhatIfCore } from './types.ts'
import { DECISION_WORDS, EVENT_WORDS, RecordBuffer, setU64 } from './words.ts'

const NEVER = 2n ** 64n - 1n

export class Feeder {
  /** Words of the event that is being made. */
  readonly words: Uint32Array
  readonly events = new RecordBuffer(EVENT_WORDS)
  readonly decisions = new RecordBuffer(DECISION_WORDS)
  readonly #core: WhatIfCore
  #wake = Infinity

  constructor(core: WhatIfCore) {
    core.reset()
    this.#core = core
    this.words = new Uint32Array(core.inbox.buffer, core.inbox.byteOffset, EVENT_WORDS)
  }

  /** When the core wants a TICK, ns; Infinity for never. */
  get wake(): number {
    return this.#wake
  }

  /** Begins an event; its fields are 0 until they are set. */
  begin(kind: number, time: number, stream: number = NONE): Uint32Array {
    const w = this.words
    w.fill(0)
    w[0] = kind
    w[1] = stream
    setU64(w, 2, Math.floor(time))
    return w
  }

  /** Begins an event like one of a recording. */
  copy(events: Uint32Array, at: number, time: number): Uint32Array {
    this.words.set(events.subarray(at, at + EVENT_WORDS))
    setU64(this.words, 2, Math.floor(time))
    return this.words
  }

  /** Feeds it; `take` gets the words of all decisions and where one begins. */
  run(take: (words: Uint32Array, at: number) => void): void {
    this.events.append(this.words)
    const out = this.#core.run(1)
    const from = this.decisions.count * DECISION_WORDS
    const n = out.length >>> 2
    if (n > 0) this.decisions.append(new Uint32Array(out.buffer, out.byteOffset, n))
    const wake = this.#core.nextWakeNs()
    this.#wake = wake === NEVER ? Infinity : Number(wake)
    for (let at = from; at < from + n; at += DECISION_WORDS) take(this.decisions.words, at)
  }

  tick(time: number, take: (words: Uint32Array, at: number) => void): void {
    this.begin(EventKind.TICK, time)
    this.run(take)
  }
}
