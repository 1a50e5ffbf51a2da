/**
 * The timeline: row labels beside a canvas. Wheel zooms about the pointer (Shift: scrolls time, Alt: rows), drag moves,
 * Shift and drag selects an area, a click goes to what is there. Keys are in state/commands.ts.
 */
import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { codeLabel } from '../lib/phases.ts'
import { trackKind, TrackKind } from '../lib/deltas.ts'
import { duration, moment } from '../lib/format.ts'
import { decisions as kinds } from '../../spec/records.ts'
import { RuleNames } from '../../build/gen/ts/records.ts'
import * as app from '../state/app.ts'
import { askWhy, go, keepView } from '../state/session.ts'
import { draw, type Scene } from './draw.ts'
import { Ink } from './ink.ts'
import { palettes } from './palette.ts'
import { DECISIONS, layOut, rowAt, RULER, type TimelineRow } from './rows.ts'
import { rows, scroll, scrollRows, viewport } from './scroll.ts'
import { RowLabels } from './labels.tsx'

interface Hover {
  x: number
  y: number
  title: string
  lines: string[]
}

const kindNames: Record<number, string> = Object.fromEntries(kinds.map(({ id, name }) => [id, name]))

/** The scene as the signals say it is. */
function sceneOf(width: number, height: number): Scene {
  const { from, to } = app.view.value
  return {
    trace: app.trace,
    rows: rows.value,
    from,
    to,
    width,
    height,
    scroll: scroll.value,
    palette: palettes[app.theme.value],
    playhead: app.position.value?.time_ns,
    selection: app.selection.value,
  }
}

export function Timeline() {
  const canvas = useRef<HTMLCanvasElement>(null)
  const frame = useRef<HTMLDivElement>(null)
  const hover = useSignal<Hover | undefined>(undefined)

  useSignalEffect(() => {
    void app.revision.value
    rows.value = layOut(app.trace, app.pins.value, app.filter.value, viewport.value.height)
  })

  useEffect(() => {
    const box = frame.current as HTMLDivElement
    const observer = new ResizeObserver(() => {
      viewport.value = { width: box.clientWidth, height: box.clientHeight }
    })
    observer.observe(box)
    return () => observer.disconnect()
  }, [])

  usePainting(canvas)
  usePointer(frame, hover)

  return (
    <div class="timeline">
      <RowLabels />
      <div class="canvas-box" ref={frame}>
        <canvas
          ref={canvas}
          role="img"
          aria-label="Timeline of devices, tenants and streams. The tab Table shows the same records as text."
        />
        {hover.value !== undefined && (
          <div class="tooltip" style={{ left: `${hover.value.x}px`, top: `${hover.value.y}px` }} aria-hidden="true">
            <strong>{hover.value.title}</strong>
            {hover.value.lines.map((line) => (
              <div key={line}>{line}</div>
            ))}
          </div>
        )}
      </div>
    </div>
  )
}

/** Paints once a frame where something that is shown has changed. */
function usePainting(canvas: { current: HTMLCanvasElement | null }): void {
  useEffect(() => {
    const ink = new Ink()
    return paintOnChange(() => {
      const element = canvas.current
      const { width, height } = viewport.value
      if (element === null || width === 0) return
      const ctx = sized(element, width, height)
      const begun = performance.now()
      draw(ctx, ink, sceneOf(width, height))
      element.dataset['rectangles'] = String(ink.count)
      element.dataset['drawMs'] = (performance.now() - begun).toFixed(2)
    }, [app.revision, app.view, app.position, app.selection, app.theme, rows, scroll, viewport])
  }, [])
}

type Source = { subscribe(run: () => void): () => void }

/** Calls `paint` in the next frame after any of the signals changed. Returns how to end that. */
export function paintOnChange(paint: () => void, on: readonly Source[]): () => void {
  let asked = 0
  const ask = (): void => {
    if (asked !== 0) return
    asked = requestAnimationFrame(() => {
      asked = 0
      paint()
    })
  }
  const ends = on.map((signal) => signal.subscribe(ask))
  return () => {
    cancelAnimationFrame(asked)
    for (const end of ends) end()
  }
}

