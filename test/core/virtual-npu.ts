/**
 * A device in virtual time: streams in order, the operators at their fronts at once. Each demands a part of the compute
 * and a part of the bandwidth; where the demands sum up to more than there is, all go slower by the same factor. Waits
 * for events and notifies hold their stream, as on the real device.
 */
export interface Work {
  /** Time on an idle device, ns. */
  ns: number
  /** Part of the compute and of the bandwidth it needs to take no longer than that. */
  compute: number
  bandwidth: number
  /** Runs when it is complete. */
  done?: (() => void) | undefined
  /** Not begun before this says so: a wait for an event or notify. */
  ready?: (() => boolean) | undefined
}

interface Running extends Work {
  left: number
}

export class VirtualNpu {
  readonly #streams = new Map<number, Running[]>()
  #now = 0
  /** Time with anything running. */
  busy_ns = 0

  put(stream: number, work: Work): void {
    const queue = this.#streams.get(stream)
    const item = { ...work, left: Math.max(work.ns, 0) }
    if (queue === undefined) this.#streams.set(stream, [item])
    else queue.push(item)
  }

  isIdle(stream: number): boolean {
    return (this.#streams.get(stream)?.length ?? 0) === 0
  }

  #fronts(): Running[] {
    const fronts: Running[] = []
    for (const queue of this.#streams.values()) {
      const front = queue[0]
      if (front !== undefined && (front.ready === undefined || front.ready())) fronts.push(front)
    }
    return fronts
  }

  #speed(fronts: Running[]): number {
    let [compute, bandwidth] = [0, 0]
    for (const front of fronts) {
      compute += front.compute
      bandwidth += front.bandwidth
    }
    return 1 / Math.max(1, compute, bandwidth)
  }

  /** When the next operator is complete; Infinity for never. */
  next(): number {
    const fronts = this.#fronts()
    if (fronts.length === 0) return Infinity
    return this.#now + Math.min(...fronts.map(({ left }) => left)) / this.#speed(fronts)
  }

  /** Lets time pass up to `to`, which is not beyond next(). */
  advance(to: number): void {
    const fronts = this.#fronts()
    const passed = Math.max(0, to - this.#now) * this.#speed(fronts)
    if (fronts.length > 0) this.busy_ns += Math.max(0, to - this.#now)
    for (const front of fronts) front.left -= passed
    this.#now = Math.max(this.#now, to)
    for (const queue of this.#streams.values()) {
      const front = queue[0]
      if (front === undefined || !fronts.includes(front) || front.left > 1e-3) continue
      queue.shift()
      front.done?.()
    }
  }
}
