/** Figures of a device over the time that the timeline shows: queues, use, shares, memory. uPlot draws them. */
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type uPlot from 'uplot'
import { CounterKind, seriesId, trackId, TrackKind } from '../lib/deltas.ts'
import { moment } from '../lib/format.ts'
import { DECODE_BIT, PREFILL_BIT } from '../lib/phases.ts'
import * as app from '../state/app.ts'
import { part } from '../state/parts.ts'
import { palettes, type Palette } from './palette.ts'
import { viewport } from './scroll.ts'
import { paintOnChange } from './timeline.tsx'

interface Line {
  label: string
  colour: (palette: Palette) => string
  points: (device: number, from: number, to: number, bins: number) => { time: number[]; value: number[] }
}

interface Chart {
  title: string
  unit: string
  lines: Line[]
  /** Greatest value where the scale is fixed. */
  top?: number
}

const HEIGHT = 66

const counter =
  (kind: number): Line['points'] =>
  (device, from, to, bins) =>
    app.trace.counters.get(seriesId(device, kind))?.points(from, to, bins) ?? { time: [], value: [] }

/** Part of the time in which a phase had work on the device: what use there is where no telemetry was recorded. */
const atWork =
  (bit: number): Line['points'] =>
  (device, from, to, bins) => {
    const track = app.trace.tracks.get(trackId(TrackKind.DEVICE, device))
    const [time, value]: [number[], number[]] = [[], []]
    if (track === undefined) return { time, value }
    const few = Math.min(bins, 240)
    const width = (to - from) / few
    for (let bin = 0; bin < few; bin++) {
      const at = from + bin * width
      if (at + width < app.trace.first_ns || at > app.trace.last_ns) continue
      time.push(at)
      value.push(((track.sums(at, at + width)[Math.log2(bit)] ?? 0) / width) * 100)
    }
    return { time, value }
  }

const hasTelemetry = (device: number): boolean => app.trace.counters.has(seriesId(device, CounterKind.COMPUTE))

const colours = {
  prefill: (p: Palette) => p.phases[1],
  decode: (p: Palette) => p.phases[2],
  other: (p: Palette) => p.phases[0],
  green: (p: Palette) => p.change,
}

function chartsOf(device: number): Chart[] {
  const telemetry = hasTelemetry(device)
  return [
    {
      title: 'Queue',
      unit: 'operators',
      lines: [
        { label: 'prefill', colour: colours.prefill, points: counter(CounterKind.QUEUE_PREFILL) },
        { label: 'decode', colour: colours.decode, points: counter(CounterKind.QUEUE_DECODE) },
        { label: 'other', colour: colours.other, points: counter(CounterKind.QUEUE_OTHER) },
      ],
    },
    {
      title: telemetry ? 'Use' : 'At work',
      unit: '%',
      top: 100,
      lines: [
        {
          label: telemetry ? 'compute' : 'prefill',
          colour: colours.prefill,
          points: telemetry ? counter(CounterKind.COMPUTE) : atWork(PREFILL_BIT),
        },
        {
          label: telemetry ? 'bandwidth' : 'decode',
          colour: colours.decode,
          points: telemetry ? counter(CounterKind.BANDWIDTH) : atWork(DECODE_BIT),
        },
      ],
    },
    {
      title: 'Share',
      unit: '%',
      top: 100,
      lines: [{ label: 'of decode', colour: colours.decode, points: counter(CounterKind.SHARE) }],
    },
    {
      title: 'HBM',
      unit: 'GiB',
      lines: [{ label: 'held', colour: colours.green, points: counter(CounterKind.HBM) }],
    },
  ]
}

export function Counters() {
  const device = useSignal(0)
  void app.revision.value
  const { devices } = app.trace.topology
  if (devices.length === 0) return null
  const shown = devices.some((d) => d.device === device.value) ? device.value : devices[0]!.device
  return (
    <section class="counters" aria-label="Figures of a device over time">
      {devices.length > 1 && (
        <label class="counters-device">
          Device{' '}
          <select value={shown} onChange={(event) => (device.value = Number(event.currentTarget.value))}>
            {devices.map((d) => (
              <option key={d.device} value={d.device}>
                {d.device} ({d.chip})
              </option>
            ))}
          </select>
        </label>
      )}
      {chartsOf(shown)
        .filter(({ title }) => title !== 'HBM' || app.trace.counters.has(seriesId(shown, CounterKind.HBM)))
        .map((chart) => (
          <ChartRow key={`${shown} ${chart.title}`} chart={chart} device={shown} />
        ))}
    </section>
  )
}

