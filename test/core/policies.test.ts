/** What each policy is for, on a virtual device under load. */
import { describe, expect, test } from 'vitest'
import { DecisionFlag, Phase, PolicyId, Rule } from '../../build/gen/ts/records.ts'
import { decodeOp, decodeStream, hinted, keepBusy, plainOp, prefillOp, prefillStream, progress, steps } from './load.ts'
import { Machine } from './machine.ts'

const MS = 1e6
const SECOND = 1e9

/** Dispatched work of a stream in a span of time: decisions with operators and where they lie, ns. */
function dispatches(machine: Machine, id: number): { at: number; count: number; rule: number }[] {
  return machine.host.decisions
    .filter((d) => d.kind === 'DISPATCH' && d.stream === id && d.count > 0 && (d.flags & DecisionFlag.CREDIT) === 0)
    .map(({ event_seq, count, rule }) => ({ at: machine.host.timeOf(event_seq), count, rule }))
}

describe('passthrough', () => {
  test('gives every stream credit at its first operator, and hears of none after it', () => {
    const machine = new Machine()
    machine.setPolicy(PolicyId.PASSTHROUGH)
    const streams = [0, 1, 2].map(() => machine.addStream())
    for (const id of streams) keepBusy(machine, id, plainOp(50), 8, 100 * MS)
    machine.run()
    for (const id of streams) {
      const submits = machine.host.kinds(id).filter((kind) => kind === 'OP_SUBMIT')
      expect(submits).toHaveLength(1)
      expect(machine.streams[id]!.granted).toBeGreaterThan(1_000_000)
      expect(machine.streams[id]!.complete).toBeGreaterThan(100)
    }
    expect(machine.host.decisions.some(({ kind }) => kind === 'REVOKE' || kind === 'HOLD')).toBe(false)
  })

  test('a change of policy takes the credit of every stream back, however many there are', () => {
    const machine = new Machine()
    machine.setPolicy(PolicyId.PASSTHROUGH)
    const streams = Array.from({ length: 200 }, () => machine.addStream())
    for (const id of streams) machine.issue(id, plainOp(10))
    machine.run()
    for (const id of streams) machine.issue(id, plainOp(10))
    expect(machine.streams.every(({ granted }) => granted > 0)).toBe(true)
    machine.setPolicy(PolicyId.FAIR)
    machine.run()
    expect(machine.streams.every(({ granted }) => granted === 0)).toBe(true)
    for (const s of machine.streams) expect(s.complete).toBe(2)
  })
})

describe('a stream that is alone', () => {
  test('gets credit, doubled when it runs out, and loses it to the first competitor', () => {
    const machine = new Machine()
    machine.setPolicy(PolicyId.FAIR)
    const id = machine.addStream()
    keepBusy(machine, id, plainOp(5), 16, 20 * MS)
    machine.run(20 * MS)
    const grants = machine.host.decisions
      .filter(({ flags }) => (flags & DecisionFlag.CREDIT) !== 0)
      .map(({ count }) => count)
    expect(grants.slice(0, 3)).toEqual([256, 512, 1024])
    expect(machine.streams[id]!.granted).toBeGreaterThan(0)
    const other = machine.addStream()
    machine.issue(other, plainOp(5))
    expect(machine.streams[id]!.granted).toBe(0)
    machine.run()
    expect(machine.streams[other]!.complete).toBe(1)
  })
})

describe('fair', () => {
  test('who was idle does not save up time: the other goes on with its share at once', () => {
    const machine = new Machine()
    machine.setPolicy(PolicyId.FAIR)
    const [steady, late] = [machine.addStream(), machine.addStream()]
    keepBusy(machine, steady, plainOp(50), 64, 2 * SECOND)
    machine.run(SECOND)
    keepBusy(machine, late, plainOp(50), 64, 2 * SECOND)
    const [ofSteady, ofLate] = [progress(machine, steady), progress(machine, late)]
    machine.run(1.05 * SECOND)
    const [s, l] = [ofSteady(), ofLate()]
    expect(s / (s + l)).toBeGreaterThan(0.4)
    expect(s / (s + l)).toBeLessThan(0.6)
  })

  test('the predicted work on the device stays within the window', () => {
    const machine = new Machine()
    machine.setPolicy(PolicyId.FAIR, 2 * MS)
    const streams = [0, 1, 2, 3].map(() => machine.addStream())
    for (const id of streams) keepBusy(machine, id, plainOp(100), 40, 300 * MS)
    machine.run(50 * MS)
    let most = 0
    for (let at = 50; at < 300; at++) {
      machine.run(at * MS)
      most = Math.max(most, Number(machine.host.core.exports.device_inflight_ns(0, Phase.UNKNOWN)))
    }
    expect(most).toBeLessThan(2.2 * MS)
    expect(most).toBeGreaterThan(1 * MS)
  })
})

