/** Which rows the timeline shows. */
import { signal } from '@preact/signals'
import { heightOf, RULER, type TimelineRow } from './rows.ts'

export const rows = signal<readonly TimelineRow[]>([])
/** Pixels of rows above what is shown. */
export const scroll = signal(0)
/** Of the canvas, CSS pixels. */
export const viewport = signal({ width: 0, height: 0 })

/** Scrolls by so many pixels, within what there is. */
export function scrollRows(by: number): void {
  const most = Math.max(0, heightOf(rows.value) - (viewport.value.height - RULER))
  scroll.value = Math.max(0, Math.min(most, scroll.value + by))
}
