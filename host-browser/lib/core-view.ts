/** The core's state at a place, as rows for people, and what changed against the place before. */
import { limits } from '../../build/gen/ts/records.ts'
import type { CoreFigures } from '../../host-node/core/figures.ts'
import { deviceFigures, streamFigures, tenantFigures } from './predicate/fields.ts'
import { phaseLabels } from './phases.ts'

/** One figure; `before` where it was another at the place before. */
export interface Cell {
  value: string
  before?: string
}

export interface Row {
  id: number
  cells: Record<string, Cell>
  changed: boolean
}

export interface CoreView {
  policy: number
  parameters: string[]
  next_wake_ns: number
  devices: Row[]
  tenants: Row[]
  /** At most `MOST_STREAMS`: those that changed or have work first. */
  streams: Row[]
  more_streams: number
  /** By device: slowdown of one phase by another, permille, [slow][by]. */
  interference: { device: number; table: number[][] }[]
}

const MOST_STREAMS = 64

type Cells = Record<string, string>

/** What is read of a place, before it is compared. */
export interface Reading {
  policy: number
  parameters: string[]
  next_wake_ns: number
  devices: Map<number, Cells>
  tenants: Map<number, Cells>
  streams: Map<number, Cells>
  interference: CoreView['interference']
}

type Figures = Record<string, (f: CoreFigures, id: number) => number | bigint | string | boolean>

function cells(f: CoreFigures, figures: Figures, id: number): Cells {
  return Object.fromEntries(Object.entries(figures).map(([name, read]) => [name, String(read(f, id))]))
}

function all(f: CoreFigures, most: number, exists: (id: number) => number, figures: Figures): Map<number, Cells> {
  const found = new Map<number, Cells>()
  for (let id = 0; id < most; id++) if (exists(id) !== 0) found.set(id, cells(f, figures, id))
  return found
}

/** Reads what the core says. */
export function readCore(f: CoreFigures): Reading {
  const devices = all(f, limits.MAX_DEVICES, (d) => f.device_exists(d), deviceFigures)
  return {
    policy: f.policy(),
    parameters: [0, 1, 2, 3].map((i) => String(f.policy_parameter(i))),
    next_wake_ns: Number(BigInt.asUintN(64, f.next_wake_ns())),
    devices,
    tenants: all(f, limits.MAX_TENANTS, (t) => f.tenant_exists(t), tenantFigures),
    streams: all(f, limits.MAX_STREAMS, (s) => f.stream_exists(s), streamFigures),
    interference: [...devices.keys()].map((device) => ({
      device,
      table: phaseLabels.map((_, slow) => phaseLabels.map((__, by) => f.device_interference(device, slow, by))),
    })),
  }
}

function rows(now: Map<number, Cells>, before: Map<number, Cells> | undefined): Row[] {
  return [...now].map(([id, values]) => {
    const then = before?.get(id)
    let changed = before !== undefined && then === undefined
    const shown: Record<string, Cell> = {}
    for (const [name, value] of Object.entries(values)) {
      const was = then?.[name]
      const differs = was !== undefined && was !== value && name !== 'waiting_ns'
      if (differs) changed = true
      shown[name] = differs ? { value, before: was } : { value }
    }
    return { id, cells: shown, changed }
  })
}

const weight = (row: Row): number =>
  (row.changed ? 4 : 0) + (row.cells['queue']?.value !== '0' ? 2 : 0) + (row.cells['inflight']?.value !== '0' ? 1 : 0)

/** A reading against the one before. */
export function viewOf(now: Reading, before: Reading | undefined): CoreView {
  const streams = rows(now.streams, before?.streams)
  const shown = [...streams]
    .sort((a, b) => weight(b) - weight(a) || a.id - b.id)
    .slice(0, MOST_STREAMS)
    .sort((a, b) => a.id - b.id)
  return {
    policy: now.policy,
    parameters: now.parameters,
    next_wake_ns: now.next_wake_ns,
    devices: rows(now.devices, before?.devices),
    tenants: rows(now.tenants, before?.tenants),
    streams: shown,
    more_streams: streams.length - shown.length,
    interference: now.interference,
  }
}
