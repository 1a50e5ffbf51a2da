/** The debugger in a real browser (Debian's Chromium): what its users do with it, from a recording made by wasm2c on. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { EventEmitter, once } from 'node:events'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { crc32, gzipSync } from 'node:zlib'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { serveDebugger, startBrowser, type Browser, type Site } from '../../bench/harness/browser.ts'
import { Page as DebuggerPage } from '../../host-node/debug/page.ts'
import { writeStatic } from '../../host-node/debug/static.ts'
import { LogReader } from '../../host-node/log/reader.ts'
import { replay } from '../../host-node/replay/replay.ts'
import { DECISION_BYTES } from '../../spec/records.ts'
import { Core } from '../../host-node/core/core.ts'
import { buildBrowser } from '../../tools/build/all.ts'
import { path } from '../../tools/build/steps.ts'
import { preloaded } from '../shim/run.ts'
import { workshop } from '../shim/workshop.ts'
import { recorded, wasm } from './recordings.ts'

const folder = mkdtempSync(join(tmpdir(), 'flexnpu-page-test-'))
const pictures = path('build', 'screenshots')
const POLICY = 'dynamic-pd'
let browser: Browser
let site: Site
let page: Page
let errors: string[]

/** What the page offers to scripts. */
interface Facts {
  stage: string
  verdict?: { events: number; decisions: number; differences: number }
}

beforeAll(async () => {
  const w = await workshop('native')
  await buildBrowser()
  const env = { FLEXNPU_POLICY: POLICY, FLEXNPU_RECORD: join(folder, 'wasm2c.flexlog'), FLEXNPU_SIM_SPEED: '1' }
  expect(await preloaded(w, 'random_order', { args: [w.kernels, '77', '3000'], env })).toMatchObject({ end: 0 })
  writeFileSync(join(folder, 'serving.flexlog'), readFileSync(recorded('serving', 20_000)))
  mkdirSync(pictures, { recursive: true })
  browser = await startBrowser()
  site = await serveDebugger(folder)
}, 600_000)

