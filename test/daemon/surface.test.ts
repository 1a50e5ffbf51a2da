/**
 * The programs that test the simulated library function by function (test/npu-sim/programs) say through a daemon what they
 * say alone, under every policy: results, and errors at the call that AscendCL gives them for.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { direct, policies } from '../shim/run.ts'
import { workshop, type Workshop } from '../shim/workshop.ts'
import { clientOf, runUnder, start, type Daemon } from './running.ts'

type Program = [name: string, ...groups: string[]]

/** Groups of a program's checks; none is all. The others use what a daemon refuses, or more than one device. */
const programs: Program[] = [
  ['host_objects'],
  ['order'],
  ['graph'],
  ['notifies'],
  ['stress'],
  ['branches'],
  ['outside_events', 'graph waits', 'graph records', 'between graphs', 'refused', 'many'],
  ['operands'],
  ['aborted'],
  [
    'memory_forms',
    'rows',
    'pieces',
    'described',
    'by address',
    'described prefetches',
    'reductions',
    'random numbers',
    'pools',
    'allocators',
  ],
  ['registered'],
  ['parameters'],
  ['graph_tasks', 'ends'],
  ['graph_updates', 'replaced', 'strictness', 'descriptions', 'questions'],
  ['stream_settings', 'attributes', 'failures', 'aborts', 'cores'],
  ['bad_input', 'nothing given', 'wild addresses', 'handles', 'huge'],
  ['device_info', 'settings', 'values'],
  ['memory', 'late', 'copies', 'vmm'],
  ['listeners', 'states', 'host functions', 'retained', 'exceptions'],
]

/** Those that look at the clock: the daemon's time does not jump. */
const paced: Program[] = [
  ['device_info', 'states'],
  ['stream_settings', 'late', 'event forms'],
]

let w: Workshop

beforeAll(async () => {
  w = await workshop('native')
}, 300_000)

async function compare(d: Daemon, list: Program[]): Promise<void> {
  for (const [program, ...groups] of list) {
    const args = [w.simKernels, ...groups]
    const alone = await direct(w, program, { args })
    expect(alone).toMatchObject({ end: 0, stderr: '' })
    expect({ program, ...(await runUnder(d, w, program, args)) }).toEqual({ program, ...alone })
  }
}

describe.each(policies)('under %s', (policy) => {
  test('programs say what they say alone', async () => {
    await compare(await start(['--policy', policy]), programs)
  }, 180_000)

  test('and so does one that calls the runtime below AscendCL', async () => {
    const d = await start(['--policy', policy])
    expect(await runUnder(d, w, 'below', [w.kernels])).toEqual(await direct(w, 'below'))
  })

  test('and so do those that look at the clock', async () => {
    const d = await start(['--policy', policy], '1')
    await compare(d, paced)
    /* What a policy holds back may be complete when a program asks for it. */
    if (policy === 'passthrough') await compare(d, [['events', 'late']])
  }, 60_000)
})

test('the device of a daemon is the first of its clients', async () => {
  const d = await start(['--device', '1'], 'max', { FLEXNPU_SIM_DEVICES: '2' })
  await compare(d, programs)
}, 120_000)

test('memory that cannot be shared stays what it is', async () => {
  expect(await runUnder(await start(), w, 'unshareable', [w.simKernels])).toMatchObject({ end: 0, stdout: 'ok\n' })
})

test('a long capture ends beside a client that always works', async () => {
  const d = await start(['--policy', 'fair'])
  const rival = spawn(join(w.programs, 'endless'), [w.kernels], { env: clientOf(d, w) })
  await once(rival.stdout, 'data')
  const args = [w.kernels, 'long']
  expect(await runUnder(d, w, 'captures', args)).toEqual(await direct(w, 'captures', { args }))
  rival.kill('SIGKILL')
}, 60_000)
