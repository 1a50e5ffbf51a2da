/** Runs the `flexnpu` command as users do, as a process of its own, with a temporary folder that it must leave empty. */
import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, expect } from 'vitest'
import { temporaryFolder } from './recordings.ts'

const main = fileURLToPath(new URL('../../host-node/cli/main.ts', import.meta.url))
const tsx = import.meta.resolve('tsx')

/** How a command ended. */
export interface CliResult {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** A command that runs. */
export interface RunningCli {
  process: ChildProcess
  /** Resolves when standard output holds this text. */
  printed(text: string): Promise<void>
  /** Resolves when it has ended and left its temporary folder empty. */
  ended: Promise<CliResult>
}

/** Variables of the machine that would change what a test sees. */
const unset = new Set(['LD_PRELOAD', 'LD_LIBRARY_PATH', 'ASCEND_HOME_PATH', 'ASCEND_TOOLKIT_HOME'])

/** Commands that have not ended; a test that fails half-way leaves none of them running. */
const running = new Set<number>()

afterEach(() => {
  for (const pid of running) process.kill(-pid, 'SIGKILL')
  running.clear()
})

/** Starts `flexnpu` with these arguments; `env` adds to the environment. */
export function startCli(args: readonly string[], env: Record<string, string> = {}): RunningCli {
  const TMPDIR = temporaryFolder()
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !unset.has(name)))
  const child = spawn(process.execPath, ['--import', tsx, main, ...args], {
    env: { ...clean, TSX_DISABLE_CACHE: '1', TMPDIR, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A session of its own: no terminal, and one group to end it by.
    detached: true,
  })
  const pid = child.pid
  if (pid !== undefined) running.add(pid)
  const result: CliResult = { code: null, signal: null, stdout: '', stderr: '' }
  const waiting: { text: string; resolve: () => void }[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    result.stdout += text
    for (const wait of waiting) if (result.stdout.includes(wait.text)) wait.resolve()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    result.stderr += text
  })
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (pid !== undefined) running.delete(pid)
      // tsx keeps a folder for its own socket there, which is not ours.
      const left = readdirSync(TMPDIR).filter((name) => !name.startsWith('tsx-'))
      if (left.length > 0) reject(new Error(`left behind in TMPDIR: ${left.join(', ')}`))
      else resolve({ ...result, code, signal })
    })
  })
  return {
    process: child,
    ended,
    printed: (text) =>
      result.stdout.includes(text) ? Promise.resolve() : new Promise((resolve) => waiting.push({ text, resolve })),
  }
}

/** Runs `flexnpu` to its end. */
export const runCli = (args: readonly string[], env: Record<string, string> = {}): Promise<CliResult> =>
  startCli(args, env).ended

/** Expects bad input to be named: exit code 2, nothing on standard output, one line that matches. */
export async function expectRefused(
  args: readonly string[],
  message: RegExp,
  env: Record<string, string> = {},
): Promise<void> {
  const result = await runCli(args, env)
  expect(result.stderr).toMatch(/^flexnpu: [^\n]*\n$/)
  expect(result.stderr).toMatch(message)
  expect(result).toMatchObject({ code: 2, signal: null, stdout: '' })
}
