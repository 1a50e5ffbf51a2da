/**
 * Runs the serving program (bench/llm-serve) once on one simulated 910B, directly or under FlexNPU, and gives what it
 * measured together with what the simulated device did. Used by the demonstration and by benchmarks.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { path } from '../../tools/build/steps.ts'
import type { RunningDaemon } from '../daemon/start.ts'

/** Percentiles in milliseconds. */
export interface Distribution {
  p50: number
  p90: number
  p99: number
  mean: number
}

/** What the serving program prints. */
export interface ServeResult {
  requests: number
  completed: number
  prompt_tokens: number
  output_tokens: number
  wall_s: number
  output_tok_s: number
  total_tok_s: number
  ttft_ms: Distribution
  tpot_ms: Distribution
  prefill_steps: number
  decode_steps: number
  launches: number
  launch_ns: { mean: number; p50: number }
  /** Over all tokens and logits of all requests; equal where the kernels computed the same bytes. */
  checksum: string
}

/** What the simulated device says of itself: fractions of the published peaks. */
export interface DeviceResult {
  compute_utilization: number
  bandwidth_utilization: number
}

export interface ServeRun {
  serve: ServeResult
  device: DeviceResult
}

/** The program is a client of a daemon. */
export interface ThroughDaemon {
  daemon: RunningDaemon
}

/** How FlexNPU stands in front of the program; absent for the direct run. */
export interface UnderFlexnpu {
  policy: string
  /** `name=value` */
  parameters?: string[]
  record?: string
}

/** The serving program, or FlexNPU before it, ended with an error; its last words are the message. */
export class ServeError extends Error {
  readonly exitCode: number
  constructor(message: string, exitCode: number) {
    super(message)
    this.exitCode = exitCode
  }
}

const sim = path('build', 'npu-sim')
const cli = path('build', 'js', 'host-node', 'cli', 'main.js')

function commandLine(args: string[], flexnpu?: UnderFlexnpu | ThroughDaemon): string[] {
  const program = [path('build', 'bench', 'llm-serve'), '--kernels', join(sim, 'kernels', 'qwen25.o'), ...args]
  if (flexnpu === undefined || 'daemon' in flexnpu) return program
  return [
    process.execPath,
    cli,
    'run',
    '--npu',
    'sim',
    '--policy',
    flexnpu.policy,
    ...(flexnpu.parameters ?? []).flatMap((p) => ['--policy-param', p]),
    ...(flexnpu.record === undefined ? [] : ['--record', flexnpu.record]),
    '--',
    ...program,
  ]
}

/** The program that is running, so that an interrupt ends it, too. */
let running: ReturnType<typeof spawn> | undefined

/** Ends the run that is under way, if there is one. */
export const stopServing = (): void => void running?.kill('SIGTERM')

/** Serves once; `progress` hears of requests done. */
export async function serve(
  args: string[],
  flexnpu?: UnderFlexnpu | ThroughDaemon,
  progress: (done: number, of: number) => void = () => {},
): Promise<ServeRun> {
  const folder = mkdtempSync(join(tmpdir(), 'flexnpu-serve-'))
  const stats = join(folder, 'device.json')
  try {
    const [command, ...rest] = commandLine([...args, '--progress'], flexnpu)
    const clientEnv = flexnpu !== undefined && 'daemon' in flexnpu ? flexnpu.daemon.clientEnv : {}
    const child = spawn(command!, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LD_LIBRARY_PATH: sim, FLEXNPU_SIM_STATS: stats, ...clientEnv },
    })
    running = child
    let output = ''
    const said: string[] = []
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    let line = ''
    child.stderr.on('data', (chunk: Buffer) => {
      const lines = (line + chunk.toString()).split('\n')
      line = lines.pop() ?? ''
      for (const text of lines) {
        const match = /^progress (\d+) (\d+)$/.exec(text)
        if (match) progress(Number(match[1]), Number(match[2]))
        else said.push(text)
      }
    })
    const code = await new Promise<number>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (status) => resolve(status ?? 1))
    })
    running = undefined
    if (code !== 0) throw new ServeError([...said, line].filter((text) => text !== '').join('\n'), code)
    const result = output.split('\n').find((text) => text.startsWith('{"requests"'))
    if (result === undefined) throw new ServeError(`the serving program printed no result:\n${output}`, 1)
    /* Of a client, the daemon's process has the device. */
    const used = existsSync(stats) ? readFileSync(stats, 'utf8') : '{}'
    return { serve: JSON.parse(result) as ServeResult, device: JSON.parse(used) as DeviceResult }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
