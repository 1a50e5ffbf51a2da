/** How much of a device's time each tenant had: what is on the device at the same time shares it. */
import type { Delta } from './deltas.ts'

export class TenantService {
  /** By device and tenant: tenants of several devices are served by each apart. */
  readonly #served = new Map<number, { streams: number; before: number; ns: number }>()
  /** Of a device, the time that each stream at work on it has had so far. */
  readonly #integral = new Map<number, { at: number; streams: number; value: number }>()

  /** So many more, or fewer, streams of a tenant are at work on the device from now on. */
  change(device: number, tenant: number, by: number, time: number): void {
    let all = this.#integral.get(device)
    if (all === undefined) this.#integral.set(device, (all = { at: time, streams: 0, value: 0 }))
    if (all.streams > 0) all.value += (time - all.at) / all.streams
    all.at = time
    all.streams += by
    const key = device * 0x10000 + tenant
    let own = this.#served.get(key)
    if (own === undefined) this.#served.set(key, (own = { streams: 0, before: 0, ns: 0 }))
    own.ns += (all.value - own.before) * own.streams
    own.before = all.value
    own.streams += by
  }

  /** Brings every tenant up to date. */
  upTo(time: number): void {
    for (const key of this.#served.keys()) this.change(key >>> 16, key & 0xffff, 0, time)
  }

  list(): Delta['tenant_ns'] {
    return [...this.#served].map(([key, { ns }]) => ({ tenant: key & 0xffff, device: key >>> 16, ns }))
  }
}
