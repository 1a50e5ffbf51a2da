/** The decisions that an event led to, one of them chosen. */
import { count, words } from '../lib/format.ts'
import * as app from '../state/app.ts'
import { choose } from '../state/session.ts'

const SHOWN = 64

export function DecisionList() {
  const here = app.position.value
  if (here === undefined) return null
  if (here.decisions.length === 0) return <p class="muted">This event led to no decision.</p>
  return (
    <ol class="decisions" aria-label="Decisions of this event">
      {here.decisions.slice(0, SHOWN).map(({ index, shown }) => (
        <li key={index}>
          <button
            type="button"
            class={`decision decision-${String(shown['kind']).toLowerCase()}`}
            aria-pressed={index === here.decision}
            onClick={() => {
              choose(index)
              if (app.tab.value === 'state') app.tab.value = 'why'
            }}
          >
            <b>{words(shown['kind'])}</b>
            <span>{words(shown['rule'])}</span>
            <span class="muted">
              {shown['stream'] === null ? '' : `stream ${shown['stream']}`}
              {Number(shown['count']) > 0 ? ` × ${shown['count']}` : ''}
            </span>
            <span class="muted">#{count(index + 1)}</span>
          </button>
        </li>
      ))}
    </ol>
  )
}
