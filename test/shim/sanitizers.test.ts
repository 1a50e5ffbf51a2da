/**
 * The same programs with interposer, simulator and program built with AddressSanitizer and UndefinedBehaviorSanitizer,
 * with ThreadSanitizer, and for aarch64 under emulation: same results, not one report.
 */
import { spawnSync } from 'node:child_process'
import { beforeAll, describe, expect, it } from 'vitest'
import { byTwos, direct, policies, preloaded, type Outcome, type Running } from './run.ts'
import { holdingShim, workshop, type VariantName, type Workshop } from './workshop.ts'

/** Whether this machine can build and run for aarch64. */
const emulates =
  spawnSync('qemu-aarch64', ['--version']).status === 0 &&
  spawnSync('aarch64-linux-gnu-gcc', ['--version']).status === 0

const traps: [program: string, names: string[]][] = [
  [
    'order_traps',
    [
      'launch_after_copies',
      'wait_for_held_record',
      'replay_after_launches',
      'synchronize_held_work',
      'names_of_default_stream',
      'thread_that_leaves',
      'event_across_devices',
    ],
  ],
  [
    'end_traps',
    [
      'destroy_stream',
      'abort_while_used',
      'destroy_event',
      'free_memory',
      'unload_binary',
      'destroy_context',
      'reset_device',
      'finalize',
    ],
  ],
]

function compare(way: string, alone: Outcome, under: Outcome): void {
  expect({ way, ...alone }).toMatchObject({ way, end: 0, stderr: '' })
  expect({ way, ...under, stats: undefined }).toEqual({ way, ...alone, stats: undefined })
}

function check(name: VariantName, seeds: number): void {
  let w: Workshop
  let holding: string

  beforeAll(async () => {
    w = await workshop(name)
    holding = await holdingShim(name)
  }, 300_000)

  const ways = (seed: number): [string, Running][] => [
    ...policies.map((policy): [string, Running] => [policy, { env: { FLEXNPU_POLICY: policy } }]),
    ['a core that holds', { shim: holding, env: { FLEXNPU_POLICY_PARAMS: `${seed},0,700` } }],
    ['a core that traps', { shim: holding, env: { FLEXNPU_POLICY_PARAMS: `${seed},${100 + seed * 31},500` } }],
  ]

  const both = async (program: string, args: string[], seed: number): Promise<void> => {
    const env = { FLEXNPU_SIM_DEVICES: '2' }
    const alone = await direct(w, program, { args, env })
    await byTwos(
      ways(seed).map(([way, running]) => async () => {
        const under = await preloaded(w, program, { ...running, args, env: { ...running.env, ...env } })
        compare(`${program} ${args.slice(1).join(' ')}: ${way}`, alone, under)
      }),
    )
  }

  it('random programs', async () => {
    for (let seed = 1; seed <= seeds; seed++) await both('random_order', [w.kernels, String(seed), '250'], seed)
  }, 120_000)
  for (const [program, names] of traps) it(program, () => both(program, [w.kernels, ...names], 7), 120_000)
  it.each(['collectives', 'below'])('%s', (program) => both(program, [w.kernels], 5), 120_000)
  it('arguments that are hard to pass on', async () => {
    const running = { args: [], env: { FLEXNPU_REAL: `${w.programs}/libby_value_rt.so` } }
    compare('by_value', await direct(w, 'by_value', running), await preloaded(w, 'by_value', running))
  })
  it('captures', () => both('captures', [w.kernels], 11), 120_000)
  it.each(['callbacks', 'listeners', 'operands', 'outside_events', 'queues'])(
    '%s',
    (program) => both(program, [w.simKernels], 6),
    120_000,
  )
  it('a recording', async () => {
    const env = { FLEXNPU_RECORD: `${w.programs}/recording-${process.pid}.flexlog` }
    compare('recording', await direct(w, 'linked'), await preloaded(w, 'linked', { env }))
  })
}

describe('AddressSanitizer and UndefinedBehaviorSanitizer', () => check('asan', 3))
describe('ThreadSanitizer', () => check('tsan', 3))
describe.runIf(emulates)('aarch64', () => check('aarch64', 2))
