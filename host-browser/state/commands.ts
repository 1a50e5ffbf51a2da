/** Every command with its key: the keyboard, the help, and nothing that only a mouse can do. */
import { scrollRows } from '../timeline/scroll.ts'
import { togglePin } from '../timeline/labels.tsx'
import { trackId, TrackKind } from '../lib/deltas.ts'
import * as app from './app.ts'
import { copyLink, download, flipTheme, pickFile } from './actions.ts'
import { go, keepView, run, stopSearch } from './session.ts'

export interface Command {
  /** As KeyboardEvent.key says it, with Shift+ before it where that is meant. */
  keys: string[]
  group: 'Move' | 'Step' | 'Show' | 'Do'
  label: string
  run: () => void
}

const focus = (id: string): void => document.getElementById(id)?.focus()

/** The stream that steps by stream follow: that of the decision, else of the event. */
export function presentStream(): number | undefined {
  const here = app.position.value
  const decision = here?.decisions.find(({ index }) => index === here.decision)?.shown['stream']
  const stream = typeof decision === 'number' ? decision : here?.event?.['stream']
  return typeof stream === 'number' ? stream : undefined
}

function stepStream(back: boolean): void {
  const stream = presentStream()
  void go({ by: 'decision', back, ...(stream !== undefined && { stream }) })
}

function markSelection(end: 'from' | 'to'): void {
  const at = app.position.value?.time_ns
  if (at === undefined) return
  const other = app.selection.value ?? { from: at, to: at }
  const next = { ...other, [end]: at }
  app.selection.value = next.from <= next.to ? next : { from: next.to, to: next.from }
}

function zoomSelection(): void {
  const area = app.selection.value
  if (area !== undefined) app.look(area.from, area.to)
}

function pinPresent(): void {
  const stream = presentStream()
  if (stream !== undefined) togglePin(trackId(TrackKind.STREAM, stream))
}

function escape(): void {
  if (app.help.value) app.help.value = false
  else if (app.searching.value !== undefined) stopSearch()
  else app.selection.value = undefined
}

const moved = (move: () => void) => (): void => {
  keepView()
  app.follow.value = false
  move()
}

const tabs: [app.Tab, string][] = [
  ['state', 'State'],
  ['why', 'Why'],
  ['stops', 'Stops'],
  ['what-if', 'What if'],
  ['figures', 'Figures'],
  ['table', 'Table'],
]

