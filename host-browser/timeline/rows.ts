/** Which rows the timeline has, in which order, and where: pinned ones first, then decisions, devices, tenants, streams. */
import { trackId, TrackKind } from '../lib/deltas.ts'
import type { Trace } from '../lib/trace.ts'

/** The row of all decisions: a number that no track has. */
export const DECISIONS = -1

export interface TimelineRow {
  id: number
  label: string
  /** What it belongs to. */
  detail: string
  kind: 'decisions' | 'device' | 'tenant' | 'stream'
  y: number
  height: number
  pinned: boolean
}

/** Space for the times above all rows. */
export const RULER = 26

const heights = { decisions: 44, device: 40, tenant: 26, stream: 30 } as const

function described(trace: Trace): Omit<TimelineRow, 'y' | 'height' | 'pinned'>[] {
  const { devices, tenants, streams } = trace.topology
  const used = new Set(streams.map(({ tenant }) => tenant))
  return [
    { id: DECISIONS, label: 'Decisions', detail: 'by kind', kind: 'decisions' },
    ...devices.map(({ device, chip }) => ({
      id: trackId(TrackKind.DEVICE, device),
      label: `Device ${device}`,
      detail: chip.replace('ASCEND_', ''),
      kind: 'device' as const,
    })),
    ...tenants
      .filter(({ tenant }) => used.has(tenant))
      .map(({ tenant, name, weight }) => ({
        id: trackId(TrackKind.TENANT, tenant),
        label: name ?? `Tenant ${tenant}`,
        detail: `weight ${weight}`,
        kind: 'tenant' as const,
      })),
    ...[...streams]
      .sort((a, b) => a.device - b.device || a.tenant - b.tenant || a.stream - b.stream)
      .map(({ stream, name, tenant, device }) => ({
        id: trackId(TrackKind.STREAM, stream),
        label: name ?? `Stream ${stream}`,
        detail: `tenant ${tenant}${devices.length > 1 ? `, device ${device}` : ''}`,
        kind: 'stream' as const,
      })),
  ]
}

/** Few rows share what room there is, up to twice their height. */
const MOST_STRETCH = 2

/**
 * Rows from top to bottom in so much room; `filter` leaves those whose label or detail has it in it, and pinned ones.
 */
export function layOut(trace: Trace, pins: ReadonlySet<number>, filter: string, room: number): TimelineRow[] {
  const wanted = filter.trim().toLowerCase()
  const fits = (row: { label: string; detail: string; kind: string; id: number }): boolean =>
    wanted === '' || pins.has(row.id) || `${row.label} ${row.detail} ${row.kind}`.toLowerCase().includes(wanted)
  const all = described(trace).filter(fits)
  const ordered = [...all.filter(({ id }) => pins.has(id)), ...all.filter(({ id }) => !pins.has(id))]
  const plain = ordered.reduce((sum, { kind }) => sum + heights[kind], 0)
  const stretch = Math.max(1, Math.min(MOST_STRETCH, (room - RULER) / Math.max(1, plain)))
  let y = 0
  const placed: TimelineRow[] = []
  for (const row of ordered) {
    const height = Math.floor(heights[row.kind] * stretch)
    placed.push({ ...row, y, height, pinned: pins.has(row.id) })
    y += height
  }
  return placed
}

/** Height of all rows. */
export const heightOf = (rows: readonly TimelineRow[]): number => {
  const last = rows.at(-1)
  return last === undefined ? 0 : last.y + last.height
}

/** The row at a height, counted from the top of all rows. */
export const rowAt = (rows: readonly TimelineRow[], y: number): TimelineRow | undefined =>
  rows.find((row) => y >= row.y && y < row.y + row.height)
