/**
 * Draws the timeline: what is wider than two pixels as it is, the rest in columns of two pixels whose height is the part
 * of the time that was used. So a frame draws at most half as many rectangles a row as it has pixels, however long the
 * recording is.
 */
import { DecisionKind } from '../../build/gen/ts/records.ts'
import { TrackKind, trackId, trackNumber } from '../lib/deltas.ts'
import { moment } from '../lib/format.ts'
import { KINDS, type Marks } from '../lib/marks.ts'
import { CREDIT_BIT } from '../lib/phases.ts'
import { SUMS, type Track } from '../lib/track.ts'
import type { Trace } from '../lib/trace.ts'
import type { Ink } from './ink.ts'
import type { Palette } from './palette.ts'
import { COLUMN, stack, STACK } from './stack.ts'
import { RULER, type TimelineRow } from './rows.ts'

export interface Scene {
  trace: Trace
  rows: readonly TimelineRow[]
  from: number
  to: number
  /** CSS pixels. */
  width: number
  height: number
  scroll: number
  palette: Palette
  playhead: number | undefined
  selection: { from: number; to: number; rows?: number[] } | undefined
}

const FONT = '11px ui-sans-serif, system-ui, sans-serif'

/** One frame. */
export function draw(ctx: CanvasRenderingContext2D, ink: Ink, scene: Scene): void {
  const { width, height, palette, rows, scroll } = scene
  ink.count = 0
  ctx.fillStyle = palette.background
  ctx.fillRect(0, 0, width, height)
  const visible = rows.filter((row) => row.y + row.height > scroll && row.y - scroll < height - RULER)
  const top = (row: TimelineRow): number => RULER + row.y - scroll
  for (const [i, row] of visible.entries()) {
    if ((rows.indexOf(row) & 1) === 1 && i >= 0) ink.rect(palette.band, 0, top(row), width, row.height)
  }
  ink.flush(ctx)
  const ticks = ticksOf(scene)
  for (const { x } of ticks) ink.rect(palette.grid, Math.round(x), RULER, 1, height)
  ink.flush(ctx)
  selected(ctx, scene, top)
  for (const row of visible) drawRow(ink, scene, row, top(row))
  ink.flush(ctx)
  ruler(ctx, scene, ticks)
  cursor(ctx, scene)
}

function drawRow(ink: Ink, scene: Scene, row: TimelineRow, y: number): void {
  const { trace } = scene
  if (row.kind === 'decisions') {
    decisions(ink, scene, trace.marks, y, row.height)
    return
  }
  const track = trace.tracks.get(row.id)
  const wait = row.kind === 'stream' ? trace.tracks.get(trackId(TrackKind.WAIT, trackNumber(row.id))) : undefined
  const bar = row.kind === 'stream' ? row.height - 11 : row.height - 8
  if (track !== undefined) spans(ink, scene, track, y + 4, bar)
  if (wait !== undefined) waits(ink, scene, wait, y + row.height - 6, 4)
}

const xOf = ({ from, to, width }: Scene, time: number): number => ((time - from) / (to - from)) * width

const column = new Float64Array(SUMS)

/** Spans of a track as bars. */
function spans(ink: Ink, scene: Scene, track: Track, y: number, height: number): void {
  const { from, to, width, palette } = scene
  const narrow = ((to - from) / width) * COLUMN
  let at = -1
  const flush = (): void => {
    if (at >= 0) stack((...rect) => ink.rect(...rect), palette, column, at * COLUMN, y, height, narrow)
    column.fill(0)
  }
  track.visit(from, to, narrow, (start, end, code, sums) => {
    if (sums === undefined && end - start >= narrow) {
      const x = Math.max(0, xOf(scene, start))
      exact(ink, palette, x, Math.max(1, Math.min(width, xOf(scene, end)) - x), y, height, code)
      return
    }
    const c = Math.floor((start - from) / narrow)
    if (c !== at) {
      flush()
      at = c
    }
    for (let kind = 0; kind < SUMS; kind++) {
      if (sums !== undefined) column[kind] = column[kind]! + sums[kind]!
      else if ((code & (1 << kind)) !== 0) column[kind] = column[kind]! + (end - start)
    }
  })
  flush()
}

/** A span that is wide enough: the phases that were at work in it share its height. */
function exact(ink: Ink, palette: Palette, x: number, width: number, y: number, height: number, code: number): void {
  const credit = (code & CREDIT_BIT) !== 0
  const kinds = STACK.filter((kind) => (code & (1 << kind)) !== 0 && (kind !== 4 || code === CREDIT_BIT))
  const each = height / kinds.length
  const gap = width > 4 ? 1 : 0
  for (const [i, kind] of kinds.entries()) {
    const colour = credit ? palette.credit[kind]! : palette.phases[kind as 0]!
    ink.rect(colour, x, y + height - (i + 1) * each, width - gap, each)
  }
}

/** Times in which a stream had something waiting, as a thin line. */
function waits(ink: Ink, scene: Scene, track: Track, y: number, height: number): void {
  const { from, to, width, palette } = scene
  const narrow = ((to - from) / width) * COLUMN
  let at = -1
  let ns = 0
  const flush = (): void => {
    if (at < 0 || ns === 0) return
    const h = Math.max(1, Math.min(1, ns / narrow) * height)
    ink.rect(palette.wait, at * COLUMN, y + height - h, COLUMN, h)
    ns = 0
  }
  track.visit(from, to, narrow, (start, end, _code, sums) => {
    if (sums === undefined && end - start >= narrow) {
      const x = Math.max(0, xOf(scene, start))
      ink.rect(palette.wait, x, y, Math.max(1, Math.min(width, xOf(scene, end)) - x), height)
      return
    }
    const c = Math.floor((start - from) / narrow)
    if (c !== at) {
      flush()
      at = c
    }
    ns += sums === undefined ? end - start : sums.reduce((sum, part) => sum + part, 0)
  })
  flush()
}

