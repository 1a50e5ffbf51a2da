/**
 * Starts the program of `flexnpu run` and stays out of its way: inherited input and output, signals passed on, its exit
 * is our exit. The temporary folder for the shim's report is removed however the run ends.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { codeOf } from './elf.ts'
import { UserError } from './errors.ts'
import type { RunPlan } from './plan.ts'
import { readRunStats, type RunStats } from './run-stats.ts'

/** Signals that end a program from outside: passed on, and ours if the program dies of them. */
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** How a run ended. */
export interface RunOutcome {
  /** Exit code; 128 + number of the signal where a signal ended it. */
  exit_code: number
  signal: NodeJS.Signals | null
  wall_ms: number
  /** null where no process reported (direct run, killed, or not linked to AscendCL). */
  stats: RunStats | null
}

/** Runs the plan to its end. Throws UserError where the program cannot be started. */
export async function launch(plan: RunPlan): Promise<RunOutcome> {
  let child: ReturnType<typeof spawn> | undefined
  const pass = (signal: NodeJS.Signals): void => {
    if (!(signal === 'SIGINT' && inForeground())) child?.kill(signal)
  }
  for (const signal of forwarded) process.on(signal, pass)
  const dir = mkdtempSync(join(tmpdir(), 'flexnpu-'))
  try {
    // The shim never writes over a recording: a second process of the run writes beside the first.
    if (plan.record !== null) rmSync(plan.record, { force: true })
    const env = plan.direct ? plan.env : { ...plan.env, FLEXNPU_STATS: join(dir, 'stats.json') }
    const start = process.hrtime.bigint()
    child = spawn(plan.file, plan.args, { argv0: plan.name, env, stdio: 'inherit' })
    const end = await ended(child, plan.file)
    const wall_ms = Number(process.hrtime.bigint() - start) / 1e6
    const exit_code = end.signal === null ? (end.code ?? 0) : 128 + constants.signals[end.signal]
    return { exit_code, signal: end.signal, wall_ms, stats: readRunStats(dir) }
  } finally {
    rmSync(dir, { recursive: true, force: true })
    for (const signal of forwarded) process.off(signal, pass)
  }
}

/** Ends this process as the program ended: of the same signal where that is one that shells look at. */
export function exitAs(outcome: RunOutcome): void {
  process.exitCode = outcome.exit_code
  const signal = forwarded.find((name) => name === outcome.signal)
  if (signal !== undefined) process.kill(process.pid, signal)
}

function ended(
  child: ReturnType<typeof spawn>,
  file: string,
): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new UserError(`${file}: cannot be started (${codeOf(error)})`)))
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
}

/**
 * Whether the terminal sends its interrupt to us and the program alike, because both are its foreground group: then
 * passing it on would interrupt the program twice. From /proc/self/stat: fields 5 (group) and 8 (group in front).
 */
function inForeground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[2] === fields[5]
  } catch {
    return false
  }
}
