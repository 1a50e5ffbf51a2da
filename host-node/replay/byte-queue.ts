/**
 * Bytes that wait for their counterpart: a queue that hands out its front as one view. Grows to what it has to hold and
 * moves its content only when it has to.
 */
export class ByteQueue {
  #buffer = new Uint8Array(64 * 1024)
  #start = 0
  #end = 0

  /** Bytes that wait. */
  get length(): number {
    return this.#end - this.#start
  }

  /** Appends a copy of the bytes. */
  push(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#buffer.length) this.#makeRoom(bytes.length)
    this.#buffer.set(bytes, this.#end)
    this.#end += bytes.length
  }

  /** The first `length` bytes, valid until the next push. */
  peek(length: number): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#start + length)
  }

  /** Removes the first `length` bytes. */
  drop(length: number): void {
    this.#start += length
  }

  #makeRoom(bytes: number): void {
    const waiting = this.peek(this.length)
    const needed = waiting.length + bytes
    const target = needed * 2 > this.#buffer.length ? new Uint8Array(needed * 2) : this.#buffer
    target.set(waiting)
    this.#end = waiting.length
    this.#start = 0
    this.#buffer = target
  }
}
