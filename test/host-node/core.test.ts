/** The host's side of the core: records in, decisions out, however the calls are cut, and snapshots that restore. */
import { beforeAll, beforeEach, expect, test } from 'vitest'
import fc from 'fast-check'
import { Core, CoreError } from '../../host-node/core/core.ts'
import { newCore } from '../../bench/core/hosts.ts'
import { workload } from '../../bench/core/workload.ts'
import { decodeDecision, DECISION_BYTES, EVENT_BYTES } from '../../build/gen/ts/records.ts'
import { eventBytes, smallRun, tinyCoreWasm } from './recordings.ts'

let wasm: Uint8Array<ArrayBuffer>
let core: Core
const events = eventBytes(smallRun())

beforeAll(async () => {
  wasm = await tinyCoreWasm()
})

beforeEach(() => {
  core = new Core(wasm)
})

test('a core that stops early is fed the rest', () => {
  const decisions = core.feed(events)
  const view = new DataView(decisions.buffer, decisions.byteOffset, decisions.byteLength)
  const causes = Array.from({ length: decisions.length / DECISION_BYTES }, (_, i) =>
    decodeDecision(view, i * DECISION_BYTES),
  )
  // The tiny core answers an event of kind k with k % 3 decisions.
  const expected = smallRun().flatMap(({ kind }, i) => {
    const count = { DEVICE_ADD: 1, TENANT_SET: 0, VNPU_ADD: 2, POLICY_SET: 0, STREAM_ADD: 1, OP_SUBMIT: 0 }[
      kind as 'OP_SUBMIT'
    ]
    return Array.from({ length: count }, () => BigInt(i + 1))
  })
  expect(causes.map(({ event_seq }) => event_seq)).toEqual(expected)
  expect(core.eventsSeen()).toBe(BigInt(events.length / EVENT_BYTES))
})

test('how the events are cut into calls changes nothing', () => {
  const whole = core.feed(events)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (cuts) => {
      const other = new Core(wasm)
      const parts: Uint8Array[] = []
      for (let at = 0, i = 0; at < events.length; i++) {
        const end = at + (cuts[i % cuts.length] as number) * EVENT_BYTES
        parts.push(other.feed(events.subarray(at, end)))
        at = end
      }
      expect(Buffer.concat(parts)).toEqual(Buffer.from(whole))
      expect(other.stateHash()).toBe(core.stateHash())
      expect(other.decisionHash()).toBe(core.decisionHash())
    }),
    { numRuns: 30 },
  )
})

test('a restored snapshot goes on as the core it was taken from', () => {
  const half = 4 * EVENT_BYTES
  core.feed(events.subarray(0, half))
  const state = core.snapshot()
  const rest = core.feed(events.subarray(half))
  const other = new Core(wasm)
  expect(other.stateEquals(state)).toBe(false)
  other.restore(state)
  expect(other.stateEquals(state)).toBe(true)
  expect(other.feed(events.subarray(half))).toEqual(rest)
  expect(other.stateHash()).toBe(core.stateHash())
})

test('a snapshot of the real core in the middle of competition restores, too', () => {
  const { bytes } = workload(newCore(), 'dynamic-pd', 64, 3000, 11)
  const half = Math.floor(bytes.length / EVENT_BYTES / 2) * EVENT_BYTES
  const first = newCore()
  first.feed(bytes.subarray(0, half))
  const state = first.snapshot()
  const rest = first.feed(bytes.subarray(half))
  expect(rest.length).toBeGreaterThan(0)
  const other = newCore()
  other.restore(state)
  expect(Buffer.compare(other.feed(bytes.subarray(half)), rest)).toBe(0)
  expect(other.stateHash()).toBe(first.stateHash())
  expect(other.decisionHash()).toBe(first.decisionHash())
})

test('reset brings the first state back', () => {
  const first = core.stateHash()
  core.feed(events)
  expect(core.stateHash()).not.toBe(first)
  core.reset()
  expect(core.stateHash()).toBe(first)
})

test('hashes are unsigned', () => {
  core.feed(events)
  expect(core.decisionHash()).toBeGreaterThanOrEqual(0n)
  expect(core.nextWakeNs()).toBe(2n ** 64n - 1n)
})

test('a core that fails says after which event', () => {
  const bad = eventBytes(smallRun().slice(0, 3))
  new DataView(bad.buffer).setUint16(2 * EVENT_BYTES, 65535, true)
  expect(() => core.feed(bad)).toThrow(CoreError)
  core.reset()
  expect(() => core.feed(bad)).toThrow(/the core failed after event 2: .*/)
})

test('what is no core, no whole event or no state of this core is refused', () => {
  const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
  expect(() => new Core(empty)).toThrow('exports no function init')
  expect(() => core.feed(new Uint8Array(65))).toThrow('65 bytes are no whole events of 64')
  expect(() => core.restore(new Uint8Array(1))).toThrow('a state of 1 bytes is not of this core, which has 4416')
})
