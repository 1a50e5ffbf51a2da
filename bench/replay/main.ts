/**
 * `npm run bench -- replay`: how fast the debugger is. Events a second replayed and compared in Node (`flexnpu replay`)
 * and in the browser's worker (which checks, replays, compares, and gathers the timeline's rows); how long ten million
 * events take to load, a frame while zooming and panning through them, and a seek anywhere; what the page weighs. The
 * recordings are written by driving the core itself (generate.ts). `core_events_s` is the core alone in Node, in the same
 * run: what no replay can exceed. `bundle_gz_kb` is what shows a recording, `parts_gz_kb` what is loaded when it is first asked for.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { LogReader } from '../../host-node/log/reader.ts'
import { replay } from '../../host-node/replay/replay.ts'
import { filesBelow, path } from '../../tools/build/steps.ts'
import { newCore } from '../core/hosts.ts'
import { serveDebugger, startBrowser } from '../harness/browser.ts'
import { machineNote } from '../harness/machine.ts'
import { median, rounded } from '../harness/median.ts'
import { options } from '../harness/options.ts'
import { progress } from '../harness/progress.ts'
import { generate } from './generate.ts'

const EVENTS = 10_000_000
const FEWER_EVENTS = 1_000_000
const QUICK_EVENTS = 100_000
const ROUNDS = 3
const SEEKS = 60
const FRAMES = 180

const { json, quick } = options('replay')

/** Rows of the answer, by the length of the recording. */
interface Measured {
  load_s: number
  browser_events_s: number
  frame_p95_ms: number
  draw_p95_ms: number
  seek_p95_ms: number
}

/** What the page offers to scripts (host-browser/page.tsx). */
interface Scripted {
  seek(events: number): Promise<unknown>
  look(from: number, to: number): void
  whole(): { from: number; to: number }
  facts(): { stage: string; verdict?: { events: number; differences: number }; replay_ms: number; load_ms: number }
}

const million = (rate: number): string => `${(rate / 1e6).toFixed(2)} million events/s`

const p95 = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? Number.NaN

async function inBrowser(page: Page, url: string, events: number): Promise<Measured> {
  await page.goto(url)
  await page.waitForFunction(
    () => {
      const { stage } = (globalThis as unknown as { flexnpuDebugger: Scripted }).flexnpuDebugger.facts()
      return stage === 'ready' || stage === 'failed'
    },
    undefined,
    { timeout: 300_000, polling: 50 },
  )
  const facts = await page.evaluate(() =>
    (globalThis as unknown as { flexnpuDebugger: Scripted }).flexnpuDebugger.facts(),
  )
  if (facts.stage !== 'ready' || facts.verdict?.events !== events || facts.verdict.differences !== 0) {
    throw new Error(`the page did not replay the recording: ${JSON.stringify(facts)}`)
  }
  const seeks = await page.evaluate(seek, { events, seeks: SEEKS })
  const { frames, draws } = await page.evaluate(move, FRAMES)
  return {
    load_s: facts.load_ms / 1000,
    browser_events_s: (events / facts.replay_ms) * 1000,
    frame_p95_ms: p95(frames),
    draw_p95_ms: p95(draws),
    seek_p95_ms: p95(seeks),
  }
}

/** In the page: goes to places all over the recording; milliseconds of each until it is shown. */
async function seek(how: { events: number; seeks: number }): Promise<number[]> {
  const page = (globalThis as unknown as { flexnpuDebugger: Scripted }).flexnpuDebugger
  const times: number[] = []
  let at = 12_345
  for (let i = 0; i < how.seeks; i++) {
    at = (at * 1_103_515_245 + 12_345) % 2_147_483_648
    const begun = performance.now()
    await page.seek(1 + (at % how.events))
    times.push(performance.now() - begun)
  }
  return times
}

/** In the page: zooms in and out and pans, a step a frame; milliseconds from frame to frame, and of drawing alone. */
async function move(frames: number): Promise<{ frames: number[]; draws: number[] }> {
  const page = (globalThis as unknown as { flexnpuDebugger: Scripted }).flexnpuDebugger
  const canvas = document.querySelector('.canvas-box canvas') as HTMLCanvasElement
  const all = page.whole()
  const middle = (all.from + all.to) / 2
  const times: number[] = []
  const draws: number[] = []
  let last = 0
  for (let i = 0; i < frames; i++) {
    const part = Math.exp(-5 * (0.5 - 0.5 * Math.cos((i / frames) * 4 * Math.PI)))
    const half = ((all.to - all.from) / 2) * part
    const about = middle + half * 0.3 * Math.sin((i / frames) * 20)
    page.look(about - half, about + half)
    const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve))
    if (i > 1) {
      times.push(now - last)
      draws.push(Number(canvas.dataset['drawMs']))
    }
    last = now
  }
  return { frames: times, draws }
}

