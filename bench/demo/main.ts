/**
 * `npm run demo`: an unmodified LLM serving program on one simulated 910B, three times: directly, under FlexNPU with a
 * static split, and under FlexNPU with dynamic co-location of prefill and decode. Prints what its users would see,
 * leaves a recording of the last run, and replays it.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { SingleBar } from 'cli-progress'
import { Command } from 'commander'
import { path } from '../../tools/build/steps.ts'
import { serve, ServeError, stopServing, type ServeRun, type UnderFlexnpu } from '../serving/serve.ts'
import { renderTable, verdict } from './table.ts'

interface DemoOptions {
  quick?: boolean
  trace: string
  seconds?: string
  rate?: string
  staticShare: string
  record: string
  json?: boolean
}

/** What `flexnpu replay --json` says of the recording. */
export interface Replayed {
  events: number
  decisions: number
  differences: number
  state_hash: string
}

const program = new Command('demo')
  .description('Runs an LLM serving program directly and under FlexNPU on a simulated NPU, and compares.')
  .option('--quick', 'a few seconds of the trace (the whole demonstration takes under thirty seconds)')
  .option(
    '--trace <file>',
    'request trace: Azure CSV, ServeGen CSV or Mooncake JSON lines, also gzipped',
    path('bench', 'traces', 'azure_llm_2023_code_sample.csv'),
  )
  .option('--seconds <s>', 'requests of the first so many seconds of the trace (60; with --quick 30)')
  .option('--rate <x>', 'arrivals so many times as fast as in the trace (2; with --quick 6)')
  .option('--static-share <permille>', "prefill's share under static-split", '500')
  .option('--record <file>', 'where the recording of the dynamic-pd run goes', 'demo.flexlog')
  .option('--json', 'one JSON object on standard output instead of the table')
  .parse()
const options = program.opts<DemoOptions>()

const scratch = mkdtempSync(join(tmpdir(), 'flexnpu-demo-'))
const clean = (): void => rmSync(scratch, { recursive: true, force: true })
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    stopServing()
    clean()
    process.exit(signal === 'SIGINT' ? 130 : 143)
  })

/** The trace as a plain file: gzipped ones are unpacked into the scratch folder. */
function plainTrace(file: string): string {
  if (!existsSync(file)) throw new ServeError(`demo: ${file}: no such trace`, 2)
  if (!file.endsWith('.gz')) return file
  const plain = join(scratch, 'trace')
  try {
    writeFileSync(plain, gunzipSync(readFileSync(file)))
  } catch (error) {
    throw new ServeError(`demo: ${file}: ${(error as Error).message}`, 2)
  }
  return plain
}

const runs: { name: string; flexnpu?: UnderFlexnpu }[] = [
  { name: 'direct' },
  {
    name: 'static-split',
    flexnpu: { policy: 'static-split', parameters: [`prefill_permille=${options.staticShare}`] },
  },
  { name: 'dynamic-pd', flexnpu: { policy: 'dynamic-pd', record: resolve(options.record) } },
]

/** Replays the recording by the command users have; differing decisions are a result here, not an error. */
function replayRecording(file: string): Replayed {
  const cli = path('build', 'js', 'host-node', 'cli', 'main.js')
  const { stdout, stderr } = spawnSync(process.execPath, [cli, 'replay', file, '--json'], { encoding: 'utf8' })
  if (stdout === '') throw new ServeError(stderr, 2)
  return JSON.parse(stdout) as Replayed
}

async function main(): Promise<void> {
  const args = [
    '--trace',
    plainTrace(resolve(options.trace)),
    '--seconds',
    options.seconds ?? (options.quick ? '30' : '60'),
    '--rate',
    options.rate ?? (options.quick ? '6' : '2'),
  ]
  const bar = new SingleBar({
    format: '{bar} {percentage}%  {run}: {value} of {total} requests',
    stream: process.stderr,
    hideCursor: true,
  })
  const results: Record<string, ServeRun> = {}
  for (const { name, flexnpu } of runs) {
    if (!process.stderr.isTTY) process.stderr.write(`demo: ${name}\n`)
    bar.start(1, 0, { run: name })
    results[name] = await serve(args, flexnpu, (done, of) => {
      bar.setTotal(of)
      bar.update(done, { run: name })
    })
    bar.update(bar.getTotal(), { run: name })
    bar.stop()
  }
  const replayed = replayRecording(resolve(options.record))
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ runs: results, replay: replayed, record: resolve(options.record) })}\n`)
    return
  }
  process.stdout.write(`${renderTable(results)}\n\n${verdict(results, replayed, options.record)}\n`)
}

try {
  await main()
} catch (error) {
  if (!(error instanceof ServeError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error.exitCode
} finally {
  clean()
}
