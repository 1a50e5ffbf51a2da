/** The daemon's loop: order, waiting, limits, what a bad client gets, and that a recording of it replays. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OpClass, PolicyId } from '../../build/gen/ts/records.ts'
import { errorCodes } from '../../spec/constants.ts'
import { RingKind } from '../../spec/ring.ts'
import { Bench } from './fake.ts'

const MS = 1_000_000
const policies = Object.values(PolicyId)
/** The handle of an event as the executor gives it: the core number is its low bits. */
const handle = (number: number): bigint => (0x00f1n << 48n) | (3n << 40n) | BigInt(number)

/** Keys of a stream's operators in the order in which they were handed over. */
const order = (bench: Bench, stream: number): number[] =>
  bench.executor.handed.filter((h) => h.stream === stream).map((h) => h.key)

test.each(policies)('policy %i: operators are handed over once, in the order of issue, over all threads', (policy) => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ thread: fc.nat(2), stream: fc.nat(3), pause: fc.nat(30) }), {
        minLength: 1,
        maxLength: 200,
      }),
      (issues) => {
        const bench = new Bench()
        bench.engine.setPolicy(policy)
        const { threads, rings } = bench.client(3)
        const streams = [0, 1, 2, 3].map((i) => bench.stream(threads[i % 3]!, rings[i % 3]!))
        const expected = new Map<number, number[]>(streams.map((s) => [s, []]))
        for (const [key, { thread, stream, pause }] of issues.entries()) {
          threads[thread]!.op(streams[stream]!, key + 1)
          expected.get(streams[stream]!)!.push(key + 1)
          if (pause < 10) bench.run(pause * 1000, 1000)
        }
        bench.run(40 * MS, 100_000)
        for (const s of streams) expect(order(bench, s)).toEqual(expected.get(s))
        expect(bench.expelled).toEqual([])
        expect(threads.reduce((sum, t) => sum + t.freed, 0)).toBe(issues.length + 4)
      },
    ),
    { numRuns: 25 },
  )
})

test('a synchronization is answered when the stream is complete, not before', () => {
  const bench = new Bench()
  const { threads, rings } = bench.client()
  const stream = bench.stream(threads[0]!, rings[0]!)
  for (let i = 0; i < 100; i++) threads[0]!.op(stream, i)
  const before = bench.answers(rings[0]!)
  threads[0]!.call('aclrtSynchronizeStream', stream, [0n])
  bench.run(0.9 * MS)
  expect(bench.answers(rings[0]!)).toBe(before)
  bench.run(0.4 * MS)
  expect(bench.last(rings[0]!)).toEqual({ error: 0, words: [] })
})

test('while something is on the device it goes on looking, however long a batch took', () => {
  const bench = new Bench()
  const { threads, rings } = bench.client()
  const stream = bench.stream(threads[0]!, rings[0]!)
  bench.executor.opNs = 50 * MS
  const run = bench.executor.run.bind(bench.executor)
  bench.executor.run = (words) => {
    const found = run(words)
    bench.executor.now += 5 * MS // the machine had other things to do
    return found
  }
  threads[0]!.op(stream, 1)
  threads[0]!.call('aclrtSynchronizeStream', stream, [0n])
  for (let i = 0; i < 8; i++) {
    bench.engine.loop.round()
    expect(bench.engine.loop.isBusy).toBe(true)
  }
  bench.run(60 * MS, 5 * MS)
  expect(bench.last(rings[0]!)).toEqual({ error: 0, words: [] })
  expect(bench.engine.loop.isBusy).toBe(false)
})

test('a synchronization with a timeout is over after it', () => {
  const bench = new Bench()
  const { threads, rings } = bench.client()
  const stream = bench.stream(threads[0]!, rings[0]!)
  for (let i = 0; i < 1000; i++) threads[0]!.op(stream, i)
  threads[0]!.call('aclrtSynchronizeStreamWithTimeout', stream, [0n, 2n])
  bench.run(3 * MS)
  expect(bench.last(rings[0]!).error).toBe(errorCodes.ACL_ERROR_RT_STREAM_SYNC_TIMEOUT)
  threads[0]!.call('aclrtSynchronizeStreamWithTimeout', stream, [0n, 20n])
  bench.run(15 * MS)
  expect(bench.last(rings[0]!).error).toBe(0)
})

