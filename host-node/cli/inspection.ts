/**
 * The result of `flexnpu inspect`, as one object (its --json) and as text. Field names keep their units; 64-bit hashes
 * are hex strings.
 */
import Table from 'cli-table3'
import type { Damage } from '../log/errors.ts'
import { NameKind } from '../log/names.ts'
import type { LogReader } from '../log/reader.ts'
import { exact, shownLine, type ShownRecord } from '../log/shown.ts'
import type { LogSummary, StreamSummary } from '../log/summary.ts'
import { hex64 } from '../replay/replay.ts'

/** What `flexnpu inspect --json` prints, record lists excepted. */
export interface Inspection {
  file: string
  file_bytes: number
  version: number
  core_hash: string
  start: string
  configuration: unknown
  events: number | string
  decisions: number | string
  frames: number
  snapshots: number
  /** From the first event to the last. */
  span_ns: number | string
  devices: ShownRecord[]
  tenants: ShownRecord[]
  vnpus: ShownRecord[]
  policies: ShownRecord[]
  streams: StreamSummary[]
  events_by_kind: Record<string, number>
  decisions_by_kind: Record<string, number>
  decisions_by_rule: Record<string, number>
  kernels: { key: string; name: string | null; submits: number }[]
  /** The decision hash after the last good decision. */
  decision_hash: string | null
  /** From the footer. */
  state_hash: string | null
  stats: unknown
  whole: boolean
  torn: Damage | null
}

/** Puts together what a pass over the recording found; the reader has been read to its end. */
export function inspection(reader: LogReader, summary: LogSummary): Inspection {
  const { header, end } = reader
  return {
    file: reader.file,
    file_bytes: reader.size,
    version: header.version,
    core_hash: Buffer.from(header.core_hash).toString('hex'),
    start: wallClock(header.start_unix_ns),
    configuration: header.json,
    events: exact(end.events),
    decisions: exact(end.decisions),
    frames: end.index.length,
    snapshots: summary.snapshots,
    span_ns: exact((summary.last_ns ?? 0n) - (summary.first_ns ?? 0n)),
    devices: namedRecords(summary, summary.devices, NameKind.DEVICE),
    tenants: namedRecords(summary, summary.tenants, NameKind.TENANT),
    vnpus: [...summary.vnpus.values()],
    policies: summary.policies,
    streams: summary.streamList(),
    events_by_kind: sorted(summary.events_by_kind),
    decisions_by_kind: sorted(summary.decisions_by_kind),
    decisions_by_rule: sorted(summary.decisions_by_rule),
    kernels: summary.kernelList().map(({ key, name, submits }) => ({ key: hex64(key), name: name ?? null, submits })),
    decision_hash: summary.chain_end === undefined ? null : hex64(summary.chain_end),
    state_hash: end.footer === undefined ? null : hex64(end.footer.state_hash),
    stats: summary.stats ?? null,
    whole: end.damage === undefined,
    torn: end.damage ?? null,
  }
}

/** The same for people. */
export function inspectionText(result: Inspection): string {
  const parts = [
    overview(result),
    records('devices', result.devices),
    records('tenants', result.tenants),
    records('virtual NPUs', result.vnpus),
    records('policies', result.policies),
    table(
      ['stream', 'name', 'vnpu', 'priority', 'submitted', 'on credit', 'phase', 'confidence ‰', 'changes'],
      result.streams.map((s) => [
        `${s.stream}${s.created > 1 ? ` (${s.created} times)` : ''}${s.removed ? ' (removed)' : ''}`,
        s.name ?? '',
        s.vnpu,
        s.priority,
        s.submitted,
        s.on_credit,
        s.phase,
        s.phase_confidence_permille,
        s.phase_changes,
      ]),
    ),
    table(['event', 'count'], Object.entries(result.events_by_kind)),
    table(
      ['decision', 'rule', 'count'],
      Object.entries(result.decisions_by_rule).map(([name, count]) => name.split(' ').concat(String(count))),
    ),
    table(
      ['kernel', 'key', 'submits'],
      result.kernels.map(({ name, key, submits }) => [name ?? '(no name)', key, submits]),
    ),
    table(['function', 'calls'], Object.entries(callsOf(result.stats))),
    extraStats(result.stats),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function overview(result: Inspection): string {
  const state = result.torn === null ? 'whole' : `${result.torn.kind} at byte ${result.torn.at}: ${result.torn.reason}`
  const rows: [string, string][] = [
    ['recording', `${result.file} (${result.file_bytes} bytes, format version ${result.version}, ${state})`],
    ['core', result.core_hash],
    ['begun', result.start],
    ['configuration', JSON.stringify(result.configuration)],
    ['length', `${(Number(result.span_ns) / 1e6).toFixed(3)} ms`],
    [
      'records',
      `${result.events} events, ${result.decisions} decisions, ${result.snapshots} snapshots, ${result.frames} frames`,
    ],
    ['hash chain', result.decision_hash ?? '(no decision)'],
    ['state hash', result.state_hash ?? '(no footer)'],
  ]
  return rows.map(([name, value]) => `${name.padEnd(14)} ${value}`).join('\n')
}

function records(title: string, list: readonly ShownRecord[]): string {
  return list.length === 0 ? '' : [`${title}:`, ...list.map((record) => `  ${shownLine(record)}`)].join('\n')
}

/** A plain table; empty where it would have no rows. Numbers stand right. */
function table(head: string[], rows: (string | number)[][]): string {
  const first = rows[0]
  if (first === undefined) return ''
  const none = Object.fromEntries(
    ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'].map((c) => [
      c,
      '',
    ]),
  )
  const sides = Object.fromEntries(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'].map((c) => [c, '']))
  const printed = new Table({
    head,
    chars: { ...none, ...sides, middle: '  ' },
    colAligns: first.map((cell) => (/^\d+$/.test(String(cell)) ? 'right' : 'left')),
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  })
  for (const row of rows) printed.push(row.map(String))
  return printed
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

function callsOf(stats: unknown): Record<string, number> {
  if (typeof stats !== 'object' || stats === null || !('calls' in stats)) return {}
  const { calls } = stats
  if (typeof calls !== 'object' || calls === null) return {}
  return Object.fromEntries(Object.entries(calls).sort(([, a], [, b]) => Number(b) - Number(a)))
}

function extraStats(stats: unknown): string {
  if (typeof stats !== 'object' || stats === null) return ''
  const { calls: _, ...rest } = stats as Record<string, unknown>
  return Object.entries(rest)
    .map(([name, value]) => `${name.padEnd(14)} ${JSON.stringify(value)}`)
    .join('\n')
}

function namedRecords(summary: LogSummary, list: ReadonlyMap<number, ShownRecord>, kind: number): ShownRecord[] {
  return [...list].map(([id, record]) => {
    const name = summary.nameOf(kind, BigInt(id))
    return name === undefined ? record : Object.assign({}, record, { name })
  })
}

const sorted = (counts: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...counts].sort(([, a], [, b]) => b - a))

/** ISO 8601 with the nanoseconds that Date has not. */
function wallClock(unix_ns: bigint): string {
  const ms = Number(unix_ns / 1_000_000n)
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) return `${unix_ns} ns since 1970`
  return date.toISOString().replace(/\.\d+Z$/, `.${(unix_ns % 1_000_000_000n).toString().padStart(9, '0')}Z`)
}