describe('static-split', () => {
  const PERIOD = 20 * MS

  test('a phase that is alone uses its own part of the period and no more', () => {
    const machine = new Machine()
    machine.setPolicy(PolicyId.STATIC_SPLIT, 500, PERIOD)
    const decode = decodeStream(machine)
    keepBusy(machine, decode, decodeOp(100), 200, SECOND)
    machine.run(0.9 * SECOND)
    const inPart = dispatches(machine, decode).map(({ at }) => at % PERIOD >= PERIOD / 2)
    expect(inPart.length).toBeGreaterThan(50)
    expect(inPart.every((is) => is)).toBe(true)
    expect(machine.streams[decode]!.complete * 100e3).toBeGreaterThan(0.4 * 0.9 * SECOND)
    expect(machine.streams[decode]!.complete * 100e3).toBeLessThan(0.52 * 0.9 * SECOND)
  })

  test('prefill and decode get the parts that the parameter says', () => {
    const machine = new Machine()
    machine.setPolicy(PolicyId.STATIC_SPLIT, 300, PERIOD)
    const [prefill, decode] = [prefillStream(machine), decodeStream(machine)]
    keepBusy(machine, prefill, prefillOp(100), 300, SECOND)
    keepBusy(machine, decode, decodeOp(100), 300, SECOND)
    machine.run(0.9 * SECOND)
    expect(dispatches(machine, prefill).every(({ at }) => at % PERIOD < 0.3 * PERIOD)).toBe(true)
    expect(dispatches(machine, decode).every(({ at }) => at % PERIOD >= 0.3 * PERIOD)).toBe(true)
    const ratio = machine.streams[decode]!.complete / machine.streams[prefill]!.complete
    expect(ratio).toBeGreaterThan(1.8)
    expect(ratio).toBeLessThan(3)
  })

  test('an operator longer than a part still goes', () => {
    const machine = new Machine()
    machine.setPolicy(PolicyId.STATIC_SPLIT, 500, PERIOD)
    const prefill = prefillStream(machine)
    keepBusy(machine, prefill, prefillOp(15_000), 3, SECOND)
    machine.run(SECOND)
    expect(machine.streams[prefill]!.complete).toBeGreaterThan(20)
  })

  test('a phase without any part is let through by the starvation guard', () => {
    const machine = new Machine()
    machine.setPolicy(PolicyId.STATIC_SPLIT, 1000, PERIOD)
    const [prefill, decode] = [prefillStream(machine), decodeStream(machine)]
    keepBusy(machine, prefill, prefillOp(100), 50, 4 * SECOND)
    for (let i = 0; i < 3; i++) machine.issue(decode, decodeOp(100))
    machine.run(4 * SECOND)
    expect(dispatches(machine, decode).map(({ rule }) => rule)).toEqual([1, 1, 1].map(() => Rule.STARVATION_GUARD))
    expect(machine.longest_wait_ns).toBeLessThan(3.2 * SECOND)
    expect(machine.streams[decode]!.complete).toBe(3)
  })
})

function policy(...parameters: number[]): Machine {
  const machine = new Machine()
  machine.setPolicy(PolicyId.DYNAMIC_PD, ...parameters)
  return machine
}

