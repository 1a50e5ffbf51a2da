/**
 * The event streams that the core is measured on: a serving mix of prefill and decode streams that all compete for one
 * device, under a policy. Made once by playing host (host.ts); the identical bytes then go to V8 and to wasm2c.
 */
import {
  Chip,
  EVENT_BYTES,
  NONE,
  OpClass,
  Phase,
  PhaseEvidence,
  PhaseSource,
  PolicyId,
  decodeEvent,
} from '../../build/gen/ts/records.ts'
import type { Core } from '../../host-node/core/core.ts'
import { Host, type Operator, type Program } from './host.ts'
import { generator } from './random.ts'

/** Policies measured: the fair queue over all streams, and the one that FlexNPU is for. */
export const policies = { fair: PolicyId.FAIR, 'dynamic-pd': PolicyId.DYNAMIC_PD } as const

export type PolicyName = keyof typeof policies

/** Live streams. */
export const streamCounts = [1, 64, 1024, 4096] as const

/** Events, first those that set up (not timed), then those that are timed. */
export interface Workload {
  bytes: Uint8Array
  setup_events: number
  /** Timed events, and the operators submitted in them. */
  events: number
  operators: number
}

/** Streams to a tenant: a process with its streams. */
const STREAMS_PER_TENANT = 16
/** Events a stream has had before timing begins: kernels are learned, queues are full. */
const WARMUP_EVENTS_PER_STREAM = 24

/** Kernels of a layer with mean device times of one 910B, ns (shared/facts/acl.md, hardware.md). */
const prefill: readonly [name: bigint, device_ns: number][] = [
  [1n, 238_800], // MatMul
  [2n, 882_800], // attention
  [3n, 30_400], // RmsNorm
  [4n, 59_700], // SwiGlu
]
const decode: readonly [name: bigint, device_ns: number][] = [
  [11n, 18_900], // MatMulV2
  [12n, 25_200], // attention
  [13n, 6_100], // AddRmsNormBias
  [14n, 5_600], // SwiGlu
  [15n, 5_500], // rope
  [16n, 3_900], // cache write
]

/** Makes the workload with so many live streams and timed events. `core` is fresh, and used up. */
export function workload(core: Core, policy: PolicyName, streams: number, events: number, seed: number): Workload {
  const random = generator(seed)
  const host = new Host(core)
  host.event(
    {
      kind: 'DEVICE_ADD',
      device: 0,
      chip: Chip.ASCEND_910B2,
      cube_cores: 0,
      vector_cores: 0,
      hbm_bytes: 0n,
      hbm_bytes_per_s: 0n,
    },
    NONE,
  )
  host.event({ kind: 'POLICY_SET', policy: policies[policy], p0: 0n, p1: 0n, p2: 0n, p3: 0n }, NONE)
  for (let stream = 0; stream < streams; stream++) {
    const vnpu = Math.floor(stream / STREAMS_PER_TENANT)
    if (stream % STREAMS_PER_TENANT === 0) addTenant(host, vnpu, 500 + Math.floor(random() * 1500))
    const phase = stream % 2 === 0 ? Phase.DECODE : Phase.PREFILL
    host.addStream(vnpu, serving(phase, random))
    // Half of the streams say what they are; the core has to find out about the others.
    if (stream % 4 < 2) host.event({ kind: 'PHASE_HINT', phase, source: PhaseSource.HINT, vnpu }, stream)
  }
  host.run(host.events + streams * WARMUP_EVENTS_PER_STREAM)
  const setup_events = host.events
  host.run(setup_events + events)
  const bytes = host.bytes()
  let operators = 0
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  for (let at = setup_events * EVENT_BYTES; at < bytes.length; at += EVENT_BYTES) {
    const event = decodeEvent(view, at)
    if (event.kind === 'OP_SUBMIT') operators++
  }
  return { bytes, setup_events, events: bytes.length / EVENT_BYTES - setup_events, operators }
}

/** Tenants count from 1: tenant 0 always exists. */
function addTenant(host: Host, vnpu: number, weight: number): void {
  const tenant = (vnpu % 255) + 1
  host.event({ kind: 'TENANT_SET', tenant, weight, priority: 0, stream_limit: 0, hbm_quota_bytes: 0n }, NONE)
  host.event({ kind: 'VNPU_ADD', vnpu, tenant, device: 0 }, NONE)
}

/** A stream that runs layer after layer, with a copy to the host at the end of each step of 28 layers. */
function serving(phase: number, random: () => number): Program {
  const kernels = phase === Phase.PREFILL ? prefill : decode
  const evidence = phase === Phase.PREFILL ? PhaseEvidence.PREFILL : PhaseEvidence.DECODE
  const step = kernels.length * 28 + 1
  const scale = 0.8 + 0.4 * random()
  const operators: Operator[] = Array.from({ length: step }, (_, i) => {
    const [key, device_ns] = kernels[i % kernels.length] as (typeof kernels)[number]
    if (i === step - 1) {
      const bytes = 4096n
      return { op_class: OpClass.COPY_D2H, key: 0n, blocks: 0, args_bytes: 0, bytes, evidence: 0, device_ns: 3000 }
    }
    const jitter = 0.95 + 0.1 * random()
    const shown = i % kernels.length === 1 ? evidence : PhaseEvidence.NONE
    const ns = Math.round(device_ns * scale * jitter)
    return { op_class: OpClass.KERNEL, key, blocks: 24, args_bytes: 128, bytes: 0n, evidence: shown, device_ns: ns }
  })
  const mean_ns = operators.reduce((sum, { device_ns }) => sum + device_ns, 0) / step
  return { operator: (op_seq) => operators[(op_seq - 1) % step] as Operator, mean_ns }
}
