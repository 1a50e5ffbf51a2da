/** The top: what is open, and what can be done with all of it. */
import { useSignal } from '@preact/signals'
import { bytes } from '../lib/format.ts'
import * as app from '../state/app.ts'
import { copyLink, download, flipTheme, pickFile } from '../state/actions.ts'

export function Header() {
  const { bytes: read, of } = app.reading.value
  const open = app.stage.value === 'ready' || app.trace.events > 0
  return (
    <header class="header">
      <h1>
        <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
          <rect x="1" y="2" width="8" height="5" rx="1" class="logo-a" />
          <rect x="5" y="9" width="10" height="5" rx="1" class="logo-b" />
        </svg>
        FlexNPU <span>debugger</span>
      </h1>
      <div class="header-file">
        <strong>{app.file.value}</strong>
        {read > 0 && <span class="muted">{bytes(read)}</span>}
        {app.live.value && <span class="badge badge-live">live</span>}
        {app.stage.value === 'reading' && !app.live.value && (
          <progress
            aria-label="Reading the recording"
            {...(of !== undefined && of > 0 && { value: Math.min(read, of), max: of })}
          />
        )}
      </div>
      <nav class="header-actions" aria-label="Recording">
        <button type="button" class="button" onClick={pickFile} title="Open a file (O)">
          Open
        </button>
        {open && <ExportMenu />}
        {open && (
          <button type="button" class="button" onClick={() => void copyLink()} title="Copy a link to this view (L)">
            Link
          </button>
        )}
        <button
          type="button"
          class="button icon"
          onClick={flipTheme}
          aria-label="Dark or light"
          title="Dark or light (T)"
        >
          ◐
        </button>
        <button
          type="button"
          class="button icon"
          onClick={() => (app.help.value = true)}
          aria-label="Keys and help"
          title="Keys and help (?)"
        >
          ?
        </button>
      </nav>
    </header>
  )
}

function ExportMenu() {
  const shown = useSignal(false)
  const save = (what: 'trace' | 'events' | 'decisions') => (): void => {
    shown.value = false
    void download(what)
  }
  return (
    <div
      class="menu"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !shown.value) return
        shown.value = false
        event.stopPropagation()
      }}
    >
      <button
        type="button"
        class="button"
        aria-expanded={shown.value}
        aria-controls="export-menu"
        onClick={() => (shown.value = !shown.value)}
      >
        Export
      </button>
      {shown.value && (
        <div class="menu-list" id="export-menu">
          <p class="muted">{app.selection.value === undefined ? 'The whole recording' : 'The selected area'}</p>
          <button type="button" onClick={save('trace')}>
            Chrome Trace JSON <kbd>Shift T</kbd>
          </button>
          <button type="button" onClick={save('decisions')}>
            Decisions as CSV <kbd>Shift D</kbd>
          </button>
          <button type="button" onClick={save('events')}>
            Events as CSV <kbd>Shift E</kbd>
          </button>
        </div>
      )}
    </div>
  )
}
