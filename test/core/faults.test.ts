/** Events that cannot be honoured: one FAULT each, of the right kind, and nothing else changes. */
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { EVENT_BYTES, FaultCode, NONE, OpClass, PolicyId, type DecisionRecord } from '../../build/gen/ts/records.ts'
import { Core, CoreHost, type Draft } from './core-host.ts'
import { play, program } from './random-programs.ts'

/** Offsets of what any event changes, the number of events (0) and the hash of decisions (16), in the state. */
const COUNTERS = [
  [0, 8],
  [16, 24],
] as const

function stateWithoutCounters(core: Core): Buffer {
  const copy = Buffer.from(core.state)
  for (const [from, to] of COUNTERS) copy.fill(0, from, to)
  return copy
}

const submit = {
  kind: 'OP_SUBMIT',
  op_class: OpClass.KERNEL,
  api: 0,
  sync_object: NONE,
  key: 1n,
  blocks: 8,
  args_bytes: 64,
  bytes: 0n,
  op_seq: 4n,
  evidence: 0,
} as const
const complete = { kind: 'OP_COMPLETE', completed_seq: 0n, device_ns: 0n, end_ns: 0n, count: 0 } as const
const policy = { kind: 'POLICY_SET', policy: 0, p0: 0n, p1: 0n, p2: 0n, p3: 0n } as const
const device = {
  kind: 'DEVICE_ADD',
  device: 0,
  chip: 2,
  cube_cores: 0,
  vector_cores: 0,
  hbm_bytes: 0n,
  hbm_bytes_per_s: 0n,
} as const
const tenant = {
  kind: 'TENANT_SET',
  tenant: 1,
  weight: 1000,
  priority: 0,
  stream_limit: 0,
  hbm_quota_bytes: 0n,
} as const
const hint = { kind: 'PHASE_HINT', phase: 1, source: 1, vnpu: 0 } as const

const CREDITED = 2
const LIMITED = 3

/** A host with two streams of work under way (0, 1), one with credit on another device (2), one of limited tenant 1 (3). */
function busyHost(): CoreHost {
  const host = new CoreHost()
  host.device(0)
  host.device(1)
  host.vnpu(0, 0, 0)
  host.vnpu(1, 0, 1)
  host.tenant(1, 1000, 0n, 1)
  host.vnpu(2, 1, 0)
  host.policy(PolicyId.FAIR)
  for (const [id, vnpu] of [0, 0, 1, 2].entries()) host.send({ kind: 'STREAM_ADD', vnpu, priority: 0 }, id)
  host.now = 1e6
  const first = host.send({ ...submit, op_seq: 1n }, 0)
  const used = host.send({ ...submit, op_seq: 1n }, 1)
  expect(first.some(({ flags }) => (flags & 4) !== 0)).toBe(true)
  expect(used.some(({ kind }) => kind === 'REVOKE')).toBe(true)
  host.send({ kind: 'CREDIT_USED', count: 0n }, 0)
  for (const id of [0, 1]) for (const op_seq of [2n, 3n]) host.send({ ...submit, op_seq }, id)
  host.send({ ...submit, op_seq: 1n }, CREDITED)
  host.now = 2e6
  return host
}