/** The canvas at the size of its box, in the pixels of the screen. */
export function sized(element: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const ratio = globalThis.devicePixelRatio || 1
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (element.width !== w || element.height !== h) {
    element.width = w
    element.height = h
    element.style.width = `${width}px`
    element.style.height = `${height}px`
  }
  const ctx = element.getContext('2d', { alpha: false }) as CanvasRenderingContext2D
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
  return ctx
}

interface Point {
  x: number
  y: number
  time: number
  row: TimelineRow | undefined
}

function pointAt(box: HTMLElement, event: MouseEvent): Point {
  const { left, top } = box.getBoundingClientRect()
  const [x, y] = [event.clientX - left, event.clientY - top]
  const { from, to } = app.view.value
  const time = from + ((to - from) * x) / Math.max(1, box.clientWidth)
  return { x, y, time, row: y < RULER ? undefined : rowAt(rows.value, y - RULER + scroll.value) }
}

type Dragging = { kind: 'move' | 'select' | 'playhead'; from: Point; moved: boolean }

function usePointer(frame: { current: HTMLDivElement | null }, hover: { value: Hover | undefined }): void {
  useEffect(() => {
    const box = frame.current as HTMLDivElement
    let drag: Dragging | undefined
    let last = { x: 0, y: 0 }

    const wheel = (event: WheelEvent): void => {
      event.preventDefault()
      keepView()
      app.follow.value = false
      const { time } = pointAt(box, event)
      const down = event.deltaMode === 1 ? event.deltaY * 30 : event.deltaY
      if (event.altKey) scrollRows(down)
      else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        app.pan((event.shiftKey ? down + event.deltaX : event.deltaX) / box.clientWidth)
      } else app.zoom(Math.exp(Math.max(-240, Math.min(240, down)) * 0.0016), time)
    }
    const down = (event: PointerEvent): void => {
      if (event.button !== 0) return
      const from = pointAt(box, event)
      drag = { kind: event.shiftKey ? 'select' : from.y < RULER ? 'playhead' : 'move', from, moved: false }
      last = { x: event.clientX, y: event.clientY }
      box.setPointerCapture(event.pointerId)
      hover.value = undefined
    }
    const move = (event: PointerEvent): void => {
      const here = pointAt(box, event)
      if (drag === undefined) {
        hover.value = hoverAt(here)
        return
      }
      if (Math.abs(here.x - drag.from.x) + Math.abs(here.y - drag.from.y) > 3) drag.moved = true
      if (!drag.moved) return
      keepView()
      if (drag.kind === 'select') selectArea(drag.from, here)
      else if (drag.kind === 'move') {
        app.pan((last.x - event.clientX) / box.clientWidth)
        scrollRows(last.y - event.clientY)
        last = { x: event.clientX, y: event.clientY }
      }
    }
    const up = (event: PointerEvent): void => {
      const done = drag
      drag = undefined
      if (done === undefined) return
      if (done.kind === 'playhead') void go({ by: 'time', time_ns: pointAt(box, event).time })
      else if (!done.moved) click(pointAt(box, event))
    }
    const leave = (): void => {
      hover.value = undefined
    }
    const double = (event: MouseEvent): void => {
      const { row, time } = pointAt(box, event)
      const track = row === undefined ? undefined : app.trace.tracks.get(row.id)
      const i = track?.at(time) ?? -1
      if (track === undefined || i < 0) app.zoom(0.4, time)
      else {
        const length = track.length.data[i]!
        app.look(track.start.data[i]! - length * 0.2, track.start.data[i]! + length * 1.2)
      }
    }
    box.addEventListener('wheel', wheel, { passive: false })
    box.addEventListener('pointerdown', down)
    box.addEventListener('pointermove', move)
    box.addEventListener('pointerup', up)
    box.addEventListener('pointerleave', leave)
    box.addEventListener('dblclick', double)
    return () => {
      box.removeEventListener('wheel', wheel)
      box.removeEventListener('pointerdown', down)
      box.removeEventListener('pointermove', move)
      box.removeEventListener('pointerup', up)
      box.removeEventListener('pointerleave', leave)
      box.removeEventListener('dblclick', double)
    }
  }, [])
}

