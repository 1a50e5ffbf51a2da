/** What a recording comes to: how long tokens took, how phases slow one another, who got how much, who waited longest. */
import { RuleNames } from '../../build/gen/ts/records.ts'
import { count, duration, moment, percent, words } from '../lib/format.ts'
import { phaseLabels } from '../lib/phases.ts'
import { histogram, tokenTimes, type Distribution } from '../lib/steps.ts'
import * as app from '../state/app.ts'
import { go } from '../state/session.ts'
import { Head } from './head.tsx'

export function Figures() {
  void app.revision.value
  const area = app.selection.value
  const { from, to } = area ?? { from: app.trace.first_ns, to: app.trace.last_ns }
  const { ttft, tpot } = tokenTimes(app.trace, from, to)
  return (
    <>
      <section>
        <h2>
          Token times{' '}
          <span class="muted">{area === undefined ? 'of the whole recording' : 'of the selected area'}</span>
        </h2>
        <Spread
          title="TTFT"
          detail="prefill: from the first operator on an idle stream until all is complete"
          of={ttft}
          kind="prefill"
        />
        <Spread title="TPOT" detail="decode: from the end of one step to the end of the next" of={tpot} kind="decode" />
        <p class="muted">As the device sees them: a recording holds operators, not requests.</p>
      </section>
      <Interference />
      <Shares />
      <Waits />
    </>
  )
}

const BINS = 48

const ms = (value: number): string => duration(value * 1e6)

function Spread({ title, detail, of, kind }: { title: string; detail: string; of: Distribution; kind: string }) {
  const n = of.values.length
  if (n === 0) {
    return (
      <p>
        <b>{title}</b> <span class="muted">nothing of it here ({detail})</span>
      </p>
    )
  }
  const { counts, width, beyond } = histogram(of, BINS)
  const most = Math.max(...counts)
  return (
    <figure class="spread">
      <figcaption>
        <b>{title}</b> <span class="muted">{detail}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${BINS * 4} 48`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: ${count(n)} values, median ${ms(of.p50)}, 99th percentile ${ms(of.p99)}`}
      >
        {counts.map((value, bin) => {
          const height = value === 0 ? 0 : Math.max(1, (value / most) * 46)
          return (
            <rect key={String(bin)} class={`fill-${kind}`} x={bin * 4} y={48 - height} width={3.4} height={height} />
          )
        })}
      </svg>
      <div class="spread-axis">
        <span>0</span>
        <span>{ms(width * BINS)}</span>
      </div>
      <p>
        {count(n)} values{beyond > 0 ? `, ${count(beyond)} beyond` : ''}: <b>p50 {ms(of.p50)}</b>, p90 {ms(of.p90)}, p99{' '}
        {ms(of.p99)}
      </p>
    </figure>
  )
}

function Interference() {
  const tables = app.position.value?.core.interference ?? []
  return (
    <section>
      <h2>
        Interference <span class="muted">as learned where the debugger stands</span>
      </h2>
      {tables.map(({ device, table }) => (
        <table class="grid heat" key={device}>
          <caption>
            Device {device}: time that operators of a phase (row) take while the other (column) is on the device, over
            their own
          </caption>
          <thead>
            <tr>
              <th scope="col">
                <span class="sr">phase</span>
              </th>
              {phaseLabels.map((by) => (
                <th scope="col" key={by}>
                  {by}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {phaseLabels.map((slow, i) => (
              <tr key={slow}>
                <th scope="row">{slow}</th>
                {phaseLabels.map((by, j) => {
                  const value = (table[i]?.[j] ?? 1000) / 1000
                  const strength = Math.min(1, Math.abs(value - 1) / 1.5)
                  return (
                    <td key={by} style={i === j ? {} : { '--heat': strength.toFixed(2) }} class={i === j ? 'same' : ''}>
                      {i === j ? '' : `× ${value.toFixed(2)}`}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </section>
  )
}

/** Tenants with streams: their part of each device's busy time against their part of the weights. */
function Shares() {
  const { tenants, streams } = app.trace.topology
  const named = new Map(tenants.map((t) => [t.tenant, t]))
  const devices = [...new Set(app.trace.tenant_ns.map(({ device }) => device))].sort((a, b) => a - b)
  return (
    <section>
      <h2>
        Shares <span class="muted">of the device's busy time, against what weights entitle to</span>
      </h2>
      {devices.map((device) => {
        const own = app.trace.tenant_ns.filter((t) => t.device === device && streams.some((s) => s.tenant === t.tenant))
        const total = own.reduce((sum, { ns }) => sum + ns, 0)
        const weights = own.reduce((sum, { tenant }) => sum + (named.get(tenant)?.weight ?? 1000), 0)
        return (
          <table class="grid shares" key={device}>
            <caption>Device {device}</caption>
            <Head columns={['tenant', 'had', 'entitled', 'time']} />
            <tbody>
              {own
                .sort((a, b) => b.ns - a.ns)
                .slice(0, 40)
                .map(({ tenant, ns }) => {
                  const had = total > 0 ? ns / total : 0
                  const entitled = (named.get(tenant)?.weight ?? 1000) / Math.max(1, weights)
                  return (
                    <tr key={tenant}>
                      <th scope="row">{named.get(tenant)?.name ?? tenant}</th>
                      <td class="bar-cell">
                        <span class="bar" style={{ width: `${had * 100}%` }} />
                        <span class="bar-mark" style={{ left: `${entitled * 100}%` }} />
                        <span class="bar-text">{percent(had)}</span>
                      </td>
                      <td>{percent(entitled)}</td>
                      <td>{duration(ns)}</td>
                    </tr>
                  )
                })}
            </tbody>
          </table>
        )
      })}
    </section>
  )
}

function Waits() {
  const list = app.trace.waits.slice(0, 20)
  return (
    <section>
      <h2>
        Longest waits <span class="muted">of an operator at the head of its stream</span>
      </h2>
      {list.length === 0 ? (
        <p class="muted">Nothing waited.</p>
      ) : (
        <div class="scroll-x" role="region" aria-label="Longest waits" tabIndex={0}>
          <table class="grid">
            <Head columns={['waited', 'stream', 'phase', 'from', 'went by', 'event']} />
            <tbody>
              {list.map((wait) => (
                <tr key={`${wait.stream} ${wait.start_ns}`}>
                  <th scope="row">{duration(wait.length_ns)}</th>
                  <td>{wait.stream}</td>
                  <td>
                    <i class={`dot dot-${phaseLabels[wait.phase] ?? ''}`} /> {phaseLabels[wait.phase]}
                  </td>
                  <td>{moment(wait.start_ns)}</td>
                  <td>{words(RuleNames[wait.rule])}</td>
                  <td>
                    <button type="button" class="link" onClick={() => void go({ by: 'seek', events: wait.event })}>
                      {count(wait.event)}
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