/** What a decision counts as in the drawing, from the bottom up. */
export function markColour(palette: Palette, kind: number): string {
  if (kind === DecisionKind.DISPATCH) return palette.dispatch
  if (kind === DecisionKind.HOLD || kind === DecisionKind.THROTTLE) return palette.hold
  if (kind === DecisionKind.FAULT || kind === DecisionKind.DENY) return palette.fault
  if (kind === DecisionKind.ADMIT) return palette.other
  return palette.change
}

const tally = new Uint32Array(KINDS)

/** Decisions as ticks where they lie apart, else as bars as high as they are many. */
function decisions(ink: Ink, scene: Scene, marks: Marks, y: number, height: number): void {
  const { from, to, width, palette } = scene
  const [first, end] = [marks.from(from), marks.from(to)]
  const base = y + height - 5
  const room = height - 10
  if (end - first < width / 6) {
    for (let i = first; i < end; i++) {
      const kind = marks.kind.data[i]!
      const x = Math.round(xOf(scene, marks.time.data[i]!))
      const tall = kind === DecisionKind.DISPATCH ? 0.55 : 1
      ink.rect(markColour(palette, kind), x - 1, base - room * tall, 2, room * tall)
    }
    return
  }
  const columns = Math.ceil(width / COLUMN)
  const edges = new Uint32Array(columns + 1)
  let most = 1
  for (let c = 0; c <= columns; c++) {
    edges[c] = marks.from(from + ((to - from) * c * COLUMN) / width)
    if (c > 0) most = Math.max(most, edges[c]! - edges[c - 1]!)
  }
  for (let c = 0; c < columns; c++) {
    if (edges[c + 1] === edges[c]) continue
    tally.fill(0)
    marks.tally(edges[c]!, edges[c + 1]!, tally)
    let bottom = base
    for (const kind of MARK_ORDER) {
      const n = tally[kind]!
      if (n === 0) continue
      // By the square root, so that one hold among a hundred dispatches is still seen.
      const h = Math.max(1, (Math.sqrt(n) / Math.sqrt(most)) * room * (kind === DecisionKind.DISPATCH ? 0.7 : 0.3))
      ink.rect(markColour(palette, kind), c * COLUMN, bottom - h, COLUMN, h)
      bottom -= h
    }
  }
}

const MARK_ORDER = [
  DecisionKind.DISPATCH,
  DecisionKind.ADMIT,
  DecisionKind.HOLD,
  DecisionKind.THROTTLE,
  DecisionKind.PHASE,
  DecisionKind.SHARE,
  DecisionKind.REVOKE,
  DecisionKind.DENY,
  DecisionKind.FAULT,
] as const

interface Tick {
  x: number
  time: number
  step: number
}

function ticksOf(scene: Scene): Tick[] {
  const { from, to, width } = scene
  const least = ((to - from) / width) * 110
  const power = 10 ** Math.floor(Math.log10(least))
  const step = ([1, 2, 5, 10].find((n) => n * power >= least) ?? 10) * power
  const ticks: Tick[] = []
  for (let time = Math.ceil(from / step) * step; time <= to; time += step)
    ticks.push({ x: xOf(scene, time), time, step })
  return ticks
}

function ruler(ctx: CanvasRenderingContext2D, { palette, width }: Scene, ticks: readonly Tick[]): void {
  ctx.fillStyle = palette.background
  ctx.fillRect(0, 0, width, RULER)
  ctx.fillStyle = palette.grid
  ctx.fillRect(0, RULER - 1, width, 1)
  ctx.font = FONT
  ctx.textBaseline = 'middle'
  ctx.fillStyle = palette.faint
  for (const { x, time, step } of ticks) {
    ctx.fillRect(Math.round(x), RULER - 6, 1, 6)
    ctx.fillText(moment(time, step), x + 4, RULER / 2)
  }
}

function selected(ctx: CanvasRenderingContext2D, scene: Scene, top: (row: TimelineRow) => number): void {
  const { selection, palette, rows, height } = scene
  if (selection === undefined) return
  const x = xOf(scene, selection.from)
  const width = xOf(scene, selection.to) - x
  ctx.fillStyle = palette.selection
  if (selection.rows === undefined) ctx.fillRect(x, RULER, width, height - RULER)
  else for (const row of rows) if (selection.rows.includes(row.id)) ctx.fillRect(x, top(row), width, row.height)
}

/** Where the debugger stands. */
function cursor(ctx: CanvasRenderingContext2D, scene: Scene): void {
  const { playhead, palette, height, width } = scene
  if (playhead === undefined) return
  const x = xOf(scene, playhead)
  if (x < -6 || x > width + 6) return
  ctx.fillStyle = palette.playhead
  ctx.fillRect(Math.round(x), RULER - 4, 1, height)
  ctx.beginPath()
  ctx.moveTo(x - 5, RULER - 10)
  ctx.lineTo(x + 6, RULER - 10)
  ctx.lineTo(x + 0.5, RULER - 2)
  ctx.fill()
}
