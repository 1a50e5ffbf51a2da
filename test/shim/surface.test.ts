/**
 * The programs that test the simulated library function by function (test/npu-sim/programs) say the same in-process, under
 * every policy: results, errors at the call that AscendCL gives them for, and no fault of FlexNPU.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { byTwos, direct, policies, preloaded } from './run.ts'
import { surface, workshop, type Workshop } from './workshop.ts'

/** Where device time jumps, an operator that a policy holds reaches the device later than any margin of these. */
const late = new Set(['events', 'memory', 'stream_settings'])

let w: Workshop

beforeAll(async () => {
  w = await workshop('native')
})

/** A machine that no other run has, for programs of two processes. */
const machine = (of: string): Record<string, string> => ({
  FLEXNPU_SIM_DEVICES: '2',
  FLEXNPU_SIM_MACHINE: `two-${process.pid}-${of}`,
})

describe('functions', () => {
  it.each(surface)('%s', async (program) => {
    const env = { FLEXNPU_SIM_DEVICES: '2' }
    const args = late.has(program) ? [w.simKernels, 'late'] : [w.simKernels]
    const alone = await direct(w, program, { args, env })
    expect(alone).toMatchObject({ end: 0, stderr: '' })
    await byTwos(
      policies.map((policy) => async () => {
        const under = await preloaded(w, program, { args, env: { ...env, FLEXNPU_POLICY: policy } })
        expect({ policy, ...under, stats: undefined }).toEqual({ policy, ...alone, stats: undefined })
        expect({ policy, messages: under.stats?.fault_messages ?? [] }).toEqual({ policy, messages: [] })
      }),
    )
  })

  it('notifies and events of two processes', async () => {
    const args = [w.simKernels, 'order', 'notifies']
    const alone = await direct(w, 'shared_memory', { args, env: machine('alone') })
    expect(alone).toMatchObject({ end: 0, stderr: '' })
    for (const policy of policies) {
      const under = await preloaded(w, 'shared_memory', { args, env: { ...machine(policy), FLEXNPU_POLICY: policy } })
      expect({ policy, ...under, stats: undefined }).toEqual({ policy, ...alone, stats: undefined })
    }
  })
})
