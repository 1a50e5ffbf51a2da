/** What the page does beside going about in a recording: files, links, exports, colours. */
import { batch } from '@preact/signals'
import type { Export } from '../export-part.ts'
import * as app from './app.ts'
import { decodeView, encodeView } from './link.ts'
import { part } from './parts.ts'
import { client, go, keepView, open } from './session.ts'

let nextStop = 1

/** Opens a file that was dropped or picked. */
export const openFile = (chosen: File): void => void open({ kind: 'file', file: chosen }, chosen.name)

/** Lets the user pick a file. */
export function pickFile(): void {
  document.getElementById('file')?.click()
}

/** Adds a breakpoint or watchpoint. */
export function addStop(text: string, watch: boolean): void {
  app.stops.value = [...app.stops.value, { id: nextStop++, text, watch, on: true }]
}

/** The other colours; remembered. */
export function flipTheme(): void {
  app.theme.value = app.theme.value === 'dark' ? 'light' : 'dark'
  try {
    localStorage.setItem('flexnpu-theme', app.theme.value)
  } catch {
    // A page that may keep nothing still changes its colours.
  }
}

/** The colours that were chosen before, else those of the system. */
export function firstTheme(): 'dark' | 'light' {
  let kept: string | null = null
  try {
    kept = localStorage.getItem('flexnpu-theme')
  } catch {
    // Not allowed here.
  }
  if (kept === 'dark' || kept === 'light') return kept
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

/** The address of this view. */
export function link(): string {
  const { from, to } = app.view.value
  const area = app.selection.value
  const hash = encodeView({
    from,
    to,
    at: app.position.value?.events ?? 0,
    decision: app.position.value?.decision ?? -1,
    tab: app.tab.value,
    pins: [...app.pins.value],
    filter: app.filter.value,
    stops: app.stops.value.filter(({ on }) => on).map(({ text, watch }) => ({ text, watch })),
    ...(area && { selection: { from: area.from, to: area.to } }),
  })
  const url = new URL(location.href)
  url.hash = hash
  return url.href
}

/** Puts the link into the address bar and the clipboard. */
export async function copyLink(): Promise<void> {
  const href = link()
  history.replaceState(null, '', href)
  try {
    await navigator.clipboard.writeText(href)
    app.message.value = 'The link is copied; it opens this view where the recording is had from the same place.'
  } catch {
    app.message.value = 'The link is in the address bar.'
  }
}

/** Shows what the address says; the recording is read. */
export async function followLink(hash: string): Promise<void> {
  const wanted = decodeView(hash)
  batch(() => {
    if (wanted.from !== undefined && wanted.to !== undefined) {
      keepView()
      app.view.value = { from: wanted.from, to: wanted.to }
    }
    if (wanted.tab !== undefined) app.tab.value = wanted.tab
    if (wanted.pins !== undefined) app.pins.value = new Set(wanted.pins)
    if (wanted.filter !== undefined) app.filter.value = wanted.filter
    if (wanted.selection !== undefined) app.selection.value = wanted.selection
    if (wanted.stops !== undefined && app.stops.value.length === 0) {
      for (const { text, watch } of wanted.stops) addStop(text, watch)
    }
  })
  if (wanted.at === undefined) return
  const decision = wanted.decision === undefined ? {} : { decision: wanted.decision }
  await go({ by: 'seek', events: wanted.at, ...decision }, false)
}

/** The selected area, or all of it. */
export function exported(): app.Range {
  return app.selection.value ?? { from: app.trace.first_ns, to: app.trace.last_ns }
}

/** Saves the selected area, or all of it. */
export async function download(what: 'trace' | 'events' | 'decisions'): Promise<void> {
  const { from, to } = exported()
  const base =
    app.file.value
      .replace(/\.gz$/, '')
      .replace(/\.flexlog$/, '')
      .replace(/^.*\//, '') || 'recording'
  const writer = await part('export.js')
  writer()
  const { chromeTrace } = (globalThis as unknown as { flexnpuExport: Export }).flexnpuExport
  const blob =
    what === 'trace'
      ? chromeTrace(app.trace, from, to)
      : await client.ask({ ask: 'csv', what, from_ns: from, to_ns: to, part: writer.toString() })
  const url = URL.createObjectURL(blob)
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = what === 'trace' ? `${base}.trace.json` : `${base}.${what}.csv`
  anchor.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
  app.message.value = `${anchor.download} is saved.`
}
