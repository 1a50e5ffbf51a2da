/**
 * The Chrome Trace Event format (JSON), which Perfetto and chrome://tracing open: streams as threads of their tenant's
 * process, devices as a process, decisions as instants, figures as counters. Times in microseconds.
 */
import { decisions as kinds } from '../../spec/records.ts'
import { RuleNames } from '../../build/gen/ts/records.ts'
import { CounterKind, TrackKind, trackKind, trackNumber } from './deltas.ts'
import { codeLabel } from './phases.ts'
import type { Trace } from './trace.ts'

/** Processes of the format: tenants count from 0, the others lie far above. */
const DEVICES = 1_000_000
const ROWS_A_PART = 5_000

const kindNames: Record<number, string> = Object.fromEntries(kinds.map(({ id, name }) => [id, name]))
const counterNames: Record<number, string> = Object.fromEntries(
  Object.entries(CounterKind).map(([name, id]) => [id, name.toLowerCase()]),
)

const us = (ns: number): number => ns / 1000

/** What lies between two times. */
export function chromeTrace(trace: Trace, from: number, to: number): Blob {
  const parts: string[] = ['{"displayTimeUnit":"ns","traceEvents":[\n']
  let rows: string[] = []
  let first = true
  const add = (row: object): void => {
    rows.push(`${first ? '' : ',\n'}${JSON.stringify(row)}`)
    first = false
    if (rows.length < ROWS_A_PART) return
    parts.push(rows.join(''))
    rows = []
  }
  for (const { tenant, name } of trace.topology.tenants) {
    add({ ph: 'M', name: 'process_name', pid: tenant, args: { name: name ?? `tenant ${tenant}` } })
  }
  for (const { device, chip } of trace.topology.devices) {
    const pid = DEVICES + device
    add({ ph: 'M', name: 'process_name', pid, args: { name: `device ${device} (${chip})` } })
    add({ ph: 'M', name: 'thread_name', pid, tid: 0, args: { name: 'activity' } })
    add({ ph: 'M', name: 'thread_name', pid, tid: 1, args: { name: 'decisions' } })
  }
  const tenantOf = new Map(trace.topology.streams.map(({ stream, tenant }) => [stream, tenant]))
  for (const { stream, tenant, name } of trace.topology.streams) {
    add({ ph: 'M', name: 'thread_name', pid: tenant, tid: stream, args: { name: name ?? `stream ${stream}` } })
  }
  for (const track of trace.tracks.values()) {
    const kind = trackKind(track.id)
    const number = trackNumber(track.id)
    if (kind !== TrackKind.DEVICE && kind !== TrackKind.STREAM) continue
    const place =
      kind === TrackKind.DEVICE ? { pid: DEVICES + number, tid: 0 } : { pid: tenantOf.get(number) ?? 0, tid: number }
    for (let i = track.firstAfter(from); i < track.count && track.start.data[i]! < to; i++) {
      const code = track.code.data[i]!
      const dur = us(track.length.data[i]!)
      const args = { event: track.event.data[i]! }
      add({ ph: 'X', name: codeLabel(code), cat: 'activity', ...place, ts: us(track.start.data[i]!), dur, args })
    }
  }
  const { marks } = trace
  const device = DEVICES + (trace.topology.devices[0]?.device ?? 0)
  for (let i = marks.from(from); i < marks.count && marks.time.data[i]! <= to; i++) {
    const args = { decision: i + 1, rule: RuleNames[marks.rule.data[i]!] ?? '', stream: marks.stream.data[i]! }
    const name = kindNames[marks.kind.data[i]!] ?? ''
    add({ ph: 'i', s: 't', name, cat: 'decision', pid: device, tid: 1, ts: us(marks.time.data[i]!), args })
  }
  for (const counter of trace.counters.values()) {
    const pid = DEVICES + (counter.id >>> 4)
    const name = counterNames[counter.id & 15] ?? ''
    const { time, value } = counter.points(from, to, 1 << 20)
    for (const [i, at] of time.entries()) add({ ph: 'C', name, pid, ts: us(at), args: { value: value[i] } })
  }
  parts.push(rows.join(''), '\n]}\n')
  return new Blob(parts, { type: 'application/json' })
}
