/**
 * What-if: the model of the recorded policy comes near what was recorded, that of another near what that other policy
 * really does; nothing depends on chance; and what comes out is a run of the core like any other.
 */
import { expect, test } from 'vitest'
import { decodeEvent, EVENT_BYTES, PolicyId, type EventRecord } from '../../build/gen/ts/records.ts'
import { WhatIf, WhatIfError, type Metrics } from '../../host-browser/lib/what-if/what-if.ts'
import { freshCore, recover, served } from './runs.ts'

const serving = { requests_per_s: 8, seconds: 2 }

/** TTFT and TPOT, ms. */
const figures = ({ ttft_ms, tpot_ms }: Metrics): number[] => [ttft_ms?.mean_ms ?? NaN, tpot_ms?.mean_ms ?? NaN]

/** Each figure over its counterpart. */
const ratios = (a: Metrics, b: Metrics): number[] => figures(a).map((value, i) => value / figures(b)[i]!)

function near(all: number[], tolerance: number): void {
  for (const ratio of all) {
    expect(ratio).toBeGreaterThan(1 - tolerance)
    expect(ratio).toBeLessThan(1 + tolerance)
  }
}

/** A decision without the number of its event. */
const at = (bytes: Uint8Array, i: number): Buffer => Buffer.from(bytes.subarray(32 * i, 32 * i + 24))

const events = (bytes: Uint8Array): EventRecord[] =>
  Array.from({ length: bytes.length / EVENT_BYTES }, (_, i) =>
    decodeEvent(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), i * EVENT_BYTES),
  )

/** Kernels of a stream by op_seq, as far as they were submitted one by one. */
function kernels(bytes: Uint8Array, stream: number): Map<bigint, bigint> {
  const all = new Map<bigint, bigint>()
  for (const e of events(bytes)) if (e.kind === 'OP_SUBMIT' && e.stream === stream) all.set(e.op_seq, e.key)
  return all
}

test.each([
  ['fair', PolicyId.FAIR],
  ['static-split', PolicyId.STATIC_SPLIT],
  ['dynamic-pd', PolicyId.DYNAMIC_PD],
])('under the recorded policy, %s, comes within 15 % of what was recorded', (_name, policy) => {
  const run = served({ policy, ...serving })
  const whatif = new WhatIf(run)
  const result = whatif.run(freshCore(), { policy })
  near(ratios(result.whatif, result.recorded), 0.15)
  expect(result.notes).toEqual(whatif.notes)
  for (const stream of [0, 1]) {
    const [before, after] = [kernels(run.events, stream), kernels(result.run.events, stream)]
    const both = [...after].filter(([seq]) => before.has(seq))
    expect(both.length).toBeGreaterThan(200)
    for (const [seq, key] of both) expect(key).toBe(before.get(seq))
  }
})

test('under another policy, comes within 30 % of what that policy really does to decode', () => {
  const policies = [PolicyId.STATIC_SPLIT, PolicyId.DYNAMIC_PD]
  const real = policies.map((policy) => recover({ policy, ...serving }))
  const own = real.map((of, i) => of.run(freshCore(), { policy: policies[i]! }).recorded)
  for (const [i, of] of real.entries()) {
    const [other, policy] = [own[1 - i]!, policies[1 - i]!]
    const { whatif } = of.run(freshCore(), { policy })
    near([whatif.tpot_ms!.mean_ms / other.tpot_ms!.mean_ms], 0.3)
  }
})

test('parameters count: what prefill gets of a fixed split, decode has not', () => {
  const whatif = recover({ policy: PolicyId.FAIR, ...serving })
  const [little, much] = [250, 750].map((permille) => {
    const result = whatif.run(freshCore(), { policy: PolicyId.STATIC_SPLIT, parameters: [permille] })
    return figures(result.whatif)
  })
  expect(much![0]).toBeLessThan(little![0]!)
  expect(much![1]).toBeGreaterThan(little![1]!)
})

test('the same question has the same answer, bit for bit', () => {
  const run = served({ policy: PolicyId.DYNAMIC_PD, ...serving })
  const [first, second] = [0, 1].map(() => new WhatIf(run).run(freshCore(), { policy: PolicyId.FAIR, model: true }))
  const { run: a, steps: x, ...figuresOfFirst } = first!
  const { run: b, steps: y, ...figuresOfSecond } = second!
  expect(figuresOfFirst).toEqual(figuresOfSecond)
  expect(Buffer.compare(a.events, b.events) || Buffer.compare(a.decisions, b.decisions)).toBe(0)
  expect([...x.end_ns]).toEqual([...y.end_ns])
})

test('the new run is one of the core: its events lead to its decisions', () => {
  const whatif = recover({ policy: PolicyId.FAIR, ...serving })
  const { run } = whatif.run(freshCore(), { policy: PolicyId.DYNAMIC_PD })
  expect(Buffer.compare(freshCore().feed(run.events), run.decisions)).toBe(0)
})

test('names the first decision that differs, on both sides', () => {
  const run = served({ policy: PolicyId.FAIR, ...serving })
  const { first_difference: first, run: other } = new WhatIf(run).run(freshCore(), { policy: PolicyId.PASSTHROUGH })
  expect(first?.recorded).not.toBe(null)
  const n = first!.recorded!.decision - 1
  expect(first!.whatif!.decision).toBe(n + 1)
  expect(at(run.decisions, n).equals(at(other.decisions, n))).toBe(false)
  for (let i = 0; i < n; i++) expect(at(run.decisions, i).equals(at(other.decisions, i))).toBe(true)
})

test('steps on credit are run, and do not count on either side', () => {
  const whatif = recover({ policy: PolicyId.DYNAMIC_PD, ...serving })
  const { steps, recorded, whatif: other } = whatif.run(freshCore(), { policy: PolicyId.PASSTHROUGH })
  const known = [...steps.recorded_end_ns].filter(Number.isFinite).length
  expect(known).toBeGreaterThan(50)
  expect(known).toBeLessThan(steps.count)
  expect(other.tpot_ms!.count).toBe(recorded.tpot_ms!.count)
  expect([...steps.end_ns].every(Number.isFinite)).toBe(true)
})

test('a recording that begins in the middle is refused', () => {
  const { events: all, ...rest } = served({ policy: PolicyId.FAIR, ...serving })
  expect(() => new WhatIf({ ...rest, events: all.subarray(EVENT_BYTES * 1000) })).toThrow(WhatIfError)
})