function ChartRow({ chart, device }: { chart: Chart; device: number }) {
  const box = useRef<HTMLDivElement>(null)
  const palette = palettes[app.theme.value]
  useEffect(() => {
    let end = (): void => {}
    let gone = false
    void plotter().then((Plot) => {
      if (!gone && Plot !== undefined) end = plot(Plot, box.current as HTMLDivElement, chart, device)
    })
    return () => {
      gone = true
      end()
    }
  }, [app.theme.value, device, chart.title])
  const at = app.position.value?.time_ns ?? 0
  return (
    <div class="chart">
      <div class="chart-label">
        <strong>{chart.title}</strong> <span class="unit">{chart.unit}</span>
        <ul>
          {chart.lines.map((line) => (
            <li key={line.label}>
              <i style={{ background: line.colour(palette) }} />
              {line.label} <b>{valueAt(line, device, at)}</b>
            </li>
          ))}
        </ul>
      </div>
      <div class="chart-plot" ref={box} aria-hidden="true" />
    </div>
  )
}

/** The value where the debugger stands. */
function valueAt(line: Line, device: number, at: number): string {
  const { value } = line.points(device, at, at + 1, 1)
  const last = value[0]
  return last === undefined ? '–' : last.toLocaleString('en-US', { maximumFractionDigits: 1 })
}

/** uPlot; undefined where it cannot be had, which is said once. */
async function plotter(): Promise<typeof uPlot | undefined> {
  const all = globalThis as unknown as { flexnpuPlot?: typeof uPlot }
  try {
    if (all.flexnpuPlot === undefined) (await part('charts.js'))()
  } catch (error) {
    app.message.value = error instanceof Error ? error.message : String(error)
  }
  return all.flexnpuPlot
}

/** Draws a chart until the component goes; returns how to end that. */
function plot(Plot: typeof uPlot, box: HTMLDivElement, chart: Chart, device: number): () => void {
  const palette = palettes[app.theme.value]
  const stepped = Plot.paths.stepped?.({ align: 1 })
  const chartPlot = new Plot(
    {
      width: Math.max(50, viewport.value.width),
      height: HEIGHT,
      padding: [6, 0, 4, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: () => [app.view.value.from, app.view.value.to] },
        y: { range: (_u, _low, high) => [0, chart.top ?? Math.max(1, high * 1.1)] },
      },
      axes: [
        { show: false },
        {
          stroke: palette.faint,
          font: '10px ui-sans-serif, system-ui',
          side: 1,
          size: 0,
          gap: -30,
          grid: { show: false },
          ticks: { show: false },
          splits: (_u, _i, _low, high) => [high * 0.9],
          values: (_u, [high = 0]) => [
            (high / 0.9).toLocaleString('en-US', { maximumFractionDigits: high < 10 ? 1 : 0 }),
          ],
        },
      ],
      series: [
        { value: (_u, v) => moment(v) },
        ...chart.lines.map((line) => ({
          label: line.label,
          stroke: line.colour(palette),
          width: 1.5,
          fill: `${line.colour(palette)}22`,
          points: { show: false },
          spanGaps: true,
          ...(stepped && { paths: stepped }),
        })),
      ],
      hooks: {
        draw: [
          (u) => {
            const at = app.position.value?.time_ns
            if (at === undefined) return
            const x = u.valToPos(at, 'x', true)
            u.ctx.fillStyle = palette.playhead
            if (x >= u.bbox.left && x <= u.bbox.left + u.bbox.width) u.ctx.fillRect(x, 0, 1, u.ctx.canvas.height)
          },
        ],
      },
    },
    [[0], ...chart.lines.map(() => [null])] as uPlot.AlignedData,
    box,
  )
  const end = paintOnChange(() => {
    const { width } = viewport.value
    if (width > 0 && Math.abs(chartPlot.width - width) > 0.5) chartPlot.setSize({ width, height: HEIGHT })
    chartPlot.setData(aligned(Plot, chart, device))
  }, [app.revision, app.view, app.position, viewport])
  return () => {
    end()
    chartPlot.destroy()
  }
}

/** The points of all lines on one time axis, as uPlot wants them. */
function aligned(Plot: typeof uPlot, chart: Chart, device: number): uPlot.AlignedData {
  const { from, to } = app.view.value
  const bins = Math.max(50, Math.min(600, Math.floor(viewport.value.width / 2)))
  const each = chart.lines
    .map((line) => line.points(device, from, to, bins))
    .map(({ time, value }) => [time, value] as [number[], number[]])
  if (each.length === 1) return each[0] as uPlot.AlignedData
  return Plot.join(each.map(distinct) as uPlot.AlignedData[])
}

/** Joining wants each time once: of several values the greatest stands, so that peaks stay. */
function distinct([time, value]: [number[], number[]]): [number[], number[]] {
  const out: [number[], number[]] = [[], []]
  for (const [i, at] of time.entries()) {
    const last = out[0].length - 1
    if (last >= 0 && out[0][last] === at) out[1][last] = Math.max(out[1][last]!, value[i]!)
    else {
      out[0].push(at)
      out[1].push(value[i]!)
    }
  }
  return out
}