describe('each kind of refusal', () => {
  let host: CoreHost
  beforeEach(() => (host = busyHost()))

  function refuses(draft: Draft, stream: number, code: number): void {
    const before = stateWithoutCounters(host.core)
    const [decision, ...more] = host.send(draft, stream)
    expect(more).toEqual([])
    expect(decision).toMatchObject({ kind: 'FAULT', count: code })
    expect(Buffer.compare(stateWithoutCounters(host.core), before)).toBe(0)
  }

  const cases: [what: string, draft: Draft, stream: number, code: number][] = [
    ['operator of no stream', submit, 9, FaultCode.BAD_STREAM],
    ['operator of a stream beyond the table', submit, 4096, FaultCode.BAD_STREAM],
    ['operator of stream NONE', submit, NONE, FaultCode.BAD_STREAM],
    ['gap in the sequence', { ...submit, op_seq: 5n }, 0, FaultCode.BAD_SEQUENCE],
    ['repeated operator', { ...submit, op_seq: 3n }, 0, FaultCode.BAD_SEQUENCE],
    ['operator of a stream with credit', { ...submit, op_seq: 2n }, CREDITED, FaultCode.BAD_SEQUENCE],
    ['no class', { ...submit, op_class: 0 }, 0, FaultCode.BAD_VALUE],
    ['unknown class', { ...submit, op_class: 16 }, 0, FaultCode.BAD_VALUE],
    ['record of no event', { ...submit, op_class: OpClass.EVENT_RECORD }, 0, FaultCode.BAD_VALUE],
    ['event beyond the table', { ...submit, op_class: OpClass.EVENT_WAIT, sync_object: 65536 }, 0, FaultCode.BAD_VALUE],
    ['kernel with an event', { ...submit, sync_object: 1 }, 0, FaultCode.BAD_VALUE],
    ['completion of no stream', complete, 9, FaultCode.BAD_STREAM],
    ['completion beyond what was dispatched', { ...complete, completed_seq: 4n }, 0, FaultCode.BAD_SEQUENCE],
    ['credit used by no stream', { kind: 'CREDIT_USED', count: 0n }, 9, FaultCode.BAD_STREAM],
    ['credit used without a grant', { kind: 'CREDIT_USED', count: 0n }, 0, FaultCode.BAD_SEQUENCE],
    ['credit used beyond the grant', { kind: 'CREDIT_USED', count: 257n }, CREDITED, FaultCode.BAD_SEQUENCE],
    ['stream that exists', { kind: 'STREAM_ADD', vnpu: 0, priority: 0 }, 0, FaultCode.BAD_STREAM],
    ['stream beyond the table', { kind: 'STREAM_ADD', vnpu: 0, priority: 0 }, 4096, FaultCode.BAD_STREAM],
    ['stream of no virtual NPU', { kind: 'STREAM_ADD', vnpu: 7, priority: 0 }, 9, FaultCode.BAD_VNPU],
    ['stream of priority 8', { kind: 'STREAM_ADD', vnpu: 0, priority: 8 }, 9, FaultCode.BAD_VALUE],
    ['more streams than the tenant may have', { kind: 'STREAM_ADD', vnpu: 2, priority: 0 }, 9, FaultCode.TABLE_FULL],
    ['removal of no stream', { kind: 'STREAM_REMOVE' }, 9, FaultCode.BAD_STREAM],
    ['synchronization of no stream', { kind: 'STREAM_SYNC' }, 9, FaultCode.BAD_STREAM],
    ['hint of no stream', hint, 9, FaultCode.BAD_STREAM],
    ['hint of phase 4', { ...hint, phase: 4 }, 0, FaultCode.BAD_VALUE],
    ['hint of no source', { ...hint, source: 0 }, 0, FaultCode.BAD_VALUE],
    ['role of no virtual NPU', { ...hint, source: 5, vnpu: 9 }, NONE, FaultCode.BAD_VNPU],
    ['device beyond the table', { ...device, device: 16 }, NONE, FaultCode.BAD_DEVICE],
    ['unknown chip', { ...device, chip: 6 }, NONE, FaultCode.BAD_DEVICE],
    ['removal of no device', { kind: 'DEVICE_REMOVE', device: 5 }, NONE, FaultCode.BAD_DEVICE],
    [
      'telemetry of no device',
      { kind: 'TELEMETRY', device: 5, compute_permille: 1, bandwidth_permille: 1 },
      NONE,
      FaultCode.BAD_DEVICE,
    ],
    ['tenant beyond the table', { ...tenant, tenant: 256 }, NONE, FaultCode.BAD_TENANT],
    ['tenant of weight 0', { ...tenant, weight: 0 }, NONE, FaultCode.BAD_VALUE],
    ['tenant of too much weight', { ...tenant, weight: 1_000_001 }, NONE, FaultCode.BAD_VALUE],
    ['tenant of priority 8', { ...tenant, priority: 8 }, NONE, FaultCode.BAD_VALUE],
    ['removal of tenant 0', { kind: 'TENANT_REMOVE', tenant: 0 }, NONE, FaultCode.BAD_TENANT],
    ['removal of no tenant', { kind: 'TENANT_REMOVE', tenant: 9 }, NONE, FaultCode.BAD_TENANT],
    ['virtual NPU beyond the table', { kind: 'VNPU_ADD', vnpu: 1024, tenant: 0, device: 0 }, NONE, FaultCode.BAD_VNPU],
    ['virtual NPU of no tenant', { kind: 'VNPU_ADD', vnpu: 3, tenant: 9, device: 0 }, NONE, FaultCode.BAD_TENANT],
    ['virtual NPU of no device', { kind: 'VNPU_ADD', vnpu: 3, tenant: 0, device: 9 }, NONE, FaultCode.BAD_DEVICE],
    ['removal of no virtual NPU', { kind: 'VNPU_REMOVE', vnpu: 9 }, NONE, FaultCode.BAD_VNPU],
    ['memory of no virtual NPU', { kind: 'MEM_ALLOC', request: 1n, bytes: 1n, vnpu: 9 }, NONE, FaultCode.BAD_VNPU],
    ['memory back of no virtual NPU', { kind: 'MEM_FREE', bytes: 1n, vnpu: 9 }, NONE, FaultCode.BAD_VNPU],
    [
      'destruction of an event beyond the table',
      { kind: 'SYNC_REMOVE', sync_object: 65536 },
      NONE,
      FaultCode.BAD_VALUE,
    ],
    ['unknown policy', { ...policy, policy: 2 }, NONE, FaultCode.BAD_VALUE],
    ['share beyond 1000 permille', { ...policy, policy: PolicyId.STATIC_SPLIT, p0: 1001n }, NONE, FaultCode.BAD_VALUE],
    ['period below 1 us', { ...policy, policy: PolicyId.STATIC_SPLIT, p1: 999n }, NONE, FaultCode.BAD_VALUE],
    [
      'decode share beyond 1000 permille',
      { ...policy, policy: PolicyId.DYNAMIC_PD, p0: 1001n },
      NONE,
      FaultCode.BAD_VALUE,
    ],
    ['interval below 1 us', { ...policy, policy: PolicyId.DYNAMIC_PD, p1: 999n }, NONE, FaultCode.BAD_VALUE],
  ]

  test.each(cases)('%s', (_, draft, stream, code) => refuses(draft, stream, code))

  test('time that goes back', () => {
    host.send({ kind: 'TICK' })
    host.now = 1e6
    refuses({ kind: 'TICK' }, NONE, FaultCode.TIME_REVERSED)
    refuses({ ...submit }, 0, FaultCode.TIME_REVERSED)
    host.now = 2e6
    expect(host.send({ ...submit }, 0).some(({ kind }) => kind === 'FAULT')).toBe(false)
  })

  test('time beyond what sums of times can hold', () => {
    host.now = 2 ** 63
    refuses({ kind: 'TICK' }, NONE, FaultCode.BAD_VALUE)
  })

  test('completion that goes back', () => {
    host.send({ ...complete, completed_seq: 1n }, 0)
    refuses({ ...complete, completed_seq: 0n }, 0, FaultCode.BAD_SEQUENCE)
  })

  test.each([0, 20, 65535])('event kind %i', (kind) => {
    const before = stateWithoutCounters(host.core)
    const bytes = new Uint8Array(EVENT_BYTES)
    const view = new DataView(bytes.buffer)
    view.setUint16(0, kind, true)
    view.setBigUint64(8, 3_000_000n, true)
    const decisions = host.sendBytes(bytes)
    expect(decisions).toHaveLength(1)
    expect(decisions[0]).toMatchObject({ kind: 'FAULT', count: FaultCode.UNKNOWN_KIND, value: BigInt(kind) })
    expect(Buffer.compare(stateWithoutCounters(host.core), before)).toBe(0)
  })

  test('more operators than the table holds; they fit again when others are complete', () => {
    host.policy(PolicyId.FAIR)
    let seq = 1n
    host.send({ ...submit, op_seq: seq++ }, LIMITED)
    while (!faulted(host.send({ ...submit, op_seq: seq }, LIMITED))) seq++
    expect(Number(seq)).toBeGreaterThan(65000)
    refuses({ ...submit, op_seq: seq }, LIMITED, FaultCode.TABLE_FULL)
    host.send({ ...complete, completed_seq: host.core.exports.stream_inflight(0) }, 0)
    expect(faulted(host.send({ ...submit, op_seq: seq }, LIMITED))).toBe(false)
  })
})

