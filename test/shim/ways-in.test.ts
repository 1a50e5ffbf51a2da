/**
 * The ways in which a program's calls reach FlexNPU: linked, looked up by name, from another library; by preloading or
 * from a drop-in directory. That FlexNPU saw the calls is what its statistics say.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { direct, preloaded, readStats, type Outcome } from './run.ts'
import { topology, type Topology } from './topology.ts'
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

describe('the libraries of CANN since 8.5, from a library that is opened RTLD_LOCAL', () => {
  let t: Topology
  const steps = ['launch:3', 'tnd:2:5,6', 'relu', 'relu']

  beforeAll(async () => {
    t = await topology(w)
  }, 300_000)

  const running = (before: string, env: Record<string, string> = {}) => ({
    args: [w.kernels, ...steps],
    env: {
      LD_LIBRARY_PATH: `${before}${t.home}/lib64:${t.programs}`,
      ASCEND_HOME_PATH: t.home,
      FLEXNPU_REAL: '',
      ...env,
    },
  })

  /* Linked to; found by name; launched by libnnopbase.so. */
  const calls = {
    aclInit: 1,
    aclrtSynchronizeStreamWithTimeout: 2,
    aclrtCreateStreamWithConfig: 2,
    aclrtLaunchKernelWithHostArgs: 6,
  }

  it('preloaded: linked calls, calls by name, launches of operators, and the operators', async () => {
    const alone = await direct(w, '../topology/host', running(''))
    const under = await preloaded(w, '../topology/host', running(''))
    expect(alone).toMatchObject({ end: 0, stderr: '' })
    expect({ ...under, stats: undefined }).toEqual({ ...alone, stats: undefined })
    expect(under.stats).toMatchObject({
      calls,
      looked_up: { aclrtCreateStreamWithConfig: 2, aclrtSynchronizeStreamWithTimeout: 2 },
      operators: { aclnnFusedInferAttentionScoreV2: 1, aclnnRelu: 2 },
      unknown: {},
      missing: {},
      faults: 0,
      real: [join(t.home, 'lib64', 'libacl_rt.so'), join(t.home, 'lib64', 'libascendcl.so')],
    })
  })

  /* Behind libc in the order of names, our dlsym is not found: operators are seen by what they launch. */
  it('dropped in: all but the operators themselves', async () => {
    const stats = join(folder, 'topology.json')
    const under = await direct(w, '../topology/host', running(`${w.shim}/dropin:`, { FLEXNPU_STATS: stats }))
    expect(under).toEqual(await direct(w, '../topology/host', running('')))
    expect(readStats(stats).stats).toMatchObject({ calls, operators: {}, faults: 0 })
  })
})
