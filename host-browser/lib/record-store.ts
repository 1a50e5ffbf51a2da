/**
 * Records of one size, kept as the bytes they are: millions of them without an object each. They lie in segments, so
 * that growing copies nothing and no single buffer has to hold all.
 */

const SEGMENT_RECORDS = 1 << 16

export class RecordStore {
  readonly record_bytes: number
  readonly #segments: Uint32Array[] = []
  readonly #words: number
  #count = 0

  constructor(record_bytes: number) {
    this.record_bytes = record_bytes
    this.#words = record_bytes / 4
  }

  /** Records so far. */
  get count(): number {
    return this.#count
  }

  /** How many more would lie together, for run(). */
  get together(): number {
    return SEGMENT_RECORDS - (this.#count & (SEGMENT_RECORDS - 1))
  }

  /** Appends whole records. */
  append(bytes: Uint8Array): void {
    let from = 0
    while (from < bytes.length) {
      const into = this.#count & (SEGMENT_RECORDS - 1)
      if (into === 0) this.#segments.push(new Uint32Array(SEGMENT_RECORDS * this.#words))
      const segment = this.#segments.at(-1) as Uint32Array
      const records = Math.min(SEGMENT_RECORDS - into, (bytes.length - from) / this.record_bytes)
      const length = records * this.record_bytes
      new Uint8Array(segment.buffer).set(bytes.subarray(from, from + length), into * this.record_bytes)
      this.#count += records
      from += length
    }
  }

  /** The bytes of `count` records from `first`, or of fewer where they do not lie together; a view. */
  run(first: number, count: number): Uint8Array {
    const into = first & (SEGMENT_RECORDS - 1)
    const records = Math.min(count, SEGMENT_RECORDS - into, this.#count - first)
    const segment = this.#segments[first >>> 16] as Uint32Array
    return new Uint8Array(segment.buffer, into * this.record_bytes, records * this.record_bytes)
  }

  /** The bytes of one record; a view. */
  at(index: number): Uint8Array {
    return this.run(index, 1)
  }

  /** A u32 field, by its byte offset. */
  u32(index: number, offset: number): number {
    const segment = this.#segments[index >>> 16] as Uint32Array
    return segment[(index & (SEGMENT_RECORDS - 1)) * this.#words + (offset >>> 2)] as number
  }

  /** A u64 field as a number: exact below 2^53, which nanoseconds and sequence numbers are. */
  u64(index: number, offset: number): number {
    const segment = this.#segments[index >>> 16] as Uint32Array
    const at = (index & (SEGMENT_RECORDS - 1)) * this.#words + (offset >>> 2)
    return (segment[at] as number) + (segment[at + 1] as number) * 0x1_0000_0000
  }
}
