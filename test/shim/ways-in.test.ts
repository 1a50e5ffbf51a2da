/**
 * The ways in which a program's calls reach FlexNPU: linked, looked up by name, from another library; by preloading or
 * from a drop-in directory. That FlexNPU saw the calls is what its statistics say.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { direct, preloaded, readStats, type Outcome } from './run.ts'
import { workshop, type Workshop } from './workshop.ts'

let w: Workshop
let folder: string

beforeAll(async () => {
  w = await workshop('native')
  folder = mkdtempSync(join(tmpdir(), 'flexnpu-ways-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Without a preload: our libascendcl.so comes first on the library path. */
async function droppedIn(program: string): Promise<Outcome> {
  const stats = join(folder, `${program}.json`)
  const env = { LD_LIBRARY_PATH: `${w.shim}/dropin:${w.sim}`, FLEXNPU_REAL: w.sim, FLEXNPU_STATS: stats }
  return { ...(await direct(w, program, { env })), ...readStats(stats) }
}

const programs = [
  ['linked', 'a linked program'],
  ['looked_up', 'a program that looks functions up with dlsym'],
  ['through_library', 'a library that launches'],
] as const

for (const [program, what] of programs)
  describe(what, () => {
    for (const [way, run] of [
      ['preloaded', (name: string) => preloaded(w, name)],
      ['dropped in', droppedIn],
    ] as const)
      it(way, async () => {
        const alone = await direct(w, program)
        const under = await run(program)
        expect(alone).toMatchObject({ end: 0, stderr: '' })
        expect({ ...under, stats: undefined }).toEqual({ ...alone, stats: undefined })
        expect(under.stats).toMatchObject({
          calls: {
            aclInit: 1,
            aclrtSetDevice: 1,
            aclrtCreateStream: 1,
            aclrtLaunchKernelWithHostArgs: 10,
            aclrtSynchronizeStream: 1,
            aclFinalize: 1,
          },
          missing: {},
          faults: 0,
        })
      })
  })

describe('fork', () => {
  it('a child leaves, and starts another program; the parent goes on and counts for itself', async () => {
    const under = await preloaded(w, 'forks')
    expect({ ...under, stats: undefined }).toEqual({ ...(await direct(w, 'forks')), stats: undefined })
    expect(under).toMatchObject({ end: 0, stats: { faults: 0, calls: { aclrtLaunchKernelWithHostArgs: 60 } } })
  })
})
