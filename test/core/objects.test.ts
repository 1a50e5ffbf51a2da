/** Devices, streams and events that come and go. */
import { expect, test } from 'vitest'
import { FaultCode, OpClass, PolicyId } from '../../build/gen/ts/records.ts'
import { CoreHost } from './core-host.ts'
import { Machine, type Op } from './machine.ts'

const kernel: Op = { op_class: OpClass.KERNEL, ns: 10_000, key: 1n }

test('a stream that goes lets those that waited for its events go on, and leaves nothing behind', () => {
  const host = new CoreHost()
  host.device()
  host.vnpu(0)
  host.policy(PolicyId.FAIR, 1)
  for (const id of [0, 1]) host.send({ kind: 'STREAM_ADD', vnpu: 0, priority: 0 }, id)
  const submit = (id: number, seq: number, op_class: number, sync_object = 0xffffffff): void => {
    const rest = { api: 0, key: 0n, blocks: 0, args_bytes: 0, bytes: 0n, evidence: 0 }
    const decisions = host.send({ kind: 'OP_SUBMIT', op_class, sync_object, op_seq: BigInt(seq), ...rest }, id)
    const credit = decisions.some(({ flags }) => (flags & 4) !== 0)
    if (credit) host.send({ kind: 'CREDIT_USED', count: 0n }, id)
  }
  submit(0, 1, OpClass.KERNEL)
  for (let seq = 2; seq < 100; seq++) submit(0, seq, OpClass.KERNEL)
  submit(0, 100, OpClass.EVENT_RECORD, 7)
  submit(1, 1, OpClass.EVENT_WAIT, 7)
  const { exports } = host.core
  expect(exports.stream_queued(1)).toBe(1)
  const decisions = host.send({ kind: 'STREAM_REMOVE' }, 0)
  expect(decisions).toMatchObject([{ kind: 'DISPATCH', stream: 1, count: 1, value: 1n }])
  expect(exports.stream_queued(0)).toBe(0)
  expect(host.send({ kind: 'STREAM_SYNC' }, 0)).toMatchObject([{ kind: 'FAULT', count: FaultCode.BAD_STREAM }])
  host.send({ kind: 'STREAM_ADD', vnpu: 0, priority: 0 }, 0)
  expect(exports.stream_inflight(0)).toBe(0n)
})

test('operators of streams that come and go never fill the table', () => {
  const host = new CoreHost()
  host.device()
  host.vnpu(0)
  host.policy(PolicyId.FAIR, 1)
  const rest = {
    api: 0,
    sync_object: 0xffffffff,
    key: 1n,
    blocks: 0,
    args_bytes: 0,
    bytes: 0n,
    evidence: 0,
  }
  for (let round = 0; round < 300; round++) {
    for (const id of [0, 1]) host.send({ kind: 'STREAM_ADD', vnpu: 0, priority: 0 }, id)
    for (let seq = 1; seq <= 300; seq++) {
      const stream = seq % 2
      const op_seq = BigInt((seq + 1) >> 1)
      const decisions = host.send({ kind: 'OP_SUBMIT', op_class: 1, op_seq, ...rest }, stream)
      expect(decisions.every(({ kind }) => kind !== 'FAULT')).toBe(true)
      if (decisions.some(({ flags }) => (flags & 4) !== 0)) host.send({ kind: 'CREDIT_USED', count: 0n }, stream)
    }
    for (const id of [0, 1]) host.send({ kind: 'STREAM_REMOVE' }, id)
  }
})

test('an event that is destroyed while operators on it are queued holds nothing back', () => {
  const machine = new Machine()
  machine.setPolicy(PolicyId.FAIR, 1)
  const [a, b, c] = [machine.addStream(), machine.addStream(), machine.addStream()]
  for (let i = 0; i < 5; i++) for (const id of [a, c]) machine.issue(id, kernel)
  machine.issue(a, { op_class: OpClass.EVENT_RECORD, ns: 0, object: 4 })
  machine.issue(b, { op_class: OpClass.EVENT_WAIT, ns: 0, object: 4 })
  machine.issue(c, { op_class: OpClass.EVENT_WAIT, ns: 0, object: 4 })
  expect(machine.streams[b]!.decided).toBe(0)
  machine.removeEvent(4)
  machine.run()
  /* The number is used again: the new event orders by itself, whatever the old one had counted. */
  for (let i = 0; i < 5; i++) machine.issue(a, kernel)
  machine.issue(a, { op_class: OpClass.EVENT_RECORD, ns: 0, object: 4 })
  machine.issue(b, { op_class: OpClass.EVENT_WAIT, ns: 0, object: 4 })
  machine.run()
  expect(
    machine.streams.every(({ issued, complete, used, decided }) => issued === complete && decided + used === issued),
  ).toBe(true)
})

test('events order streams of two devices', () => {
  const machine = new Machine({ devices: 2 })
  machine.setPolicy(PolicyId.FAIR, 1)
  const [a, b, c] = [machine.addStream(0), machine.addStream(1), machine.addStream(0)]
  for (let i = 0; i < 5; i++) for (const id of [a, c]) machine.issue(id, kernel)
  machine.issue(a, { op_class: OpClass.EVENT_RECORD, ns: 0, object: 4 })
  machine.issue(b, { op_class: OpClass.EVENT_WAIT, ns: 0, object: 4 })
  expect(machine.streams[b]!.decided).toBe(0)
  machine.run(50_000_000)
  expect(machine.streams[b]!.complete).toBe(1)
  expect(machine.longest_wait_ns).toBeLessThan(50_000_000)
})

test('a device that goes takes its streams along, and its number can be used again', () => {
  const host = new CoreHost()
  host.device()
  host.vnpu(0)
  host.send({ kind: 'STREAM_ADD', vnpu: 0, priority: 0 }, 5)
  host.send({ kind: 'DEVICE_REMOVE', device: 0 })
  expect(host.send({ kind: 'STREAM_SYNC' }, 5)).toMatchObject([{ kind: 'FAULT', count: FaultCode.BAD_STREAM }])
  const add = { kind: 'STREAM_ADD', vnpu: 0, priority: 0 } as const
  expect(host.send(add, 5)).toMatchObject([{ kind: 'FAULT', count: FaultCode.BAD_DEVICE }])
  host.device()
  expect(host.send(add, 5)).toEqual([])
})
