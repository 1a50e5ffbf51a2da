/**
 * One device in daemon mode, put together: core, executor, loop, and the clients with their virtual NPUs. Everything that
 * comes from outside (a client, a tenant, a policy) enters the core as an event here, so that a recording holds it.
 */
import { encodeEvent, EventKind, limits, Phase, PhaseSource, type EventRecord } from '../../build/gen/ts/records.ts'
import { EVENT_BYTES } from '../../spec/records.ts'
import { ring as layout, RING_MAGIC, RING_VERSION } from '../../spec/ring.ts'
import type { Core } from '../core/core.ts'
import { Batch } from './batch.ts'
import { Callbacks } from './callbacks.ts'
import { Calls } from './calls.ts'
import { Client, Intake } from './clients.ts'
import { Decider, type Recorder } from './decider.ts'
import type { Executor, Peer } from './executor.ts'
import { Loop } from './loop.ts'
import { BadRing, Ring } from './ring.ts'
import { Numbers, Streams } from './streams.ts'

/** What the core is told of the device; 0 takes the chip table. */
export interface DeviceFacts {
  device: number
  chip: number
  cube_cores: number
  vector_cores: number
  hbm_bytes: bigint
}

/** A tenant as the core knows it; 0 is no limit. */
export interface TenantFacts {
  tenant: number
  weight: number
  priority: number
  stream_limit: number
  hbm_quota_bytes: bigint
}

export interface EngineOptions {
  core: Core
  executor: Executor
  bell: Uint32Array
  /** CLOCK_MONOTONIC, ns. */
  clock: () => number
  recorder?: Recorder
  /** A client was ended by the daemon. */
  onExpel?: (client: Client, why: string) => void
  /** The core refused an event. */
  onFault?: (code: number, eventKind: number, stream: number) => void
}

/** More memory than any device has. */
const UNLIMITED = Number.MAX_SAFE_INTEGER

/** Phases of a process by its role (FLEXNPU_ROLE). */
const roles: Record<string, number> = { prefill: Phase.PREFILL, decode: Phase.DECODE }

export class Engine {
  readonly decider: Decider
  readonly streams = new Streams()
  readonly batch: Batch
  readonly calls: Calls
  readonly loop: Loop
  readonly #executor: Executor
  readonly #onExpel: (client: Client, why: string) => void
  readonly #vnpus = new Numbers(0, limits.MAX_VNPUS)
  /** Memory that tenants may hold, bytes; 0 is no limit. */
  readonly #quotas = new Map<number, bigint>()
  #clients = 0
  #device = 0
  #hbmBytes = 0n
  decode_share_permille = 1000
  policy = 0
  faults = 0

  constructor(options: EngineOptions) {
    const { core, executor, clock, bell, recorder } = options
    const notices = {
      phase: (stream: number, phase: number, confidence: number) => {
        const s = this.streams.streams[stream]
        if (s === undefined) return
        s.phase = phase
        s.confidence = confidence
      },
      share: (permille: number) => {
        this.decode_share_permille = permille
      },
      fault: (code: number, eventKind: number, stream: number) => {
        this.faults++
        options.onFault?.(code, eventKind, stream)
      },
    }
    this.#executor = executor
    this.batch = new Batch(executor.batch)
    this.#onExpel = options.onExpel ?? (() => {})
    this.decider = new Decider(core, this.batch, this.streams, notices, recorder)
    const callbacks = new Callbacks(this.decider, this.batch, this.streams)
    this.streams.ended = (s) => callbacks.drop(s)
    this.decider.begins = (s, place) => callbacks.begin(s, place)
    this.calls = new Calls(this.decider, this.batch, this.streams, callbacks, {
      show: (client) => this.#showMemory(client),
      fits: (bytes) => {
        const taken = [...this.loop.clients.values()].reduce((sum, c) => sum + c.heldBytes + c.freeingBytes, 0n)
        return taken + bytes <= this.#hbmBytes
      },
      freed: (client) => {
        if (this.loop.clients.has(client.number)) executor.blockFreed(client.number)
      },
    })
    const intake = new Intake(this.decider, this.batch, this.streams, this.calls, callbacks)
    const expel = (client: Client, why: string): void => {
      this.removeClient(client)
      this.#onExpel(client, why)
    }
    const { calls, batch, streams, decider } = this
    this.loop = new Loop({ executor, decider, intake, calls, batch, streams, bell, expel, clock })
  }

  /** First event: the device. */
  begin(facts: DeviceFacts): void {
    this.#device = facts.device
    this.#hbmBytes = facts.hbm_bytes
    const event = this.decider.event(EventKind.DEVICE_ADD)
    event[4] = facts.device
    event[5] = facts.chip
    event[6] = facts.cube_cores
    event[7] = facts.vector_cores
    this.decider.set64(32, facts.hbm_bytes)
    this.decider.feed()
  }

