/** The bottom: going through the recording, where the debugger stands, and what it last said. */
import { useSignal } from '@preact/signals'
import { count, moment, parseTime, words } from '../lib/format.ts'
import * as app from '../state/app.ts'
import { presentStream } from '../state/commands.ts'
import { go, run, stopSearch } from '../state/session.ts'
import { Icon } from './icons.tsx'

function Go({ icon, label, hint, run: act }: { icon: string; label: string; hint: string; run: () => void }) {
  return (
    <button type="button" class="button icon" aria-label={label} title={`${label} (${hint})`} onClick={act}>
      <Icon name={icon} />
    </button>
  )
}

export function Transport() {
  const here = app.position.value
  const stream = presentStream()
  const ofStream = stream === undefined ? {} : { stream }
  return (
    <footer class="transport">
      <div class="transport-keys" role="group" aria-label="Step">
        <Go icon="first" label="To the beginning" hint="Home" run={() => void go({ by: 'seek', events: 0 })} />
        <Go icon="runBack" label="Run back to a stop" hint="Shift R" run={() => void run(true)} />
        <Go
          icon="decisionBack"
          label="Decision before"
          hint="Shift N"
          run={() => void go({ by: 'decision', back: true })}
        />
        <Go icon="back" label="Event before" hint="←" run={() => void go({ by: 'event', back: true })} />
        <Go icon="next" label="Next event" hint="→" run={() => void go({ by: 'event', back: false })} />
        <Go icon="decisionNext" label="Next decision" hint="N" run={() => void go({ by: 'decision', back: false })} />
        <Go icon="run" label="Run to a stop" hint="R" run={() => void run(false)} />
        <Go icon="last" label="To the end" hint="End" run={() => void go({ by: 'seek', events: app.trace.events })} />
      </div>
      <button
        type="button"
        class="button"
        disabled={stream === undefined}
        title="Next decision of this stream ( ] )"
        onClick={() => void go({ by: 'decision', back: false, ...ofStream })}
      >
        Next of stream {stream ?? '–'}
      </button>
      <GoTo />
      <div class="transport-place">
        <strong id="place">{here === undefined ? '' : moment(here.time_ns)}</strong>
        <span>
          event <b id="place-event">{count(here?.events ?? 0)}</b> of {count(app.trace.events)}
        </span>
        {here?.event !== undefined && <span class="tag">{words(here.event['kind'])}</span>}
      </div>
      {app.searching.value !== undefined && (
        <div class="transport-search">
          <progress aria-label="Searching" value={app.searching.value} />
          <button type="button" class="button small" onClick={stopSearch}>
            Stop
          </button>
        </div>
      )}
      <div class="transport-message" role="status" aria-live="polite">
        {app.message.value}
      </div>
    </footer>
  )
}

function GoTo() {
  const wrong = useSignal(false)
  const submit = (event: Event): void => {
    event.preventDefault()
    const field = document.getElementById('go-to') as HTMLInputElement
    const number = /^#\s*([\d,_]+)$/.exec(field.value.trim())
    const time_ns = parseTime(field.value)
    wrong.value = number === null && Number.isNaN(time_ns)
    if (wrong.value) app.message.value = 'A time is a number with ns, us, ms or s; an event is # and its number.'
    else if (number !== null) void go({ by: 'seek', events: Number(number[1]?.replaceAll(/[,_]/g, '')) })
    else void go({ by: 'time', time_ns })
  }
  return (
    <form class="go-to" onSubmit={submit}>
      <input
        id="go-to"
        class="field"
        placeholder="Go to 1.5 s or #1200"
        aria-label="Go to a time, or with # to an event"
        aria-invalid={wrong.value}
      />
    </form>
  )
}
