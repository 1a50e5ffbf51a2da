/** What the timeline draws and adds up: rows of the worker against plain sums over them. */
import { beforeAll, describe, expect, it } from 'vitest'
import { chromeTrace } from '../../host-browser/lib/chrome-trace.ts'
import { Counter } from '../../host-browser/lib/counter.ts'
import { csv } from '../../host-browser/lib/csv.ts'
import { trackId, trackKind, TrackKind } from '../../host-browser/lib/deltas.ts'
import { KINDS } from '../../host-browser/lib/marks.ts'
import type { Recording } from '../../host-browser/lib/recording.ts'
import { tokenTimes } from '../../host-browser/lib/steps.ts'
import { Trace } from '../../host-browser/lib/trace.ts'
import { SUMS, type Track } from '../../host-browser/lib/track.ts'
import { decodeView, encodeView } from '../../host-browser/state/link.ts'
import { buildCore } from '../../tools/build/all.ts'
import { alone } from '../shim/workshop.ts'
import { opened, recorded } from './recordings.ts'

const EVENTS = 30_000
let recording: Recording
let trace: Trace

beforeAll(async () => {
  await alone(buildCore)
  recording = opened(recorded('trace', EVENTS))
  trace = new Trace()
  trace.append(recording.activity.take(true))
})

/** The sums of a track, span by span. */
function plain(track: Track, from: number, to: number): number[] {
  const sums = Array.from({ length: SUMS }, () => 0)
  for (let i = 0; i < track.count; i++) {
    const [start, end] = [track.start.data[i]!, track.endOf(i)]
    const ns = Math.min(end, to) - Math.max(start, from)
    for (let kind = 0; kind < SUMS; kind++) if (ns > 0 && (track.code.data[i]! & (1 << kind)) !== 0) sums[kind]! += ns
  }
  return sums
}

describe('tracks', () => {
  it('hold spans by time that do not overlap', () => {
    expect(trace.tracks.size).toBeGreaterThan(20)
    for (const track of trace.tracks.values()) {
      for (let i = 1; i < track.count; i++) {
        expect(track.start.data[i]!).toBeGreaterThanOrEqual(track.start.data[i - 1]!)
        expect(track.start.data[i]!).toBeGreaterThanOrEqual(track.endOf(i - 1) - 1)
      }
    }
  })

  it('add up, over any stretch, to what their spans do', () => {
    const { first_ns, last_ns } = trace
    for (const [a, b] of [
      [0, 1],
      [0.1, 0.7],
      [0.31, 0.34],
      [0.5, 0.5001],
    ] as const) {
      const [from, to] = [first_ns + (last_ns - first_ns) * a, first_ns + (last_ns - first_ns) * b]
      for (const track of trace.tracks.values()) {
        const sums = track.sums(from, to)
        const wanted = plain(track, from, to)
        // What is narrower than a 64th of the stretch counts in part at its ends.
        for (let kind = 0; kind < SUMS; kind++) {
          expect(Math.abs(sums[kind]! - wanted[kind]!)).toBeLessThanOrEqual((to - from) / 32 + 2)
        }
      }
    }
  })

  it('visit no more blocks than there is room for, and all of the time', () => {
    const device = trace.tracks.get(trackId(TrackKind.DEVICE, 0))!
    const length = trace.last_ns - trace.first_ns
    let visited = 0
    const total = Array.from({ length: SUMS }, () => 0)
    device.visit(trace.first_ns, trace.last_ns + 1, length / 500, (start, end, code, sums) => {
      visited++
      for (let kind = 0; kind < SUMS; kind++) {
        total[kind]! += sums === undefined ? ((code & (1 << kind)) !== 0 ? end - start : 0) : sums[kind]!
      }
    })
    expect(visited).toBeLessThan(4000)
    for (const [kind, ns] of plain(device, 0, Infinity).entries()) expect(total[kind]! / 1e6).toBeCloseTo(ns / 1e6, 1)
  })

  it('a stream on the device is at work, and so are its tenant and its device', () => {
    const busy = (id: number): number => plain(trace.tracks.get(id)!, 0, Infinity).reduce((s, ns) => s + ns, 0)
    const streams = [...trace.tracks.values()].filter((t) => trackKind(t.id) === TrackKind.STREAM)
    expect(streams).toHaveLength(16)
    const most = Math.max(...streams.map((t) => busy(t.id)))
    expect(busy(trackId(TrackKind.DEVICE, 0))).toBeGreaterThanOrEqual(most)
  })
})