describe('dynamic-pd', () => {
  test.each([Phase.PREFILL, Phase.DECODE, Phase.MIXED, Phase.UNKNOWN])(
    'phase %i alone gets all of the device',
    (phase) => {
      const machine = policy()
      const streams = [hinted(machine, phase), hinted(machine, phase)]
      for (const id of streams) keepBusy(machine, id, plainOp(100), 200, 400 * MS)
      machine.run(400 * MS)
      expect(machine.npus[0]!.busy_ns).toBeGreaterThan(0.98 * 400 * MS)
    },
  )

  test('decode goes on where prefill has work that cannot go', () => {
    const machine = policy(600)
    const [prefill, decode, other] = [prefillStream(machine), decodeStream(machine), decodeStream(machine)]
    machine.issue(prefill, { op_class: 10, ns: 0, object: 1 }) // waits for a notify that comes at the end
    machine.issue(prefill, prefillOp(100))
    for (const id of [decode, other]) keepBusy(machine, id, plainOp(100), 200, 400 * MS)
    machine.run(400 * MS)
    expect(machine.npus[0]!.busy_ns).toBeGreaterThan(0.95 * 400 * MS)
  })

  test('prefill in front of decode is limited to its window', () => {
    const machine = policy(0, 0, 2 * MS)
    const [prefill, decode] = [prefillStream(machine), decodeStream(machine)]
    keepBusy(machine, prefill, prefillOp(400), 100, 500 * MS)
    steps(machine, decode, decodeOp(30), 200, 0, 500 * MS)
    machine.run(100 * MS)
    let most = 0
    for (let at = 100; at < 500; at++) {
      machine.run(at * MS)
      if (machine.host.core.exports.device_busy(0, Phase.DECODE) === 0) continue
      most = Math.max(most, Number(machine.host.core.exports.device_inflight_ns(0, Phase.PREFILL)))
    }
    /* The operator that crosses the bound is let through whole: one more of them at most. */
    expect(most).toBeLessThan(3.2 * MS)
    expect(most).toBeGreaterThan(0)
  })

  test('decode gives way where prefill is the bottleneck, and gets its share back when that has time to spare', () => {
    const machine = policy()
    const [prefill, decode] = [prefillStream(machine), decodeStream(machine)]
    const shares = (): number[] =>
      machine.host.decisions.filter(({ kind }) => kind === 'SHARE').map(({ count }) => count)
    expect(machine.host.core.exports.device_decode_share(0)).toBe(1000)
    keepBusy(machine, prefill, prefillOp(400), 100, 3 * SECOND)
    keepBusy(machine, decode, decodeOp(30), 200, 6 * SECOND)
    machine.run(3 * SECOND)
    const low = machine.host.core.exports.device_decode_share(0)
    expect(low).toBeLessThan(1000)
    expect(low).toBeGreaterThanOrEqual(600)
    expect(shares().length).toBeGreaterThan(0)
    steps(machine, prefill, prefillOp(400), 4, 20 * MS, 6 * SECOND)
    machine.run(6 * SECOND)
    expect(machine.host.core.exports.device_decode_share(0)).toBe(1000)
    const rules = machine.host.decisions.filter(({ kind }) => kind === 'SHARE').map(({ rule }) => rule)
    expect(new Set(rules)).toEqual(new Set([Rule.REBALANCE]))
  })

  test('decode keeps its upper bound in front of prefill, and its steps are not held up for long', () => {
    const machine = policy(600)
    const [prefill, decode] = [prefillStream(machine), decodeStream(machine)]
    keepBusy(machine, prefill, prefillOp(400), 100, SECOND)
    const took = steps(machine, decode, decodeOp(30), 280, 0, SECOND)
    machine.run(SECOND)
    expect(machine.host.core.exports.device_decode_share(0)).toBeLessThanOrEqual(600)
    expect(took.length).toBeGreaterThan(20)
    /* 8.4 ms of work at 600 permille is 14 ms; saved-up and owed tokens, and prefill's window, come on top. */
    expect(Math.max(...took)).toBeLessThan(45 * MS)
  })

  test('a decode operator that is much longer than its tokens delays the next by their bound at most', () => {
    const machine = policy(600)
    const [prefill, decode] = [prefillStream(machine), decodeStream(machine)]
    keepBusy(machine, prefill, prefillOp(400), 100, SECOND)
    const took = steps(machine, decode, { ...decodeOp(40_000), key: 9n }, 1, 0, SECOND)
    machine.run(SECOND)
    expect(took.length).toBeGreaterThan(8)
    expect(Math.max(...took.slice(2))).toBeLessThan(120 * MS)
  })
})
