/** A link that holds the view: all of it lies behind the `#`, which no browser sends anywhere. */
import type { Tab } from './app.ts'

export interface LinkView {
  from: number
  to: number
  /** Events executed, and the decision selected (counted from 0; -1 for none). */
  at: number
  decision: number
  tab: Tab
  pins: number[]
  filter: string
  stops: { text: string; watch: boolean }[]
  selection?: { from: number; to: number }
}

const tabNames: Tab[] = ['state', 'why', 'stops', 'what-if', 'figures', 'table']

/** What goes behind the `#`. */
export function encodeView(view: LinkView): string {
  const fields = new URLSearchParams({
    from: String(Math.round(view.from)),
    to: String(Math.round(view.to)),
    at: String(view.at),
    tab: view.tab,
  })
  if (view.decision >= 0) fields.set('decision', String(view.decision + 1))
  if (view.pins.length > 0) fields.set('pins', view.pins.join('.'))
  if (view.filter !== '') fields.set('filter', view.filter)
  if (view.selection) fields.set('area', `${Math.round(view.selection.from)}.${Math.round(view.selection.to)}`)
  for (const { text, watch } of view.stops) fields.append(watch ? 'watch' : 'break', text)
  return fields.toString()
}

/** What a link says, as far as it makes sense. */
export function decodeView(hash: string): Partial<LinkView> {
  const fields = new URLSearchParams(hash.replace(/^#/, ''))
  const number = (name: string): number | undefined => {
    const value = Number(fields.get(name) ?? Number.NaN)
    return Number.isFinite(value) ? value : undefined
  }
  const [from, to, at, decision] = [number('from'), number('to'), number('at'), number('decision')]
  const tab = tabNames.find((name) => name === fields.get('tab'))
  const area = fields.get('area')?.split('.').map(Number)
  const pins = fields.get('pins')?.split('.').map(Number).filter(Number.isFinite)
  const filter = fields.get('filter')
  const stops = [
    ...fields.getAll('break').map((text) => ({ text, watch: false })),
    ...fields.getAll('watch').map((text) => ({ text, watch: true })),
  ]
  return {
    ...(from !== undefined && to !== undefined && to > from && { from, to }),
    ...(at !== undefined && at >= 0 && { at }),
    ...(decision !== undefined && decision >= 1 && { decision: decision - 1 }),
    ...(tab !== undefined && { tab }),
    ...(pins !== undefined && { pins }),
    ...(filter !== null && { filter }),
    ...(stops.length > 0 && { stops }),
    ...(area?.length === 2 && area.every(Number.isFinite) && { selection: { from: area[0]!, to: area[1]! } }),
  }
}
