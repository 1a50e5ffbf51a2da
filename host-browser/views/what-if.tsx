/** What if the policy were another: asked here, answered beside what was recorded. */
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { shownLine } from '../../host-node/log/shown.ts'
import { policyIds, policyParameters } from '../../spec/records.ts'
import { trackKind, TrackKind } from '../lib/deltas.ts'
import { count, duration, moment, percent } from '../lib/format.ts'
import { Trace } from '../lib/trace.ts'
import type { Track } from '../lib/track.ts'
import type { Side, WhatIfAnswer } from '../lib/what-if-desk.ts'
import type { Distribution, Metrics } from '../lib/what-if/what-if.ts'
import * as app from '../state/app.ts'
import { part } from '../state/parts.ts'
import { client, go } from '../state/session.ts'
import { Head } from './head.tsx'
import { drawStrips } from './strips.ts'

const nameOf = (policy: number): string =>
  Object.entries(policyIds).find(([, id]) => id === policy)?.[0] ?? String(policy)

export function WhatIfPanel() {
  const policy = useSignal(policyIds['fair'] ?? 0)
  const parameters = useSignal<number[]>([])
  const wrong = useSignal('')
  const known = policyParameters[nameOf(policy.value)] ?? []
  const busy = app.whatIfPart.value !== undefined
  const ask = async (): Promise<void> => {
    wrong.value = ''
    app.whatIfPart.value = 0
    try {
      const question = { policy: policy.value, parameters: known.map((_, i) => parameters.value[i] ?? 0) }
      const engine = (await part('what-if.js')).toString()
      app.whatIf.value = await client.ask({ ask: 'what-if', question, part: engine })
      app.message.value = 'The what-if is done.'
    } catch (error) {
      wrong.value = error instanceof Error ? error.message : String(error)
    } finally {
      app.whatIfPart.value = undefined
    }
  }
  return (
    <>
      <section>
        <h2>
          What if <span class="muted">the same arrivals, the recorded durations</span>
        </h2>
        <form
          class="what-if-form"
          onSubmit={(event) => {
            event.preventDefault()
            void ask()
          }}
        >
          <label>
            Policy
            <select
              id="what-if-policy"
              class="field"
              value={policy.value}
              onChange={(event) => {
                policy.value = Number(event.currentTarget.value)
                parameters.value = []
              }}
            >
              {Object.entries(policyIds).map(([name, id]) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          {known.map((parameter, i) => (
            <label key={`${policy.value} ${parameter.name}`}>
              {parameter.name}
              <input
                class="field"
                type="number"
                min={0}
                placeholder={String(parameter.default)}
                onInput={(event) => {
                  const next = [...parameters.value]
                  next[i] = Number(event.currentTarget.value)
                  parameters.value = next
                }}
              />
            </label>
          ))}
          <button type="submit" class="button button-main" disabled={busy || app.stage.value !== 'ready'}>
            Run again
          </button>
          {busy && <progress aria-label="Running again" value={app.whatIfPart.value} />}
        </form>
        <p class="wrong" role="alert">
          {wrong.value}
        </p>
      </section>
      {app.whatIf.value !== undefined && <Answer answer={app.whatIf.value} />}
    </>
  )
}

function Answer({ answer }: { answer: WhatIfAnswer }) {
  const [before, after] = [nameOf(answer.recorded_policy), nameOf(answer.question.policy)]
  const difference = answer.first_difference
  return (
    <>
      <section>
        <Comparison answer={answer} before={before} after={after} />
        <p class="muted">
          “{before}, modelled” is the recorded policy run again in the same way: how far it is from what was recorded is
          how far the model is off.
        </p>
        {answer.notes.map((note) => (
          <p class="muted" key={note}>
            {note}
          </p>
        ))}
      </section>
      <section>
        <h2>Side by side</h2>
        <Strips answer={answer} before={before} after={after} />
      </section>
      <section id="what-if-difference">
        <h2>First difference</h2>
        {difference === null ? <p>Every decision is the same.</p> : <FirstDifference {...difference} after={after} />}
      </section>
    </>
  )
}

const line = (side: Side | null): string => (side === null ? '(none)' : shownLine(side.shown))

function FirstDifference({ recorded, whatif, after }: { recorded: Side | null; whatif: Side | null; after: string }) {
  return (
    <dl class="sides">
      <dt>recorded</dt>
      <dd>
        {recorded !== null && (
          <button
            type="button"
            class="link"
            onClick={() => void go({ by: 'seek', events: recorded.event, decision: recorded.decision - 1 })}
          >
            decision {count(recorded.decision)} at {moment(recorded.time_ns)}
          </button>
        )}{' '}
        {line(recorded)}
      </dd>
      <dt>{after}</dt>
      <dd>
        {whatif !== null && `decision ${count(whatif.decision)} at ${moment(whatif.time_ns)} `}
        {line(whatif)}
      </dd>
    </dl>
  )
}

interface Figure {
  name: string
  read: (m: Metrics) => number | undefined
  show: (value: number) => string
  /** Less is better; absent where neither is. */
  less?: boolean
}

const ms = (value: number): string => duration(value * 1e6)
const spread = (name: string, of: (m: Metrics) => Distribution | null): Figure[] => [
  { name: `${name} p50`, read: (m) => of(m)?.p50_ms, show: ms, less: true },
  { name: `${name} p99`, read: (m) => of(m)?.p99_ms, show: ms, less: true },
]

const rate = (value: number): string => `${count(value)} /s`

const figures: Figure[] = [
  ...spread('TTFT', (m) => m.ttft_ms),
  ...spread('TPOT', (m) => m.tpot_ms),
  { name: 'Prefill steps', read: (m) => m.phases.PREFILL.steps_per_s, show: (v) => `${v.toFixed(2)} /s`, less: false },
  { name: 'Decode steps', read: (m) => m.phases.DECODE.steps_per_s, show: (v) => `${v.toFixed(1)} /s`, less: false },
  {
    name: 'Operators',
    read: (m) => Object.values(m.phases).reduce((s, p) => s + p.operators_per_s, 0),
    show: rate,
    less: false,
  },
  { name: 'Makespan', read: (m) => m.makespan_ms, show: ms, less: true },
  { name: 'Device in use', read: (m) => m.busy_share, show: percent },
  { name: 'Decisions', read: (m) => m.decisions, show: count },
]

function Comparison({ answer, before, after }: { answer: WhatIfAnswer; before: string; after: string }) {
  const { recorded, model, whatif } = answer
  const base = model ?? recorded
  return (
    <div class="scroll-x" role="region" aria-label="Comparison" tabIndex={0}>
      <table class="grid comparison">
        <Head columns={['figure', 'recorded', ...(model === null ? [] : [`${before}, modelled`]), after, 'change']} />
        <tbody>
          {figures.map(({ name, read, show, less }) => {
            const [was, is] = [read(base), read(whatif)]
            if (was === undefined && is === undefined) return null
            const cell = (value: number | undefined): string => (value === undefined ? '–' : show(value))
            const change = was === undefined || is === undefined || was === 0 ? undefined : is / was - 1
            const good =
              change === undefined || less === undefined || Math.abs(change) < 0.005
                ? ''
                : change < 0 === less
                  ? 'better'
                  : 'worse'
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{cell(read(recorded))}</td>
                {model !== null && <td>{cell(read(model))}</td>}
                <td>
                  <b>{cell(is)}</b>
                </td>
                <td class={good}>
                  {change === undefined ? '' : `${change > 0 ? '+' : ''}${(change * 100).toFixed(1)} %`}
                  {good !== '' && <span class="sr"> ({good})</span>}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function Strips({ answer, before, after }: { answer: WhatIfAnswer; before: string; after: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const element = canvas.current
    if (element === null) return
    const run = new Trace()
    run.append(answer.run)
    const devices = (trace: Trace) => [...trace.tracks.values()].filter((t) => trackKind(t.id) === TrackKind.DEVICE)
    const strips: { label: string; track: Track }[] = []
    for (const track of devices(app.trace)) {
      strips.push({ label: `recorded (${before})`, track })
      const other = run.tracks.get(track.id)
      if (other !== undefined) strips.push({ label: after, track: other })
    }
    const from = Math.min(app.trace.first_ns, run.first_ns)
    drawStrips(element, strips, from, Math.max(app.trace.last_ns, run.last_ns), app.theme.value)
  }, [answer, app.theme.value])
  return (
    <div class="strips">
      <canvas ref={canvas} role="img" aria-label={`Work on the device over time, recorded and under ${after}`} />
    </div>
  )
}
