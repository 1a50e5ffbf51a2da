/**
 * `npm run bench -- daemon`: what a program pays for sharing a device through a daemon, against its direct calls in the
 * same run; medians of rounds. Operators do nothing on the simulated device, but for copies (real bytes) and the decode
 * step (the device's pace).
 */
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { promisify } from 'node:util'
import { compile, variants } from '../../tools/build/c.ts'
import { build, path } from '../../tools/build/steps.ts'
import { machineNote } from '../harness/machine.ts'
import { median, rounded } from '../harness/median.ts'
import { options } from '../harness/options.ts'
import { progress } from '../harness/progress.ts'
import { startDaemon, type RunningDaemon } from './start.ts'

const run = promisify(execFile)
const program = path('build', 'bench', 'daemon-client')
const sim = path('build', 'npu-sim')
const kernels = path('build', 'npu-sim', 'kernels', 'qwen25.o')
const clientCounts = [1, 8, 64] as const

const { json, quick } = options('daemon')
const rounds = quick ? 1 : 5
const ms = quick ? 50 : 700

/** One run of the client, through a daemon or directly at a speed of the simulated device. */
async function measure(mode: string, how: RunningDaemon | string, length = ms): Promise<Record<string, number>> {
  const through = typeof how === 'string' ? { FLEXNPU_SIM_SPEED: how } : how.clientEnv
  const env = { PATH: process.env['PATH'], LD_LIBRARY_PATH: sim, ...through }
  const { stdout } = await run(program, [mode, `${length}`, kernels, 'MatMulV2'], { env })
  return JSON.parse(stdout) as Record<string, number>
}

await build({
  name: 'bench/daemon',
  inputs: [path('bench', 'daemon'), path('build', 'gen', 'include')],
  outputs: [program],
  make: async () => {
    mkdirSync(path('build', 'bench'), { recursive: true })
    const includes = [path('build', 'gen', 'include')]
    const target = { output: program, sources: [path('bench', 'daemon', 'client.c')], includes }
    await compile(
      variants['native']!,
      { ...target, link: [`-L${sim}`, '-lascendcl'] },
      path('build', 'bench', 'obj-daemon'),
    )
  },
})

const bar = progress('daemon', 4 + clientCounts.length)
const samples = async (count: number, sample: () => Promise<number>): Promise<number> => {
  const values: number[] = []
  for (let i = 0; i < count; i++) values.push(await sample())
  return median(values)
}

const idle = await startDaemon('null', ['--policy', 'passthrough'])
bar.step('synchronous calls')
const calls: Record<string, number>[] = []
for (let i = 0; i < rounds; i++) calls.push(await measure('sync', idle))
const sync_p50_us = median(calls.map((c) => c['p50_ns'] as number)) / 1000
const sync_p99_us = median(calls.map((c) => c['p99_ns'] as number)) / 1000
await measure('async', idle, 2 * ms) // the daemon's compiler has seen it: sustained is what is asked for
const clients: Record<string, number> = {}
for (const count of clientCounts) {
  bar.step(`${count} ${count === 1 ? 'client' : 'clients'}`)
  clients[count] = rounded(
    await samples(count === 64 ? Math.min(rounds, 3) : rounds, async () => {
      const all = await Promise.all(Array.from({ length: count }, () => measure('async', idle)))
      /* All of them share the daemon: an operator's share of its time. */
      return median(all.map((a) => a['ns'] as number)) / count
    }),
  )
}
bar.step('direct calls')
const direct_async_ns = await samples(rounds, async () => (await measure('async', 'null'))['ns'] as number)
await idle.stop()

const copying = await startDaemon('max', ['--policy', 'passthrough'])
bar.step('copies')
const memcpy_ratio = await samples(rounds, async () => {
  const { plain_ns, acl_ns } = await measure('copy', copying)
  return (plain_ns as number) / (acl_ns as number)
})
await copying.stop()

const paced = await startDaemon('1', ['--policy', 'dynamic-pd'])
bar.step('decode steps')
const overheads: number[] = []
for (let i = 0; i < rounds; i++) {
  const direct = (await measure('step', '1'))['ns'] as number
  const through = (await measure('step', paced))['ns'] as number
  overheads.push((100 * (through - direct)) / direct)
}
await paced.stop()
bar.done()

const result = {
  sync_p50_us: rounded(sync_p50_us),
  sync_p99_us: rounded(sync_p99_us),
  async_ns: clients[1],
  direct_async_ns: rounded(direct_async_ns),
  memcpy_ratio: rounded(memcpy_ratio),
  step_overhead_pct: rounded(median(overheads)),
  clients,
}
if (json) process.stdout.write(`${JSON.stringify(result)}\n`)
else {
  const lines = Object.entries(result).map(([name, value]) => `${name.padEnd(20)} ${JSON.stringify(value)}`)
  process.stdout.write(`daemon, ${machineNote()}\n${lines.join('\n')}\n`)
}
