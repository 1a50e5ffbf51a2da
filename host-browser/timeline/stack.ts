/** Columns of two pixels in which each phase is as high as the part of the time in which it was at work. */
import { SUMS, type Track } from '../lib/track.ts'
import type { Palette } from './palette.ts'

/** Width of a column. */
export const COLUMN = 2

/** Phases from the bottom of a row to its top: decode below, prefill above; then credit. */
export const STACK = [2, 1, 3, 0, 4] as const

type Rect = (colour: string, x: number, y: number, width: number, height: number) => void

/** One column: `sums` are ns by kind of activity in `ns` of time. */
export function stack(
  rect: Rect,
  palette: Palette,
  sums: Float64Array,
  x: number,
  y: number,
  height: number,
  ns: number,
): void {
  let total = 0
  for (let kind = 0; kind < SUMS; kind++) total += sums[kind]!
  if (total === 0) return
  const scale = height / Math.max(ns, total)
  let bottom = y + height
  for (const kind of STACK) {
    if (sums[kind] === 0) continue
    const h = Math.max(sums[kind]! * scale, 1)
    rect(kind === 4 ? palette.credit[4] : palette.phases[kind], x, bottom - h, COLUMN, h)
    bottom -= h
  }
}

/** A whole track in columns, straight onto a canvas. */
export function strip(
  ctx: CanvasRenderingContext2D,
  palette: Palette,
  track: Track,
  from: number,
  to: number,
  width: number,
  y: number,
  height: number,
): void {
  const ns = ((to - from) / width) * COLUMN
  const rect: Rect = (colour, ...place) => {
    ctx.fillStyle = colour
    ctx.fillRect(...place)
  }
  for (let c = 0; c * COLUMN < width; c++) {
    stack(rect, palette, track.sums(from + c * ns, from + (c + 1) * ns), c * COLUMN, y, height, ns)
  }
}
