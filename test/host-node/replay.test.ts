/** A recording replays without a difference; whatever is changed in it is found, counted and shown from both sides. */
import { readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { Core } from '../../host-node/core/core.ts'
import { LogWriter } from '../../host-node/log/writer.ts'
import { hex64, replay } from '../../host-node/replay/replay.ts'
import { EVENT_BYTES } from '../../spec/records.ts'
import { eventBytes, record, smallRun, temporaryFolder, tinyCoreWasm } from './recordings.ts'

let wasm: Uint8Array<ArrayBuffer>
let file: string
let core: Core
// 20 events and 25 decisions: 5 by the topology, and 2 for each PHASE_HINT (14 % 3).
const events = eventBytes([
  ...smallRun(2),
  ...Array.from({ length: 10 }, (_, i) => ({
    kind: 'PHASE_HINT' as const,
    flags: 0,
    stream: i % 2,
    time_ns: 20_000n + BigInt(i),
    phase: 2,
    source: 1,
    vnpu: 0,
  })),
])

beforeAll(async () => {
  wasm = await tinyCoreWasm()
})

beforeEach(() => {
  file = join(temporaryFolder(), 'run.flexlog')
  core = new Core(wasm)
})

test('a recording replays without a difference, hashes and snapshots compared', () => {
  record(file, core, events, 3)
  const result = replay(file, new Core(wasm))
  expect(result).toMatchObject({
    events: 20,
    decisions: 25,
    differences: 0,
    state_hash: hex64(core.stateHash()),
    decision_hash: hex64(core.decisionHash()),
    snapshots_checked: 2,
    hashes_checked: 9,
    unverified: 0,
    core_match: true,
  })
  expect(result.first_difference).toBeUndefined()
  expect(result.torn).toBeUndefined()
})

test('decisions may be recorded in other frames than their events, before or after them', () => {
  const decisions = core.feed(events)
  for (const early of [true, false]) {
    const writer = new LogWriter(file, { start_unix_ns: 0n, core_hash: Buffer.from(core.hash, 'hex'), json: {} })
    const half = 7 * 32
    if (early) writer.writeDecisions(decisions.subarray(0, half), 0n)
    writer.writeEvents(events.subarray(0, 9 * EVENT_BYTES))
    if (!early) writer.writeDecisions(decisions.subarray(0, half), 0n)
    writer.writeEvents(events.subarray(9 * EVENT_BYTES))
    writer.writeDecisions(decisions.subarray(half), core.decisionHash())
    writer.close({ decision_hash: core.decisionHash(), state_hash: core.stateHash() })
    // The hash of the first DECISIONS frame (0, wrong) belongs to a moment that the replay does not stop at.
    expect(replay(file, new Core(wasm))).toMatchObject({ differences: 0, hashes_checked: 3 })
  }
})

test('any changed byte of any decision is found and shown', () => {
  const recorded = core.feed(events)
  fc.assert(
    fc.property(fc.nat({ max: recorded.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      let seen = 0
      record(file, new Core(wasm), events, 4, {
        decisions(records) {
          const here = at - seen
          seen += records.length
          if (here >= 0 && here < records.length) records[here] = (records[here] as number) ^ change
          return records
        },
      })
      const result = replay(file, new Core(wasm))
      expect(result.differences).toBe(1)
      expect(result.first_difference).toMatchObject({ what: 'decision', decision: Math.floor(at / 32) + 1 })
      expect(result.first_difference?.recorded).not.toEqual(result.first_difference?.replayed)
    }),
    { numRuns: 60 },
  )
})

test('both sides of the first difference are decoded, with the event that led to it', () => {
  record(file, core, events, 20, {
    decisions(records) {
      const view = new DataView(records.buffer, records.byteOffset)
      view.setUint32(2 * 32 + 4, 9, true)
      view.setUint16(6 * 32 + 2, 2, true)
      return records
    },
  })
  const result = replay(file, new Core(wasm))
  expect(result.differences).toBe(2)
  expect(result.first_difference).toEqual({
    what: 'decision',
    decision: 3,
    event: 3,
    recorded: {
      kind: 'DISPATCH',
      flags: '',
      rule: 'FAIR_VTIME',
      stream: 9,
      count: 1,
      device: 0,
      core_limit: 0,
      value: 3,
      event_seq: 3,
    },
    replayed: expect.objectContaining({ kind: 'DISPATCH', stream: null }),
    cause: { kind: 'VNPU_ADD', flags: 0, stream: null, time_ns: 3000, vnpu: 0, tenant: 1, device: 0 },
  })
})

test('decisions that are missing or too many are counted', () => {
  record(file, core, events, 20, { decisions: (records) => records.subarray(0, -64) })
  expect(replay(file, new Core(wasm))).toMatchObject({
    differences: 2,
    first_difference: { what: 'extra decision', decision: 24, recorded: null },
  })
  record(file, new Core(wasm), events, 20, {
    decisions: (records) => Buffer.concat([records, records.subarray(-32)]),
  })
  expect(replay(file, new Core(wasm))).toMatchObject({
    differences: 1,
    first_difference: { what: 'missing decision', decision: 26, replayed: null },
  })
})

test('hashes and snapshots that are not of these events are differences', () => {
  record(file, core, events, 3, {
    end: (writer, it) => writer.close({ decision_hash: it.decisionHash(), state_hash: 1n }),
  })
  expect(replay(file, new Core(wasm))).toMatchObject({
    differences: 1,
    first_difference: { what: 'state hash', recorded: '0x0000000000000001', replayed: hex64(core.stateHash()) },
  })
  record(file, new Core(wasm), events, 3, {
    state(state) {
      state[4415] = 77
      return state
    },
  })
  expect(replay(file, new Core(wasm))).toMatchObject({
    differences: 2,
    first_difference: { what: 'snapshot', event: 9, recorded: 'byte 77 at 4415 of the state' },
  })
})

test('another core is named, and its decisions are compared all the same', () => {
  record(file, core, events, 3, { core_hash: new Uint8Array(32).fill(0xab) })
  expect(replay(file, new Core(wasm))).toMatchObject({
    differences: 0,
    core_match: false,
    core: { recorded: 'ab'.repeat(32), replayed: core.hash },
  })
})

test('a torn recording is replayed up to its last good frame, wherever it is torn', () => {
  record(file, core, events, 3)
  const size = readFileSync(file).length
  for (let cut = 1; cut < 1500; cut += 7) {
    truncateSync(file, size - cut)
    const result = replay(file, new Core(wasm))
    expect(result.torn).toMatchObject({ kind: 'torn' })
    expect(result.differences).toBe(0)
    expect(result.events).toBeLessThanOrEqual(20)
  }
})
