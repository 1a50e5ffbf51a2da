/** Who is there: devices, tenants, virtual NPUs and streams, as last said, and what they and kernels are called. */
import { ChipNames, limits } from '../../build/gen/ts/records.ts'
import type { CoreFigures } from '../../host-node/core/figures.ts'
import { NameKind, type NameEntry } from '../../host-node/log/names.ts'
import type { Topology } from './deltas.ts'

export class TopologyWriter {
  readonly vnpus = new Map<number, { tenant: number; device: number }>()
  readonly #devices = new Map<number, Topology['devices'][number]>()
  readonly #tenants = new Map<number, Topology['tenants'][number]>()
  readonly #streams = new Map<number, Topology['streams'][number]>()
  readonly #names = new Map<string, string>()
  #changed = true

  constructor() {
    // Tenant 0 always exists.
    this.tenant(0, 1000, 0)
  }

  get devices(): readonly number[] {
    return [...this.#devices.keys()]
  }

  get streams(): readonly number[] {
    return [...this.#streams.keys()]
  }

  device(device: number, chip: number): void {
    this.#devices.set(device, { device, chip: ChipNames[chip] ?? String(chip) })
    this.#changed = true
  }

  tenant(tenant: number, weight: number, quota_bytes: number): void {
    this.#tenants.set(tenant, { tenant, weight, quota_bytes })
    this.#changed = true
  }

  /** A stream on a virtual NPU; whose it is and where. */
  stream(stream: number, vnpu: number): { tenant: number; device: number } {
    const { tenant, device } = this.vnpus.get(vnpu) ?? { tenant: 0, device: 0 }
    this.#streams.set(stream, { stream, vnpu, tenant, device })
    this.#changed = true
    return { tenant, device }
  }

  /** All that the core knows, streams excepted. */
  begin(f: CoreFigures): void {
    this.#tenants.clear()
    for (let tenant = 0; tenant < limits.MAX_TENANTS; tenant++) {
      if (f.tenant_exists(tenant) === 0) continue
      this.tenant(tenant, f.tenant_weight(tenant), Number(f.tenant_quota_bytes(tenant)))
    }
    for (let vnpu = 0; vnpu < limits.MAX_VNPUS; vnpu++) {
      if (f.vnpu_exists(vnpu) === 0) continue
      this.vnpus.set(vnpu, { tenant: f.vnpu_tenant(vnpu), device: f.vnpu_device(vnpu) })
    }
    for (let device = 0; device < limits.MAX_DEVICES; device++) {
      if (f.device_exists(device) !== 0) this.device(device, f.device_chip(device))
    }
  }

  /** Memory that tenants hold on a device; what a tenant holds is told only where all its virtual NPUs are on one. */
  heldOn(device: number, f: CoreFigures): number {
    const vnpus = [...this.vnpus.values()]
    const here = [...this.#tenants.keys()].filter((t) => vnpus.every((v) => v.tenant !== t || v.device === device))
    return here.reduce((sum, tenant) => sum + Number(f.tenant_held_bytes(tenant)), 0)
  }

  /** Takes names in. */
  name(entries: readonly NameEntry[]): void {
    for (const { kind, id, name } of entries) this.#names.set(`${kind}:${id}`, name)
    this.#changed = true
  }

  /** The name of a kernel, stream, tenant or device, where one was recorded. */
  nameOf(kind: number, id: bigint | number): string | undefined {
    return this.#names.get(`${kind}:${id}`)
  }

  /** What is known, where it changed since the last time. */
  take(): Topology | undefined {
    if (!this.#changed) return undefined
    this.#changed = false
    return {
      devices: [...this.#devices.values()],
      tenants: [...this.#tenants.values()].map((t) => this.#named(NameKind.TENANT, t.tenant, t)),
      streams: [...this.#streams.values()].map((s) => this.#named(NameKind.STREAM, s.stream, s)),
    }
  }

  #named<T extends object>(kind: number, id: number, of: T): T & { name?: string } {
    const name = this.nameOf(kind, id)
    return name === undefined ? of : { ...of, name }
  }
}
