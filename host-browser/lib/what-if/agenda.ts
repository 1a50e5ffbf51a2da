/** What is to happen, soonest first, and of equal times the one that was put first: a binary heap in typed arrays. */
export class Agenda {
  #times = new Float64Array(1024)
  #orders = new Float64Array(1024)
  #values = new Uint32Array(1024)
  #count = 0
  #order = 0

  /** Time of the first; Infinity where nothing is to happen. */
  get next(): number {
    return this.#count === 0 ? Infinity : this.#times[0]!
  }

  put(time: number, value: number): void {
    if (this.#count === this.#times.length) this.#grow()
    let at = this.#count++
    const order = this.#order++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#times[parent]! <= time) break
      this.#move(parent, at)
      at = parent
    }
    this.#times[at] = time
    this.#orders[at] = order
    this.#values[at] = value
  }

  /** Takes the first out. */
  take(): number {
    const value = this.#values[0]!
    const last = --this.#count
    const [time, order] = [this.#times[last]!, this.#orders[last]!]
    const moved = this.#values[last]!
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= last) break
      if (child + 1 < last && this.#before(child + 1, child)) child++
      const first = this.#times[child]! < time || (this.#times[child] === time && this.#orders[child]! < order)
      if (!first) break
      this.#move(child, at)
      at = child
    }
    this.#times[at] = time
    this.#orders[at] = order
    this.#values[at] = moved
    return value
  }

  #before(a: number, b: number): boolean {
    const [x, y] = [this.#times[a]!, this.#times[b]!]
    return x < y || (x === y && this.#orders[a]! < this.#orders[b]!)
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from]!
    this.#orders[to] = this.#orders[from]!
    this.#values[to] = this.#values[from]!
  }

  #grow(): void {
    this.#times = grown(this.#times, new Float64Array(this.#times.length * 2))
    this.#orders = grown(this.#orders, new Float64Array(this.#orders.length * 2))
    this.#values = grown(this.#values, new Uint32Array(this.#values.length * 2))
  }
}

function grown<T extends Float64Array | Uint32Array>(old: T, larger: T): T {
  larger.set(old)
  return larger
}
