/** A binary heap that gives back the smallest key first, and of equal keys the one that was put first. */
export class MinHeap<T> {
  readonly #items: { key: number; order: number; value: T }[] = []
  #order = 0

  /** The smallest key, or undefined where the heap is empty. */
  firstKey(): number | undefined {
    return this.#items[0]?.key
  }

  put(key: number, value: T): void {
    this.#items.push({ key, order: this.#order++, value })
    let at = this.#items.length - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#less(at, parent)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  /** Removes and returns the value of the smallest key. Throws RangeError where the heap is empty. */
  take(): T {
    const first = this.#items[0]
    const last = this.#items.pop()
    if (first === undefined || last === undefined) throw new RangeError('the heap is empty')
    if (this.#items.length > 0) this.#items[0] = last
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      if (left >= this.#items.length) return first.value
      const right = left + 1
      const child = right < this.#items.length && this.#less(right, left) ? right : left
      if (!this.#less(child, at)) return first.value
      this.#swap(at, child)
      at = child
    }
  }

  #less(a: number, b: number): boolean {
    const [x, y] = [this.#at(a), this.#at(b)]
    return x.key < y.key || (x.key === y.key && x.order < y.order)
  }

  #swap(a: number, b: number): void {
    const [x, y] = [this.#at(a), this.#at(b)]
    this.#items[a] = y
    this.#items[b] = x
  }

  #at(i: number): { key: number; order: number; value: T } {
    return this.#items[i] as { key: number; order: number; value: T }
  }
}