  /** Makes or changes a tenant; false where the core refuses it. */
  setTenant(facts: TenantFacts): boolean {
    const event = this.decider.event(EventKind.TENANT_SET)
    event[4] = facts.tenant
    event[5] = facts.weight
    event[6] = facts.priority
    event[7] = facts.stream_limit
    this.decider.set64(32, facts.hbm_quota_bytes)
    this.decider.feed()
    if (!this.decider.refused) this.#quotas.set(facts.tenant, facts.hbm_quota_bytes)
    return !this.decider.refused
  }

  /** Chooses a policy; a parameter of 0 takes its default. False where the core refuses it. */
  setPolicy(policy: number, parameters: readonly bigint[] = []): boolean {
    this.decider.event(EventKind.POLICY_SET)[4] = policy
    for (let i = 0; i < 4; i++) this.decider.set64(24 + 8 * i, parameters[i] ?? 0n)
    this.decider.feed()
    if (!this.decider.refused) this.policy = policy
    return !this.decider.refused
  }

  /** A tenant with a quota sees that much memory, and of it what its clients do not hold. */
  #showMemory(client: Client): void {
    const quota = this.#quotas.get(client.tenant) ?? 0n
    if (quota === 0n) return this.#executor.showMemory(client.number, UNLIMITED, UNLIMITED)
    let held = 0n
    for (const c of this.loop.clients.values()) if (c.tenant === client.tenant) held += c.heldBytes
    this.#executor.showMemory(client.number, Number(quota), Number(quota > held ? quota - held : 0n))
  }

  /** Feeds an event of the control plane, at the time that it is now. */
  feed(event: EventRecord): void {
    const bytes = new Uint8Array(EVENT_BYTES)
    encodeEvent(new DataView(bytes.buffer), 0, { ...event, time_ns: BigInt(Math.floor(this.decider.now)) })
    this.decider.words.set(new Uint32Array(bytes.buffer))
    this.decider.feed()
    if (this.decider.refused) return
    if (event.kind === 'POLICY_SET') this.policy = event.policy
    if (event.kind === 'TENANT_SET') this.#quotas.set(event.tenant, event.hbm_quota_bytes)
  }

  /** Events that the core has taken. */
  get events(): bigint {
    return this.decider.core.eventsSeen()
  }

  /** A process has connected. Throws RangeError where there is no virtual NPU left. */
  addClient(peer: Peer, tenant: number, role = ''): Client {
    const vnpu = this.#vnpus.take()
    if (vnpu === undefined) throw new RangeError(`all ${limits.MAX_VNPUS} virtual NPUs are in use`)
    const client = new Client(++this.#clients, peer, tenant, vnpu)
    const event = this.decider.event(EventKind.VNPU_ADD)
    event[4] = vnpu
    event[5] = tenant
    event[6] = this.#device
    this.decider.feed()
    const phase = roles[role]
    if (phase !== undefined) {
      const hint = this.decider.event(EventKind.PHASE_HINT)
      hint[4] = phase
      hint[5] = PhaseSource.ROLE
      hint[6] = vnpu
      this.decider.feed()
    }
    this.#executor.addClient(client.number, peer)
    this.loop.clients.set(client.number, client)
    return client
  }

  /** Maps a ring of a client; its number. Throws where the file is none. */
  addRing(client: Client, path: string): number {
    const { ring, memory } = this.#executor.addRing(client.number, path)
    const header = new DataView(memory.buffer, memory.byteOffset)
    const facts = [header.getUint32(8, true), header.getUint32(12, true), header.getUint32(16, true)]
    const wanted = [RING_VERSION, layout.RING_RECORDS, layout.RING_ARGS_BYTES]
    if (header.getBigUint64(0, true) !== RING_MAGIC || facts.some((fact, i) => fact !== wanted[i])) {
      throw new BadRing(`${path} is no ring of version ${RING_VERSION} (version, records, argument bytes: ${facts})`)
    }
    this.loop.addRing(client, new Ring(ring, memory, client.number))
    return ring
  }

  addPin(client: Client, path: string, address: bigint, bytes: bigint): void {
    this.#executor.addPin(client.number, path, address, bytes)
  }

  removePin(client: Client, address: bigint): void {
    /* The device may still copy from it, or to it, whatever the client says. */
    this.calls.whenComplete(client, () => {
      if (this.loop.clients.has(client.number)) this.#executor.removePin(client.number, address)
    })
  }

  /** A client is gone: everything it held goes back. Safe to call again. */
  removeClient(client: Client): void {
    if (!this.loop.clients.has(client.number)) return
    this.loop.remove(client)
    this.streams.removeAll(client.number, this.decider)
    if (client.heldBytes > 0n) this.calls.giveBack(client, client.heldBytes)
    this.decider.event(EventKind.VNPU_REMOVE)[4] = client.vnpu
    this.decider.feed()
    this.#vnpus.give(client.vnpu)
    this.#executor.removeClient(client.number)
  }
}
