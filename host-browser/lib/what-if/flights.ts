/**
 * How many streams of each phase had work on the device, over time: from its hand-over until its completion was seen.
 * Kept as integrals, so that the mean over any stretch of time is two look-ups.
 */
export const PHASES = 4

class Course {
  readonly #times: number[] = [0]
  readonly #sums: number[] = [0]
  readonly #values: number[] = [0]

  /** The value is `value` from `time` on. Times do not go back. */
  set(time: number, value: number): void {
    const last = this.#times.length - 1
    const sum = this.#sums[last]! + this.#values[last]! * (time - this.#times[last]!)
    if (this.#times[last] === time) {
      this.#values[last] = value
      return
    }
    this.#times.push(time)
    this.#sums.push(sum)
    this.#values.push(value)
  }

  /** The integral up to `time`. */
  sum(time: number): number {
    let [low, high] = [0, this.#times.length - 1]
    if (time <= 0) return 0
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#times[middle]! <= time) low = middle
      else high = middle - 1
    }
    return this.#sums[low]! + this.#values[low]! * (time - this.#times[low]!)
  }
}

export class Flights {
  readonly #counts = Array.from({ length: PHASES }, () => 0)
  readonly #streams = Array.from({ length: PHASES }, () => new Course())
  readonly #presence = Array.from({ length: PHASES }, () => new Course())
  readonly #any = new Course()

  /** A stream of the phase has work on the device now, or (-1) has none any more. */
  change(phase: number, by: 1 | -1, time: number): void {
    const count = (this.#counts[phase]! += by)
    this.#streams[phase]!.set(time, count)
    this.#presence[phase]!.set(time, count > 0 ? 1 : 0)
    this.#any.set(time, this.#counts.some((c) => c > 0) ? 1 : 0)
  }

  /** Mean number of streams of the phase, over a stretch of time. */
  streams(phase: number, from: number, to: number): number {
    const course = this.#streams[phase]!
    return to > from ? (course.sum(to) - course.sum(from)) / (to - from) : 0
  }

  /** Part of a stretch of time in which there was one. */
  presence(phase: number, from: number, to: number): number {
    const course = this.#presence[phase]!
    return to > from ? (course.sum(to) - course.sum(from)) / (to - from) : 0
  }

  /** Time up to `to` in which there was one of any phase, ns. */
  busy(to: number): number {
    return this.#any.sum(to)
  }
}