afterAll(async () => {
  await site?.close()
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

beforeEach(async () => {
  page = await browser.context.newPage()
  errors = []
  page.on('pageerror', (error) => errors.push(error.message))
})

afterEach(async () => {
  await page.close()
  expect(errors).toEqual([])
})

const facts = (): Promise<Facts> =>
  page.evaluate(() => (globalThis as unknown as { flexnpuDebugger: { facts(): Facts } }).flexnpuDebugger.facts())

/** Until nothing is read any more. */
async function settled(): Promise<Facts> {
  await page.waitForFunction(() => {
    const { stage } = (globalThis as unknown as { flexnpuDebugger: { facts(): Facts } }).flexnpuDebugger.facts()
    return stage === 'ready' || stage === 'failed'
  })
  return facts()
}

async function open(name: string, hash = ''): Promise<Facts> {
  await page.goto(`${site.url}?log=logs/${name}${hash}`)
  return settled()
}

/** Asks until it is so: the machine may be busy. */
const soon = <T>(ask: () => T | Promise<T>) => expect.poll(ask, { timeout: 30_000 })

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

const text = (selector: string): Promise<string> => page.locator(selector).first().innerText()

/** Number of the event that the page stands behind. */
const event = async (): Promise<number> => Number((await text('#place-event')).replaceAll(',', ''))

/** Presses a key and waits until the page stands at another event. */
async function step(key: string): Promise<number> {
  const before = await event()
  await page.keyboard.press(key)
  await page.waitForFunction(
    (was) => Number(document.querySelector('#place-event')?.textContent?.replaceAll(',', '')) !== was,
    before,
  )
  return event()
}

const picture = (name: string): Promise<Buffer> => page.screenshot({ path: join(pictures, `${name}.png`) })

describe('verification', () => {
  it('a recording made by wasm2c is decided again in the browser, bit for bit', async () => {
    const file = join(folder, 'wasm2c.flexlog')
    const { events, decisions } = replay(file, new Core(wasm()))
    expect(await open('wasm2c.flexlog')).toMatchObject({ verdict: { events, decisions, differences: 0 } })
    expect(await text('.verdict')).toContain('Replays bit for bit')
    expect(await text('.verdict')).toContain(`${decisions.toLocaleString('en-US')} decisions`)
    await picture('verified')
  })

  it('a changed decision is found where it is, both sides shown', async () => {
    const bytes = readFileSync(join(folder, 'serving.flexlog'))
    const reader = new LogReader(join(folder, 'serving.flexlog'))
    const frame = [...reader.frames()].find(({ name }) => name === 'DECISIONS')!
    reader.close()
    const at = frame.offset + 32 + 99 * DECISION_BYTES
    const cause = Number(bytes.readBigUInt64LE(at + 24))
    bytes.writeUInt32LE(bytes.readUInt32LE(at + 8) + 1, at + 8)
    const end = frame.offset + 32 + bytes.readUInt32LE(frame.offset + 8)
    bytes.writeUInt32LE(crc32(bytes.subarray(frame.offset + 32, end)), frame.offset + 24)
    bytes.writeUInt32LE(crc32(bytes.subarray(frame.offset, frame.offset + 28)), frame.offset + 28)
    writeFileSync(join(folder, 'changed.flexlog'), bytes)
    expect((await open('changed.flexlog')).verdict?.differences).toBe(1)
    const said = await text('.verdict')
    expect(said).toContain('Differs')
    expect(said).toContain(`decision 100, event ${cause.toLocaleString('en-US')}`)
    expect(await page.locator('.verdict .sides dd').count()).toBe(3)
    await page.getByRole('button', { name: 'Go there' }).click()
    await soon(event).toBe(cause)
    await picture('differs')
  })
})

describe('files', () => {
  it('a torn recording is shown as far as it is there', async () => {
    const whole = readFileSync(join(folder, 'serving.flexlog'))
    writeFileSync(join(folder, 'torn.flexlog'), whole.subarray(0, Math.floor(whole.length * 0.6)))
    const { stage, verdict } = await open('torn.flexlog')
    expect(stage).toBe('ready')
    expect(verdict!.events).toBeGreaterThan(1000)
    expect(await text('.verdict')).toMatch(/The recording is torn.*torn at byte \d+/s)
    await picture('torn')
  })

  it('what is no recording, and what a newer version wrote, is said to be that', async () => {
    writeFileSync(
      join(folder, 'foreign.flexlog'),
      'this is a text, and long enough to be looked at as a header of 64 bytes',
    )
    expect((await open('foreign.flexlog')).stage).toBe('failed')
    expect(await text('.welcome')).toContain('not a FlexNPU recording')
    const newer = readFileSync(join(folder, 'serving.flexlog'))
    newer.writeUInt32LE(99, 8)
    newer.writeUInt32LE(crc32(newer.subarray(0, 60)), 60)
    writeFileSync(join(folder, 'newer.flexlog'), newer)
    await open('newer.flexlog')
    expect(await text('.welcome')).toContain('format version 99 is newer than')
    await page.goto(`${site.url}?log=logs/none.flexlog`)
    await settled()
    expect(await text('.welcome')).toContain('404')
    await page.goto(`${site.url}?log=https://example.org/x.flexlog`)
    await settled()
    expect(await text('.welcome')).toContain("page's own origin only")
  })

  it('opens by picking and by dropping, packed or not', async () => {
    await page.goto(site.url)
    await page.waitForSelector('.welcome')
    await picture('welcome')
    const packed = gzipSync(readFileSync(join(folder, 'serving.flexlog')))
    await page.setInputFiles('#file', { name: 'serving.flexlog.gz', mimeType: 'application/gzip', buffer: packed })
    expect((await settled()).verdict).toMatchObject({ events: 20_000, differences: 0 })
    const dropped = base64(readFileSync(join(folder, 'wasm2c.flexlog')))
    await page.evaluate((content) => {
      const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0))
      const data = new DataTransfer()
      data.items.add(new File([bytes], 'dropped.flexlog'))
      globalThis.dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }))
    }, dropped)
    await soon(() => text('.header-file')).toContain('dropped.flexlog')
    expect((await settled()).verdict?.differences).toBe(0)
  })

  it('is one file with the recording in it that opens from anywhere', async () => {
    const made = join(folder, 'static')
    const recording = join(folder, 'serving.flexlog')
    const built = new DebuggerPage(path('build', 'host-browser'), path('build', 'core.wasm'))
    await page.goto(`file://${writeStatic(built, recording, readFileSync(recording).length, made)}`)
    expect((await settled()).verdict).toMatchObject({ events: 20_000, differences: 0 })
    expect(await text('.header-file')).toContain('serving.flexlog')
    await step('n')
    await page.keyboard.press('2')
    await page.waitForSelector('.because')
  })

  it('shows a daemon while it writes', async () => {
    const bytes = readFileSync(join(folder, 'serving.flexlog'))
    const sockets = new WebSocketServer({ server: site.server, path: '/attach' })
    const gate = new EventEmitter()
    const more = once(gate, 'open')
    sockets.on('connection', async (socket) => {
      const half = Math.floor(bytes.length / 2)
      for (let at = 0; at < half; at += 50_001) socket.send(bytes.subarray(at, Math.min(half, at + 50_001)))
      await more
      socket.send(bytes.subarray(half))
      socket.close()
    })
    await page.goto(`${site.url}?attach=1`)
    await soon(async () => (await facts()).verdict?.events ?? 0).toBeGreaterThan(5_000)
    expect(await text('.header-file')).toContain('live')
    expect(await text('.verdict')).toContain('no difference')
    gate.emit('open')
    expect((await settled()).verdict).toMatchObject({ events: 20_000, differences: 0 })
    sockets.close()
  })
})

