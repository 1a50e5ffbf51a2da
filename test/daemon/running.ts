/** Daemons of tests, as processes on the simulated NPU; those that a test leaves are ended behind it. */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, expect } from 'vitest'
import { path } from '../../tools/build/steps.ts'
import type { Outcome } from '../shim/run.ts'
import type { Workshop } from '../shim/workshop.ts'

const folder = mkdtempSync(join(tmpdir(), 'flexnpu-daemons-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** One process, so that a signal meets the daemon itself. */
export const node = ['--import', 'tsx', path('host-node', 'cli', 'main.ts')]

/** Those that run. */
export const daemons: ChildProcess[] = []
afterEach(async () => {
  for (const daemon of daemons.splice(0))
    if (daemon.exitCode === null && daemon.signalCode === null) await stop(daemon, 'SIGTERM')
})

export interface Daemon {
  process: ChildProcess
  socket: string
  log: () => string
}

let count = 0

/** Starts a daemon and waits until it says that it is ready. */
export async function start(args: string[] = [], speed = 'max', more: Record<string, string> = {}): Promise<Daemon> {
  const socket = join(folder, `d${++count}.sock`)
  const all = [...node, 'daemon', '--npu', 'sim', '--socket', socket, '--json', ...args]
  const daemon = spawn(process.execPath, all, { env: { ...process.env, FLEXNPU_SIM_SPEED: speed, ...more } })
  daemons.push(daemon)
  let log = ''
  daemon.stderr.on('data', (text: Buffer) => (log += text.toString()))
  const ready = once(daemon.stdout, 'data')
  const ended = once(daemon, 'exit').then(() => expect.fail(`the daemon ended: ${log}`))
  await Promise.race([ready, ended])
  return { process: daemon, socket, log: () => log }
}

/** Ends a daemon; one that does not end is killed, and the test fails. */
export async function stop(daemon: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(daemon, 'exit').then(() => true)
  daemon.kill(signal)
  if (await Promise.race([ended, setTimeout(30_000, false, { ref: false })])) return
  daemon.kill('SIGKILL')
  expect.fail(`the daemon did not end on ${signal}`)
}

/** Environment of a client. */
export const clientOf = (d: Daemon, w: Workshop): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  LD_LIBRARY_PATH: w.sim,
  LD_PRELOAD: join(w.shim, 'libflexnpu.so'),
  FLEXNPU_DAEMON: d.socket,
})

/** Runs a test program as a client. */
export const runUnder = (
  d: Daemon,
  w: Workshop,
  program: string,
  args: string[],
  more: Record<string, string> = {},
): Promise<Outcome> =>
  new Promise((resolve) => {
    const env = { ...clientOf(d, w), ...more }
    execFile(
      join(w.programs, program),
      args,
      { env, timeout: 60_000, maxBuffer: 16 << 20 },
      (error, stdout, stderr) => {
        const { code, signal } = (error ?? { code: 0 }) as { code?: number; signal?: string }
        resolve({ end: signal ?? code ?? -1, stdout, stderr })
      },
    )
  })

/** Runs a command of the command line about a daemon; what it says. */
export const admin = (d: Daemon, ...args: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(process.execPath, [...node, ...args, '--socket', d.socket], (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(stderr)),
    )
  })

/** What `flexnpu top` says, as far as tests ask. */
export interface Status {
  device: { hbm_used_bytes: number; policy: string }
  clients: { pid: number }[]
  streams: { number: number }[]
  counters: Record<string, number>
}

export const status = async (d: Daemon): Promise<Status> =>
  JSON.parse(await admin(d, 'top', '--once', '--json')) as Status
