/** static-split: a phase runs in its own part of the period, and only there. */
import { expect, test } from 'vitest'
import { OpClass, Phase, PolicyId } from '../../build/gen/ts/records.ts'
import { Machine } from './machine.ts'
import { serve } from './serving.ts'

const PERIOD = 20_000_000

/** Where in the period the dispatches of a stream were made, ns. */
function offsets(machine: Machine, stream: number, from_ns: number): number[] {
  return machine.host.decisions
    .filter((d) => d.kind === 'DISPATCH' && d.stream === stream && d.count > 0)
    .map(({ event_seq }) => timeOf(machine, event_seq))
    .filter((at) => at >= from_ns)
    .map((at) => at % PERIOD)
}

function timeOf(machine: Machine, event_seq: bigint): number {
  const bytes = machine.host.events[Number(event_seq) - 1]!
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(8, true))
}

test.each([300, 500, 700])('prefill keeps to the first %i permille, decode to the rest', (permille) => {
  const end = (PERIOD * permille) / 1000
  const served = serve({
    policy: PolicyId.STATIC_SPLIT,
    parameters: [permille, PERIOD],
    requests_per_s: 30,
    hints: true,
    seconds: 1,
  })
  const prefill = offsets(served.machine, served.prefill, 1e8)
  const decode = offsets(served.machine, served.decode, 1e8)
  expect(prefill.length).toBeGreaterThan(100)
  expect(decode.length).toBeGreaterThan(100)
  expect(Math.max(...prefill)).toBeLessThan(end)
  expect(Math.min(...decode)).toBeGreaterThanOrEqual(end)
})

test('a part that its phase does not use stays unused', () => {
  const alone = serve({
    policy: PolicyId.STATIC_SPLIT,
    requests_per_s: 0,
    hints: true,
    seconds: 1,
  })
  const dynamic = serve({
    policy: PolicyId.DYNAMIC_PD,
    requests_per_s: 0,
    hints: true,
    seconds: 1,
  })
  expect(alone.steps / dynamic.steps).toBeGreaterThan(0.4)
  expect(alone.steps / dynamic.steps).toBeLessThan(0.6)
  expect(alone.machine.host.decisions.some(({ kind, flags }) => kind === 'DISPATCH' && (flags & 4) !== 0)).toBe(false)
})

test('what is predicted to run over the end of a part waits for the next', () => {
  const { machine, prefill } = serve({
    policy: PolicyId.STATIC_SPLIT,
    requests_per_s: 30,
    hints: true,
    seconds: 1,
  })
  /* A kernel of prefill takes 0.25 to 0.75 ms here: nothing of it begins in the last 0.2 ms. */
  expect(Math.max(...offsets(machine, prefill, 2e8))).toBeLessThan(PERIOD / 2 - 200_000)
})

test('an operator longer than a part runs, from the first half of one', () => {
  const machine = new Machine()
  machine.setPolicy(PolicyId.STATIC_SPLIT, 500, 2_000_000)
  const stream = machine.addStream()
  machine.send({ kind: 'PHASE_HINT', phase: Phase.PREFILL, source: 1, vnpu: 0 }, stream)
  for (let i = 0; i < 20; i++) machine.issue(stream, { op_class: OpClass.KERNEL, ns: 1_500_000, key: 1n })
  machine.run()
  expect(machine.streams[stream]!.complete).toBe(20)
  expect(machine.longest_wait_ns).toBeLessThan(200e6) // by the rule of the policy, not by the guard
})

test('streams of no known phase may use both parts', () => {
  const machine = new Machine()
  machine.setPolicy(PolicyId.STATIC_SPLIT)
  const [a, b] = [machine.addStream(), machine.addStream()]
  for (let i = 0; i < 2000; i++) {
    for (const s of [a, b]) machine.issue(s, { op_class: OpClass.COPY_D2D, ns: 10_000, bytes: 125_000 })
  }
  machine.run()
  const at = [...offsets(machine, a, 0), ...offsets(machine, b, 0)]
  expect(at.some((offset) => offset < PERIOD / 2)).toBe(true)
  expect(at.some((offset) => offset >= PERIOD / 2)).toBe(true)
})

test('credit that a stream was given before its phase was known is taken back', () => {
  const machine = new Machine()
  machine.setPolicy(PolicyId.STATIC_SPLIT)
  const stream = machine.addStream()
  for (let i = 0; i < 5; i++) machine.issue(stream, { op_class: OpClass.KERNEL, ns: 10_000, key: 1n })
  machine.run(3e6)
  machine.issue(stream, { op_class: OpClass.KERNEL, ns: 10_000, key: 1n })
  expect(machine.streams[stream]!.granted).toBeGreaterThan(0)
  machine.send({ kind: 'PHASE_HINT', phase: Phase.DECODE, source: 1, vnpu: 0 }, stream)
  expect(machine.streams[stream]!.granted).toBe(0)
})