test('a device synchronization waits for all streams of its client, and for no other', () => {
  const bench = new Bench()
  const [a, b] = [bench.client(), bench.client()]
  const mine = [0, 1].map(() => bench.stream(a.threads[0]!, a.rings[0]!))
  const other = bench.stream(b.threads[0]!, b.rings[0]!)
  for (let i = 0; i < 2000; i++) b.threads[0]!.op(other, i)
  for (const s of mine) for (let i = 0; i < 50; i++) a.threads[0]!.op(s, i)
  const before = bench.answers(a.rings[0]!)
  a.threads[0]!.call('aclrtSynchronizeDevice')
  bench.run(8 * MS)
  expect(bench.answers(a.rings[0]!)).toBe(before + 1)
  for (const s of mine) expect(order(bench, s).length).toBe(50)
})

test('a wait for an event goes behind its record, on whatever stream', () => {
  for (const policy of policies) {
    const bench = new Bench()
    bench.engine.setPolicy(policy)
    const { threads, rings } = bench.client()
    const [a, b] = [0, 1].map(() => bench.stream(threads[0]!, rings[0]!)) as [number, number]
    const event = bench.event(threads[0]!, rings[0]!)
    for (let i = 0; i < 40; i++) threads[0]!.op(a, i)
    threads[0]!.op(a, 1000, OpClass.EVENT_RECORD, event)
    threads[0]!.op(b, 2000, OpClass.EVENT_WAIT, event)
    threads[0]!.op(b, 2001)
    bench.run(20 * MS, 50_000)
    const keys = bench.executor.handed.map((h) => h.key)
    expect(keys.indexOf(1000)).toBeLessThan(keys.indexOf(2000))
    expect(keys.indexOf(2000)).toBeLessThan(keys.indexOf(2001))
  }
})

test('a question about an event whose record is held is answered without the device', () => {
  const bench = new Bench()
  bench.engine.setPolicy(PolicyId.FAIR)
  const { threads, rings } = bench.client()
  const [a, b] = [0, 1].map(() => bench.stream(threads[0]!, rings[0]!)) as [number, number]
  const event = bench.event(threads[0]!, rings[0]!)
  for (let i = 0; i < 500; i++) for (const s of [a, b]) threads[0]!.op(s, i)
  threads[0]!.op(a, 1, OpClass.EVENT_RECORD, event)
  threads[0]!.call('aclrtQueryEventStatus', 0xffffffff, [handle(event), 1n])
  threads[0]!.call('aclrtStreamQuery', a, [0n, 1n])
  bench.run(50_000)
  const [question, state] = bench.executor.answers.get(rings[0]!)!.slice(-2)
  expect(question).toEqual({ error: 0, words: [0, 0] })
  expect(state).toEqual({ error: 0, words: [1, 0] })
})

test('memory beyond the quota of the tenant is out of memory; what is given back counts no more', () => {
  const bench = new Bench()
  bench.engine.setTenant({ tenant: 3, weight: 1000, priority: 0, stream_limit: 0, hbm_quota_bytes: 1000n })
  const { threads, rings, client } = bench.client(1, 3)
  const allocate = (bytes: bigint): number => {
    threads[0]!.call('aclrtMalloc', 0xffffffff, [1n, bytes, 0n])
    bench.run(20_000)
    return bench.last(rings[0]!).error
  }
  expect(allocate(600n)).toBe(0)
  const address = BigInt(bench.last(rings[0]!).words[0]!)
  expect(allocate(600n)).toBe(errorCodes.ACL_ERROR_RT_DEVICE_OOM)
  expect(allocate(400n)).toBe(0)
  threads[0]!.call('aclrtFree', 0xffffffff, [address])
  bench.run(20_000)
  expect(client.heldBytes).toBe(400n)
  expect(allocate(600n)).toBe(0)
  bench.engine.removeClient(client)
  const next = bench.client(1, 3)
  next.threads[0]!.call('aclrtMalloc', 0xffffffff, [1n, 1000n, 0n])
  bench.run(20_000)
  expect(bench.last(next.rings[0]!).error).toBe(0)
})

test('memory is freed behind everything that was issued before', () => {
  const bench = new Bench()
  bench.engine.setPolicy(PolicyId.FAIR)
  const { threads, rings } = bench.client()
  const [a, b] = [0, 1].map(() => bench.stream(threads[0]!, rings[0]!)) as [number, number]
  threads[0]!.call('aclrtMalloc', 0xffffffff, [1n, 64n, 0n])
  bench.run(20_000)
  const address = BigInt(bench.last(rings[0]!).words[0]!)
  for (let i = 0; i < 1000; i++) for (const s of [a, b]) threads[0]!.op(s, i)
  threads[0]!.call('aclrtFree', 0xffffffff, [address])
  for (let at = 0; at < 100 && bench.executor.blocks.has(address); at++) bench.run(0.5 * MS)
  expect(bench.executor.blocks.has(address)).toBe(false)
  expect(bench.executor.handed.length).toBe(2000)
})

