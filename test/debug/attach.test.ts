/**
 * Debuggers attached to a daemon on the simulated NPU, while a serving program runs through it: what their WebSockets
 * get is a recording that replays without a difference.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startDaemon, type RunningDaemon } from '../../bench/daemon/start.ts'
import { ask } from '../../host-node/daemon/control-client.ts'
import { FrameStream } from '../../host-node/log/frame-stream.ts'
import { Comparison } from '../../host-node/replay/comparison.ts'
import { path } from '../../tools/build/steps.ts'
import { freshCore } from '../what-if/runs.ts'
import { serve, Socket } from './served.ts'

const folder = mkdtempSync(join(tmpdir(), 'flexnpu-attach-'))
const trace = join(folder, 'trace.csv')
const daemons: RunningDaemon[] = []

beforeAll(() => {
  const rows = ['0.0,400,6', '0.1,300,4', '0.2,20,8'].map((row) => `2023-11-16 18:17:0${row}`)
  writeFileSync(trace, ['TIMESTAMP,ContextTokens,GeneratedTokens', ...rows, ''].join('\n'))
})
afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.stop()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Daemon {
  socket: string
  /** Serves three requests through it. */
  work: () => Promise<unknown>
  stop: () => Promise<void>
}

async function start(...args: string[]): Promise<Daemon> {
  const daemon = await startDaemon('max', ['--policy', 'dynamic-pd', ...args])
  daemons.push(daemon)
  const env = { ...daemon.clientEnv, PATH: process.env['PATH'], LD_LIBRARY_PATH: path('build', 'npu-sim') }
  const kernels = path('build', 'npu-sim', 'kernels', 'qwen25.o')
  return {
    socket: daemon.clientEnv['FLEXNPU_DAEMON'] as string,
    work: () =>
      promisify(execFile)(path('build', 'bench', 'llm-serve'), ['--trace', trace, '--kernels', kernels], { env }),
    stop: async () => {
      daemons.splice(daemons.indexOf(daemon), 1)
      await daemon.stop()
    },
  }
}

/** What a page does with the bytes that come. */
function replayed({ parts }: Socket): { comparison: Comparison; stream: FrameStream; kinds: string[] } {
  const comparison = new Comparison(freshCore())
  const kinds: string[] = []
  const stream = new FrameStream('attached', (frame) => {
    kinds.push(frame.name)
    comparison.frame(frame)
  })
  for (const part of parts) stream.push(part)
  comparison.finish(undefined, false)
  expect(stream.read.damage).toBeUndefined()
  return { comparison, stream, kinds }
}

/** Waits until pages have got all events that the daemon's core has taken, and the decisions that follow them. */
async function caughtUp(daemon: Daemon, sockets: Socket[]): Promise<void> {
  const { status } = await ask(daemon.socket, { admin: 'status' })
  const { events } = (status as { counters: { events: number } }).counters
  const all = (): [bigint, number][] =>
    sockets.map((socket) => {
      const { stream, comparison } = replayed(socket)
      return [stream.read.events, comparison.differences]
    })
  await expect.poll(all, { timeout: 20_000 }).toEqual(sockets.map(() => [BigInt(events), 0]))
}

test('one that comes late gets the state that it begins with, and everything after; several do', async () => {
  const daemon = await start()
  const { host } = await serve({ socket: daemon.socket })
  await daemon.work()
  const first = new Socket(host)
  await expect.poll(() => first.parts.length, { timeout: 20_000 }).toBeGreaterThan(0)
  await daemon.work()
  const second = new Socket(host)
  await expect.poll(() => second.parts.length, { timeout: 20_000 }).toBeGreaterThan(0)
  const [third] = [new Socket(host)]
  await expect.poll(() => third!.parts.length, { timeout: 20_000 }).toBeGreaterThan(0)
  third!.ws.terminate()
  await daemon.work()
  await caughtUp(daemon, [first, second])
  for (const socket of [first, second]) {
    const { comparison, stream, kinds } = replayed(socket)
    expect(comparison).toMatchObject({ differences: 0, unverified: 0 })
    expect(comparison.events).toBeGreaterThan(1000)
    expect(comparison.decisions).toBeGreaterThan(100)
    expect(stream.read.begins_after).toBeGreaterThan(1000n)
    expect(kinds.slice(0, 2)).toEqual(['SNAPSHOT', 'NAMES'])
    expect(stream.header?.json).toMatchObject({ host: 'daemon', begins_after: Number(stream.read.begins_after) })
  }
  await daemon.stop()
  expect(await first.ended).toMatchObject({ code: 1000, reason: expect.stringContaining('the daemon has ended') })
}, 120_000)

test('of a daemon that records, gets the recording from its beginning, to its end', async () => {
  const file = join(folder, 'recorded.flexlog')
  const daemon = await start('--record', file)
  const { host } = await serve({ socket: daemon.socket })
  await daemon.work()
  const socket = new Socket(host)
  await daemon.work()
  await caughtUp(daemon, [socket])
  expect(replayed(socket).comparison).toMatchObject({ differences: 0 })
  await daemon.stop()
  expect(await socket.ended).toEqual({ code: 1000, reason: 'the daemon has ended' })
  expect(Buffer.concat(socket.parts).equals(readFileSync(file))).toBe(true)
}, 120_000)

test('where no daemon is, the page is told so', async () => {
  const { host } = await serve({ socket: join(folder, 'none.sock') })
  expect(await new Socket(host).ended).toMatchObject({ code: 1011, reason: expect.stringContaining('none.sock') })
})

test('a page that does not keep up is closed with the reason, and the daemon is let go', async () => {
  const socket = join(folder, 'fast.sock')
  let gone = false
  const piece = Buffer.alloc(1024 * 1024)
  const daemon = createServer((client) => {
    client.on('error', () => {})
    client.on('close', () => (gone = true))
    client.on('data', () => {
      client.write('{"ok":true,"after_event":0}\n')
      const more = (): void => {
        while (client.writable && client.write(piece));
      }
      client.on('drain', more)
      more()
    })
  }).listen(socket)
  const { host } = await serve({ socket })
  const page = new Socket(host)
  page.ws.on('open', () => page.ws.pause())
  await expect.poll(() => gone, { timeout: 30_000 }).toBe(true)
  page.ws.resume()
  expect(await page.ended).toEqual({ code: 1013, reason: 'the page did not keep up with the daemon' })
  daemon.close()
}, 60_000)
