/** What the page knows and shows: signals that its parts read, and the few ways in which they change together. */
import { batch, signal } from '@preact/signals'
import { Trace } from '../lib/trace.ts'
import type { Verdict } from '../lib/recording.ts'
import type { WhatIfAnswer } from '../lib/what-if-desk.ts'
import type { Why } from '../lib/why.ts'
import type { HeaderFacts, Position } from '../worker/protocol.ts'

export type Stage = 'empty' | 'reading' | 'ready' | 'failed'

/** A breakpoint or watchpoint. */
export interface StopItem {
  id: number
  text: string
  watch: boolean
  on: boolean
}

/** A stretch of time. */
export interface Range {
  from: number
  to: number
}

export type Tab = 'state' | 'why' | 'stops' | 'what-if' | 'figures' | 'table'

export const stage = signal<Stage>('empty')
/** Why there is no recording; for people. */
export const failure = signal('')
export const file = signal('')
/** Bytes read and of how many; parts of a search. */
export const reading = signal({ bytes: 0, of: undefined as number | undefined, replay_ms: 0, load_ms: 0 })
export const live = signal(false)
/** It comes from a daemon, whether that goes on or not; and why it does not. */
export const attached = signal(false)
export const ended = signal('')
export const verdict = signal<Verdict | undefined>(undefined)
export const header = signal<HeaderFacts | undefined>(undefined)

/** Not a signal itself: rows are appended to it. `revision` says that they were. */
export let trace = new Trace()
export const revision = signal(0)

export const view = signal<Range>({ from: 0, to: 1e9 })
/** The view shows the end of what is read, as it grows. */
export const follow = signal(false)
export const position = signal<Position | undefined>(undefined)
export const why = signal<Why | undefined>(undefined)
export const selection = signal<(Range & { rows?: number[] }) | undefined>(undefined)
export const pins = signal<ReadonlySet<number>>(new Set())
export const filter = signal('')
export const tab = signal<Tab>('state')
export const stops = signal<StopItem[]>([])
export const showCounters = signal(true)
export const help = signal(false)
export const theme = signal<'dark' | 'light'>('light')
/** What goes on, 0 to 1; undefined where nothing does. */
export const searching = signal<number | undefined>(undefined)
export const whatIfPart = signal<number | undefined>(undefined)
/** The answer to the last what-if. */
export const whatIf = signal<WhatIfAnswer | undefined>(undefined)
/** Said at the bottom, and to screen readers. */
export const message = signal('')

/** Everything of the recording before goes. */
export function begin(name: string): void {
  trace = new Trace()
  batch(() => {
    stage.value = 'reading'
    failure.value = ''
    file.value = name
    verdict.value = undefined
    header.value = undefined
    position.value = undefined
    why.value = undefined
    whatIf.value = undefined
    selection.value = undefined
    reading.value = { bytes: 0, of: undefined, replay_ms: 0, load_ms: 0 }
    revision.value++
  })
}

/** The whole recording. */
export function whole(): Range {
  const length = Math.max(trace.last_ns - trace.first_ns, 1000)
  return { from: trace.first_ns - length * 0.01, to: trace.last_ns + length * 0.01 }
}

/** Shows a stretch of time, kept within reason. */
export function look(from: number, to: number): void {
  const all = whole()
  const most = (all.to - all.from) * 1.2
  const length = Math.min(Math.max(to - from, 50), most)
  const middle = (from + to) / 2
  const low = Math.max(all.from - length * 0.1, Math.min(middle - length / 2, all.to - length * 0.9))
  view.value = { from: low, to: low + length }
}

/** Scales the view about a time: where the debugger stands, if that is in view, else the middle. */
export function zoom(factor: number, time?: number): void {
  const { from, to } = view.value
  const here = position.value?.time_ns ?? -1
  const about = time ?? (here > from && here < to ? here : (from + to) / 2)
  look(about - (about - from) * factor, about + (to - about) * factor)
}

/** Moves the view by a part of its width. */
export function pan(part: number): void {
  const { from, to } = view.value
  const by = (to - from) * part
  follow.value = false
  look(from + by, to + by)
}

/** Moves the view where a time is not in it. */
export function reveal(time: number): void {
  const { from, to } = view.value
  const length = to - from
  if (time < from || time > to) look(time - length / 2, time + length / 2)
}
