/** The language of breakpoints and watchpoints: what it means, what it refuses, and where it stops. */
import { beforeAll, describe, expect, it } from 'vitest'
import { EventKind } from '../../build/gen/ts/records.ts'
import { compile, PredicateError } from '../../host-browser/lib/predicate/compile.ts'
import { Search, type Hit } from '../../host-browser/lib/predicate/search.ts'
import { Cursor } from '../../host-browser/lib/cursor.ts'
import type { Recording } from '../../host-browser/lib/recording.ts'
import { buildCore } from '../../tools/build/all.ts'
import { alone } from '../shim/workshop.ts'
import { opened, recorded, wasm } from './recordings.ts'

let recording: Recording
let cursor: Cursor

beforeAll(async () => {
  await alone(buildCore)
  recording = opened(recorded('predicates', 5_000), 600)
  cursor = new Cursor(recording, wasm())
})

const always = async (): Promise<boolean> => true

function look(text: string, from: number, back = false, watch = false): Promise<Hit | undefined> {
  const search = new Search(recording, cursor, [{ predicate: compile(text), watch }])
  return back ? search.backward(from, always) : search.forward(from, always)
}

/** Every place, by asking one event after another. */
function all(text: string): number[] {
  const predicate = compile(text)
  const places: number[] = []
  cursor.seek(0)
  for (let event = 0; event < recording.events.count; event++) {
    cursor.step()
    const place = { recording, figures: cursor.core.figures, event, decision: -1 }
    if (predicate.at(place) === true) places.push(event + 1)
  }
  return places
}

describe('conditions', () => {
  it.each([
    'stream.queue > 12',
    'event == op_submit and event.kernel ~ "attention"',
    'stream[3].inflight_ns >= 1us and not (stream[3].phase == decode)',
    'device.queue > 20 && device[0].share <= 100%',
    'time > 5ms or event == tenant_set',
    'tenant[2].weight == 1000 and event == stream_add',
    'policy == dynamic_pd and event == phase_hint and event.phase != prefill',
  ])('%s stops where it holds, forward and back', async (text) => {
    const places = all(text)
    expect(places.length).toBeGreaterThan(0)
    const middle = places[Math.floor(places.length / 2)]!
    expect((await look(text, 0))?.events).toBe(places[0])
    expect((await look(text, middle - 1))?.events).toBe(middle)
    expect((await look(text, middle, true))?.events).toBe(places.findLast((p) => p < middle))
    expect((await look(text, places.at(-1)!))?.events).toBeUndefined()
  })

  it('are asked of each decision, where they are about decisions', async () => {
    const hit = await look('decision == dispatch and decision.rule == prefill_share and decision.count >= 1', 0)
    expect(hit!.decision).toBeGreaterThanOrEqual(0)
    expect(recording.eventOf(hit!.decision)).toBe(hit!.events - 1)
    const last = await look('decision == dispatch', recording.events.count + 1, true)
    expect(last!.decision).toBe(recording.decisions.count - 1)
  })

  it('watched, stop where they begin to hold, or their value changes', async () => {
    const edge = await look('stream[0].inflight > 4', 0, false, true)
    const again = await look('stream[0].inflight > 4', edge!.events, false, true)
    expect(again!.events).toBeGreaterThan(edge!.events)
    cursor.seek(edge!.events - 1)
    expect(Number(cursor.core.figures.stream_inflight(0))).toBeLessThanOrEqual(4)
    cursor.seek(edge!.events)
    expect(Number(cursor.core.figures.stream_inflight(0))).toBeGreaterThan(4)
    const change = await look('stream[1].queue', 300, false, true)
    cursor.seek(change!.events - 1)
    const before = cursor.core.figures.stream_queued(1)
    cursor.seek(change!.events)
    expect(cursor.core.figures.stream_queued(1)).not.toBe(before)
  })

  it('that need no state execute nothing', async () => {
    cursor.seek(7)
    expect(compile('event == op_complete').state).toBe(false)
    const hit = await look('event == op_complete', 0)
    expect(recording.events.u32(hit!.events - 1, 0) & 0xffff).toBe(EventKind.OP_COMPLETE)
    expect(cursor.at).toBe(7)
  })

  it('a search that is told to end does', async () => {
    const search = new Search(recording, cursor, [{ predicate: compile('stream.queue > 100000'), watch: false }])
    expect(await search.forward(0, async () => false)).toBeUndefined()
  })
})

describe('what is no condition', () => {
  it.each([
    ['stream.queu > 3', 1, 'stream has no field queu; fields are queue, inflight'],
    ['decision == holdd', 13, 'no value holdd there; values are dispatch, hold'],
    ['strem.queue > 3', 1, 'strem is no name; names are event, decision, stream'],
    ['stream.queue >', 15, 'expected a number, a text or a name, found the end'],
    ['(stream.queue > 3', 18, 'expected `)`'],
    ['time > 5lightyears', 9, 'lightyears is no unit; units are ns, us, ms, s'],
    ['event.kernel ~ "a', 16, 'has no end'],
    ['stream.queue > 3 stream', 18, 'expected the end, `and` or `or`'],
    ['stream.queue # 3', 14, '"#" means nothing here'],
  ])('%s is refused with its place', (text, at, reason) => {
    try {
      compile(text)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(PredicateError)
      expect((error as PredicateError).at).toBe(at - 1)
      expect((error as PredicateError).message).toContain(reason)
    }
  })
})
