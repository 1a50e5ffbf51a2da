/** The whole recording in a strip, with what the timeline shows of it; a drag moves that, a click goes there. */
import { useEffect, useRef } from 'preact/hooks'
import { trackKind, TrackKind } from '../lib/deltas.ts'
import * as app from '../state/app.ts'
import { keepView } from '../state/session.ts'
import { palettes } from './palette.ts'
import { viewport } from './scroll.ts'
import { strip } from './stack.ts'
import { paintOnChange, sized } from './timeline.tsx'

const HEIGHT = 40

export function Minimap() {
  const canvas = useRef<HTMLCanvasElement>(null)
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const paint = (): void => {
      if (canvas.current !== null && box.current !== null) drawMinimap(canvas.current, box.current.clientWidth)
    }
    return paintOnChange(paint, [app.revision, app.view, app.position, app.theme, viewport, app.stage])
  }, [])
  const move = (event: PointerEvent): void => {
    const element = box.current as HTMLDivElement
    const { left, width } = element.getBoundingClientRect()
    const all = app.whole()
    const time = all.from + ((all.to - all.from) * (event.clientX - left)) / width
    const half = (app.view.value.to - app.view.value.from) / 2
    keepView()
    app.follow.value = false
    app.look(time - half, time + half)
  }
  return (
    <div
      class="minimap"
      ref={box}
      onPointerDown={(event) => {
        box.current?.setPointerCapture(event.pointerId)
        move(event)
      }}
      onPointerMove={(event) => {
        if ((event.buttons & 1) !== 0) move(event)
      }}
    >
      <canvas ref={canvas} role="img" aria-label="The whole recording; the frame is what the timeline shows." />
    </div>
  )
}

function drawMinimap(element: HTMLCanvasElement, width: number): void {
  if (width === 0) return
  const ctx = sized(element, width, HEIGHT)
  const palette = palettes[app.theme.value]
  ctx.fillStyle = palette.band
  ctx.fillRect(0, 0, width, HEIGHT)
  const all = app.whole()
  ctx.drawImage(strips(width), 0, 0, width, HEIGHT)
  const x = (time: number): number => ((time - all.from) / (all.to - all.from)) * width
  const [from, to] = [x(app.view.value.from), x(app.view.value.to)]
  ctx.fillStyle = app.theme.value === 'dark' ? 'rgba(8, 10, 14, 0.62)' : 'rgba(232, 235, 240, 0.72)'
  ctx.fillRect(0, 0, Math.max(0, from), HEIGHT)
  ctx.fillRect(to, 0, width - to, HEIGHT)
  ctx.strokeStyle = palette.phases[2]
  ctx.lineWidth = 1.5
  ctx.strokeRect(Math.max(1, from), 1, Math.max(3, Math.min(width - 1, to) - Math.max(1, from)), HEIGHT - 2)
  const at = app.position.value?.time_ns
  if (at !== undefined) {
    ctx.fillStyle = palette.playhead
    ctx.fillRect(x(at), 0, 1, HEIGHT)
  }
}

let kept: { key: string; image: HTMLCanvasElement } | undefined

/** All devices, drawn when they or the colours change: moving about only draws the frame. */
function strips(width: number): HTMLCanvasElement {
  const key = `${app.revision.value} ${width} ${app.theme.value} ${globalThis.devicePixelRatio}`
  if (kept?.key === key) return kept.image
  const image = document.createElement('canvas')
  const ctx = sized(image, width, HEIGHT)
  const palette = palettes[app.theme.value]
  ctx.fillStyle = palette.band
  ctx.fillRect(0, 0, width, HEIGHT)
  const devices = [...app.trace.tracks.values()].filter((track) => trackKind(track.id) === TrackKind.DEVICE)
  const each = (HEIGHT - 4) / Math.max(1, devices.length)
  const { from, to } = app.whole()
  for (const [i, track] of devices.entries()) strip(ctx, palette, track, from, to, width, 2 + i * each, each - 1)
  kept = { key, image }
  return image
}
