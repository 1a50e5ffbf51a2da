/**
 * A core for the control plane's tests: it keeps what it is told, as a model to look at, and refuses what the real one
 * would. No device, no rings: those have tests of their own.
 */
import type { EventRecord } from '../../build/gen/ts/records.ts'
import { PolicyIdNames } from '../../build/gen/ts/records.ts'
import { errorCodes } from '../../spec/constants.ts'
import { policyParameters } from '../../spec/records.ts'
import type { PolicyChoice } from '../../host-node/cli/policy.ts'
import { UserError } from '../../host-node/cli/errors.ts'
import { Refusal, type DaemonCore, type RecordAnswer } from '../../host-node/daemon/daemon-core.ts'
import type { Peer } from '../../host-node/daemon/executor.ts'
import type { CoreStatus } from '../../host-node/daemon/status.ts'
import type { Tenant, Tenants } from '../../host-node/tenants/tenants.ts'

interface FakeClient {
  peer: Peer
  tenant: Tenant
  role: string
  rings: string[]
  pins: Map<bigint, bigint>
}

export class FakeCore implements DaemonCore {
  readonly welcome = { device: 0, soc: 'Ascend910B2', device_count: 1 }
  readonly clients = new Map<number, FakeClient>()
  readonly removed: number[] = []
  readonly events: EventRecord[] = []
  tenants: Tenants = { tenants: [] }
  choice: PolicyChoice = { policy: 'passthrough', parameters: [] }
  stopped = false
  #clients = 0
  #rings = 0

  status(): CoreStatus {
    const known = policyParameters[this.choice.policy] ?? []
    const params = Object.fromEntries(known.map(({ name }, i) => [name, Number(this.choice.parameters[i] ?? 0n)]))
    const { policy } = this.choice
    const clients = [...this.clients]
    return {
      device: {
        number: 0,
        chip: 'Ascend910B2',
        policy,
        params,
        decode_share: 300,
        hbm_used_bytes: 2 ** 30,
        hbm_bytes: 2 ** 36,
      },
      tenants: this.tenants.tenants.map((t) => ({
        number: t.number,
        name: t.name,
        weight: t.weight,
        priority: t.priority,
        hbm_used_bytes: 2 ** 20,
        hbm_bytes: t.hbm_bytes,
        streams: clients.filter(([, c]) => c.tenant.number === t.number).length,
        stream_limit: t.stream_limit,
        queued: 3,
        running_ns: 1_000_000,
      })),
      streams: clients.map(([number, c]) => ({
        number,
        tenant: c.tenant.number,
        pid: c.peer.pid,
        phase: 'DECODE',
        confidence: 875,
        queued: 3,
        inflight: 2,
        submitted: 105,
        completed: 100,
      })),
      clients: clients.map(([number, c]) => ({
        number,
        pid: c.peer.pid,
        uid: c.peer.uid,
        tenant: c.tenant.number,
        rings: c.rings.length,
        since: '2026-01-01T00:00:00.000Z',
      })),
      counters: { faults: 0 },
    }
  }

  setPolicy(choice: PolicyChoice): void {
    this.choice = choice
  }

  reload(tenants: Tenants, events: readonly EventRecord[]): void {
    this.tenants = tenants
    this.events.push(...events)
    for (const e of events) {
      if (e.kind !== 'POLICY_SET') continue
      const policy = (PolicyIdNames[e.policy] ?? '').toLowerCase().replaceAll('_', '-')
      this.choice = { policy, parameters: [e.p0, e.p1, e.p2, e.p3] }
    }
  }

  clientAdd(peer: Peer, tenant: Tenant, role: string): number {
    this.clients.set(++this.#clients, { peer, tenant, role, rings: [], pins: new Map() })
    return this.#clients
  }

  #client(number: number): FakeClient {
    const client = this.clients.get(number)
    if (client === undefined) throw new Error(`client ${number} is none`)
    return client
  }

  ringAdd(client: number, path: string): number {
    if (path.endsWith('.666')) throw new Error('a defect of the core')
    if (path.endsWith('.404')) throw new Refusal(errorCodes.ACL_ERROR_RT_PARAM_INVALID as number, 'no such file')
    this.#client(client).rings.push(path)
    return this.#rings++
  }

  ringRemove(client: number, ring: number): void {
    const { rings } = this.clients.get(client) as FakeClient
    rings.splice(ring, 1)
  }

  pinAdd(client: number, _path: string, address: bigint, bytes: bigint): void {
    this.#client(client).pins.set(address, bytes)
  }

  pinRemove(client: number, address: bigint): void {
    if (!this.#client(client).pins.delete(address)) {
      throw new Refusal(errorCodes.ACL_ERROR_RT_PARAM_INVALID as number, 'not pinned')
    }
  }

  clientRemove(client: number): void {
    if (this.clients.delete(client)) this.removed.push(client)
  }

  /** Whoever a recording goes to. */
  readonly listeners = new Set<(bytes: Uint8Array) => void>()

  record(from: 'start' | 'now' | undefined): RecordAnswer {
    if (from === 'start') throw new UserError('no recording')
    const begin = (listener: (bytes: Uint8Array) => void): (() => void) => {
      this.listeners.add(listener)
      return () => this.listeners.delete(listener)
    }
    return { answer: { ok: true, after_event: 7 }, begin }
  }

  async stop(): Promise<void> {
    this.stopped = true
  }
}
