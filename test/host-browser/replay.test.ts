/** Reading, replaying and going about in a recording, as the debugger's worker does it, without a browser. */
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { Core } from '../../host-node/core/core.ts'
import { FrameStream } from '../../host-node/log/frame-stream.ts'
import { encodeFrameHeader } from '../../host-node/log/frame.ts'
import { encodeHeader } from '../../host-node/log/header.ts'
import { LogReader } from '../../host-node/log/reader.ts'
import { encodeSnapshot } from '../../host-node/log/snapshot.ts'
import type { Recording } from '../../host-browser/lib/recording.ts'
import { FrameType } from '../../spec/log.ts'
import { crc32 } from '../../host-browser/lib/crc32.ts'
import { Cursor } from '../../host-browser/lib/cursor.ts'
import { Snapshots } from '../../host-browser/lib/snapshots.ts'
import { DECISION_BYTES, EVENT_BYTES } from '../../spec/records.ts'
import { buildCore } from '../../tools/build/all.ts'
import { alone } from '../shim/workshop.ts'
import { folder, opened, recorded, wasm } from './recordings.ts'

const EVENTS = 6_000
let file: string

beforeAll(async () => {
  await alone(buildCore)
  file = recorded('replay', EVENTS)
})

describe('the codec in a browser', () => {
  it('computes the CRC of zlib, at any alignment', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(7), (bytes, offset) => {
        const moved = new Uint8Array(bytes.length + offset)
        moved.set(bytes, offset)
        expect(crc32(moved.subarray(offset))).toBe(zlibCrc32(bytes))
      }),
    )
  })

  it('reads the same frames from pieces of any size as from the file', () => {
    const reader = new LogReader(file)
    const wanted = [...reader.frames()].map(({ name, offset, count }) => ({ name, offset, count }))
    const { end } = reader
    reader.close()
    const bytes = new Uint8Array(readFileSync(file))
    for (const piece of [977, 65_536, bytes.length]) {
      const seen: object[] = []
      const stream = new FrameStream(file, ({ name, offset, count }) => seen.push({ name, offset, count }))
      for (let at = 0; at < bytes.length; at += piece) stream.push(bytes.subarray(at, at + piece))
      expect(stream.finish()).toEqual(end)
      expect(seen).toEqual(wanted)
    }
  })

  it('ends where the reader of files ends, wherever the file is cut', () => {
    const bytes = new Uint8Array(readFileSync(file))
    const cut = join(folder, 'cut.flexlog')
    fc.assert(
      fc.property(fc.integer({ min: 200, max: bytes.length - 1 }), (length) => {
        writeFileSync(cut, bytes.subarray(0, length))
        const reader = new LogReader(cut)
        for (const _ of reader.frames());
        const stream = new FrameStream(cut, () => {})
        stream.push(bytes.subarray(0, length))
        expect(stream.finish()).toEqual(reader.end)
        reader.close()
      }),
      { numRuns: 30 },
    )
  })
})

