/**
 * The daemon's core on a real device: the engine and its executor behind what the control plane asks for. Opening it
 * loads libflexnpu.so, whose executor opens the device; nothing else in the process calls AscendCL.
 */
import { existsSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { Chip, Phase, type EventRecord } from '../../build/gen/ts/records.ts'
import { errorCodes } from '../../spec/constants.ts'
import { NameKind } from '../../spec/log.ts'
import { policyIds, policyParameters } from '../../spec/records.ts'
import { artefacts, coreWasm, requireBuilt } from '../cli/artefacts.ts'
import { UserError } from '../cli/errors.ts'
import type { PolicyChoice } from '../cli/policy.ts'
import { findRealLibrary } from '../cli/real-library.ts'
import { Core } from '../core/core.ts'
import type { Tenant, Tenants } from '../tenants/tenants.ts'
import type { Client } from './clients.ts'
import { Refusal, type DaemonCore, type RecordAnswer, type Welcome } from './daemon-core.ts'
import { Engine } from './engine.ts'
import { ExecutorError, NativeExecutor, type Peer } from './executor.ts'
import { LiveFeed, Recorders, type Listener } from './live-feed.ts'
import { Recording } from './recording.ts'
import { BadRing } from './ring.ts'
import type { OpenCore, OpenRequest } from './serve.ts'
import type { CoreStatus } from './status.ts'

const acl = (name: string): number => errorCodes[name] as number

/** Recorded events stay in memory no longer than this. */
const FLUSH_MS = 200

const phaseNames = Object.fromEntries(Object.entries(Phase).map(([name, value]) => [value, name]))
const chips: [RegExp, number][] = [
  [/^Ascend910B1/, Chip.ASCEND_910B1],
  [/^Ascend910B2/, Chip.ASCEND_910B2],
  [/^Ascend910B3/, Chip.ASCEND_910B3],
  [/^Ascend910B4/, Chip.ASCEND_910B4],
  /* The A3 dies answer Ascend910_93xx to aclrtGetSocName. */
  [/^Ascend910(_93|C)/, Chip.ASCEND_910C],
]

class Device implements DaemonCore {
  readonly welcome: Welcome
  readonly #engine: Engine
  readonly #executor: NativeExecutor
  readonly #recording: Recording | undefined
  readonly #live: LiveFeed
  readonly #flush: NodeJS.Timeout | undefined
  readonly #ended: Promise<void>
  readonly #hbmBytes: number
  #tenants: Tenants = { tenants: [] }
  #choice: PolicyChoice = { policy: 'passthrough', parameters: [] }
  #expelled = 0

  constructor(request: OpenRequest) {
    const real = findRealLibrary(request.npu, process.env)
    requireBuilt(artefacts.shim, 'the executor')
    if (request.record !== undefined && existsSync(request.record)) throw new UserError(`${request.record}: exists`)
    this.#executor = new NativeExecutor(artefacts.shim, real.dir, request.device)
    const core = new Core(coreWasm())
    const configuration = { device: request.device, npu: real.dir }
    if (request.record !== undefined) {
      const end = (why: string): void => request.log.error({ why }, 'the recording ended')
      this.#recording = new Recording(request.record, core, configuration, end)
    }
    this.#live = new LiveFeed(core, configuration, BigInt(Date.now()) * 1_000_000n)
    rmSync(`${request.socket}.bell`, { force: true })
    const bell = this.#executor.bell(`${request.socket}.bell`)
    this.#engine = new Engine({
      core,
      executor: this.#executor,
      bell: new Uint32Array(bell.buffer, bell.byteOffset, 1),
      clock: () => performance.now() * 1e6,
      recorder: new Recorders([...(this.#recording === undefined ? [] : [this.#recording]), this.#live]),
      onExpel: ({ number }, why) => {
        this.#expelled++
        request.onExpel(number, why)
      },
      onFault: (code, eventKind, stream) => request.log.error({ code, eventKind, stream }, 'the core refused an event'),
    })
    const facts = this.#executor.facts()
    this.#hbmBytes = Number(facts.hbm_bytes)
    const chip = chips.find(([name]) => name.test(facts.soc))?.[1] ?? Chip.UNKNOWN
    this.#engine.begin({ device: request.device, chip, ...facts })
    this.welcome = { device: request.device, soc: facts.soc, device_count: 1 }
    const recording = this.#recording
    if (recording !== undefined) this.#flush = setInterval(() => recording.flush(), FLUSH_MS)
    this.#ended = this.#engine.loop.run().catch((error: unknown) => request.onFailure(error))
  }

  peer(fd: number): Peer {
    return this.#executor.peer(fd)
  }

  #client(number: number): Client {
    const client = this.#engine.loop.clients.get(number)
    if (client === undefined) throw new Refusal(acl('ACL_ERROR_RT_LOST_HEARTBEAT'), `client ${number} is gone`)
    return client
  }

  setPolicy(choice: PolicyChoice): void {
    if (!this.#engine.setPolicy(policyIds[choice.policy] as number, choice.parameters)) {
      throw new Refusal(acl('ACL_ERROR_INVALID_PARAM'), `the core does not take ${choice.policy} with these parameters`)
    }
    this.#choice = choice
  }

  reload(tenants: Tenants, events: readonly EventRecord[]): void {
    for (const event of events) {
      this.#engine.feed(event)
      if (event.kind === 'POLICY_SET' && tenants.policy !== undefined) this.#choice = tenants.policy
    }
    this.#tenants = tenants
    for (const t of tenants.tenants) this.#engine.decider.recorder?.name(NameKind.TENANT, BigInt(t.number), t.name)
  }

  clientAdd(peer: Peer, tenant: Tenant, role: string): number {
    try {
      return this.#engine.addClient(peer, tenant.number, role).number
    } catch (error) {
      if (error instanceof RangeError) throw new Refusal(acl('ACL_ERROR_RT_RESOURCE_ALLOC_FAIL'), error.message)
      throw error
    }
  }

  ringAdd(client: number, path: string): number {
    return this.#mapped(() => this.#engine.addRing(this.#client(client), path))
  }

  ringRemove(client: number, ring: number): void {
    this.#engine.loop.leaveRing(this.#client(client), ring)
  }

  pinAdd(client: number, path: string, address: bigint, bytes: bigint): void {
    this.#mapped(() => this.#engine.addPin(this.#client(client), path, address, bytes))
  }

  pinRemove(client: number, address: bigint): void {
    this.#mapped(() => this.#engine.removePin(this.#client(client), address))
  }

  #mapped<T>(act: () => T): T {
    try {
      return act()
    } catch (error) {
      if (!(error instanceof ExecutorError || error instanceof BadRing)) throw error
      throw new Refusal(acl('ACL_ERROR_RT_PARAM_INVALID'), error.message)
    }
  }

  clientRemove(number: number): void {
    const client = this.#engine.loop.clients.get(number)
    if (client !== undefined) this.#engine.removeClient(client)
  }

  record(from: 'start' | 'now' | undefined): RecordAnswer {
    this.#recording?.flush()
    const written = this.#recording?.written
    if (from === 'start' && written === undefined) throw new UserError('this daemon makes no recording (--record)')
    if (written !== undefined && from !== 'now')
      return { answer: { ok: true, file: resolve(written.file), bytes: written.bytes } }
    const begin = (listener: Listener): (() => void) => this.#live.listen(listener)
    return { answer: { ok: true, after_event: Number(this.#live.events) }, begin }
  }

  async stop(): Promise<void> {
    clearInterval(this.#flush)
    for (const client of this.#engine.loop.clients.values()) this.#engine.removeClient(client)
    void this.#engine.loop.stop()
    await this.#ended
    this.#recording?.close()
  }

  status(): CoreStatus {
    const clients = [...this.#engine.loop.clients.values()]
    const streams = this.#engine.streams.streams.filter((s) => s !== undefined)
    const of = (client: number): Client | undefined => this.#engine.loop.clients.get(client)
    const { policy, parameters } = this.#choice
    const names = policyParameters[policy] ?? []
    return {
      device: {
        number: this.welcome.device,
        chip: this.welcome.soc,
        policy,
        params: Object.fromEntries(names.map(({ name }, i) => [name, Number(parameters[i] ?? 0n)])),
        decode_share: this.#engine.decode_share_permille,
        hbm_used_bytes: clients.reduce((sum, c) => sum + Number(c.heldBytes), 0),
        hbm_bytes: this.#hbmBytes,
      },
      tenants: this.#tenants.tenants.map((t) => {
        const own = clients.filter((c) => c.tenant === t.number)
        const theirs = streams.filter((s) => of(s.client)?.tenant === t.number)
        return {
          number: t.number,
          name: t.name,
          weight: t.weight,
          priority: t.priority,
          hbm_used_bytes: own.reduce((sum, c) => sum + Number(c.heldBytes), 0),
          hbm_bytes: t.hbm_bytes,
          streams: theirs.length,
          stream_limit: t.stream_limit,
          queued: theirs.reduce((sum, s) => sum + s.queued, 0),
          running_ns: Math.round(this.#engine.loop.running_ns.get(t.number) ?? 0),
        }
      }),
      streams: streams.map((s) => ({
        number: s.number,
        tenant: of(s.client)?.tenant ?? 0,
        pid: of(s.client)?.peer.pid ?? 0,
        phase: phaseNames[s.phase] ?? 'UNKNOWN',
        confidence: s.confidence,
        queued: s.queued,
        inflight: s.handed - s.complete,
        submitted: s.submitted,
        completed: s.complete,
      })),
      clients: clients.map((c) => ({
        number: c.number,
        pid: c.peer.pid,
        uid: c.peer.uid,
        tenant: c.tenant,
        rings: c.rings.length,
        since: c.since.toISOString(),
      })),
      counters: { faults: this.#engine.faults, ended_by_the_core: this.#expelled, events: Number(this.#engine.events) },
    }
  }
}

/** Opens a device. Throws UserError where the library, the device or the recording cannot be had. */
export const openDevice: OpenCore = async (request) => {
  try {
    const core = new Device(request)
    return { core, peer: (fd) => core.peer(fd) }
  } catch (error) {
    if (error instanceof ExecutorError) throw new UserError(error.message)
    throw error
  }
}
