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
import { clientOf, runUnder, start } from './running.ts'

/** Groups of a program's checks; none is all. The others use what a daemon refuses, or more than one device. */
const programs: [name: string, ...groups: string[]][] = [
  ['host_objects'],
  ['order'],
  ['graph'],
  ['notifies'],
  ['stress'],
  ['memory_forms', 'rows', 'pieces', 'described', 'reductions'],
  ['graph_updates', 'replaced', 'strictness'],
  ['stream_settings', 'attributes', 'failures', 'aborts'],
]

let w: Workshop

beforeAll(async () => {
  w = await workshop('native')
}, 300_000)

describe.each(policies)('under %s', (policy) => {
  test('programs say what they say alone', async () => {
    const d = await start(['--policy', policy])
    for (const [program, ...groups] of programs) {
      const args = [w.simKernels, ...groups]
      const alone = await direct(w, program, { args })
      expect(alone).toMatchObject({ end: 0, stderr: '' })
      expect({ program, ...(await runUnder(d, w, program, args)) }).toEqual({ program, ...alone })
    }
  }, 180_000)
})

test('a long capture ends beside a client that always works', async () => {
  const d = await start(['--policy', 'fair'])
  const rival = spawn(join(w.programs, 'endless'), [w.kernels], { env: clientOf(d, w) })
  await once(rival.stdout, 'data')
  const args = [w.kernels, 'long']
  expect(await runUnder(d, w, 'captures', args)).toEqual(await direct(w, 'captures', { args }))
  rival.kill('SIGKILL')
}, 60_000)
