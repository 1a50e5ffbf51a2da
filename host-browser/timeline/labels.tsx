/** The labels of the rows that are shown, each with its pin. */
import * as app from '../state/app.ts'
import { RULER } from './rows.ts'
import { rows, scroll, scrollRows, viewport } from './scroll.ts'

/** Pins a row to the top, or takes it from there. */
export function togglePin(id: number): void {
  const pins = new Set(app.pins.value)
  if (!pins.delete(id)) pins.add(id)
  app.pins.value = pins
}

export function RowLabels() {
  const { height } = viewport.value
  const shown = rows.value.filter((row) => row.y + row.height > scroll.value && row.y - scroll.value < height - RULER)
  return (
    <div
      class="labels"
      onWheel={(event) => {
        event.preventDefault()
        scrollRows(event.deltaY)
      }}
    >
      <div class="labels-head">{rows.value.length} rows</div>
      <ul class="labels-body" aria-label="Rows of the timeline">
        {shown.map((row) => (
          <li
            key={row.id}
            class={`label label-${row.kind}`}
            style={{ top: `${row.y - scroll.value}px`, height: `${row.height}px` }}
          >
            <span class="label-name">{row.label}</span>
            <span class="label-detail">{row.detail}</span>
            <button
              type="button"
              class="pin"
              aria-pressed={row.pinned}
              aria-label={`Pin ${row.label}`}
              title={row.pinned ? 'Unpin' : 'Pin to the top'}
              onClick={() => togglePin(row.id)}
            >
              <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
                <path d="M9.5 1 15 6.5l-1.4.6-2.2 2.2-.3 3.3-1.2 1.2-3-3L2.6 15 1 13.4l4.2-4.3-3-3 1.2-1.2 3.3-.3 2.2-2.2z" />
              </svg>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
