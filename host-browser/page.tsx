/** The page's beginning: draws it, and opens what the address, or the page itself, says. */
import { effect } from '@preact/signals'
import { render } from 'preact'
import * as app from './state/app.ts'
import { firstTheme, followLink, openFile } from './state/actions.ts'
import { onKey } from './state/commands.ts'
import { go, inlined, open } from './state/session.ts'
import './styles/base.css'
import './styles/panels.css'
import './styles/timeline.css'
import { App } from './views/app.tsx'

/** The recording in the page, that of `?log=`, or the daemon behind `?attach=1`; what a link holds is shown then. */
async function first(): Promise<void> {
  const bytes = inlined('flexlog')
  const parameters = new URLSearchParams(location.search)
  const log = parameters.get('log')
  if (bytes !== undefined) {
    const name = document.getElementById('flexlog')?.dataset['name'] ?? 'recording'
    await open({ kind: 'bytes', bytes, name }, name)
  } else if (log !== null) {
    const url = new URL(log, location.href)
    if (url.origin !== location.origin) {
      app.stage.value = 'failed'
      app.failure.value = `${log}: a recording is opened from the page's own origin only; drop the file here instead.`
      return
    }
    await open({ kind: 'url', url: url.href, name: log }, log)
  } else if (parameters.has('attach')) {
    const url = new URL('attach', location.href)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    url.search = ''
    url.hash = ''
    await open({ kind: 'attach', url: url.href }, 'live daemon')
  } else return
  if (location.hash.length > 1) await followLink(location.hash)
}

/** Draws the page and keeps it going. */
export function startPage(): void {
  app.theme.value = firstTheme()
  effect(() => {
    document.documentElement.dataset['theme'] = app.theme.value
  })
  effect(() => {
    document.title = app.file.value === '' ? 'FlexNPU debugger' : `${app.file.value} – FlexNPU debugger`
  })
  render(<App />, document.getElementById('app') as HTMLElement)

  globalThis.addEventListener('keydown', onKey)
  for (const kind of ['dragover', 'drop'] as const) {
    globalThis.addEventListener(kind, (event) => {
      event.preventDefault()
      const dropped = (event as DragEvent).dataTransfer?.files[0]
      if (kind === 'drop' && dropped !== undefined) openFile(dropped)
    })
  }
  globalThis.addEventListener('hashchange', () => void followLink(location.hash))

  /** For scripts, and the benchmark: the same that keys do. */
  Object.assign(globalThis, {
    flexnpuDebugger: {
      seek: (events: number) => go({ by: 'seek', events }),
      look: app.look,
      whole: app.whole,
      facts: () => ({ stage: app.stage.value, verdict: app.verdict.value, ...app.reading.value }),
    },
  })

  void first()
}
