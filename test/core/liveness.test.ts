/** Nothing waits for ever: neither behind greater weights, nor for lost completions, nor for the other's time slot. */
import { expect, test } from 'vitest'
import fc from 'fast-check'
import { OpClass, Phase, PolicyId, Rule } from '../../build/gen/ts/records.ts'
import { Machine } from './machine.ts'
import { play, policies, program } from './random-programs.ts'

const kernel = (us: number): { op_class: number; ns: number; key: bigint } => ({
  op_class: OpClass.KERNEL,
  ns: us * 1000,
  key: 5n,
})

/** Keeps a stream busy until a time. */
function keepBusy(machine: Machine, stream: number, us: number, until: number): void {
  const more = (): void => {
    if (machine.now >= until) return
    for (let i = 0; i < 64; i++) machine.issue(stream, kernel(us))
    machine.synchronize(stream, more)
  }
  machine.at(machine.now, more)
}

test('a stream of weight 1 is let through beside one of weight 1,000,000', () => {
  const machine = new Machine()
  machine.host.tenant(1, 1_000_000)
  machine.host.tenant(2, 1)
  machine.host.vnpu(1, 1)
  machine.host.vnpu(2, 2)
  machine.setPolicy(PolicyId.FAIR)
  const [great, small] = [machine.addStream(1, 0, 0), machine.addStream(2, 7, 0)]
  for (let i = 0; i < 8; i++) keepBusy(machine, i === 0 ? great : machine.addStream(1, 0, 0), 1000, 6e9)
  machine.at(1e6, () => {
    for (let i = 0; i < 4; i++) machine.issue(small, kernel(1000))
  })
  machine.run(6e9)
  expect(machine.streams[small]!.complete).toBe(4)
  const guarded = machine.host.decisions.filter(
    ({ stream, rule }) => stream === small && rule === Rule.STARVATION_GUARD,
  )
  expect(guarded.length).toBeGreaterThan(0)
  expect(machine.longest_wait_ns).toBeLessThan(5e9)
})

test('a phase without a part of the period is let through after a while', () => {
  const machine = new Machine()
  machine.setPolicy(PolicyId.STATIC_SPLIT, 1000)
  const stream = machine.addStream()
  machine.send({ kind: 'PHASE_HINT', phase: Phase.DECODE, source: 1, vnpu: 0 }, stream)
  for (let i = 0; i < 3; i++) machine.issue(stream, kernel(10))
  expect(machine.streams[stream]!.decided).toBe(0)
  machine.run(10e9)
  expect(machine.streams[stream]!.complete).toBe(3)
})

test.each(policies)('completions that never come do not stop policy %i', (policy) => {
  const machine = new Machine({ lossy: () => true })
  machine.setPolicy(policy, 0, 0, policy === PolicyId.STATIC_SPLIT || policy === PolicyId.DYNAMIC_PD ? 100_000 : 0)
  const streams = [machine.addStream(), machine.addStream()]
  machine.send({ kind: 'PHASE_HINT', phase: Phase.PREFILL, source: 1, vnpu: 0 }, streams[0])
  for (let i = 0; i < 40; i++) for (const stream of streams) machine.issue(stream, kernel(50))
  machine.run(60e9)
  for (const { complete, queue } of machine.streams)
    expect({ complete, left: queue.length }).toEqual({ complete: 40, left: 0 })
})

test('what follows a wait for a notify goes on after a while, even if its answer depends on it', () => {
  const machine = new Machine()
  machine.setPolicy(PolicyId.FAIR)
  const [a, b] = [machine.addStream(), machine.addStream()]
  /* b records the event that a waits for before a's wait reached the device: on the device this is no deadlock. */
  machine.issue(b, { ...kernel(10) })
  machine.issue(a, { op_class: OpClass.NOTIFY_WAIT, ns: 0, object: 9 })
  machine.issue(a, { op_class: OpClass.EVENT_WAIT, ns: 0, object: 1 })
  machine.issue(b, { op_class: OpClass.EVENT_RECORD, ns: 0, object: 1 })
  machine.issue(b, { op_class: OpClass.NOTIFY_RECORD, ns: 0, object: 9 })
  machine.run(5e9)
  expect(machine.streams.map(({ complete }) => complete)).toEqual([2, 3])
})

test('a host that sends the ticks it is asked for leaves nothing lying, however late completions are seen', () => {
  fc.assert(
    fc.property(program, fc.nat(20), (p, loss) => {
      const { machine } = play({ ...p, delay_us: p.delay_us * (1 + loss) })
      expect(machine.streams.every(({ issued, complete, removed }) => removed || issued === complete)).toBe(true)
      expect(machine.longest_wait_ns).toBeLessThan(30e9)
    }),
    { numRuns: 60 },
  )
})
