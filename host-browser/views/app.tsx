/** The page's parts and where they are. */
import * as app from '../state/app.ts'
import { openFile } from '../state/actions.ts'
import { Counters } from '../timeline/counters.tsx'
import { Minimap } from '../timeline/minimap.tsx'
import { Timeline } from '../timeline/timeline.tsx'
import { AreaSums } from './area.tsx'
import { Header } from './header.tsx'
import { Help } from './help.tsx'
import { Panel } from './panel.tsx'
import { Toolbar } from './toolbar.tsx'
import { Transport } from './transport.tsx'
import { Verdict } from './verdict.tsx'
import { Welcome } from './welcome.tsx'

export function App() {
  const empty = app.stage.value === 'empty' || app.stage.value === 'failed'
  // What was read before it failed is still shown.
  const shown = !empty || app.trace.events > 0
  return (
    <div class="page">
      <Header />
      {shown ? (
        <>
          <Verdict />
          <main class="work">
            <section class="stage" aria-label="Timeline">
              <Toolbar />
              <Minimap />
              <Timeline />
              <AreaSums />
              {app.showCounters.value && <Counters />}
            </section>
            <Panel />
          </main>
          <Transport />
        </>
      ) : (
        <Welcome />
      )}
      <Help />
      <input
        id="file"
        type="file"
        accept=".flexlog,.gz"
        hidden
        aria-label="Recording"
        onChange={(event) => {
          const chosen = event.currentTarget.files?.[0]
          if (chosen !== undefined) openFile(chosen)
          event.currentTarget.value = ''
        }}
      />
    </div>
  )
}
