/** Runs a test program directly on the simulated NPU or under FlexNPU, and says all that came of it. */
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Workshop } from './workshop.ts'

export const policies = ['passthrough', 'fair', 'static-split', 'dynamic-pd'] as const

/** The statistics file that FlexNPU leaves. */
export interface Stats {
  calls: Record<string, number>
  missing: Record<string, number>
  unknown: Record<string, number>
  looked_up: Record<string, number>
  operators: Record<string, number>
  libraries: string[]
  real: string[]
  faults: number
  fault_messages: string[]
}

export interface Outcome {
  /** Exit code, or the name of the signal that ended it. */
  end: number | string
  stdout: string
  stderr: string
  /** Absent where no statistics were written. */
  stats?: Stats
}

export interface Running {
  args?: string[]
  env?: Record<string, string>
  /** Folder of libflexnpu.so where it is not the variant's own. */
  shim?: string
  timeoutMs?: number
}

/** Environment that every run starts from: device time as fast as possible, nothing of the caller's. */
const base = (w: Workshop): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  LD_LIBRARY_PATH: w.sim,
  FLEXNPU_SIM_SPEED: 'max',
  ASAN_OPTIONS: 'detect_leaks=1:abort_on_error=0:exitcode=66',
  UBSAN_OPTIONS: 'print_stacktrace=1',
  TSAN_OPTIONS: 'halt_on_error=0:exitcode=66:second_deadlock_stack=1',
})

/** The sanitizer's runtime, which has to be loaded before any library that is built with it. */
const runtime = (w: Workshop): string[] => {
  const library = { asan: 'libasan.so', tsan: 'libtsan.so', native: undefined, aarch64: undefined }[w.name]
  return library === undefined ? [] : [execFileSync('cc', [`-print-file-name=${library}`], { encoding: 'utf8' }).trim()]
}

function start(w: Workshop, program: string, env: Record<string, string>, running: Running): Promise<Outcome> {
  const file = join(w.programs, program)
  const args = running.args ?? [w.kernels]
  /* Under qemu the loader's variables are the program's, not the emulator's. */
  const { LD_PRELOAD = '', LD_LIBRARY_PATH = '', ...others } = env
  const loader = ['-E', `LD_PRELOAD=${LD_PRELOAD}`, '-E', `LD_LIBRARY_PATH=${LD_LIBRARY_PATH}`]
  const [command, all, own] =
    w.name === 'aarch64'
      ? ['qemu-aarch64', ['-L', '/usr/aarch64-linux-gnu', ...loader, file, ...args], others]
      : [file, args, env]
  return new Promise((resolve) => {
    const timeout = running.timeoutMs ?? 60_000
    execFile(
      command,
      all,
      { env: own, timeout, killSignal: 'SIGKILL', maxBuffer: 16 << 20 },
      (error, stdout, stderr) => {
        const { code, signal } = (error ?? { code: 0 }) as { code?: number | string; signal?: string }
        resolve({ end: signal ?? code ?? -1, stdout, stderr })
      },
    )
  })
}

/** Runs the program on the real library alone. */
export const direct = (w: Workshop, program: string, running: Running = {}): Promise<Outcome> =>
  start(
    w,
    program,
    { ...base(w), ...(w.name === 'native' ? {} : { LD_PRELOAD: runtime(w).join(' ') }), ...running.env },
    running,
  )

/** Runs the program with FlexNPU preloaded. */
export async function preloaded(w: Workshop, program: string, running: Running = {}): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'flexnpu-test-'))
  const stats = join(folder, 'stats.json')
  const env = {
    ...base(w),
    LD_PRELOAD: [...runtime(w), join(running.shim ?? w.shim, 'libflexnpu.so')].join(' '),
    FLEXNPU_REAL: w.sim,
    FLEXNPU_STATS: stats,
    ...running.env,
  }
  try {
    const outcome = await start(w, program, env, running)
    return { ...outcome, ...readStats(stats) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function readStats(file: string): { stats?: Stats } {
  try {
    return { stats: JSON.parse(readFileSync(file, 'utf8')) as Stats }
  } catch {
    return {}
  }
}

/** Runs jobs two at a time, as many as there are processors; the order of results is that of the jobs. */
export async function byTwos<T>(jobs: (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let at = next++; at < jobs.length; at = next++) results[at] = await jobs[at]!()
  }
  await Promise.all([worker(), worker()])
  return results
}