describe('decisions, figures and steps', () => {
  it('counts of decisions in a stretch are those of the recording', () => {
    const tally = new Uint32Array(KINDS)
    const [first, end] = [137, trace.marks.count - 77]
    trace.marks.tally(first, end, tally)
    const wanted = new Uint32Array(KINDS)
    for (let i = first; i < end; i++) wanted[recording.decisions.u32(i, 0) & 0xff]!++
    expect([...tally]).toEqual([...wanted])
  })

  it('a figure keeps its peaks however few points are asked for', () => {
    const counter = new Counter(0)
    const n = 5000
    const values = Float32Array.from({ length: n }, (_, i) => (i === 3210 ? 99 : i % 7))
    const time = Float64Array.from({ length: n }, (_, i) => i * 10)
    counter.append({ time, low: values, high: values, last: values })
    const { value } = counter.points(0, n * 10, 20)
    expect(Math.max(...value)).toBe(99)
    expect(value.length).toBeLessThan(100)
    expect(counter.at(32_105)).toBe(99)
  })

  it('finds token times of both phases', () => {
    const { ttft, tpot } = tokenTimes(trace, trace.first_ns, trace.last_ns)
    expect(ttft.values.length + tpot.values.length).toBeGreaterThan(3)
    expect(tpot.p50).toBeGreaterThan(0)
  })

  it("tenants' times add up to the device's busy time", () => {
    const device = trace.tracks.get(trackId(TrackKind.DEVICE, 0))!
    let busy = 0
    for (let i = 0; i < device.count; i++) busy += device.length.data[i]!
    const tenants = trace.tenant_ns.reduce((sum, { ns }) => sum + ns, 0)
    expect(tenants / 1e6).toBeCloseTo(busy / 1e6, 0)
  })
})

describe('exports', () => {
  it('Chrome Trace JSON has spans, instants, counters and names', async () => {
    const { traceEvents } = JSON.parse(await chromeTrace(trace, trace.first_ns, trace.last_ns).text()) as {
      traceEvents: { ph: string; pid: number; tid?: number; ts?: number; dur?: number; name: string }[]
    }
    const by = (ph: string) => traceEvents.filter((event) => event.ph === ph)
    expect(by('i')).toHaveLength(trace.marks.count)
    expect(by('M').map(({ name }) => name)).toContain('thread_name')
    expect(by('C').length).toBeGreaterThan(10)
    for (const { ts, dur } of by('X')) expect(Number.isFinite(ts) && dur! >= 0).toBe(true)
    expect(by('X').length).toBeGreaterThan(100)
  })

  it('CSV has a row for each decision, quoted where it must be', async () => {
    const text = await csv(recording, 'decisions', 0, trace.last_ns).text()
    const lines = text.trimEnd().split('\r\n')
    expect(lines).toHaveLength(recording.decisions.count + 1)
    expect(lines[0]).toBe('number,time_ns,kind,flags,rule,stream,count,device,core_limit,value,event_seq')
    expect(lines[1]!.split(',')).toHaveLength(11)
    const events = (await csv(recording, 'events', 0, trace.last_ns).text()).trimEnd().split('\r\n')
    expect(events).toHaveLength(EVENTS + 1)
  })

  it('a link holds the view', () => {
    const view = {
      from: 12,
      to: 3456,
      at: 77,
      decision: 5,
      tab: 'why' as const,
      pins: [131_074, -1],
      filter: 'tenant 2 & more',
      stops: [
        { text: 'stream.queue > 32', watch: true },
        { text: 'decision == hold', watch: false },
      ],
      selection: { from: 100, to: 200 },
    }
    const { stops, ...rest } = decodeView(`#${encodeView(view)}`)
    expect(rest).toEqual({ ...view, stops: undefined, ...rest })
    expect(stops).toEqual(expect.arrayContaining(view.stops))
    expect(decodeView('#from=9&to=1&at=x&tab=nothing')).toEqual({})
  })
})