describe('a recording', () => {
  it('replays without a difference, and holds every event and decision', () => {
    const recording = opened(file)
    expect(recording.verdict).toMatchObject({ events: EVENTS, differences: 0, complete: true })
    expect(recording.events.count).toBe(EVENTS)
    expect(recording.decisions.count).toBe(recording.verdict.decisions)
    expect(recording.eventOf(recording.firstDecision(3000))).toBeGreaterThanOrEqual(3000)
    expect(recording.timeOf(recording.eventAt(1e6))).toBeGreaterThanOrEqual(1e6)
  })

  it('says where the first decision differs, both sides shown', () => {
    const bytes = new Uint8Array(readFileSync(file))
    const reader = new LogReader(file)
    const frame = [...reader.frames()].find(({ name }) => name === 'DECISIONS')!
    reader.close()
    // The rule of the 50th decision; the CRCs are made right again, so that only replay can see it.
    const view = new DataView(bytes.buffer)
    const at = frame.offset + 32 + 49 * DECISION_BYTES
    const event = Number(view.getBigUint64(at + 24, true))
    view.setUint16(at + 2, 3, true)
    const payload = view.getUint32(frame.offset + 8, true)
    view.setUint32(frame.offset + 24, zlibCrc32(bytes.subarray(frame.offset + 32, frame.offset + 32 + payload)), true)
    view.setUint32(frame.offset + 28, zlibCrc32(bytes.subarray(frame.offset, frame.offset + 28)), true)
    const changed = join(folder, 'changed.flexlog')
    writeFileSync(changed, bytes)
    const { differences, first_difference: first } = opened(changed).verdict
    expect(differences).toBe(1)
    expect(first).toMatchObject({ what: 'decision', decision: 50, event, recorded: { rule: 'FAIR_VTIME' } })
    expect(first?.replayed).not.toMatchObject({ rule: 'FAIR_VTIME' })
    expect(first?.cause).toBeDefined()
  })

  it('shows what is there of a torn one', () => {
    const torn = join(folder, 'torn.flexlog')
    writeFileSync(torn, readFileSync(file))
    truncateSync(torn, 250_000)
    const recording = opened(torn)
    expect(recording.verdict).toMatchObject({ differences: 0, damage_kind: 'torn', complete: true })
    expect(recording.verdict.damage).toContain('torn at byte')
    const more = join(folder, 'more.flexlog')
    writeFileSync(more, readFileSync(file))
    appendFileSync(more, 'x')
    expect(opened(more).verdict).toMatchObject({ events: EVENTS, damage_kind: 'damaged' })
  })

  it('may begin in the middle of a run, with a snapshot', () => {
    const whole = opened(file)
    const from = 2_500
    const core = new Core(wasm())
    for (let event = 0; event < from; event++) core.feedTo(whole.events.at(event), () => {})
    const part = join(folder, 'part.flexlog')
    const first = whole.firstDecision(from)
    writeFileSync(part, middle(whole, core, from, first))
    const recording = opened(part, 400)
    const { events, begins_after, differences } = recording.verdict
    expect({ events, begins_after, differences }).toEqual({ events: 1500, begins_after: from, differences: 0 })
    const [cursor, other] = [new Cursor(recording, wasm()), new Cursor(whole, wasm())]
    for (const at of [0, 1, 777, 1500, 3]) {
      cursor.seek(at)
      other.seek(from + at)
      expect(cursor.core.stateHash()).toBe(other.core.stateHash())
    }
    expect(recording.eventOf(0)).toBe(whole.eventOf(first) - from)
    const { topology, events: read } = recording.activity.take(true)
    expect(read).toBe(1500)
    expect(topology?.streams).toHaveLength(16)
    expect(topology?.devices).toEqual([{ device: 0, chip: 'ASCEND_910B2' }])
  })

  it('goes anywhere, and back, to the state that executing from the start gives', () => {
    const recording = opened(file, 700)
    const cursor = new Cursor(recording, wasm())
    const hashes: bigint[] = []
    const plain = new Core(wasm())
    for (let event = 0; event <= EVENTS; event++) {
      hashes.push(plain.stateHash())
      if (event < EVENTS) plain.feedTo(recording.events.at(event), () => {})
      if (event === 900) break
    }
    fc.assert(
      fc.property(fc.nat(900), fc.boolean(), (at, mark) => {
        cursor.seek(at)
        if (mark) cursor.mark()
        expect(cursor.core.stateHash()).toBe(hashes[at])
      }),
    )
    cursor.seek(EVENTS)
    expect(cursor.at).toBe(EVENTS)
    expect(cursor.step()).toBeUndefined()
    cursor.seek(3)
    expect(cursor.core.stateHash()).toBe(hashes[3])
  })
})

const frame = (type: number, records: number, seq: number, bytes: Uint8Array): Uint8Array =>
  Buffer.concat([encodeFrameHeader(type, records, BigInt(seq), bytes), bytes])

/** A recording of 1,500 events from `from` on, as a daemon streams it: the state first. */
function middle(whole: Recording, core: Core, from: number, first: number): Uint8Array {
  const decisions: Uint8Array[] = []
  const events: Uint8Array[] = []
  const { payload, count } = encodeSnapshot(core.snapshot())
  for (let event = from; event < from + 1500; event++) {
    events.push(whole.events.at(event))
    core.feedTo(whole.events.at(event), (made) => decisions.push(made.slice()))
  }
  const hash = new Uint8Array(8)
  new DataView(hash.buffer).setBigUint64(0, core.decisionHash(), true)
  const made = Buffer.concat(decisions)
  return Buffer.concat([
    encodeHeader({ start_unix_ns: 0n, core_hash: new Uint8Array(32), json: {} }),
    frame(FrameType.SNAPSHOT, count, from + 1, payload),
    frame(FrameType.EVENTS, 1500, from + 1, Buffer.concat(events)),
    frame(FrameType.DECISIONS, made.length / DECISION_BYTES, first + 1, Buffer.concat([made, hash])),
  ])
}

describe('snapshots', () => {
  it('are given up evenly beyond their budget, and what is left restores', () => {
    const recording = opened(file)
    const core = new Core(wasm())
    const few = new Snapshots(100, 600_000)
    const hashes = new Map<number, bigint>()
    for (let event = 0; event < 4000; event++) {
      if (event % few.every === 0) {
        few.take(event, core)
        hashes.set(event, core.stateHash())
      }
      core.feedTo(recording.events.run(event, 1), () => {})
    }
    expect(few.every).toBeGreaterThan(100)
    expect(few.bytes).toBeLessThan(1_500_000)
    for (const at of [3999, 2500, 120, 0]) {
      const event = few.restore(at, core)!
      expect(event).toBeLessThanOrEqual(at)
      expect(core.stateHash()).toBe(hashes.get(event))
    }
  })
})

it('an event record has the size that the store was made for', () => {
  expect(opened(file).events.at(5).length).toBe(EVENT_BYTES)
})
