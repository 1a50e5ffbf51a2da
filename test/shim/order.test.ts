/**
 * The order of operators, whatever the policy: random programs whose device memory is known beforehand, and the traps
 * into which interposers fall. Every program runs directly too; under FlexNPU it must print the same, and no fault of
 * FlexNPU may be counted.
 */
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { byTwos, direct, policies, preloaded, type Outcome, type Running } from './run.ts'
import { holdingShim, workshop, type Workshop } from './workshop.ts'

const orderTraps = [
  'launch_after_copies',
  'bursts_then_synchronize',
  'wait_for_held_record',
  'replay_after_launches',
  'synchronize_held_work',
  'pageable_copy_after_launches',
  'names_of_default_stream',
  'more_than_a_queue',
  'thread_that_leaves',
  'event_across_devices',
]
const endTraps = [
  'destroy_stream',
  'destroy_stream_by_force',
  'abort_while_used',
  'destroy_event',
  'free_memory',
  'unload_binary',
  'destroy_graph',
  'destroy_context',
  'reset_device',
  'finalize',
  'leave',
]
/** Chances of a thousand that the awkward core lets pass before it dispatches something. */
const holds = [0, 700, 950]

let w: Workshop
let holding: string

beforeAll(async () => {
  w = await workshop('native')
  holding = await holdingShim('native')
})

const seeds = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i)

/** The same program directly and under FlexNPU ends well and prints the same; the name says which run it was. */
function expectSame(name: string, alone: Outcome, under: Outcome): void {
  expect({ name, ...alone }).toMatchObject({ name, end: 0, stderr: '' })
  expect({ name, ...under, stats: undefined }).toEqual({ name, ...alone, stats: undefined })
  expect({ name, messages: under.stats?.fault_messages }).toEqual({ name, messages: [] })
}

/** Runs random programs both ways. */
async function compareRandom(wanted: number[], operators: number, running: (seed: number) => Running): Promise<void> {
  await byTwos(
    wanted.map((seed) => async () => {
      const args = [w.kernels, String(seed), String(operators)]
      const options = running(seed)
      const under = await preloaded(w, 'random_order', { ...options, args })
      const alone = await direct(w, 'random_order', { args })
      expectSame(`seed ${seed} ${JSON.stringify(options.env)}`, alone, under)
      expect(under.stats?.calls.aclrtLaunchKernelWithHostArgs).toBeGreaterThan(0)
    }),
  )
}

describe('random programs', () => {
  for (const policy of policies) {
    it(`under ${policy}`, () => compareRandom(seeds(1, 60), 400, () => ({ env: { FLEXNPU_POLICY: policy } })))
    it(`under ${policy}, long`, () => compareRandom(seeds(900, 4), 3000, () => ({ env: { FLEXNPU_POLICY: policy } })))
    it(`under ${policy}, at the pace of the clock`, () =>
      compareRandom(seeds(500, 6), 300, () => ({ env: { FLEXNPU_POLICY: policy, FLEXNPU_SIM_SPEED: '1' } })))
  }
  for (const hold of holds)
    it(`under a core that holds ${hold} of a thousand`, () =>
      compareRandom(seeds(2000 + hold, 60), 400, (seed) => ({
        shim: holding,
        env: { FLEXNPU_POLICY_PARAMS: `${seed},0,${hold}` },
      })))
})

