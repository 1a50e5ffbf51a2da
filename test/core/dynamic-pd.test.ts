/** dynamic-pd: work-conserving, little prefill in front of decode, and far better than a static split in the end. */
import { expect, test } from 'vitest'
import { Phase, PolicyId, Rule, decodeEvent } from '../../build/gen/ts/records.ts'
import { Core, decode as decoded } from './core-host.ts'
import { quantile, serve } from './serving.ts'

const p99 = (values: number[]): number => quantile(values, 0.99)

test('a phase alone has the whole device', () => {
  const free = serve({ policy: PolicyId.PASSTHROUGH, requests_per_s: 0, seconds: 1 })
  const decode = serve({ policy: PolicyId.DYNAMIC_PD, requests_per_s: 0, hints: true, seconds: 1 })
  expect(decode.steps).toBeGreaterThan(free.steps * 0.95)
  const [a, b] = [PolicyId.PASSTHROUGH, PolicyId.DYNAMIC_PD].map((policy) =>
    serve({ policy, requests_per_s: 50, decode: false, hints: true, seconds: 1 }),
  )
  expect(b!.prefills).toBeGreaterThan(a!.prefills * 0.95)
})

test('while decode has work, prefill has no more than its window on the device', () => {
  const window = 500_000
  const parameters = [0, 0, window]
  const {
    machine,
    prefill,
    decode: decodeStream,
  } = serve({
    policy: PolicyId.DYNAMIC_PD,
    parameters,
    requests_per_s: 40,
    hints: true,
    seconds: 0.4,
  })
  const core = new Core()
  let looks = 0
  let worked = 0n
  for (const event of machine.host.events) {
    const { time_ns } = decodeEvent(new DataView(event.buffer, event.byteOffset), 0)
    for (const { kind, stream, rule, count } of decoded(core.feed(event))) {
      if (kind !== 'DISPATCH' || stream !== prefill || rule !== Rule.PREFILL_SHARE || count === 0) continue
      looks++
      /* Where it was below the window, it may go beyond it by one operator, of 0.75 ms at most. */
      expect(core.exports.stream_inflight_ns(prefill)).toBeLessThan(BigInt(window + 1_000_000))
      const { exports } = core
      if (exports.stream_inflight(decodeStream) + exports.stream_credit(decodeStream) > 0n) worked = time_ns
      if (exports.stream_queued(decodeStream) > 0) worked = time_ns
      /* Between two steps decode has no work for a moment, 2 ms at most, and its end is seen late. */
      expect(time_ns - worked).toBeLessThan(3_000_000n)
    }
  }
  expect(looks).toBeGreaterThan(30)
})

test.each([6, 10])('against the static split at %i requests a second, phases found by itself', (requests_per_s) => {
  const [fixed, dynamic] = [PolicyId.STATIC_SPLIT, PolicyId.DYNAMIC_PD].map((policy) =>
    serve({ policy, requests_per_s, seconds: 4 }),
  )
  expect(p99(dynamic!.ttft_ms)).toBeLessThan(p99(fixed!.ttft_ms) * 0.5)
  expect(quantile(dynamic!.tpot_ms, 0.5)).toBeLessThan(quantile(fixed!.tpot_ms, 0.5))
  expect(dynamic!.prefills).toBeGreaterThanOrEqual(fixed!.prefills)
  expect(dynamic!.steps).toBeGreaterThanOrEqual(fixed!.steps)
})

test('prefill that always has work takes from the share of decode, and gives it back', () => {
  const { machine } = serve({
    policy: PolicyId.DYNAMIC_PD,
    requests_per_s: 25,
    hints: true,
    seconds: 2,
  })
  const shares = machine.host.decisions.filter(({ kind }) => kind === 'SHARE')
  expect(shares.length).toBeGreaterThan(2)
  expect(shares.every(({ stream, count }) => stream === Phase.DECODE && count >= 600 && count <= 1000)).toBe(true)
  expect(machine.host.core.exports.device_decode_share(0)).toBe(shares.at(-1)!.count)
  const least = Math.min(...shares.map(({ count }) => count))
  expect(least).toBeLessThan(1000)
  const light = serve({
    policy: PolicyId.DYNAMIC_PD,
    requests_per_s: 4,
    hints: true,
    seconds: 3,
  }).machine
  const given = light.host.decisions.filter(({ kind }) => kind === 'SHARE').map(({ count }) => count)
  expect(given.some((count, i) => i > 0 && count > given[i - 1]!)).toBe(true)
})

test('the share of decode never exceeds the parameter', () => {
  const { machine } = serve({
    policy: PolicyId.DYNAMIC_PD,
    parameters: [700],
    requests_per_s: 15,
    hints: true,
    seconds: 1,
  })
  expect(machine.host.core.exports.device_decode_share(0)).toBeLessThanOrEqual(700)
  expect(machine.host.decisions.filter(({ kind }) => kind === 'SHARE').every(({ count }) => count <= 700)).toBe(true)
})