export const commands: Command[] = [
  { keys: ['w'], group: 'Move', label: 'Zoom in', run: moved(() => app.zoom(0.7)) },
  { keys: ['s'], group: 'Move', label: 'Zoom out', run: moved(() => app.zoom(1 / 0.7)) },
  { keys: ['a'], group: 'Move', label: 'Earlier', run: moved(() => app.pan(-0.15)) },
  { keys: ['d'], group: 'Move', label: 'Later', run: moved(() => app.pan(0.15)) },
  { keys: ['PageUp'], group: 'Move', label: 'Rows up', run: () => scrollRows(-200) },
  { keys: ['PageDown'], group: 'Move', label: 'Rows down', run: () => scrollRows(200) },
  { keys: ['f'], group: 'Move', label: 'Show all', run: moved(() => (app.view.value = app.whole())) },
  { keys: ['z'], group: 'Move', label: 'Zoom to the selected area', run: moved(zoomSelection) },
  {
    keys: ['e'],
    group: 'Move',
    label: 'Follow the end while it grows',
    run: () => (app.follow.value = !app.follow.value),
  },

  { keys: ['ArrowRight'], group: 'Step', label: 'Next event', run: () => void go({ by: 'event', back: false }) },
  { keys: ['ArrowLeft'], group: 'Step', label: 'Event before', run: () => void go({ by: 'event', back: true }) },
  {
    keys: ['n', 'Shift+ArrowRight'],
    group: 'Step',
    label: 'Next decision',
    run: () => void go({ by: 'decision', back: false }),
  },
  {
    keys: ['Shift+N', 'Shift+ArrowLeft'],
    group: 'Step',
    label: 'Decision before',
    run: () => void go({ by: 'decision', back: true }),
  },
  { keys: [']'], group: 'Step', label: 'Next decision of this stream', run: () => stepStream(false) },
  { keys: ['['], group: 'Step', label: 'Decision before, of this stream', run: () => stepStream(true) },
  { keys: ['r'], group: 'Step', label: 'Run to the next stop', run: () => void run(false) },
  { keys: ['Shift+R'], group: 'Step', label: 'Run back to the stop before', run: () => void run(true) },
  { keys: ['Home'], group: 'Step', label: 'To the beginning', run: () => void go({ by: 'seek', events: 0 }) },
  { keys: ['End'], group: 'Step', label: 'To the end', run: () => void go({ by: 'seek', events: app.trace.events }) },
  { keys: ['g'], group: 'Step', label: 'Go to a time', run: () => focus('go-to') },

  ...tabs.map(
    ([tab, label], i): Command => ({
      keys: [String(i + 1)],
      group: 'Show',
      label,
      run: () => {
        app.tab.value = tab
        focus(`tab-${tab}`)
      },
    }),
  ),
  { keys: ['/'], group: 'Show', label: 'Filter rows', run: () => focus('filter') },
  { keys: ['x'], group: 'Show', label: 'Find events and decisions', run: () => focus('find') },
  { keys: ['p'], group: 'Show', label: 'Pin or unpin this stream', run: pinPresent },
  {
    keys: ['m'],
    group: 'Show',
    label: 'Figures below the timeline',
    run: () => (app.showCounters.value = !app.showCounters.value),
  },
  { keys: ['t'], group: 'Show', label: 'Dark or light', run: flipTheme },
  { keys: ['?'], group: 'Show', label: 'This help', run: () => (app.help.value = !app.help.value) },

  {
    keys: ['b'],
    group: 'Do',
    label: 'Add a breakpoint',
    run: () => {
      app.tab.value = 'stops'
      requestAnimationFrame(() => focus('new-stop'))
    },
  },
  { keys: [','], group: 'Do', label: 'Select from here', run: () => markSelection('from') },
  { keys: ['.'], group: 'Do', label: 'Select to here', run: () => markSelection('to') },
  { keys: ['Escape'], group: 'Do', label: 'End a search, close, select nothing', run: escape },
  { keys: ['o'], group: 'Do', label: 'Open a file', run: pickFile },
  { keys: ['l'], group: 'Do', label: 'Copy a link to this view', run: () => void copyLink() },
  { keys: ['Shift+T'], group: 'Do', label: 'Save as Chrome Trace (Perfetto)', run: () => void download('trace') },
  { keys: ['Shift+D'], group: 'Do', label: 'Save decisions as CSV', run: () => void download('decisions') },
  { keys: ['Shift+E'], group: 'Do', label: 'Save events as CSV', run: () => void download('events') },
]

/** The name of a key in a KeyboardEvent, as commands name it. */
const nameOf = (event: KeyboardEvent): string =>
  event.shiftKey && (event.key.length > 1 || /[A-Z]/.test(event.key)) ? `Shift+${event.key}` : event.key

const byKey = new Map(commands.flatMap((command) => command.keys.map((key) => [key, command] as const)))

/** Keys of the page; those typed into a field are the field's, but Escape leaves it. */
export function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const target = event.target as HTMLElement
  const typing = target.matches('input:not([type=checkbox]), select, textarea')
  if (typing) {
    if (event.key === 'Escape') target.blur()
    return
  }
  const own = target.matches('[role=tab]') && event.key.startsWith('Arrow')
  const command = own ? undefined : byKey.get(nameOf(event))
  if (command === undefined || (app.stage.value === 'empty' && !['o', '?', 't', 'Escape'].includes(event.key))) return
  event.preventDefault()
  command.run()
}
