/** fair: shares of the device follow the weights, nobody's idle time is lost, and the window bounds what is in flight. */
import { expect, test } from 'vitest'
import fc from 'fast-check'
import { OpClass, PolicyId } from '../../build/gen/ts/records.ts'
import { Machine } from './machine.ts'

/** Streams that always have work run side by side, each with a kernel of its own; device time of each in `seconds`. */
function compete(kinds: { weight: number; us: number; priority?: number }[], seconds: number): number[] {
  const machine = new Machine({ delay: () => 50_000 })
  machine.setPolicy(PolicyId.FAIR)
  const done = kinds.map(({ weight, us, priority = 0 }, i) => {
    machine.host.tenant(i + 1, weight)
    machine.host.vnpu(i + 1, i + 1)
    const stream = machine.addStream(i + 1, priority, 0)
    const more = (): void => {
      const { queue } = machine.streams[stream]!
      for (let n = queue.length; n < 60; n++) {
        machine.issue(stream, {
          op_class: OpClass.KERNEL,
          ns: us * 1000,
          key: BigInt(i + 1) << 58n,
        })
      }
      machine.at(machine.now + 400_000, more)
    }
    machine.at(1000 * i, more)
    return { stream, us }
  })
  machine.run(seconds * 1e9)
  return done.map(({ stream, us }) => machine.streams[stream]!.complete * us * 1000)
}

test.each([
  [1, 1],
  [1, 3],
  [5, 1],
])('weights %i to %i', (a, b) => {
  const [x, y] = compete(
    [
      { weight: a * 1000, us: 30 },
      { weight: b * 1000, us: 100 },
    ],
    1,
  ) as [number, number]
  expect(x / (x + y)).toBeGreaterThan((a / (a + b)) * 0.75)
  expect(y / (x + y)).toBeGreaterThan((b / (a + b)) * 0.75)
  expect(x + y).toBeGreaterThan(0.9e9) // work-conserving
})

test('any weights, any kernels, within 15 % of the device', () => {
  const kind = fc.record({
    weight: fc.integer({ min: 300, max: 3000 }),
    us: fc.integer({ min: 10, max: 150 }),
  })
  fc.assert(
    fc.property(fc.array(kind, { minLength: 2, maxLength: 5 }), (kinds) => {
      const ns = compete(kinds, 0.4)
      const all = ns.reduce((sum, n) => sum + n, 0)
      const weights = kinds.reduce((sum, { weight }) => sum + weight, 0)
      ns.forEach((n, i) => expect(Math.abs(n / all - kinds[i]!.weight / weights)).toBeLessThan(0.15))
    }),
    { numRuns: 6, seed: 20_260_604, endOnFailure: true },
  )
})

test('the priority of a stream scales its weight: 0 counts eight times 7', () => {
  const [x, y] = compete(
    [
      { weight: 1000, us: 30, priority: 0 },
      { weight: 1000, us: 30, priority: 7 },
    ],
    1,
  ) as [number, number]
  expect(x / y).toBeGreaterThan(6)
  expect(x / y).toBeLessThan(11)
})

test('no more than the window is predicted to be on the device, but for the first operator', () => {
  const machine = new Machine()
  const window = 400_000
  machine.setPolicy(PolicyId.FAIR, window)
  const streams = [machine.addStream(), machine.addStream(), machine.addStream()]
  const { exports } = machine.host.core
  for (let i = 0; i < 300; i++) {
    machine.issue(streams[i % 3]!, { op_class: OpClass.KERNEL, ns: 50_000, key: 1n })
    machine.run(machine.now + 10_000)
    if (i < 60) continue // until the kernel's time is learned
    const inflight = streams.reduce((sum, stream) => sum + exports.stream_inflight_ns(stream), 0n)
    expect(inflight).toBeLessThanOrEqual(BigInt(window + 60_000))
  }
  machine.run()
  expect(machine.streams.every(({ issued, complete }) => issued === complete)).toBe(true)
})

test('waiting is said once, not with every operator', () => {
  const machine = new Machine()
  machine.setPolicy(PolicyId.FAIR, 100_000)
  const [a, b] = [machine.addStream(), machine.addStream()]
  for (let i = 0; i < 50; i++)
    for (const s of [a, b]) machine.issue(s, { op_class: OpClass.KERNEL, ns: 50_000, key: 1n })
  const holds = (): number => machine.host.decisions.filter(({ kind }) => kind === 'HOLD').length
  expect(holds()).toBe(2)
  machine.run()
  expect(holds()).toBe(2)
})