const faulted = (decisions: DecisionRecord[]): boolean => decisions.some(({ kind }) => kind === 'FAULT')

/** A record with a valid kind, and fields that are small, huge or anything. */
const junk = fc
  .record({ kind: fc.integer({ min: 0, max: 21 }), stream: fc.oneof(fc.nat(9), fc.nat(), fc.constant(NONE)) })
  .chain(({ kind, stream }) =>
    fc
      .array(fc.oneof(fc.nat(4), fc.nat(70_000), fc.constant(0xffffffff), fc.constant(0)), {
        minLength: 12,
        maxLength: 12,
      })
      .map((words) => ({ kind, stream, words })),
  )

test('junk among good events never stops the core, and a refusal changes nothing', () => {
  fc.assert(
    fc.property(program, fc.array(junk, { minLength: 1, maxLength: 60 }), (p, records) => {
      const core = new Core()
      core.feed(play(p).machine.host.recording())
      const now = new DataView(core.state.buffer, core.state.byteOffset).getBigUint64(8, true)
      records.forEach(({ kind, stream, words }, i) => {
        const event = new DataView(new ArrayBuffer(EVENT_BYTES))
        event.setUint16(0, kind, true)
        event.setUint32(4, stream, true)
        event.setBigUint64(8, now + BigInt(i), true)
        words.forEach((word, at) => event.setUint32(16 + at * 4, word, true))
        const before = stateWithoutCounters(core)
        const decisions = core.feed(new Uint8Array(event.buffer))
        expect(decisions.length).toBeLessThanOrEqual(64 * 32)
        const faults = Array.from({ length: decisions.length / 32 }, (_, at) => decisions[at * 32] === 9).filter(
          Boolean,
        )
        if (faults.length === 0) return
        expect(decisions.length).toBe(32)
        expect(Buffer.compare(stateWithoutCounters(core), before)).toBe(0)
      })
    }),
    { numRuns: 60 },
  )
})
