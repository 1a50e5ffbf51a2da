/** Breakpoints and watchpoints: conditions over events, decisions and core state. */
import { useSignal } from '@preact/signals'
import * as app from '../state/app.ts'
import { addStop } from '../state/actions.ts'
import { client, run } from '../state/session.ts'
import { Icon } from './icons.tsx'

const examples: [text: string, watch: boolean][] = [
  ['stream.queue > 32', true],
  ['decision == hold', false],
  ['decision.rule == starvation_guard', false],
  ['device[0].share', true],
  ['stream.waiting_ns > 50ms', true],
]

export function Stops() {
  const text = useSignal('')
  const watch = useSignal(false)
  const wrong = useSignal('')
  const add = async (): Promise<void> => {
    const wanted = text.value.trim()
    if (wanted === '') return
    const checked = await client.ask({ ask: 'check', text: wanted })
    if ('error' in checked) wrong.value = checked.error
    else if (!checked.condition && !watch.value) {
      wrong.value = 'This is a value and no condition; watch it to stop where it changes.'
    } else {
      wrong.value = ''
      addStop(wanted, watch.value)
      text.value = ''
    }
  }
  return (
    <section>
      <h2>Breakpoints and watchpoints</h2>
      <form
        class="new-stop"
        onSubmit={(event) => {
          event.preventDefault()
          void add()
        }}
      >
        <input
          id="new-stop"
          class="field"
          placeholder="stream.queue > 32"
          aria-label="Condition"
          aria-invalid={wrong.value !== ''}
          aria-describedby="stop-wrong"
          autocomplete="off"
          spellcheck={false}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value
            wrong.value = ''
          }}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={watch.value}
            onChange={(event) => (watch.value = event.currentTarget.checked)}
          />
          Watch
        </label>
        <button type="submit" class="button button-main">
          Add
        </button>
      </form>
      <p id="stop-wrong" class="wrong" role="alert">
        {wrong.value}
      </p>
      <p class="muted">
        A breakpoint stops wherever its condition holds. Watched, it stops where the condition begins to hold, or the
        value changes.
      </p>
      <ul class="stops" aria-label="Stops">
        {app.stops.value.map((stop) => (
          <li key={stop.id}>
            <label class="check">
              <input
                type="checkbox"
                checked={stop.on}
                onChange={(event) => change(stop.id, { on: event.currentTarget.checked })}
              />
              <span class={`tag ${stop.watch ? 'tag-watch' : 'tag-break'}`}>{stop.watch ? 'watch' : 'break'}</span>
              <code>{stop.text}</code>
            </label>
            <button
              type="button"
              class="button icon small"
              aria-label={`Remove ${stop.text}`}
              onClick={() => (app.stops.value = app.stops.value.filter(({ id }) => id !== stop.id))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      <p class="buttons">
        <button type="button" class="button" onClick={() => void run(true)}>
          <Icon name="runBack" /> Run back
        </button>
        <button type="button" class="button" onClick={() => void run(false)}>
          <Icon name="run" /> Run
        </button>
      </p>
      <h3>For example</h3>
      <ul class="examples">
        {examples.map(([example, watched]) => (
          <li key={example}>
            <button
              type="button"
              class="button small"
              onClick={() => {
                text.value = example
                watch.value = watched
                document.getElementById('new-stop')?.focus()
              }}
            >
              {watched ? 'watch ' : ''}
              <code>{example}</code>
            </button>
          </li>
        ))}
      </ul>
      <p class="muted">
        The words are explained under <kbd>?</kbd>.
      </p>
    </section>
  )
}

function change(id: number, by: Partial<app.StopItem>): void {
  app.stops.value = app.stops.value.map((stop) => (stop.id === id ? Object.assign({}, stop, by) : stop))
}
