/** Above the timeline: which rows, finding, what the colours mean. */
import { useSignal } from '@preact/signals'
import * as app from '../state/app.ts'
import { client, find, keepView } from '../state/session.ts'
import { palettes } from '../timeline/palette.ts'
import { Icon } from './icons.tsx'

export function Toolbar() {
  return (
    <div class="toolbar">
      <input
        id="filter"
        class="field"
        type="search"
        placeholder="Filter rows"
        aria-label="Filter rows"
        value={app.filter.value}
        onInput={(event) => (app.filter.value = event.currentTarget.value)}
      />
      <FindField />
      <Legend />
      <button
        type="button"
        class="button icon"
        aria-label="Show all"
        title="Show all (F)"
        onClick={() => {
          keepView()
          app.view.value = app.whole()
        }}
      >
        <Icon name="fit" />
      </button>
      <label class="check">
        <input
          type="checkbox"
          checked={app.showCounters.value}
          onChange={(event) => (app.showCounters.value = event.currentTarget.checked)}
        />
        Figures
      </label>
      {app.live.value && (
        <label class="check">
          <input
            type="checkbox"
            checked={app.follow.value}
            onChange={(event) => (app.follow.value = event.currentTarget.checked)}
          />
          Follow
        </label>
      )}
    </div>
  )
}

/** A plain word is looked for in kernel names; anything else is a condition. */
const conditionOf = (text: string): string => (/^[\w.-]+$/.test(text) ? `event.kernel ~ "${text}"` : text)

function FindField() {
  const text = useSignal('')
  const wrong = useSignal('')
  const look = async (back: boolean): Promise<void> => {
    if (text.value.trim() === '') return
    const condition = conditionOf(text.value.trim())
    const checked = await client.ask({ ask: 'check', text: condition })
    wrong.value = 'error' in checked ? checked.error : ''
    if (wrong.value === '') await find([{ text: condition, watch: false }], back)
  }
  return (
    <form
      class="find"
      onSubmit={(event) => {
        event.preventDefault()
        void look(false)
      }}
    >
      <input
        id="find"
        class="field"
        type="search"
        placeholder="Find: matmul, decision == hold"
        aria-label="Find a kernel by name, or where a condition holds"
        aria-invalid={wrong.value !== ''}
        aria-describedby="find-wrong"
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
      />
      <button type="button" class="button icon" aria-label="Find before" onClick={() => void look(true)}>
        <Icon name="runBack" />
      </button>
      <button type="submit" class="button icon" aria-label="Find next">
        <Icon name="run" />
      </button>
      <span id="find-wrong" class="wrong" role="alert">
        {wrong.value}
      </span>
    </form>
  )
}

function Legend() {
  const p = palettes[app.theme.value]
  const entries: [string, string][] = [
    ['prefill', p.phases[1]],
    ['decode', p.phases[2]],
    ['mixed', p.phases[3]],
    ['unknown', p.phases[0]],
    ['waits', p.wait],
  ]
  return (
    <ul class="legend" aria-label="Colours">
      {entries.map(([name, colour]) => (
        <li key={name}>
          <i style={{ background: colour }} />
          {name}
        </li>
      ))}
    </ul>
  )
}
