/**
 * A client thread's ring as the daemon sees it. All of it is memory that the client can change at any moment: a word is
 * read once and checked before it is used, and what the client must not decide is never read back from here. Places are
 * given back in order, when the executor has copied what was in them.
 */
import { ring as layout, RingKind, ringHeader, ringRecord } from '../../spec/ring.ts'
import { EventKind } from '../../build/gen/ts/records.ts'

const word = (fields: { name: string; at: number }[], name: string): number => {
  const field = fields.find((f) => f.name === name)
  if (field === undefined) throw new Error(`spec/ring.ts has no ${name}`)
  return field.at / 4
}

const HEAD = word(ringHeader, 'head')
const TAIL = word(ringHeader, 'tail')
const ARGS_DONE = word(ringHeader, 'args_done')
const GONE = word(ringHeader, 'gone')
const CALLED = word(ringHeader, 'called')
const ARGS_AT = word(ringRecord, 'args_at')
const ARGS_LENGTH = word(ringRecord, 'args_length')
const TICKET = word(ringRecord, 'ticket')
const RECORD_WORDS = layout.RING_RECORD_BYTES / 4
const FIRST = layout.RING_HEADER_BYTES / 4
const MASK = layout.RING_RECORDS - 1
const ARGS = layout.RING_HEADER_BYTES + layout.RING_RECORDS * layout.RING_RECORD_BYTES

/** A ring, or a record in it, that no client of ours would write. */
export class BadRing extends Error {
  override readonly name = 'BadRing'
}

export class Ring {
  /** Words of the whole file. */
  readonly words: Uint32Array
  readonly #args: DataView
  readonly client: number
  /** Whether places of it are given back after the batch that is being made. */
  touched = false
  /** Whether the next record is one that the executor left. */
  byHand = false
  /** Its thread has ended. */
  leaving = false
  #called = 0
  #left = false
  /** Records taken. */
  #taken = 0
  /** Records whose places are free again. */
  #freed = 0
  readonly #done = new Uint8Array(layout.RING_RECORDS)
  readonly #argsEnd = new Uint32Array(layout.RING_RECORDS)

  /** As the executor knows it. */
  readonly number: number

  constructor(number: number, memory: Uint8Array, client = 0) {
    this.client = client
    this.number = number
    this.words = new Uint32Array(memory.buffer, memory.byteOffset, memory.length / 4)
    this.#args = new DataView(memory.buffer, memory.byteOffset + ARGS, layout.RING_ARGS_BYTES)
  }

  /** Records that wait. Throws BadRing where there are more than fit. */
  waiting(): number {
    const count = (Atomics.load(this.words, HEAD) - this.#taken) >>> 0
    if (count > layout.RING_RECORDS - ((this.#taken - this.#freed) >>> 0)) {
      throw new BadRing(`ring ${this.number} has its head ${count} records ahead`)
    }
    return count
  }

  /** Whether a call was published since this was asked last: its thread waits. */
  get hasCalled(): boolean {
    const called = Atomics.load(this.words, CALLED)
    if (called === this.#called) return false
    this.#called = called
    return true
  }

  /** Word index of the next record. */
  get at(): number {
    return FIRST + (this.#taken & MASK) * RECORD_WORDS
  }

  /** Ticket of the next record. */
  get ticket(): number {
    return this.words[this.at + TICKET] as number
  }

  /** Takes the next record; its slot. The place is free again after done(slot) and release(). */
  take(): number {
    const slot = this.#taken & MASK
    const at = this.at
    this.#argsEnd[slot] = (this.words[at + ARGS_AT] as number) + (this.words[at + ARGS_LENGTH] as number)
    this.#done[slot] = 0
    this.#taken = (this.#taken + 1) >>> 0
    return slot
  }

  /** Number of the next record, counted on and on. */
  get taken(): number {
    return this.#taken
  }

  /** Whether the places of all that was taken are free again. */
  get isSettled(): boolean {
    return this.#freed === this.#taken
  }

  /** The executor has taken records by itself and given their places back. */
  skip(count: number): void {
    this.#taken = this.#freed = (this.#taken + count) >>> 0
  }

  /** Word index of a slot. */
  static at(slot: number): number {
    return FIRST + slot * RECORD_WORDS
  }

  /** Argument `index` of the record in a slot as a number: only for arguments behind values and handles. */
  argument(slot: number, index: number): bigint {
    const at = Ring.at(slot)
    if ((this.words[at + ARGS_LENGTH] as number) < (index + 1) * 8)
      throw new BadRing(`a call without argument ${index}`)
    const place = ((this.words[at + ARGS_AT] as number) + index * 8) & (layout.RING_ARGS_BYTES - 1)
    if (place + 8 > layout.RING_ARGS_BYTES) throw new BadRing('arguments that wrap')
    return this.#args.getBigUint64(place, true)
  }

  /**
   * Text argument behind `index` values, of at most `limit` bytes; undefined where it is NULL, longer or torn. What the
   * client may change meanwhile is read once.
   */
  text(slot: number, index: number, limit: number): string | undefined {
    const length = this.argument(slot, index)
    if (length > BigInt(limit)) return undefined
    const at = Ring.at(slot)
    const [first, bytes] = [(index + 1) * 8, Number(length)]
    if (first + bytes > (this.words[at + ARGS_LENGTH] as number)) return undefined
    const place = ((this.words[at + ARGS_AT] as number) + first) & (layout.RING_ARGS_BYTES - 1)
    if (place + bytes > layout.RING_ARGS_BYTES) return undefined
    return Buffer.from(this.#args.buffer, this.#args.byteOffset + place, bytes).toString('utf8')
  }

  /** Whether every record that was published has been carried out. */
  get isEmpty(): boolean {
    return this.#freed === this.#taken && this.waiting() === 0
  }

  /** The executor has what is in the slot. */
  done(slot: number): void {
    this.#done[slot] = 1
  }

  /** Gives back the places up to the first that is not done. */
  release(): void {
    if (this.#left) return
    let freed = this.#freed
    while (freed !== this.#taken && this.#done[freed & MASK] === 1) {
      this.#done[freed & MASK] = 0
      freed = (freed + 1) >>> 0
    }
    if (freed === this.#freed) return
    Atomics.store(this.words, ARGS_DONE, this.#argsEnd[(freed - 1) & MASK] as number)
    Atomics.store(this.words, TAIL, freed)
    this.#freed = freed
  }

  /** Tells the client that nobody answers any more. The memory may go at any time from then on. */
  leave(): void {
    this.#left = true
    Atomics.store(this.words, GONE, 1)
  }
}

/** Whether a kind is one that rings hold. */
export const isRingKind = (kind: number): boolean =>
  kind === EventKind.OP_SUBMIT || kind === RingKind.CALL || kind === RingKind.POST