describe('traps', () => {
  const ways: [string, () => Running][] = [
    ...policies.map((p): [string, () => Running] => [p, () => ({ env: { FLEXNPU_POLICY: p } })]),
    ...holds.map((h): [string, () => Running] => [
      `a core that holds ${h} of a thousand`,
      () => ({ shim: holding, env: { FLEXNPU_POLICY_PARAMS: `5,0,${h}` } }),
    ]),
  ]
  const cases = [
    ...orderTraps.map((trap) => ['order_traps', trap] as const),
    ...endTraps.map((trap) => ['end_traps', trap] as const),
  ]
  for (const [program, trap] of cases)
    it(trap, async () => {
      const args = [w.kernels, trap]
      const devices = { FLEXNPU_SIM_DEVICES: '2' }
      const alone = await direct(w, program, { args, env: devices })
      await byTwos(
        ways.map(([name, running]) => async () => {
          const { env, ...rest } = running()
          expectSame(name, alone, await preloaded(w, program, { ...rest, args, env: { ...env, ...devices } }))
        }),
      )
    })

  it('questions_about_held_record, at the pace of the clock', async () => {
    const args = [w.kernels, 'questions_about_held_record']
    const pace = { FLEXNPU_SIM_SPEED: '1' }
    const alone = await direct(w, 'order_traps', { args, env: pace })
    await byTwos(
      ways.map(([name, running]) => async () => {
        const { env, ...rest } = running()
        expectSame(name, alone, await preloaded(w, 'order_traps', { ...rest, args, env: { ...env, ...pace } }))
      }),
    )
  })

  it('destroy_at_any_moment, of a driver that takes its time', async () => {
    const args = [w.kernels, 'destroy_at_any_moment']
    const alone = await direct(w, 'end_traps', { args })
    for (const policy of policies) {
      const env = { FLEXNPU_POLICY: policy, FLEXNPU_REAL: join(w.programs, 'slow_rt') }
      expectSame(policy, alone, await preloaded(w, 'end_traps', { args, env }))
    }
  })

  it('as many streams as a device has', async () => {
    const args = [w.kernels, '1983']
    const alone = await direct(w, 'many_streams', { args })
    for (const [name, running] of ways)
      expectSame(name, alone, await preloaded(w, 'many_streams', { ...running(), args }))
  })
})

describe('callbacks', () => {
  for (const policy of policies)
    it(`run where and when they do without FlexNPU, ${policy}`, async () => {
      const args = [w.simKernels]
      const under = await preloaded(w, 'callbacks', { args, env: { FLEXNPU_POLICY: policy } })
      expectSame(policy, await direct(w, 'callbacks', { args }), under)
    }, 60_000)
})

/** Programs whose calls are made of calls of AscendCL, or go below it. */
describe.each([
  ['collectives', 'HcclAllReduce', 20],
  ['below', 'rtKernelLaunchWithFlagV2', 12],
])('%s', (program, name, calls) => {
  const ways: [string, Running][] = [
    ...policies.map((p): [string, Running] => [p, { env: { FLEXNPU_POLICY: p } }]),
    ...holds.map((h): [string, Running] => [`a core that holds ${h}`, { env: { FLEXNPU_POLICY_PARAMS: `3,0,${h}` } }]),
  ]
  it.each(ways)('under %s', async (way, running) => {
    const under = await preloaded(w, program, way.startsWith('a core') ? { ...running, shim: holding } : running)
    expectSame(way, await direct(w, program), under)
    expect(under.stats?.calls[name]).toBe(calls)
  })
})

describe('streams that wait for one another by notifies', () => {
  for (const policy of policies)
    it(`under ${policy}`, async () => {
      const under = await preloaded(w, 'notified', { env: { FLEXNPU_POLICY: policy } })
      expectSame(policy, await direct(w, 'notified'), under)
    })
})

describe('captures', () => {
  for (const policy of policies)
    it(`under ${policy}`, async () => {
      const under = await preloaded(w, 'captures', { env: { FLEXNPU_POLICY: policy } })
      expectSame(policy, await direct(w, 'captures'), under)
    })
  for (const hold of holds)
    it(`under a core that holds ${hold} of a thousand`, async () => {
      const running = { shim: holding, env: { FLEXNPU_POLICY_PARAMS: `9,0,${hold}` } }
      expectSame(String(hold), await direct(w, 'captures'), await preloaded(w, 'captures', running))
    })
})
