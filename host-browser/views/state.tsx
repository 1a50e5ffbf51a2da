/** Where the debugger stands: the event, its decisions, and the core's state with what the event changed. */
import { PolicyIdNames } from '../../build/gen/ts/records.ts'
import { policyIds, policyParameters } from '../../spec/records.ts'
import type { Cell, Row } from '../lib/core-view.ts'
import { count, duration, moment, words } from '../lib/format.ts'
import * as app from '../state/app.ts'
import { DecisionList } from './decision-list.tsx'
import { Head } from './head.tsx'
import { Record } from './record.tsx'

export function StatePanel() {
  const here = app.position.value
  if (here === undefined) return <p class="muted">The recording is being read.</p>
  const { core } = here
  const policy = Object.entries(policyIds).find(([, id]) => id === core.policy)?.[0] ?? PolicyIdNames[core.policy] ?? ''
  const wake = core.next_wake_ns > 2 ** 62 ? 'never' : moment(core.next_wake_ns)
  return (
    <>
      <section>
        <h2>
          {here.event === undefined ? 'Before the first event' : words(here.event['kind'])}
          <span class="muted">event {count(here.events)}</span>
        </h2>
        {here.event !== undefined && <Record shown={here.event} leave={['flags', 'time_ns']} />}
        <DecisionList />
      </section>
      <section>
        <h2>
          Core <span class="muted">after this event; what it changed is marked</span>
        </h2>
        <p>
          Policy <b>{policy}</b>
          {(policyParameters[policy] ?? []).map((p, i) => (
            <span key={p.name} class="tag">
              {p.name} {p.name.endsWith('_ns') ? duration(Number(core.parameters[i])) : core.parameters[i]}
            </span>
          ))}
          <span class="tag">wakes {wake}</span>
        </p>
        <Rows title="Devices" name="device" rows={core.devices} columns={deviceColumns} />
        <Rows title="Streams" name="stream" rows={core.streams} columns={streamColumns} more={core.more_streams} />
        <Rows title="Tenants" name="tenant" rows={core.tenants} columns={tenantColumns} />
      </section>
    </>
  )
}

const headings: Record<string, string> = { inflight_ns: 'work', tokens_ns: 'tokens', waiting_ns: 'waits' }

const deviceColumns = ['queue', 'inflight_ns', 'busy', 'share', 'tokens_ns', 'prefill_load', 'vclock']
const streamColumns = ['phase', 'state', 'queue', 'inflight', 'inflight_ns', 'credit', 'vtime', 'waiting_ns']
const tenantColumns = ['weight', 'streams', 'held', 'quota']

function shownValue(column: string, value: string): string {
  const number = Number(value)
  if (column.endsWith('_ns')) return duration(number)
  if (column === 'share' || column === 'prefill_load') return `${(number / 10).toFixed(1)} %`
  if (column === 'vtime' || column === 'vclock') return (number / 1e6).toFixed(3)
  if (column === 'held' || column === 'quota') return number === 0 ? '0' : `${(number / 2 ** 30).toFixed(2)} GiB`
  if (column === 'credit' && number > 1e9) return 'all'
  return Number.isFinite(number) && value !== '' ? count(number) : value
}

function Value({ column, cell }: { column: string; cell: Cell | undefined }) {
  if (cell === undefined) return <td>–</td>
  if (cell.before === undefined) return <td>{shownValue(column, cell.value)}</td>
  const before = shownValue(column, cell.before)
  return (
    <td class="changed" title={`was ${before}`}>
      <span class="sr">changed from {before} to </span>
      {shownValue(column, cell.value)}
    </td>
  )
}

function Rows(props: { title: string; name: string; rows: Row[]; columns: string[]; more?: number }) {
  const { title, name, rows, columns, more = 0 } = props
  if (rows.length === 0) return null
  return (
    <div class="scroll-x" role="region" aria-label={title} tabIndex={0}>
      <table class="grid">
        <caption>{title}</caption>
        <Head columns={[name, ...columns.map((column) => headings[column] ?? column.replace('_', ' '))]} />
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} class={row.changed ? 'row-changed' : ''}>
              <th scope="row">{row.id}</th>
              {columns.map((column) => (
                <Value key={column} column={column} cell={row.cells[column]} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && <p class="muted">and {count(more)} streams with nothing queued or changed</p>}
    </div>
  )
}
