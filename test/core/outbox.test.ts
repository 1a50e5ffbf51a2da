/** What one call, and one event, may put into the outbox is bounded; what does not fit is not lost. */
import { expect, test } from 'vitest'
import { EVENT_BYTES, limits, NONE, OpClass, PolicyId } from '../../build/gen/ts/records.ts'
import { Core, CoreHost } from './core-host.ts'

/** The first operator of a stream. */
const operator = {
  op_class: OpClass.KERNEL,
  api: 0,
  sync_object: NONE,
  key: 1n,
  blocks: 8,
  args_bytes: 64,
  bytes: 0n,
  op_seq: 1n,
  evidence: 0,
}

test('a call stops before the outbox could overflow, and the rest is the same', () => {
  const host = new CoreHost()
  host.device()
  host.vnpu(0)
  for (let stream = 0; stream < 200; stream++) {
    host.send({ kind: 'STREAM_ADD', vnpu: 0, priority: 0 }, stream)
    host.send({ kind: 'OP_SUBMIT', ...operator }, stream) // under passthrough every stream gets credit
  }
  for (let i = 0; i < 60; i++) host.policy(PolicyId.FAIR, i + 1) // each time all of it is taken back
  const recording = host.recording()
  const core = new Core()
  core.feed(recording.subarray(0, recording.length - 60 * EVENT_BYTES))
  core.inbox.set(recording.subarray(-60 * EVENT_BYTES))
  const decisions = core.exports.run(60)
  expect(core.exports.consumed()).toBeLessThan(60)
  expect(decisions).toBeLessThanOrEqual(core.exports.outbox_capacity())
  expect(decisions).toBeGreaterThan(core.exports.outbox_capacity() - 2 * limits.DECISIONS_PER_EVENT)
  core.feed(recording.subarray((core.exports.consumed() - 60) * EVENT_BYTES))
  expect(core.hash).toBe(host.core.hash)
  expect(core.decisionHash).toBe(host.core.decisionHash)
})

test('what does not fit into one event follows with the tick that is asked for at once', () => {
  const host = new CoreHost()
  host.device()
  host.vnpu(0)
  for (let stream = 0; stream < 200; stream++) {
    host.send({ kind: 'STREAM_ADD', vnpu: 0, priority: 0 }, stream)
    host.send({ kind: 'OP_SUBMIT', ...operator }, stream)
  }
  const revoked = host.policy(PolicyId.FAIR)
  expect(revoked.length).toBeLessThanOrEqual(limits.DECISIONS_PER_EVENT)
  while (host.core.nextWake <= BigInt(host.now)) revoked.push(...host.send({ kind: 'TICK' }))
  const streams = revoked.filter(({ kind }) => kind === 'REVOKE').map(({ stream }) => stream)
  expect(streams).toEqual(Array.from({ length: 200 }, (_, i) => i))
})
