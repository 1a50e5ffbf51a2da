/** How much of a device's time each tenant had: what is on the device at the same time shares it. */
import type { Delta } from './deltas.ts'

/** Of a device, the time that each stream at work on it has had so far. */
interface Integral {
  at: number
  streams: number
  value: number
}

/** A tenant's time on a device. */
export class TenantTime {
  ns = 0
  #streams = 0
  #before = 0
  readonly #all: Integral

  constructor(all: Integral) {
    this.#all = all
  }

  /** So many more, or fewer, of its streams are at work on the device from now on. */
  change(by: number, time: number): void {
    const all = this.#all
    if (all.streams > 0) all.value += (time - all.at) / all.streams
    all.at = time
    all.streams += by
    this.ns += (all.value - this.#before) * this.#streams
    this.#before = all.value
    this.#streams += by
  }
}

export class TenantService {
  /** By device and tenant: tenants of several devices are served by each apart. */
  readonly #served = new Map<number, TenantTime>()
  readonly #integral = new Map<number, Integral>()

  of(device: number, tenant: number): TenantTime {
    let all = this.#integral.get(device)
    if (all === undefined) this.#integral.set(device, (all = { at: 0, streams: 0, value: 0 }))
    const key = device * 0x10000 + tenant
    let own = this.#served.get(key)
    if (own === undefined) this.#served.set(key, (own = new TenantTime(all)))
    return own
  }

  /** Brings every tenant up to date. */
  upTo(time: number): void {
    for (const own of this.#served.values()) own.change(0, time)
  }

  list(): Delta['tenant_ns'] {
    return [...this.#served].map(([key, { ns }]) => ({ tenant: key & 0xffff, device: key >>> 16, ns }))
  }
}
