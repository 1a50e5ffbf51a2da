/**
 * The simulator's programs with FlexNPU preloaded: what holds on the library alone holds in-process, whatever the policy,
 * and with interposer, simulator and program under AddressSanitizer and UndefinedBehaviorSanitizer.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { direct, preloaded } from '../shim/run.ts'
import { workshop, type VariantName, type Workshop } from '../shim/workshop.ts'

const programs = [
  'notifies',
  'stream_settings',
  'device_info',
  'memory_forms',
  'graph_updates',
  'bad_input',
  'listeners',
]
const env = { FLEXNPU_SIM_DEVICES: '2' }

const check = (variant: VariantName, policies: string[]): void => {
  let w: Workshop
  beforeAll(async () => {
    w = await workshop(variant)
  }, 300_000)
  for (const program of programs) {
    it(
      program,
      async () => {
        const args = [w.simKernels]
        const alone = await direct(w, program, { args, env })
        expect(alone).toMatchObject({ end: 0, stderr: '' })
        for (const policy of policies) {
          const under = await preloaded(w, program, { args, env: { ...env, FLEXNPU_POLICY: policy } })
          expect({ policy, ...under, stats: undefined }).toEqual({ policy, ...alone, stats: undefined })
        }
      },
      120_000,
    )
  }
}

describe('in-process', () => check('native', ['passthrough', 'fair']))
describe('AddressSanitizer and UndefinedBehaviorSanitizer', () => check('asan', ['fair']))
