/**
 * Numbers the kinds of operators that are taken to have one time: kernel, launch shape and phase, or class and size of a
 * copy. An open-addressing table, as there may be millions of operators and some hundred kinds.
 */
import { OpClass } from '../../../build/gen/ts/records.ts'

/** Class, key or bytes (two words), blocks, bytes of arguments, phase. */
const FIELDS = 6

const isCopy = (opClass: number): boolean => opClass >= OpClass.COPY_H2D && opClass <= OpClass.MEMSET

function hashOf(f: Uint32Array, at: number): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < FIELDS; i++) {
    hash = Math.imul(hash ^ f[at + i]!, 0x85ebca6b)
    hash ^= hash >>> 15
  }
  return hash
}

export class Kinds {
  /** Fields of all kinds; behind them those that are being looked up. */
  #fields = new Uint32Array(FIELDS * 1024)
  #places = new Int32Array(4096).fill(-1)
  #count = 0

  get count(): number {
    return this.#count
  }

  opClass(kind: number): number {
    return this.#fields[kind * FIELDS]!
  }

  /** Of a copy, bytes; 0 of others. */
  bytes(kind: number): number {
    const f = kind * FIELDS
    return isCopy(this.opClass(kind)) ? this.#fields[f + 1]! + this.#fields[f + 2]! * 2 ** 32 : 0
  }

  /** The kind of an OP_SUBMIT event, in words from `at`, of a stream of the phase. */
  of(events: Uint32Array, at: number, phase: number): number {
    const f = this.#fields
    const last = this.#count * FIELDS
    const opClass = events[at + 4]! & 0xffff
    const what = isCopy(opClass) ? at + 10 : at + 6
    f[last] = opClass
    f[last + 1] = events[what]!
    f[last + 2] = events[what + 1]!
    f[last + 3] = events[at + 8]!
    f[last + 4] = events[at + 9]!
    f[last + 5] = phase
    const place = this.#find(last)
    const known = this.#places[place]!
    if (known >= 0) return known
    this.#places[place] = this.#count
    this.#count++
    this.#grow()
    return this.#count - 1
  }

  /** The place of the kind with the fields at `last`: its own, or the free one that it would take. */
  #find(last: number): number {
    const f = this.#fields
    const mask = this.#places.length - 1
    for (let place = hashOf(f, last) & mask; ; place = (place + 1) & mask) {
      const kind = this.#places[place]!
      if (kind < 0) return place
      let i = 0
      while (i < FIELDS && f[kind * FIELDS + i] === f[last + i]) i++
      if (i === FIELDS) return place
    }
  }

  #grow(): void {
    if ((this.#count + 1) * FIELDS > this.#fields.length) {
      const larger = new Uint32Array(this.#fields.length * 2)
      larger.set(this.#fields)
      this.#fields = larger
    }
    if (this.#count * 2 < this.#places.length) return
    this.#places = new Int32Array(this.#places.length * 2).fill(-1)
    for (let kind = 0; kind < this.#count; kind++) this.#places[this.#find(kind * FIELDS)] = kind
  }
}