describe('stepping', () => {
  it('goes forward and back by events and by decisions, and the state with it', async () => {
    await open('serving.flexlog')
    await page.fill('#go-to', '#1500')
    await page.keyboard.press('Enter')
    await soon(event).toBe(1500)
    await page.keyboard.press('Escape')
    const state = await text('.tab-panel')
    expect(await step('ArrowRight')).toBe(1501)
    expect(await text('.tab-panel')).not.toBe(state)
    expect(await step('ArrowLeft')).toBe(1500)
    await soon(() => text('.tab-panel')).toBe(state)
    const decided = await step('n')
    expect(decided).toBeGreaterThan(1500)
    expect(await page.locator('.decision[aria-pressed=true]').count()).toBe(1)
    expect(await step('End')).toBe(20_000)
    expect(await step('Home')).toBe(0)
    await page.fill('#go-to', '20 ms')
    await page.keyboard.press('Enter')
    await soon(event).toBeGreaterThan(10)
    expect(Number.parseFloat(await text('#place'))).toBeLessThanOrEqual(0.02)
    await page.keyboard.press('Escape')
    await page.keyboard.press('n')
    await setTimeout(200)
    const stream = /stream (\d+)/.exec(await text('.decision[aria-pressed=true]'))![1]
    const before = await event()
    expect(await step(']')).toBeGreaterThan(before)
    expect(await text('.decision[aria-pressed=true]')).toContain(`stream ${stream}`)
  })

  it('stops at a watchpoint, and at the one before', async () => {
    await open('serving.flexlog')
    await page.keyboard.press('b')
    await page.fill('#new-stop', 'stream.quue > 3')
    await page.keyboard.press('Enter')
    await soon(() => text('#stop-wrong')).toContain('stream has no field quue')
    await page.fill('#new-stop', 'stream[1].queue > 20')
    await page.getByRole('checkbox', { name: 'Watch' }).check()
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.waitForSelector('.stops li')
    await page.locator('#tab-stops').focus()
    const first = await step('r')
    const second = await step('r')
    expect(second).toBeGreaterThan(first)
    await picture('stopped')
    expect(await step('Shift+R')).toBe(first)
    await page.keyboard.press('1')
    await page.waitForSelector('table.grid caption:has-text("Streams")')
    const row = page
      .locator('table:has(caption:text("Streams")) tbody tr')
      .filter({ has: page.locator('th:text-is("1")') })
    const queued = await row.locator('td').nth(2).innerText()
    expect(Number(/(\d+)\s*$/.exec(queued)?.[1])).toBe(21)
  })
})

describe('why and what if', () => {
  it('explains the chosen decision by its candidates', async () => {
    await open('serving.flexlog')
    await page.fill('#go-to', '#9000')
    await page.keyboard.press('Enter')
    await soon(event).toBe(9000)
    await page.keyboard.press('Escape')
    await step('n')
    await page.keyboard.press('2')
    await page.waitForSelector('.candidates .chosen')
    const said = await text('.tab-panel')
    for (const word of ['Candidates', 'virtual time', 'slack', 'interference', 'predicted', 'Windows', 'dynamic-pd']) {
      expect(said).toContain(word)
    }
    expect(await page.locator('.candidates tbody tr').count()).toBeGreaterThan(3)
    await picture('why')
  })

  it('runs the same arrivals under another policy, side by side', async () => {
    await open('serving.flexlog')
    await page.keyboard.press('4')
    await page.selectOption('#what-if-policy', { label: 'fair' })
    await page.getByRole('button', { name: 'Run again' }).click()
    await page.waitForSelector('#what-if-difference', { timeout: 60_000 })
    const said = await text('.comparison')
    for (const word of ['TPOT p50', 'recorded', 'dynamic-pd, modelled', 'fair', 'Operators'])
      expect(said).toContain(word)
    expect(await text('#what-if-difference')).toMatch(/recorded[\s\S]*decision [\d,]+ at/)
    await picture('what-if')
  })
})

