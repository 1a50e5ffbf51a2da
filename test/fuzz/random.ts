/** Numbers that look random and are the same for a seed. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1
  }

  /** 32 bits (xorshift32). */
  u32(): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x >>> 0
    return this.#state
  }

  /** From 0 to below `limit`. */
  below(limit: number): number {
    return this.u32() % limit
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  chance(one: number): boolean {
    return this.below(one) === 0
  }
}
