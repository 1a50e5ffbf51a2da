/**
 * Records of a recording as 32-bit words: an event is 16 of them, a decision 8 (spec/records.ts says what is where). A
 * u64 is read as a number: times and sequence numbers are far below 2^53.
 */
import { DECISION_BYTES, EVENT_BYTES } from '../../../build/gen/ts/records.ts'

export const EVENT_WORDS = EVENT_BYTES / 4
export const DECISION_WORDS = DECISION_BYTES / 4

const HIGH = 2 ** 32

/** The words of whole records; copies them where they do not lie on a word. */
export function wordsOf(records: Uint8Array): Uint32Array {
  const aligned = records.byteOffset % 4 === 0 ? records : records.slice()
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >>> 2)
}

/** The u64 at a word. */
export const u64 = (words: Uint32Array, at: number): number => words[at]! + words[at + 1]! * HIGH

/** Writes a u64 at a word. */
export function setU64(words: Uint32Array, at: number, value: number): void {
  words[at] = value % HIGH
  words[at + 1] = Math.floor(value / HIGH)
}

/** Time of the event whose first word is at `at`, ns. */
export const timeOf = (events: Uint32Array, at: number): number => u64(events, at + 2)

/** Records one after another, in memory that grows. */
export class RecordBuffer {
  #words: Uint32Array
  #length = 0
  readonly #size: number

  /** `words`: of one record. */
  constructor(words: number) {
    this.#size = words
    this.#words = new Uint32Array(words * 4096)
  }

  /** Records in it. */
  get count(): number {
    return this.#length / this.#size
  }

  /** The memory; another after the next append. */
  get words(): Uint32Array {
    return this.#words
  }

  /** Takes whole records in. */
  append(records: Uint32Array): void {
    if (this.#length + records.length > this.#words.length) {
      const larger = new Uint32Array(Math.max(this.#words.length * 2, this.#length + records.length))
      larger.set(this.#words.subarray(0, this.#length))
      this.#words = larger
    }
    this.#words.set(records, this.#length)
    this.#length += records.length
  }

  /** All of them, as bytes. */
  bytes(): Uint8Array {
    return new Uint8Array(this.#words.buffer, 0, this.#length * 4)
  }
}
