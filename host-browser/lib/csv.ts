/** Events or decisions as CSV (RFC 4180): one column for each field that any of them has. */
import { shownDecision, shownEvent, type ShownRecord } from '../../host-node/log/shown.ts'
import { decisionFields, eventHeader, events as eventKinds } from '../../spec/records.ts'
import type { Recording } from './recording.ts'

const ROWS_A_PART = 10_000

const quoted = (value: string | number | null | undefined): string => {
  if (value === null || value === undefined) return ''
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** What lies in a stretch of time, as a CSV file. */
export function csv(recording: Recording, what: 'events' | 'decisions', from_ns: number, to_ns: number): Blob {
  const [begin, end] = [recording.eventAt(from_ns), recording.eventAt(to_ns + 1)]
  const fields =
    what === 'events'
      ? [...new Set([...eventHeader, ...eventKinds.flatMap((kind) => kind.fields)].map(({ name }) => name))]
      : decisionFields.map(({ name }) => name)
  const columns = ['number', ...(what === 'decisions' ? ['time_ns'] : []), ...fields]
  const first = what === 'events' ? begin : recording.firstDecision(begin)
  const last = what === 'events' ? end : recording.firstDecision(end)
  const parts: string[] = [`${columns.join(',')}\r\n`]
  for (let from = first; from < last; from += ROWS_A_PART) {
    const rows: string[] = []
    for (let i = from; i < Math.min(last, from + ROWS_A_PART); i++) rows.push(`${row(recording, what, i, columns)}\r\n`)
    parts.push(rows.join(''))
  }
  return new Blob(parts, { type: 'text/csv' })
}

function row(recording: Recording, what: 'events' | 'decisions', i: number, columns: readonly string[]): string {
  const shown: ShownRecord =
    what === 'events'
      ? shownEvent(recording.events.at(i))
      : { ...shownDecision(recording.decisions.at(i)), time_ns: recording.timeOf(recording.eventOf(i)) }
  return columns.map((column) => (column === 'number' ? String(i + 1) : quoted(shown[column]))).join(',')
}
