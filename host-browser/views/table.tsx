/** The records as a table, from what the timeline shows on: what the canvas draws, for those who read. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { shownLine } from '../../host-node/log/shown.ts'
import { count, moment, words } from '../lib/format.ts'
import * as app from '../state/app.ts'
import { client, go } from '../state/session.ts'
import type { Answers } from '../worker/protocol.ts'
import { Head } from './head.tsx'

const ROWS = 100

export function TablePanel() {
  const what = useSignal<'events' | 'decisions'>('decisions')
  const skip = useSignal(0)
  const page = useSignal<Answers['table'] | undefined>(undefined)
  const from = Math.max(app.trace.first_ns, app.view.value.from)
  const { events } = app.trace
  useEffect(() => {
    skip.value = 0
  }, [from])
  useEffect(() => {
    let now = true
    // While the view moves there is no use in asking.
    const timer = setTimeout(() => {
      const question = { ask: 'table', what: what.value, from_ns: from, count: ROWS, skip: skip.value } as const
      void client.ask(question).then((answer) => {
        if (now) page.value = answer
      })
    }, 80)
    return () => {
      now = false
      clearTimeout(timer)
    }
  }, [what.value, skip.value, from, events])
  const shown = page.value
  return (
    <section>
      <h2>
        <label>
          <span class="sr">Records</span>
          <select
            class="field"
            value={what.value}
            onChange={(event) => {
              what.value = event.currentTarget.value as 'events' | 'decisions'
              skip.value = 0
            }}
          >
            <option value="decisions">Decisions</option>
            <option value="events">Events</option>
          </select>
        </label>
        <span class="muted">from the beginning of the view on</span>
      </h2>
      <p class="buttons">
        <button type="button" class="button small" onClick={() => (skip.value -= ROWS)}>
          Earlier
        </button>
        <button type="button" class="button small" onClick={() => (skip.value += ROWS)}>
          Later
        </button>
        <span class="muted">
          {shown === undefined || shown.rows.length === 0
            ? ''
            : `${count(shown.first + 1)} to ${count(shown.first + shown.rows.length)} of ${count(shown.total)}`}
        </span>
      </p>
      <div class="scroll-x" role="region" aria-label="Records" tabIndex={0}>
        <table class="grid records">
          <Head columns={['number', 'time', 'kind', 'fields']} />
          <tbody>
            {shown?.rows.map((row) => {
              const { kind, time_ns: _, ...fields } = row.shown
              const chosen =
                what.value === 'events'
                  ? row.event + 1 === app.position.value?.events
                  : row.number - 1 === app.position.value?.decision
              return (
                <tr key={row.number} class={chosen ? 'chosen' : ''}>
                  <th scope="row">
                    <button type="button" class="link" onClick={() => show(what.value, row.number, row.event)}>
                      {count(row.number)}
                    </button>
                  </th>
                  <td>{moment(row.time_ns)}</td>
                  <td>{words(kind)}</td>
                  <td class="fields">{shownLine({ kind: '', ...fields }).trim()}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function show(what: 'events' | 'decisions', number: number, event: number): void {
  void go({ by: 'seek', events: event + 1, ...(what === 'decisions' && { decision: number - 1 }) }, false)
}
