/** The panel beside the timeline: one of six tabs. */
import type { ComponentType } from 'preact'
import * as app from '../state/app.ts'
import { Figures } from './figures.tsx'
import { StatePanel } from './state.tsx'
import { Stops } from './stops.tsx'
import { TablePanel } from './table.tsx'
import { WhatIfPanel } from './what-if.tsx'
import { WhyPanel } from './why.tsx'

const tabs: { id: app.Tab; label: string; panel: ComponentType }[] = [
  { id: 'state', label: 'State', panel: StatePanel },
  { id: 'why', label: 'Why', panel: WhyPanel },
  { id: 'stops', label: 'Stops', panel: Stops },
  { id: 'what-if', label: 'What if', panel: WhatIfPanel },
  { id: 'figures', label: 'Figures', panel: Figures },
  { id: 'table', label: 'Table', panel: TablePanel },
]

function choose(index: number): void {
  const { id } = tabs[(index + tabs.length) % tabs.length]!
  app.tab.value = id
  document.getElementById(`tab-${id}`)?.focus()
}

export function Panel() {
  const shown = tabs.findIndex(({ id }) => id === app.tab.value)
  const { id, panel: Shown } = tabs[Math.max(0, shown)]!
  return (
    <aside class="panel" aria-label="Details">
      <div class="tabs" role="tablist" aria-label="Details">
        {tabs.map((tab, i) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`tab-${tab.id}`}
            aria-selected={tab.id === id}
            aria-controls="tab-panel"
            tabIndex={tab.id === id ? 0 : -1}
            onClick={() => (app.tab.value = tab.id)}
            onKeyDown={(event) => {
              if (event.key === 'ArrowRight') choose(i + 1)
              else if (event.key === 'ArrowLeft') choose(i - 1)
            }}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div class="tab-panel" id="tab-panel" role="tabpanel" aria-labelledby={`tab-${id}`} tabIndex={0}>
        <Shown />
      </div>
    </aside>
  )
}
