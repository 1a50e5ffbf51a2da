/**
 * `npm run bench -- inproc`: nanoseconds that FlexNPU adds to a call. The same program makes the same calls directly and
 * under FlexNPU, in alternating rounds, against a simulated library whose operators do nothing; medians are compared.
 *
 * passthrough  a query (aclrtGetDevice), FlexNPU preloaded
 * fastpath     an asynchronous launch with credit (policy passthrough)
 * queued       an asynchronous launch that is queued and decided by the core, with its turn on the real library: policy
 *              fair, two competing streams a thread, launched on in turn as fast as the thread can
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from '../harness/median.ts'
import { options } from '../harness/options.ts'
import { compile, variants } from '../../tools/build/c.ts'
import { build, path } from '../../tools/build/steps.ts'

const program = path('build', 'bench', 'inproc-calls')
const kernels = path('build', 'npu-sim', 'kernels', 'qwen25.o')
const folder = mkdtempSync(join(tmpdir(), 'flexnpu-inproc-'))
const statistics = join(folder, 'statistics.json')

/** One way to call: the kind, and the environment FlexNPU gets (undefined: the direct call). */
interface Case {
  kind: 'query' | 'launch' | 'pair'
  policy?: string
}

const cases = {
  direct_query: { kind: 'query' },
  direct_launch: { kind: 'launch' },
  direct_pair: { kind: 'pair' },
  query: { kind: 'query', policy: 'passthrough' },
  launch: { kind: 'launch', policy: 'passthrough' },
  pair: { kind: 'pair', policy: 'fair' },
} satisfies Record<string, Case>

type Name = keyof typeof cases

/** What FlexNPU writes when its process ends, as far as it is of use here. */
interface Statistics {
  faults: number
  fault_messages: string[]
}

/** Nanoseconds a call of one round. */
function measure({ kind, policy }: Case, threads: number, ms: number): number {
  const sim = path('build', 'npu-sim')
  const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], LD_LIBRARY_PATH: sim, FLEXNPU_SIM_SPEED: 'null' }
  if (policy !== undefined) {
    env['LD_PRELOAD'] = path('build', 'host-shim', 'libflexnpu.so')
    env['FLEXNPU_REAL'] = sim
    env['FLEXNPU_POLICY'] = policy
    env['FLEXNPU_STATS'] = statistics
  }
  const ns = Number(
    execFileSync(program, [kind, `${threads}`, `${ms}`, kernels, 'MatMulV2'], { env, encoding: 'utf8' }),
  )
  /* Operators that pass because of a fault would be cheap, and no measurement. */
  if (policy !== undefined) {
    const { faults, fault_messages } = JSON.parse(readFileSync(statistics, 'utf8')) as Statistics
    if (faults > 0) throw new Error(`inproc: FlexNPU counted ${faults} faults: ${fault_messages.join('; ')}`)
  }
  return ns
}

function medians(threads: number, rounds: number, ms: number): Record<Name, number> {
  const samples = Object.fromEntries(Object.keys(cases).map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`inproc: ${threads} thread(s), round ${round + 1} of ${rounds}\n`)
    for (const name of Object.keys(cases) as Name[]) samples[name].push(measure(cases[name], threads, ms))
  }
  return Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, median(values)])) as Record<
    Name,
    number
  >
}

const round = (ns: number): number => Math.round(ns * 10) / 10

function figures(m: Record<Name, number>) {
  return {
    direct_ns: round(m.direct_launch),
    passthrough_added_ns: round(m.query - m.direct_query),
    fastpath_added_ns: round(m.launch - m.direct_launch),
    queued_added_ns: round(m.pair - m.direct_pair),
  }
}

const { json, quick } = options('inproc')
await build({
  name: 'bench/inproc',
  inputs: [path('bench', 'inproc'), path('build', 'gen', 'include')],
  outputs: [program],
  make: async () => {
    mkdirSync(path('build', 'bench'), { recursive: true })
    await compile(
      variants['native']!,
      {
        output: program,
        sources: [path('bench', 'inproc', 'calls.c')],
        includes: [path('build', 'gen', 'include')],
        link: [`-L${path('build', 'npu-sim')}`, '-lascendcl', '-lpthread'],
      },
      path('build', 'bench', 'obj-inproc'),
    )
  },
})
const rounds = quick ? 1 : 9
const ms = quick ? 20 : 250
const result = { ...figures(medians(1, rounds, ms)), threads4: figures(medians(4, rounds, ms)) }
if (json) process.stdout.write(`${JSON.stringify(result)}\n`)
else console.table({ '1 thread': { ...result, threads4: undefined }, '4 threads': result.threads4 })
rmSync(folder, { recursive: true })
