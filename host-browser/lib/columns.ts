/** Columns of numbers that grow: typed arrays which double, so that ten million rows are ten million numbers. */

type Numbers =
  | Float64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
type Make<T extends Numbers> = new (length: number) => T

export class Column<T extends Numbers> {
  /** At least `length` values; the rest is room. */
  data: T
  length = 0
  readonly #make: Make<T>

  constructor(make: Make<T>, room = 16) {
    this.#make = make
    this.data = new make(room)
  }

  push(value: number): void {
    if (this.length === this.data.length) this.#grow(this.length + 1)
    this.data[this.length++] = value
  }

  append(values: T): void {
    if (this.length + values.length > this.data.length) this.#grow(this.length + values.length)
    this.data.set(values, this.length)
    this.length += values.length
  }

  /** Makes it so long, with zeros where it was shorter; its data may then be written. */
  extend(length: number): T {
    if (length > this.data.length) this.#grow(length)
    this.length = Math.max(this.length, length)
    return this.data
  }

  /** What it holds, as an array of its own, and is empty then. */
  take(): T {
    const taken = this.data.slice(0, this.length) as T
    this.length = 0
    return taken
  }

  #grow(needed: number): void {
    const larger = new this.#make(Math.max(needed, this.data.length * 2))
    larger.set(this.data)
    this.data = larger
  }
}

/** Index of the first value of a sorted column that is not below `value`. */
export function lowerBound(data: { readonly [i: number]: number }, length: number, value: number): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((data[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
