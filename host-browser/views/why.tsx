/** Why the chosen decision was made: the rule, what the policy could choose from, and each candidate's figures. */
import { count, duration, moment, percent, words } from '../lib/format.ts'
import type { Candidate, Why } from '../lib/why.ts'
import * as app from '../state/app.ts'
import { DecisionList } from './decision-list.tsx'
import { Record } from './record.tsx'
import { Head } from './head.tsx'

export function WhyPanel() {
  const here = app.position.value
  const because = app.why.value
  if (here === undefined || here.decision < 0) {
    return (
      <section>
        <h2>No decision here</h2>
        <p>
          This event led to none. <kbd>N</kbd> goes to the next decision, <kbd>]</kbd> to the next of this stream.
        </p>
      </section>
    )
  }
  return (
    <>
      <section>
        <DecisionList />
      </section>
      {because !== undefined && because.decision === here.decision && <Because because={because} />}
    </>
  )
}

function Because({ because }: { because: Why }) {
  const { shown } = because
  return (
    <>
      <section class="because">
        <h2>
          {words(shown['kind'])} <span class="tag">{words(shown['rule'])}</span>
          <span class="muted">decision {count(because.decision + 1)}</span>
        </h2>
        <p class="rule">{because.rule}</p>
        <Record shown={shown} leave={['rule', 'core_limit', 'event_seq']} />
        <p class="muted">
          Led to by event {count(because.event + 1)}, {words(because.cause['kind'])}, at {moment(because.time_ns)}.
        </p>
      </section>
      <section>
        <h2>
          Candidates <span class="muted">on device {because.device}, just before it</span>
        </h2>
        {because.candidates.length === 0 ? (
          <p class="muted">No stream of the device had anything queued.</p>
        ) : (
          <Candidates list={because.candidates} />
        )}
        {because.more > 0 && <p class="muted">and {count(because.more)} more</p>}
        <p class="muted">
          {because.order}
          {because.exact ? '' : ' Virtual times between the decisions of this event are approximate.'}
        </p>
      </section>
      <section>
        <h2>
          Windows <span class="muted">predicted work on the device, by phase</span>
        </h2>
        <div class="scroll-x" role="region" aria-label="Windows" tabIndex={0}>
          <table class="grid">
            <Head columns={['phase', 'queued', 'on the device', 'window', 'room']} />
            <tbody>
              {because.phases.map((phase) => (
                <tr key={phase.phase}>
                  <th scope="row">{phase.phase}</th>
                  <td>{count(phase.queued)}</td>
                  <td>{duration(phase.inflight_ns)}</td>
                  <td>{duration(phase.window_ns)}</td>
                  <td>
                    {phase.inflight_ns >= phase.window_ns ? 'full' : duration(phase.window_ns - phase.inflight_ns)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <p>
          Policy <b>{because.policy}</b>
          {because.policy === 'dynamic-pd' && (
            <>
              <span class="tag">share of decode {percent(because.share_permille / 1000)}</span>
              <span class="tag">decode may still use {duration(because.tokens_ns)}</span>
            </>
          )}
          {because.parameters.map(({ name, value }) => (
            <span class="tag" key={name}>
              {name} {name.endsWith('_ns') ? duration(Number(value)) : value}
            </span>
          ))}
        </p>
      </section>
    </>
  )
}

function Candidates({ list }: { list: Candidate[] }) {
  return (
    <div class="scroll-x" role="region" aria-label="Candidates" tabIndex={0}>
      <table class="grid candidates">
        <Head
          columns={[
            'stream',
            'phase',
            'virtual time',
            'predicted',
            'slack',
            'interference',
            'next operator',
            'waits',
            'state',
            'queued',
            'in flight',
            'weight',
          ]}
        />
        <tbody>
          {list.map((c) => (
            <tr key={c.stream} class={c.chosen ? 'chosen' : ''}>
              <th scope="row">
                {c.name ?? c.stream}
                {c.chosen && <span class="tag tag-main">this</span>}
              </th>
              <td>
                <i class={`dot dot-${c.phase}`} /> {c.phase}
              </td>
              <td>{(c.vtime / 1e6).toFixed(3)}</td>
              <td>{duration(c.predicted_ns)}</td>
              <td>{duration(c.slack_ns)}</td>
              <td>{c.interference_permille === 1000 ? 'none' : `× ${(c.interference_permille / 1000).toFixed(2)}`}</td>
              <td>{c.next}</td>
              <td>{duration(c.waiting_ns)}</td>
              <td>{c.state}</td>
              <td>{count(c.queued)}</td>
              <td>{duration(c.inflight_ns)}</td>
              <td>{count(c.weight)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
