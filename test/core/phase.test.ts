/** Which phase a stream runs: by hint, names, graphs, role, and by nothing but the shape of its launches. */
import { expect, test } from 'vitest'
import { OpClass, Phase, PhaseEvidence, PhaseSource, PolicyId, Rule } from '../../build/gen/ts/records.ts'
import { Machine, type Op } from './machine.ts'
import { serve } from './serving.ts'

const kernel = (more: Partial<Op> = {}): Op => ({
  op_class: OpClass.KERNEL,
  ns: 10_000,
  key: 1n << 58n,
  ...more,
})

function machineWith(streams: number): Machine {
  const machine = new Machine()
  machine.setPolicy(PolicyId.FAIR)
  for (let i = 0; i < streams; i++) machine.addStream()
  /* Two streams with work: neither has credit, so that every operator is seen. */
  return machine
}

const changes = (machine: Machine): { stream: number; count: number; rule: number }[] =>
  machine.host.decisions
    .filter(({ kind }) => kind === 'PHASE')
    .map(({ stream, count, rule }) => ({ stream, count, rule }))

test('a hint is believed at once, and taken back', () => {
  const machine = machineWith(1)
  const { exports } = machine.host.core
  machine.host.hint(0, Phase.PREFILL)
  expect(exports.stream_phase(0)).toBe(Phase.PREFILL)
  expect(exports.stream_phase_source(0)).toBe(PhaseSource.HINT)
  expect(exports.stream_confidence(0)).toBe(1000)
  machine.host.hint(0, Phase.PREFILL)
  machine.host.hint(0, Phase.UNKNOWN)
  expect(exports.stream_phase(0)).toBe(Phase.UNKNOWN)
  expect(exports.stream_confidence(0)).toBe(0)
  expect(changes(machine).map(({ count }) => count)).toEqual([Phase.PREFILL, Phase.UNKNOWN])
  expect(changes(machine)[0]!.rule).toBe(Rule.HINT)
})

test('names say it, and both kinds of names say MIXED', () => {
  const machine = machineWith(3)
  for (let i = 0; i < 20; i++) {
    machine.issue(0, kernel({ evidence: PhaseEvidence.PREFILL }))
    machine.issue(1, kernel({ evidence: PhaseEvidence.DECODE }))
    machine.issue(2, kernel({ evidence: i % 2 === 0 ? PhaseEvidence.PREFILL : PhaseEvidence.DECODE }))
  }
  const { exports } = machine.host.core
  expect([0, 1, 2].map((id) => exports.stream_phase(id))).toEqual([Phase.PREFILL, Phase.DECODE, Phase.MIXED])
  expect(exports.stream_phase_source(2)).toBe(PhaseSource.NAMES)
  const first = changes(machine).filter(({ stream }) => stream < 2)
  expect(first.every(({ rule }) => rule === Rule.NAMES)).toBe(true)
})

test('one name is not enough, and a stream that changes its phase is followed', () => {
  const machine = machineWith(2)
  const { exports } = machine.host.core
  machine.issue(0, kernel({ evidence: PhaseEvidence.PREFILL }))
  expect(exports.stream_phase(0)).toBe(Phase.UNKNOWN)
  const issue = (evidence: number, n: number): void => {
    for (let i = 0; i < n; i++) {
      machine.issue(0, kernel({ evidence }))
      machine.issue(1, kernel())
      machine.run(machine.now + 40_000)
    }
  }
  issue(PhaseEvidence.PREFILL, 100)
  expect(exports.stream_phase(0)).toBe(Phase.PREFILL)
  issue(PhaseEvidence.DECODE, 1500)
  expect(exports.stream_phase(0)).toBe(Phase.DECODE)
})

test('graph replays are decode', () => {
  const machine = machineWith(2)
  for (let i = 0; i < 6; i++)
    for (const id of [0, 1]) machine.issue(id, id === 0 ? kernel({ op_class: OpClass.GRAPH }) : kernel())
  expect(machine.host.core.exports.stream_phase(0)).toBe(Phase.DECODE)
  expect(machine.host.core.exports.stream_phase_source(0)).toBe(PhaseSource.GRAPH)
})

test('the role of a process is that of its streams, unless they show better', () => {
  const machine = machineWith(0)
  machine.send({ kind: 'PHASE_HINT', phase: Phase.PREFILL, source: PhaseSource.ROLE, vnpu: 0 })
  const [a, b] = [machine.addStream(), machine.addStream()]
  const { exports } = machine.host.core
  expect([a, b].map((id) => exports.stream_phase(id))).toEqual([Phase.PREFILL, Phase.PREFILL])
  for (let i = 0; i < 4; i++)
    for (const id of [a, b]) machine.issue(id, kernel({ evidence: id === b ? PhaseEvidence.DECODE : 0 }))
  expect([a, b].map((id) => exports.stream_phase(id))).toEqual([Phase.PREFILL, Phase.DECODE])
  machine.host.hint(b, Phase.PREFILL)
  expect(exports.stream_phase(b)).toBe(Phase.PREFILL)
})

test.each([PolicyId.FAIR, PolicyId.STATIC_SPLIT, PolicyId.DYNAMIC_PD])(
  'policy %i: two streams that launch the same kernels are told apart within a second',
  (policy) => {
    const { machine, prefill, decode } = serve({ policy, requests_per_s: 5, seconds: 1.5 })
    const { exports } = machine.host.core
    expect(exports.stream_phase(prefill)).toBe(Phase.PREFILL)
    expect(exports.stream_phase(decode)).toBe(Phase.DECODE)
    expect(exports.stream_phase_source(decode)).toBe(PhaseSource.SHAPE)
    expect(exports.stream_confidence(decode)).toBeGreaterThanOrEqual(600)
    const found = machine.host.decisions.filter(({ kind }) => kind === 'PHASE')
    expect(found.length).toBe(2) // and never doubted again
    expect(found.every(({ rule }) => rule === Rule.SHAPE)).toBe(true)
    const last = machine.host.events[Number(found.at(-1)!.event_seq) - 1]!
    expect(new DataView(last.buffer, last.byteOffset).getBigUint64(8, true)).toBeLessThan(1_000_000_000n)
  },
)

test('streams whose kernels take alike, or are others, are not told apart', () => {
  const same = machineWith(2)
  const other = machineWith(2)
  for (let i = 0; i < 400; i++) {
    for (const id of [0, 1]) {
      same.issue(id, kernel({ ns: 20_000 + id * 5_000 }))
      other.issue(id, kernel({ ns: 20_000 + id * 400_000, key: BigInt(id + 1) << 58n }))
    }
  }
  same.run()
  other.run()
  expect(changes(same)).toEqual([])
  expect(changes(other)).toEqual([])
})
