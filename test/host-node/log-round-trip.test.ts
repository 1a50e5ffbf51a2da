/** What the writer wrote, the reader gives back: any frames, in any order, byte for byte. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameType, LOG_VERSION, SNAPSHOT_PAGE_BYTES } from '../../spec/log.ts'
import { DECISION_BYTES, EVENT_BYTES } from '../../spec/records.ts'
import { decodeNames, type NameEntry } from '../../host-node/log/names.ts'
import { LogReader, type Frame } from '../../host-node/log/reader.ts'
import { decodeSnapshot } from '../../host-node/log/snapshot.ts'
import { LogWriter } from '../../host-node/log/writer.ts'
import { temporaryFolder } from './recordings.ts'

type Write =
  | { kind: 'EVENTS'; bytes: Uint8Array }
  | { kind: 'DECISIONS'; bytes: Uint8Array; hash: bigint }
  | { kind: 'NAMES'; names: NameEntry[] }
  | { kind: 'SNAPSHOT'; state: Uint8Array }
  | { kind: 'STATS'; stats: unknown }

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })

const records = (size: number): fc.Arbitrary<Uint8Array> =>
  fc.nat({ max: 5 }).chain((n) => fc.uint8Array({ minLength: n * size, maxLength: n * size }))

/** States of a few pages, most of them zero, of any length. */
const states = fc
  .record({
    length: fc.nat({ max: 5 * SNAPSHOT_PAGE_BYTES }),
    marks: fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 }))),
  })
  .map(({ length, marks }) => {
    const state = new Uint8Array(length)
    for (const [at, byte] of marks) if (length > 0) state[at % length] = byte
    return state
  })

const write: fc.Arbitrary<Write> = fc.oneof(
  fc.record({ kind: fc.constant('EVENTS' as const), bytes: records(EVENT_BYTES) }),
  fc.record({ kind: fc.constant('DECISIONS' as const), bytes: records(DECISION_BYTES), hash: u64 }),
  fc.record({
    kind: fc.constant('NAMES' as const),
    names: fc.array(fc.record({ kind: fc.integer({ min: 1, max: 4 }), id: u64, name: fc.string({ unit: 'binary' }) })),
  }),
  fc.record({ kind: fc.constant('SNAPSHOT' as const), state: states }),
  fc.record({ kind: fc.constant('STATS' as const), stats: fc.dictionary(fc.string(), fc.nat()) }),
)

function apply(writer: LogWriter, what: Write): void {
  if (what.kind === 'EVENTS') writer.writeEvents(what.bytes)
  else if (what.kind === 'DECISIONS') writer.writeDecisions(what.bytes, what.hash)
  else if (what.kind === 'NAMES') writer.writeNames(what.names)
  else if (what.kind === 'SNAPSHOT') writer.writeSnapshot(what.state)
  else writer.writeStats(what.stats)
}

/** A frame as the write that made it. */
function unwrite({ name, payload, count }: Frame): Write {
  if (name === 'EVENTS') return { kind: name, bytes: payload.slice() }
  if (name === 'NAMES') return { kind: name, names: decodeNames(payload, count) }
  if (name === 'SNAPSHOT') return { kind: name, state: decodeSnapshot(payload, count) }
  if (name === 'STATS') return { kind: name, stats: JSON.parse(new TextDecoder().decode(payload)) as unknown }
  const at = payload.length - 8
  const hash = new DataView(payload.buffer, payload.byteOffset + at, 8).getBigUint64(0, true)
  return { kind: 'DECISIONS', bytes: payload.slice(0, at), hash }
}

const header = { start_unix_ns: 42n, core_hash: new Uint8Array(32).fill(7), json: { policy: 'fair', text: 'é' } }

test('every frame comes back as it was written', () => {
  const file = join(temporaryFolder(), 'a.flexlog')
  fc.assert(
    fc.property(fc.array(write, { maxLength: 12 }), u64, u64, (writes, decision_hash, state_hash) => {
      const writer = new LogWriter(file, header)
      for (const what of writes) apply(writer, what)
      writer.close({ decision_hash, state_hash })
      const reader = new LogReader(file)
      const read = [...reader.frames()].map(unwrite)
      expect(read).toEqual(
        writes.map((what) => (what.kind === 'NAMES' ? { ...what, names: what.names.map(wellFormed) } : what)),
      )
      expect(reader.header).toEqual({ version: LOG_VERSION, ...header })
      expect(reader.end.damage).toBeUndefined()
      expect(reader.end.footer).toMatchObject({ decision_hash, state_hash, events: reader.end.events })
      expect(reader.index()).toEqual(reader.end.index)
      reader.close()
    }),
    { numRuns: 60 },
  )
})

/** UTF-8 has no lone surrogates. */
const wellFormed = (entry: NameEntry): NameEntry => ({ ...entry, name: Buffer.from(entry.name).toString() })

test('frames can be read out of order by the index', () => {
  const file = join(temporaryFolder(), 'a.flexlog')
  const writer = new LogWriter(file, header)
  const parts = [3, 1, 2].map((n) => new Uint8Array(n * EVENT_BYTES).fill(n))
  for (const part of parts) writer.writeEvents(part)
  writer.close({ decision_hash: 0n, state_hash: 0n })
  const reader = new LogReader(file)
  const index = reader.index()
  expect(index.map(({ type, count, first_seq }) => [type, count, first_seq])).toEqual([
    [FrameType.EVENTS, 3, 1n],
    [FrameType.EVENTS, 1, 4n],
    [FrameType.EVENTS, 2, 5n],
  ])
  for (const i of [2, 0, 1]) expect(reader.readFrame(index[i]?.offset ?? 0).payload).toEqual(parts[i])
  reader.close()
})

test('the index of a recording without a footer is found by scanning', () => {
  const file = join(temporaryFolder(), 'a.flexlog')
  const writer = new LogWriter(file, header)
  writer.writeEvents(new Uint8Array(2 * EVENT_BYTES))
  writer.writeDecisions(new Uint8Array(DECISION_BYTES), 5n)
  writer.abandon()
  const reader = new LogReader(file)
  expect(reader.index().map(({ type, count }) => [type, count])).toEqual([
    [FrameType.EVENTS, 2],
    [FrameType.DECISIONS, 1],
  ])
  expect(reader.end.damage).toMatchObject({ kind: 'torn', at: readFileSync(file).length })
  reader.close()
})

test('frames larger than the window of the reader come back whole', () => {
  const file = join(temporaryFolder(), 'a.flexlog')
  const big = new Uint8Array(40_000 * EVENT_BYTES).map((_, i) => i * 31)
  const writer = new LogWriter(file, header)
  writer.writeEvents(big)
  writer.writeEvents(big.subarray(0, EVENT_BYTES))
  writer.close({ decision_hash: 0n, state_hash: 0n })
  const reader = new LogReader(file)
  const read = [...reader.frames()].map((frame) => frame.count)
  expect(read).toEqual([40_000, 1])
  expect(Buffer.compare(reader.readFrame(reader.first_frame).payload, big)).toBe(0)
  reader.close()
})

test('records that are not whole are refused', () => {
  const file = join(temporaryFolder(), 'a.flexlog')
  writeFileSync(file, '')
  const writer = new LogWriter(file, header)
  expect(() => writer.writeEvents(new Uint8Array(EVENT_BYTES + 1))).toThrow('65 bytes are no whole records of 64')
  expect(() => new LogWriter(file, { ...header, core_hash: new Uint8Array(31) })).toThrow('a core hash has 32 bytes')
  writer.abandon()
})