const forged: [string, (bench: Bench, t: ReturnType<Bench['client']>, victim: number) => void][] = [
  ['an operator on a stream of another', (_b, { threads }, victim) => threads[0]!.op(victim, 1)],
  ['an operator on no stream', (_b, { threads }) => threads[0]!.op(4095, 1)],
  [
    'an operator about an event it does not have',
    (b, { threads, rings }) => threads[0]!.op(b.stream(threads[0]!, rings[0]!), 1, OpClass.EVENT_RECORD, 77),
  ],
  ['a record of a kind that does not exist', (_b, { threads }) => threads[0]!.record(0x7777, {})],
  [
    'a call of a function that does not exist',
    (_b, { threads }) => threads[0]!.record(RingKind.CALL, { 16: 60_000 << 16 }),
  ],
  [
    'arguments beyond their ring',
    (_b, { threads }) => threads[0]!.record(RingKind.CALL, { 12: 1 << 30, 16: 45 << 16 }),
  ],
  ['a call without its arguments', (_b, { threads }) => threads[0]!.call('aclrtMalloc')],
  [
    'a head far ahead',
    (b, { rings }) => new DataView(b.executor.memories[rings[0]!]!.buffer).setUint32(64, 1_000_000, true),
  ],
]
test.each(forged)('%s ends its client, and nobody else notices', (_name, forge) => {
  const bench = new Bench()
  const good = bench.client()
  const stream = bench.stream(good.threads[0]!, good.rings[0]!)
  const bad = bench.client()
  const own = bench.stream(bad.threads[0]!, bad.rings[0]!)
  forge(bench, bad, stream)
  bench.run(0.2 * MS)
  expect(bench.expelled.map(({ client }) => client)).toEqual([bad.client.number])
  expect(bad.threads[0]!.gone).toBe(true)
  expect(bench.executor.removed).toEqual([bad.client.number])
  expect(bench.engine.streams.streams[own]).toBeUndefined()
  for (let i = 0; i < 10; i++) good.threads[0]!.op(stream, i)
  bench.run(1 * MS)
  expect(order(bench, stream)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(bench.engine.faults).toBe(0)
})

test('any bytes in a ring end at most their own client', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(15), fc.integer()), { maxLength: 40 }), fc.nat(200), (words, head) => {
      const bench = new Bench()
      const good = bench.client()
      const stream = bench.stream(good.threads[0]!, good.rings[0]!)
      const bad = bench.client()
      bench.stream(bad.threads[0]!, bad.rings[0]!)
      for (const [at, value] of words) bad.threads[0]!.record(9, { [at * 4]: value >>> 0 })
      new DataView(bench.executor.memories[bad.rings[0]!]!.buffer).setUint32(64, 1 + head, true)
      for (let i = 0; i < 20; i++) good.threads[0]!.op(stream, i)
      good.threads[0]!.call('aclrtSynchronizeStream', stream, [0n])
      bench.run(3 * MS, 20_000)
      expect(bench.last(good.rings[0]!)).toEqual({ error: 0, words: [] })
      expect(order(bench, stream).length).toBe(20)
      expect(bench.expelled.every(({ client }) => client === bad.client.number)).toBe(true)
    }),
    { numRuns: 200 },
  )
})

test('what the daemon fed, fed again, gives the same decisions', () => {
  for (const policy of policies) {
    const bench = new Bench()
    bench.engine.setPolicy(policy)
    const clients = [bench.client(2), bench.client()]
    const streams = clients.map(({ threads, rings }) => [0, 1].map(() => bench.stream(threads[0]!, rings[0]!)))
    for (let i = 0; i < 400; i++)
      for (const [c, { threads }] of clients.entries()) threads[i % threads.length]!.op(streams[c]![i % 2]!, i)
    bench.run(4 * MS)
    bench.engine.removeClient(clients[1]!.client)
    bench.run(10 * MS, 20_000)
    const hashes = [bench.core.stateHash(), bench.core.decisionHash()]
    bench.core.reset()
    const again = Buffer.concat(bench.events.map((event) => bench.core.feed(event)))
    expect(again.equals(Buffer.concat(bench.decisions))).toBe(true)
    expect([bench.core.stateHash(), bench.core.decisionHash()]).toEqual(hashes)
    expect(bench.engine.faults).toBe(0)
  }
})
