/** Tracks one below the other on one scale of time, small: to compare, not to explore. */
import { duration } from '../lib/format.ts'
import type { Track } from '../lib/track.ts'
import { palettes } from '../timeline/palette.ts'
import { sized } from '../timeline/timeline.tsx'

const LABEL = 16
const BAR = 30

export function drawStrips(
  element: HTMLCanvasElement,
  strips: readonly { label: string; track: Track }[],
  from: number,
  to: number,
  theme: 'light' | 'dark',
): void {
  const width = element.parentElement?.clientWidth ?? 300
  const height = strips.length * (LABEL + BAR) + 18
  const ctx = sized(element, width, height)
  const palette = palettes[theme]
  ctx.fillStyle = palette.background
  ctx.fillRect(0, 0, width, height)
  ctx.font = '11px ui-sans-serif, system-ui, sans-serif'
  const ns = ((to - from) / width) * 2
  for (const [i, { label, track }] of strips.entries()) {
    const y = i * (LABEL + BAR)
    ctx.fillStyle = palette.faint
    ctx.fillText(label, 0, y + 12)
    ctx.fillStyle = palette.band
    ctx.fillRect(0, y + LABEL, width, BAR - 2)
    for (let x = 0; x < width; x += 2) {
      const sums = track.sums(from + (x / 2) * ns, from + (x / 2 + 1) * ns)
      const total = sums.reduce((sum, part) => sum + part, 0)
      let bottom = y + LABEL + BAR - 2
      for (const kind of [2, 1, 3, 0, 4]) {
        const h = (sums[kind]! / Math.max(ns, total)) * (BAR - 2)
        if (h === 0) continue
        ctx.fillStyle = kind === 4 ? palette.credit[4] : palette.phases[kind as 0]
        ctx.fillRect(x, bottom - h, 2, h)
        bottom -= h
      }
    }
  }
  ctx.fillStyle = palette.faint
  ctx.fillText('0', 0, height - 4)
  const end = duration(to - from)
  ctx.fillText(end, width - ctx.measureText(end).width, height - 4)
}
