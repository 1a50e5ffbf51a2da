/**
 * The ways in which a program's calls reach FlexNPU: linked, looked up by name, from another library; by preloading or
 * from a drop-in directory. That FlexNPU saw the calls is what its statistics say.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
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

it('structures, floats and formats arrive as they were given', async () => {
  const running = { args: [], env: { FLEXNPU_REAL: `${w.programs}/libby_value_rt.so` } }
  const alone = await direct(w, 'by_value', running)
  expect(alone).toMatchObject({ end: 0, stderr: '' })
  expect(alone.stdout).toContain('aclAppLog 2 func file 42 3 of many, 2.50 and 1125899906842624%')
  expect(await preloaded(w, 'by_value', running)).toMatchObject({ ...alone, stats: { calls: { aclAppLog: 1 } } })
})

describe('fork', () => {
  it('a child leaves, and starts another program; the parent goes on and counts for itself', async () => {
    const under = await preloaded(w, 'forks')
    expect({ ...under, stats: undefined }).toEqual({ ...(await direct(w, 'forks')), stats: undefined })
    expect(under).toMatchObject({ end: 0, stats: { faults: 0, calls: { aclrtLaunchKernelWithHostArgs: 60 } } })
  })
})

/** What old_library prints. */
const said = (chip: string, thinCalls: number): string =>
  `aclInit 0\nchip: ${chip}\naclrtGetDeviceCount 0, 7 devices\naclrtGetVersion absent: said\naclrtNewest ${40 + thinCalls}\n`

describe('a library that is older than its headers, found by ASCEND_HOME_PATH', () => {
  let home: string

  beforeAll(() => {
    home = mkdtempSync(join(folder, 'ascend-'))
    mkdirSync(join(home, 'lib64'))
    symlinkSync(join(w.programs, 'libthin_rt.so'), join(home, 'lib64', 'libacl_rt.so'))
  })

  const running = (path: string) => ({
    args: [],
    env: { LD_LIBRARY_PATH: path, ASCEND_HOME_PATH: home, FLEXNPU_REAL: '' },
  })

  it('alone', async () => {
    expect(await direct(w, 'old_library', running(join(home, 'lib64')))).toEqual({
      end: 0,
      stderr: '',
      stdout: said('thin', 2),
    })
  })

  /* What forwards is gone around, so that our own function of its name is not entered again. */
  const expected = {
    end: 0,
    stderr: '',
    stdout: said('target', 0),
    stats: {
      faults: 0,
      missing: {},
      unknown: { aclrtNewest: 1 },
      calls: { aclInit: 1, aclrtGetSocName: 1, aclrtGetDeviceCount: 1, aclFinalize: 1 },
    },
  }

  it('preloaded', async () => {
    expect(await preloaded(w, 'old_library', running(join(home, 'lib64')))).toMatchObject(expected)
  })

  /* Opened like this our library cannot stand before dlsym: it has what it has, and what only the real one has is not there. */
  it('dropped in', async () => {
    const stats = join(folder, 'old.json')
    const { env } = running(`${w.shim}/dropin`)
    const outcome = await direct(w, 'old_library', { args: [], env: { ...env, FLEXNPU_STATS: stats } })
    expect({ ...outcome, ...readStats(stats) }).toMatchObject({
      ...expected,
      stdout: said('target', 0).replace('absent: said', 'there: not said').replace('aclrtNewest 40', 'aclrtNewest -1'),
      stats: { ...expected.stats, unknown: {} },
    })
  })
})
