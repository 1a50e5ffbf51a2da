/** Tracks one below the other on one scale of time, small: to compare, not to explore. */
import { duration } from '../lib/format.ts'
import type { Track } from '../lib/track.ts'
import { palettes } from '../timeline/palette.ts'
import { strip } from '../timeline/stack.ts'
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
  for (const [i, { label, track }] of strips.entries()) {
    const y = i * (LABEL + BAR)
    ctx.fillStyle = palette.faint
    ctx.fillText(label, 0, y + 12)
    ctx.fillStyle = palette.band
    ctx.fillRect(0, y + LABEL, width, BAR - 2)
    strip(ctx, palette, track, from, to, width, y + LABEL, BAR - 2)
  }
  ctx.fillStyle = palette.faint
  ctx.fillText('0', 0, height - 4)
  const end = duration(to - from)
  ctx.fillText(end, width - ctx.measureText(end).width, height - 4)
}
