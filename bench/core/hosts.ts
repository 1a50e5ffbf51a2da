/**
 * The two hosts of the core that are measured, each as it is used: V8 in batches of events, as a daemon drains its
 * rings; wasm2c one event a call, as host-shim does.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EVENT_BYTES } from '../../build/gen/ts/records.ts'
import { Core } from '../../host-node/core/core.ts'
import { hex64 } from '../../host-node/replay/replay.ts'
import { compile, variants } from '../../tools/build/c.ts'
import { build, path } from '../../tools/build/steps.ts'
import type { Workload } from './workload.ts'

/** Result of timed rounds over a workload. */
export interface Timing {
  round_ns: number[]
  /** Decisions of a round, the setup excepted. */
  decisions: number
  /** Chained over every decision, the setup included. */
  decision_hash: string
}

/** How often a workload is run, before timing and timed. */
export interface Rounds {
  warmup: number
  timed: number
}

/** Events in one crossing of the boundary to V8. */
const V8_BATCH = 64

const program = path('build', 'bench', 'wasm2c-bench')

/** A fresh core of the build. */
export const newCore = (): Core => new Core(new Uint8Array(readFileSync(path('build', 'core.wasm'))))

/** Times the core in V8. */
export function timeV8(core: Core, { bytes, setup_events }: Workload, rounds: Rounds): Timing {
  const setup = bytes.subarray(0, setup_events * EVENT_BYTES)
  const measured = bytes.subarray(setup_events * EVENT_BYTES)
  const round_ns: number[] = []
  let decided = 0
  const count = (decisions: Uint8Array): void => {
    decided += decisions.length
  }
  const step = V8_BATCH * EVENT_BYTES
  for (let round = 0; round < rounds.warmup + rounds.timed; round++) {
    core.reset()
    core.feedTo(setup, count)
    decided = 0
    const begun = process.hrtime.bigint()
    for (let at = 0; at < measured.length; at += step) core.feedTo(measured.subarray(at, at + step), count)
    const taken = Number(process.hrtime.bigint() - begun)
    if (round >= rounds.warmup) round_ns.push(taken)
  }
  return { round_ns, decisions: decided / 32, decision_hash: hex64(core.decisionHash()) }
}

/** Times the core as C on the same bytes. buildWasm2c() comes first. */
export function timeWasm2c(workload: Workload, rounds: Rounds): Timing {
  const folder = mkdtempSync(join(tmpdir(), 'flexnpu-bench-'))
  try {
    const file = join(folder, 'events')
    writeFileSync(file, workload.bytes)
    const args = [file, `${workload.setup_events}`, `${rounds.warmup}`, `${rounds.timed}`]
    return JSON.parse(execFileSync(program, args, { encoding: 'utf8' })) as Timing
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Compiles bench/core/wasm2c-bench.c with the core that the build embeds, with the flags of the shim. Gives the program;
 * only the native one can be timed.
 */
export async function buildWasm2c(variant: 'native' | 'aarch64' = 'native'): Promise<string> {
  const output = variant === 'native' ? program : `${program}-${variant}`
  const [here, core, runtime] = [path('bench', 'core'), path('build', 'core'), path('npu-sim', 'wasm-rt')]
  await build({
    name: `bench/core ${variant}`,
    inputs: [join(here, 'wasm2c-bench.c'), core, runtime, path('build', 'gen', 'c')],
    outputs: [output],
    make: () =>
      compile(
        variants[variant]!,
        {
          output,
          sources: [join(here, 'wasm2c-bench.c'), join(runtime, 'wasm-rt.c')],
          generated: [join(core, 'flexnpu_core.c')],
          includes: [core, runtime, path('build', 'gen', 'c')],
          flags: ['-fPIC', '-fvisibility=hidden'],
          link: [],
        },
        path('build', 'bench', `obj-core-${variant}`),
      ),
  })
  return output
}
