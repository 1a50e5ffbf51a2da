/** Credit: a stream alone is let go without asking; a competitor takes that back at once, and it comes back after. */
import { expect, test } from 'vitest'
import { DecisionFlag, OpClass, PolicyId, Rule } from '../../build/gen/ts/records.ts'
import { Machine, type Op } from './machine.ts'

const kernel: Op = { op_class: OpClass.KERNEL, ns: 10_000, key: 1n }
const grants = (machine: Machine): { stream: number; count: number; rule: number }[] =>
  machine.host.decisions
    .filter(({ kind, flags }) => kind === 'DISPATCH' && (flags & DecisionFlag.CREDIT) !== 0)
    .map(({ stream, count, rule }) => ({ stream, count, rule }))

test('a grant that runs out doubles the next, up to 65,536; one operator a grant is asked for', () => {
  const machine = new Machine()
  machine.setPolicy(PolicyId.DYNAMIC_PD)
  const stream = machine.addStream()
  for (let i = 0; i < 200_000; i++) {
    machine.issue(stream, kernel)
    if (i % 100 === 0) machine.run(machine.now + 1_000_000)
  }
  const counts = grants(machine).map(({ count }) => count)
  expect(counts).toEqual([256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 65536, 65536].slice(0, counts.length))
  expect(counts.length).toBeGreaterThanOrEqual(9)
  expect(grants(machine)[0]).toMatchObject({ stream, rule: Rule.ALONE })
  const submits = machine.host.events.filter((event) => event[0] === 9).length
  expect(submits).toBe(counts.length)
})

test('a competitor takes it back with its first operator', () => {
  const machine = new Machine()
  machine.setPolicy(PolicyId.FAIR)
  const [a, b] = [machine.addStream(), machine.addStream()]
  for (let i = 0; i < 10; i++) machine.issue(a, kernel)
  expect(machine.streams[a]!.granted).toBe(256)
  machine.issue(b, kernel)
  expect(machine.streams[a]!.granted).toBe(0)
  expect(machine.streams[a]!.decided).toBe(10)
  expect(machine.host.decisions.filter(({ kind }) => kind === 'REVOKE')).toMatchObject([
    { stream: a, rule: Rule.COMPETITOR },
  ])
  expect(machine.streams[b]!.granted).toBe(0)
  machine.run()
  expect(machine.streams.map(({ complete }) => complete)).toEqual([10, 1])
})

test('it comes back when the competitor has been idle for 2 ms, not before', () => {
  const machine = new Machine()
  machine.setPolicy(PolicyId.DYNAMIC_PD)
  const [a, b] = [machine.addStream(), machine.addStream()]
  machine.issue(a, kernel)
  machine.issue(b, kernel)
  machine.run(1_000_000)
  const idle = machine.now
  const before = grants(machine).length
  let granted = 0
  while (grants(machine).length === before) {
    machine.issue(a, kernel)
    machine.run(machine.now + 100_000)
    granted = machine.now
    expect(granted - idle).toBeLessThan(10_000_000)
  }
  expect(granted).toBeGreaterThan(2_000_000)
  expect(granted).toBeLessThan(5_000_000)
})

test('no credit behind a wait for a notify', () => {
  const machine = new Machine()
  machine.setPolicy(PolicyId.FAIR)
  const [a, b] = [machine.addStream(), machine.addStream()]
  machine.issue(a, { op_class: OpClass.NOTIFY_WAIT, ns: 0, object: 3 })
  machine.issue(a, kernel)
  machine.run(5_000_000)
  expect(machine.streams[a]!.decided).toBe(1)
  expect(grants(machine)).toEqual([])
  machine.issue(b, { op_class: OpClass.NOTIFY_RECORD, ns: 0, object: 3 })
  machine.run()
  expect(machine.streams[a]!.complete).toBe(2)
})

test('what follows a function of the host that its stream waits for stays until that has returned, and no credit', () => {
  const machine = new Machine()
  machine.setPolicy(PolicyId.FAIR)
  const [a, b] = [machine.addStream(), machine.addStream()]
  machine.issue(b, kernel)
  machine.issue(a, { op_class: OpClass.CALLBACK_BLOCK, ns: 3e9 })
  for (let i = 0; i < 3; i++) machine.issue(a, kernel)
  machine.run(2.5e9)
  expect(machine.streams[a]!.decided).toBe(1)
  expect(machine.host.core.exports.stream_inflight_ns(a)).toBe(0n)
  expect(grants(machine).filter(({ stream }) => stream === a)).toEqual([])
  machine.run()
  expect(machine.streams[a]!.complete).toBe(4)
})

test('a wait for a notify fills no window, and what is before it is seen complete', () => {
  const machine = new Machine()
  machine.setPolicy(PolicyId.FAIR, 100_000)
  const [a, b, c] = [machine.addStream(), machine.addStream(), machine.addStream()]
  machine.issue(c, kernel)
  for (let i = 0; i < 3; i++) machine.issue(a, { ...kernel, ns: 90_000 })
  machine.issue(a, { op_class: OpClass.NOTIFY_WAIT, ns: 0, object: 3 })
  machine.run(20_000_000)
  expect(machine.streams[a]).toMatchObject({ complete: 3, reported: 3, decided: 4 })
  expect(machine.host.core.exports.stream_inflight_ns(a)).toBe(0n)
  for (let i = 0; i < 50; i++) machine.issue(b, kernel)
  machine.issue(b, { op_class: OpClass.NOTIFY_RECORD, ns: 0, object: 3 })
  machine.run(100_000_000)
  expect(machine.streams.map(({ issued, complete }) => issued - complete)).toEqual([0, 0, 0])
})

test('under passthrough every stream has credit without end from its first operator on', () => {
  const machine = new Machine()
  machine.setPolicy(PolicyId.PASSTHROUGH)
  const streams = [machine.addStream(), machine.addStream(), machine.addStream()]
  for (let i = 0; i < 1000; i++) for (const stream of streams) machine.issue(stream, kernel)
  expect(grants(machine)).toEqual(streams.map((stream) => ({ stream, count: 0x7fffffff, rule: Rule.PASSTHROUGH })))
  machine.setPolicy(PolicyId.FAIR)
  expect(streams.map((stream) => machine.streams[stream]!.granted)).toEqual([0, 0, 0])
  machine.run()
  expect(streams.map((stream) => machine.streams[stream]!.complete)).toEqual([1000, 1000, 1000])
})

test('exact measurements are rare: every new kernel first, then within 0.1 % of the time', () => {
  const machine = new Machine()
  machine.setPolicy(PolicyId.FAIR)
  const streams = [machine.addStream(), machine.addStream()]
  let issued = 0
  for (let i = 0; i < 20_000; i++) {
    for (const stream of streams) machine.issue(stream, { ...kernel, ns: 20_000, key: BigInt(i % 10) << 58n })
    issued += 2
    machine.run(machine.now + 40_000)
  }
  const samples = machine.host.decisions.filter(({ flags }) => (flags & DecisionFlag.SAMPLE) !== 0).length
  const marks = machine.host.decisions.filter(({ kind, flags }) => kind === 'DISPATCH' && (flags & 1) !== 0).length
  expect(samples).toBeGreaterThanOrEqual(2 * 10 * 3)
  expect(samples).toBeLessThan(issued * 0.02)
  expect(marks).toBeLessThan(issued * 0.35)
})
