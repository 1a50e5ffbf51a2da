/**
 * The client of daemon mode against a daemon that only speaks the protocol: what it sends, in which order, and what an
 * application sees where the daemon refuses, is slow, dies, or was never there.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { EventKind, OpClass } from '../../build/gen/ts/records.ts'
import { RingKind } from '../../spec/ring.ts'
import { remoteWorkshop, runClient, type Outcome, type Remote, type Taken } from './client-run.ts'

const NONE = 0xffffffff
const operators = (o: Outcome): Taken[] => o.taken.filter((t) => t.kind === EventKind.OP_SUBMIT)
const calls = (o: Outcome, api: string): Taken[] => o.taken.filter((t) => t.kind === RingKind.CALL && t.api === api)
const word = (t: Taken, n: number): bigint => t.args.readBigUInt64LE(8 * n)

/** Ended well, and the daemon found nothing wrong with what it was sent. */
function wentWell(o: Outcome): void {
  expect({ end: o.end, stderr: o.stderr, violations: o.violations, left: o.left }).toEqual({
    end: 0,
    stderr: '',
    violations: [],
    left: [],
  })
}

describe.each(['native', 'asan', 'tsan'] as const)('%s', (name) => {
  let w: Remote
  beforeAll(async () => {
    w = await remoteWorkshop(name)
  })

  test('values, handles and structures come over and back', async () => {
    const o = await runClient(w, 'values')
    wentWell(o)
    expect(o.stdout).toContain('version 1 2 3, 3 devices, soc Ascend910B2, figure -5, memory 17179869184 68719476736')
    expect(o.stdout).toContain('elapsed 1.50')
    expect(o.messages[0]).toMatchObject({ hello: 1, role: 'decode' })
    const [timed] = calls(o, 'aclrtSynchronizeStreamWithTimeout')
    expect(word(timed!, 0) >> 40n).toBe(0x00f102n)
    expect(timed!.stream).toBe(Number(word(timed!, 0) & 0xffffffn))
    expect(word(timed!, 1)).toBe(0xffffffffn) // -1, zero-extended
    const [physical] = calls(o, 'aclrtMallocPhysical')
    expect([0, 1, 2].map((n) => word(physical!, n))).toEqual([1n, 4096n, 32n])
    expect(word(physical!, 6)).toBe(0x1122334455667788n)
    expect(word(physical!, 7)).toBe(9n)
    /* NULL is the default stream, asked for once. */
    expect(calls(o, 'aclrtCtxGetCurrentDefaultStream')).toHaveLength(1)
    expect(calls(o, 'aclrtSynchronizeStream')[0]!.stream).toBe(5)
    const events = operators(o)
    expect(events.map((t) => t.op_class)).toEqual([OpClass.EVENT_RECORD, OpClass.EVENT_WAIT, OpClass.EVENT_WAIT])
    expect(new Set(events.map((t) => t.sync)).size).toBe(1)
    expect(events[0]!.sync).not.toBe(NONE)
    expect(events[2]!.stream).toBe(5)
  })

  test('errors and their texts, of the daemon and of the client', async () => {
    const o = await runClient(w, 'errors')
    wentWell(o)
    expect(operators(o).map((t) => t.api)).toEqual(['aclrtRecordEvent'])
    expect(calls(o, 'aclrtStreamQuery')).toHaveLength(2)
  })

  test('launches are packed as the executor unpacks them', async () => {
    const o = await runClient(w, 'launches')
    wentWell(o)
    expect(o.stdout).toContain('binary f104000100000f') // 1 + 2 + 3 + 4 + 5: the bytes came over
    const [plain, v2, host, holder, config] = operators(o)
    expect(operators(o)).toHaveLength(5)
    for (const t of operators(o))
      expect(t).toMatchObject({ op_class: OpClass.KERNEL, stream: 5, sync: NONE, key: plain!.key })
    expect(operators(o).map((t) => t.blocks)).toEqual([5, 6, 7, 8, 9])
    expect(operators(o).map((t) => t.args_bytes)).toEqual([12, 12, 12, 12, 16])
    expect(plain!.evidence).not.toBe(0)
    expect(plain!.key).not.toBe('0')
    expect(word(plain!, 2)).toBe(0x1234n)
    /* fx_args_aclrtLaunchKernelV2 is 48 bytes; then 2 = one attribute, and the attribute's 20 bytes. */
    expect([word(v2!, 6), v2!.args.readUInt16LE(60), v2!.args_length]).toEqual([2n, 77, 80])
    /* ...WithHostArgs is 64 bytes, then no configuration, then the arguments. */
    expect(word(host!, 8)).toBe(0n)
    expect([72, 76, 80].map((at) => host!.args.readUInt32LE(at))).toEqual([0xa1, 0xb2, 0xc3])
    expect(holder!.args_length).toBe(64 + 8 + 24 + 16 + 8)
    expect(holder!.args.readUInt32LE(64 + 8 + 24 + 16 + 4)).toBe(8)
    /* ...WithConfig: 48 bytes, the configuration, then two parameters: 4 bytes, and a placeholder's 4. */
    const at = 48 + 8 + 24
    const words = Array.from({ length: 8 }, (_, n) => config!.args.readBigUInt64LE(at + 8 * n))
    expect([...words.slice(0, 4), words[5], words[6]]).toEqual([2n, 16n, 0n, 4n, 1n, 4n])
    expect(config!.args.subarray(at + 56, at + 60).toString()).toBe('data')
  })

  test.each([[], ['sleepy=1']])('copies of every kind and size arrive whole (daemon: %s)', async (...options) => {
    const o = await runClient(w, 'copies', options)
    wentWell(o)
    if (options.length > 0) expect(o.rung).toBeGreaterThan(0)
    const pins = o.messages.filter((m) => 'pin' in m)
    expect(pins).toHaveLength(o.messages.filter((m) => 'unpin' in m).length)
    /* Pinned memory is copied in one piece and by its own address, other memory through the data area. */
    const whole = (9 << 20) + 3
    expect(operators(o).filter((t) => t.bytes === whole)).toHaveLength(2)
    for (const t of calls(o, 'aclrtMemcpy')) expect([1n, 2n]).toContain(word(t, 4))
    expect(calls(o, 'aclrtMemcpy').some((t) => word(t, 2) >> 48n === 0xf2n)).toBe(true)
  })

  test('tickets follow the order in which threads issue', async () => {
    const o = await runClient(w, 'threads')
    wentWell(o)
    const launches = operators(o)
    expect(launches).toHaveLength(18_000)
    /* WithHostArgs: 64 bytes and no configuration lead; the first two arguments are the number. */
    launches.forEach((t, i) => expect([word(t, 9), word(t, 10)]).toEqual([BigInt(i), BigInt(i)]))
    expect(o.taken.map((t) => t.ticket)).toEqual(o.taken.map((_, i) => i + 1))
    expect(new Set(launches.map((t) => t.ring)).size).toBeGreaterThan(1)
    expect(o.messages.filter((m) => 'ring' in m)).toHaveLength(7)
    expect(o.messages.filter((m) => 'leave' in m)).toHaveLength(6)
  })

  test('rings of threads that have ended are given up', async () => {
    const o = await runClient(w, 'visits')
    wentWell(o)
    expect(o.messages.filter((m) => 'leave' in m)).toHaveLength(200)
  })

  test('a slow daemon makes the client wait for room, and nothing is lost', async () => {
    const o = await runClient(w, 'flood', ['slow-us=200'])
    wentWell(o)
    expect(operators(o).map((t) => word(t, 9))).toEqual(Array.from({ length: 20_000 }, (_, i) => BigInt(i)))
  })

  test.each(['die-at', 'gone-at'])('a daemon that ends in the middle of a call (%s)', async (way) => {
    const o = await runClient(w, 'loss', [`${way}=aclrtSynchronizeStream`])
    expect({ end: o.end, stderr: o.stderr, left: o.left }).toEqual({ end: 0, stderr: '', left: [] })
  })

  test('a child after fork has no connection, and its parent keeps its own', async () => {
    wentWell(await runClient(w, 'forks'))
  })

  test('a daemon that talks nonsense is none', async () => {
    for (let n = 1; n <= 10; n++) wentWell(await runClient(w, 'nonsense', [`nonsense=${n}`]))
  })

  test('what is the client’s own, what a daemon does, and what nobody can', async () => {
    const o = await runClient(w, 'surface')
    wentWell(o)
    const [made] = calls(o, 'aclrtCreateStreamWithConfig')
    expect([1, 2].map((n) => word(made!, n))).toEqual([3n, 0n])
    const [set] = calls(o, 'aclrtSetStreamAttribute')
    expect([1, 2, 3, 4].map((n) => word(set!, n))).toEqual([1n, 16n, 1n, 0n]) // attribute, size, and the structure
    const wanted = [OpClass.MEMSET, OpClass.EVENT_RECORD, OpClass.EVENT_WAIT]
    expect(operators(o).map((t) => t.op_class)).toEqual(wanted)
    expect(operators(o)[1]!.sync).toBe(operators(o)[2]!.sync)
    expect(operators(o)[0]).toMatchObject({ api: 'aclrtMemsetD32Async', bytes: 64 })
  })

  test('refused, and no daemon at all', async () => {
    wentWell(await runClient(w, 'refused', ['refuse=207006']))
    wentWell(await runClient(w, 'absent', null))
  })
})
