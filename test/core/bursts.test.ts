/** Bursts: operators of which the host says that more follow are decided together, behind the last of them. */
import { expect, test } from 'vitest'
import { EventFlag, OpClass, PolicyId } from '../../build/gen/ts/records.ts'
import { Machine, type Op } from './machine.ts'

/** No kernel: those that are new are measured one by one. */
const copy: Op = { op_class: OpClass.COPY_D2D, ns: 10_000, bytes: 4096 }

/** Two streams under a policy with something on the device, so that neither has credit. */
function competing(policy: number): Machine {
  const machine = new Machine()
  machine.setPolicy(policy)
  for (const stream of [machine.addStream(), machine.addStream()]) machine.issue(stream, copy)
  return machine
}

const dispatches = (machine: Machine): { stream: number; count: number }[] =>
  machine.host.decisions.filter(({ kind }) => kind === 'DISPATCH').map(({ stream, count }) => ({ stream, count }))

test('nothing is decided before the last, then all of it', () => {
  const machine = competing(PolicyId.FAIR)
  const before = dispatches(machine).length
  for (let i = 0; i < 3; i++) machine.issue(0, copy, true)
  expect(dispatches(machine).length).toBe(before)
  expect(machine.streams[0]!.queue.length).toBe(3)
  machine.issue(0, copy)
  const after = dispatches(machine).slice(before)
  expect(after.reduce((sum, { count }) => sum + count, 0)).toBe(4)
  expect(after.length).toBeLessThan(4)
})

test('where the last never comes, the core asks to be woken at once', () => {
  const machine = competing(PolicyId.DYNAMIC_PD)
  machine.issue(1, copy, true)
  expect(machine.host.core.nextWake).toBe(BigInt(machine.now))
  machine.run()
  expect(machine.streams.map(({ complete, issued }) => issued - complete)).toEqual([0, 0])
  expect(machine.host.events.filter((bytes) => bytes[2] === EventFlag.MORE).length).toBe(1)
})