function selectArea(a: Point, b: Point): void {
  const [from, to] = [Math.min(a.time, b.time), Math.max(a.time, b.time)]
  const [top, bottom] = [Math.min(a.y, b.y), Math.max(a.y, b.y)].map((y) => y - RULER + scroll.value) as [
    number,
    number,
  ]
  const touched = rows.value.filter((row) => row.y < bottom && row.y + row.height > top).map((row) => row.id)
  app.selection.value = touched.length > 0 ? { from, to, rows: touched } : { from, to }
}

/** Goes to the decision, or the end of the span, that is there; else to the time. */
function click({ row, time }: Point): void {
  const tolerance = ((app.view.value.to - app.view.value.from) / viewport.value.width) * 4
  if (row?.id === DECISIONS) {
    const { marks } = app.trace
    const i = nearest(marks.time.data, marks.from(time), marks.count, time)
    if (i >= 0 && Math.abs(marks.time.data[i]! - time) < tolerance * 2) void goDecision(i)
    return
  }
  const track = row === undefined ? undefined : app.trace.tracks.get(row.id)
  const i = track?.at(time) ?? -1
  if (track !== undefined && i >= 0 && track.length.data[i]! > tolerance) {
    void go({ by: 'seek', events: track.event.data[i]! })
  } else void go({ by: 'time', time_ns: time })
}

/** Goes to a decision, counted from 0: its event is asked for by its time. */
export async function goDecision(decision: number): Promise<void> {
  const because = await askWhy(decision)
  await go({ by: 'seek', events: because.event + 1, decision })
  if (app.tab.value !== 'state') app.tab.value = 'why'
}

function nearest(times: Float64Array, i: number, length: number, time: number): number {
  if (length === 0) return -1
  if (i >= length) return length - 1
  return i > 0 && time - times[i - 1]! < times[i]! - time ? i - 1 : i
}

function hoverAt({ x, y, time, row }: Point): Hover | undefined {
  const title = moment(time, (app.view.value.to - app.view.value.from) / 1000)
  if (row === undefined) return undefined
  const place = {
    x: x + (x > viewport.value.width - 240 ? -230 : 14),
    y: y + (y > viewport.value.height - 90 ? -70 : 14),
  }
  const tolerance = ((app.view.value.to - app.view.value.from) / viewport.value.width) * 3
  if (row.id === DECISIONS) {
    const { marks } = app.trace
    const i = nearest(marks.time.data, marks.from(time), marks.count, time)
    if (i < 0 || Math.abs(marks.time.data[i]! - time) > tolerance)
      return { ...place, title, lines: ['no decision here'] }
    const rule = RuleNames[marks.rule.data[i]!] ?? ''
    const stream = marks.stream.data[i]!
    return {
      ...place,
      title: `${kindNames[marks.kind.data[i]!] ?? ''} ${rule}`,
      lines: [`decision ${i + 1} at ${title}`, ...(stream === 0xffff ? [] : [`stream ${stream}`])],
    }
  }
  const track = app.trace.tracks.get(row.id)
  const i = track?.at(time) ?? -1
  if (track === undefined || i < 0) return { ...place, title: row.label, lines: [title, 'idle'] }
  const end = trackKind(row.id) === TrackKind.STREAM ? 'complete at' : 'until'
  return {
    ...place,
    title: `${row.label}: ${codeLabel(track.code.data[i]!)}`,
    lines: [
      `${duration(track.length.data[i]!)} from ${moment(track.start.data[i]!)}`,
      `${end} event ${track.event.data[i]!}`,
    ],
  }
}