describe('the page', () => {
  it('is of use without a mouse: every command has a key, and the help shows it', async () => {
    await open('serving.flexlog')
    const view = (): Promise<string> => page.evaluate(() => document.querySelector('canvas')!.toDataURL().slice(-200))
    const before = await view()
    await page.keyboard.press('w')
    await page.keyboard.press('w')
    await page.keyboard.press('d')
    await soon(view).not.toBe(before)
    await page.keyboard.press('?')
    await page.waitForSelector('dialog[open]')
    const help = await text('dialog')
    for (const word of ['Next event', 'Run back to the stop before', 'Copy a link', 'Zoom in', 'stream.queue > 32']) {
      expect(help).toContain(word)
    }
    await picture('help')
    await page.keyboard.press('Escape')
    await soon(() => page.locator('dialog[open]').count()).toBe(0)
    await step('End')
    await page.keyboard.press(',')
    await step('Home')
    await page.keyboard.press('.')
    await page.waitForSelector('.area table')
    expect(await text('.area')).toContain('dispatch')
    await page.keyboard.press('6')
    await page.waitForSelector('.records tbody tr')
    expect(await page.locator('.records tbody tr').count()).toBe(100)
  })

  it('a link opens the same view', async () => {
    await open('serving.flexlog')
    await page.fill('#go-to', '#4242')
    await page.keyboard.press('Enter')
    await soon(event).toBe(4242)
    await page.keyboard.press('Escape')
    await page.keyboard.press('p')
    await page.keyboard.press('5')
    await page.keyboard.press('l')
    await soon(() => page.url()).toContain('at=4242')
    const { hash } = new URL(page.url())
    await page.goto('about:blank')
    await open('serving.flexlog', hash)
    await soon(event).toBe(4242)
    expect(await page.locator('#tab-figures').getAttribute('aria-selected')).toBe('true')
    expect(await page.locator('.pin[aria-pressed=true]').count()).toBe(1)
    await page.waitForSelector('.spread')
    await picture('figures')
  })

  it('saves a trace that Perfetto opens, and CSV', async () => {
    await open('serving.flexlog')
    const [trace] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Shift+T')])
    expect(trace.suggestedFilename()).toBe('serving.trace.json')
    const { traceEvents } = JSON.parse(readFileSync(await trace.path(), 'utf8')) as { traceEvents: { ph: string }[] }
    expect(new Set(traceEvents.map(({ ph }) => ph))).toEqual(new Set(['M', 'X', 'i', 'C']))
    const [table] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Shift+D')])
    expect(readFileSync(await table.path(), 'utf8')).toContain('number,time_ns,kind')
  })

  it('zooms by the wheel, selects by Shift and a drag, and goes where it is clicked', async () => {
    await open('serving.flexlog')
    const box = (await page.locator('.canvas-box').boundingBox())!
    await page.mouse.move(box.x + box.width / 2, box.y + 60)
    await page.mouse.wheel(0, -400)
    await page.keyboard.down('Shift')
    await page.mouse.down()
    await page.mouse.move(box.x + box.width / 2 + 150, box.y + 160, { steps: 4 })
    await page.mouse.up()
    await page.keyboard.up('Shift')
    await page.waitForSelector('.area')
    const before = await event()
    const now = (await page.locator('.canvas-box').boundingBox())!
    await page.mouse.click(now.x + now.width * 0.7, now.y + now.height - 20)
    await soon(event).not.toBe(before)
    await page.mouse.move(box.x + box.width * 0.6, box.y + 100)
    await page.waitForSelector('.tooltip')
    await picture('selected')
  })
})

describe('axe', () => {
  const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

  async function violations(): Promise<string[]> {
    const { violations: found } = await page.evaluate(() =>
      (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
    )
    return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`))
  }

  it.each(['light', 'dark'] as const)('finds nothing in the page, %s', async (theme) => {
    await page.emulateMedia({ colorScheme: theme })
    await page.goto(site.url)
    await page.waitForSelector('.welcome')
    await page.evaluate(source)
    expect(await violations()).toEqual([])
    await open('serving.flexlog')
    await page.evaluate(source)
    await page.fill('#go-to', '#9000')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    await step('n')
    for (const key of ['1', '2', '3', '4', '5', '6']) {
      await page.keyboard.press(key)
      await setTimeout(250)
      expect({ tab: key, found: await violations() }).toEqual({ tab: key, found: [] })
      await picture(`${theme}-${key}`)
    }
    await page.keyboard.press('?')
    await page.waitForSelector('dialog[open]')
    expect(await violations()).toEqual([])
  })
})