/** Events a second of the core alone: no file, no comparison. */
function coreRate(file: string): number {
  const reader = new LogReader(file)
  const parts: Uint8Array[] = []
  for (const frame of reader.frames()) if (frame.name === 'EVENTS') parts.push(frame.payload.slice())
  const { events } = reader.end
  reader.close()
  const rates = Array.from({ length: ROUNDS }, () => {
    const core = newCore()
    const begun = performance.now()
    for (const part of parts) core.feedTo(part, () => {})
    return (Number(events) / (performance.now() - begun)) * 1000
  })
  return median(rates)
}

function nodeRate(file: string): number {
  const rates = Array.from({ length: ROUNDS }, () => {
    const begun = performance.now()
    const { events, differences } = replay(file, newCore())
    if (differences > 0) throw new Error('Node replayed the recording with differences')
    return (events / (performance.now() - begun)) * 1000
  })
  return median(rates)
}

/** Kilobytes (1000) of files of the page, each gzipped. */
const weight = (wanted: (file: string) => boolean): number =>
  filesBelow(path('build', 'host-browser'))
    .filter(wanted)
    .reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length / 1000, 0)

/** What is loaded to show a recording; and what is when it is first asked for (host-browser/state/parts.ts). */
const opens = (file: string): boolean => file.endsWith('index.html') || file.endsWith('charts.js')
const bundle = weight(opens)
const parts = weight((file) => file.endsWith('.js') && !opens(file))

const lengths = quick ? [QUICK_EVENTS] : [FEWER_EVENTS, EVENTS]
const folder = mkdtempSync(join(tmpdir(), 'flexnpu-bench-replay-'))
const steps = progress('replay', lengths.length * 2 + 1)
const site = await serveDebugger(folder)
const fileOf = (events: number): string => join(folder, `${events}.flexlog`)
const measured = new Map<number, Measured>()
let core_events_s = 0
let node_events_s = 0
try {
  for (const events of lengths) {
    steps.step(`writing ${events} events`)
    generate(fileOf(events), newCore(), events)
    steps.step(`${events} events in the browser`)
    const browser = await startBrowser()
    try {
      const page = await browser.context.newPage()
      measured.set(events, await inBrowser(page, `${site.url}?log=logs/${events}.flexlog`, events))
    } finally {
      await browser.close()
    }
    if (events === lengths[0]) {
      steps.step(`${events} events in Node`)
      core_events_s = coreRate(fileOf(events))
      node_events_s = nodeRate(fileOf(events))
    }
    if (existsSync(fileOf(events))) rmSync(fileOf(events))
  }
} finally {
  await site.close()
  rmSync(folder, { recursive: true, force: true })
  steps.done()
}

const most = measured.get(lengths.at(-1) as number) as Measured
const fewer = measured.get(lengths[0] as number) as Measured
/** In a quick run there are not ten million events to load. */
const full = quick ? null : rounded(most.load_s)
const result = {
  node_events_s: Math.round(node_events_s),
  browser_events_s: Math.round(most.browser_events_s),
  load_10m_s: full,
  frame_p95_ms: rounded(most.frame_p95_ms),
  seek_p95_ms: rounded(most.seek_p95_ms),
  bundle_gz_kb: rounded(bundle),
  parts_gz_kb: rounded(parts),
  core_events_s: Math.round(core_events_s),
  draw_p95_ms: rounded(most.draw_p95_ms),
  events: lengths.at(-1),
  load_1m_s: quick ? null : rounded(fewer.load_s),
  frame_1m_p95_ms: quick ? null : rounded(fewer.frame_p95_ms),
}
if (json) process.stdout.write(`${JSON.stringify(result)}\n`)
else {
  const lines = [
    machineNote(),
    `the core alone, in Node    ${million(result.core_events_s)}`,
    `replay in Node             ${million(result.node_events_s)}`,
    `replay in the browser      ${million(result.browser_events_s)}, with the rows of the timeline`,
    ...[...measured].map(
      ([events, m]) =>
        `${events} events: load ${m.load_s.toFixed(2)} s, frame p95 ${m.frame_p95_ms.toFixed(1)} ms (drawing ${m.draw_p95_ms.toFixed(1)} ms), seek p95 ${m.seek_p95_ms.toFixed(0)} ms`,
    ),
    `the page, gzipped          ${result.bundle_gz_kb} KB without the core; parts that are loaded when needed ${result.parts_gz_kb} KB`,
  ]
  process.stdout.write(`${lines.map((line) => `${line}\n`).join('')}`)
}
