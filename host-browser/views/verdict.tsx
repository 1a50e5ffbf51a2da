/** The first thing to know of a recording: whether it is decided again as it was, and what of it could not be read. */
import { shownLine, type ShownRecord } from '../../host-node/log/shown.ts'
import { count } from '../lib/format.ts'
import type { Verdict as Facts } from '../lib/recording.ts'
import * as app from '../state/app.ts'
import { go } from '../state/session.ts'

export function Verdict() {
  const facts = app.verdict.value
  return (
    <div class="verdict" role="status">
      {app.stage.value === 'failed' && <Line kind="bad" title="Reading stopped" text={app.failure.value} />}
      {facts !== undefined && <Replayed facts={facts} />}
      {facts !== undefined && facts.begins_after > 0 && (
        <Line
          kind="busy"
          title="Begins in the middle"
          text={`The first event here is number ${count(facts.begins_after + 1)} of the run; events are counted from it.`}
        />
      )}
      {app.attached.value && facts?.complete === true && (
        <Line kind="busy" title="No more comes" text={app.ended.value || 'The connection is closed.'} />
      )}
      {facts?.damage !== undefined && !(app.attached.value && facts.damage_kind === 'torn') && (
        <Line
          kind="warn"
          title={facts.damage_kind === 'torn' ? 'The recording is torn' : 'The recording is damaged'}
          text={`${facts.damage}. What lies before is shown${
            facts.unverified > 0
              ? `; ${count(facts.unverified)} decisions at its end have nothing to be compared with`
              : ''
          }.`}
        />
      )}
      {facts?.core_replaying !== undefined &&
        facts.core_recorded !== '' &&
        facts.core_replaying !== facts.core_recorded && (
          <Line
            kind="warn"
            title="Another core"
            text={`Recorded by core ${facts.core_recorded.slice(0, 12)}…, replayed by ${facts.core_replaying.slice(0, 12)}…: a difference may be the core's.`}
          />
        )}
    </div>
  )
}

function Line({ kind, title, text }: { kind: 'good' | 'warn' | 'bad' | 'busy'; title: string; text: string }) {
  return (
    <p class={`verdict-line verdict-${kind}`}>
      <b>{title}</b> <span>{text}</span>
    </p>
  )
}

function Replayed({ facts }: { facts: Facts }) {
  const { replay_ms } = app.reading.value
  // Shorter ones measure the start of the engine.
  const rate = facts.events > 500_000 ? `, ${(facts.events / replay_ms / 1000).toFixed(1)} million events a second` : ''
  const all = `${count(facts.events)} events, ${count(facts.decisions)} decisions`
  if (facts.differences > 0) return <Different facts={facts} />
  if (!facts.complete) return <Line kind="busy" title="Replaying" text={`${all} so far, no difference${rate}`} />
  const more = `${count(facts.hashes_checked)} hashes, ${count(facts.snapshots_checked)} snapshots compared`
  return <Line kind="good" title="Replays bit for bit" text={`${all}, ${more}${rate}`} />
}

const side = (value: ShownRecord | string | null): string =>
  value === null ? '(none)' : typeof value === 'string' ? value : shownLine(value)

function Different({ facts }: { facts: Facts }) {
  const first = facts.first_difference
  if (first === undefined) return null
  const place = [
    ...(first.decision === undefined ? [] : [`decision ${count(first.decision)}`]),
    ...(first.event === undefined ? [] : [`event ${count(first.event)}`]),
  ].join(', ')
  const events = first.event === undefined ? undefined : first.event - facts.begins_after
  return (
    <div class="verdict-line verdict-bad">
      <b>Differs</b>{' '}
      <span>
        {count(facts.differences)} {facts.differences === 1 ? 'difference' : 'differences'} in {count(facts.decisions)}{' '}
        decisions; the first: {first.what}, {place}.
      </span>
      {events !== undefined && (
        <button type="button" class="button small" onClick={() => void go({ by: 'seek', events })}>
          Go there
        </button>
      )}
      <dl class="sides">
        {first.cause && (
          <>
            <dt>event</dt>
            <dd>{shownLine(first.cause)}</dd>
          </>
        )}
        <dt>recorded</dt>
        <dd>{side(first.recorded)}</dd>
        <dt>replayed</dt>
        <dd>{side(first.replayed)}</dd>
      </dl>
    </div>
  )
}
