/**
 * Machines that several processes share (FLEXNPU_SIM_MACHINE): programs in programs/ that are two or more processes on
 * one device. What they check is device time and bytes, never the host's clock; kills are random, or at every so-many-th
 * point of a change to the machine (the library built with SIM_CRASH_POINTS).
 */
import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildNpuSim } from '../../npu-sim/build.ts'

const run = promisify(execFile)
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
const programs = path.join(root, 'test', 'npu-sim', 'programs')
const STRICT = ['-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-O1', '-g']
const INCLUDES = [`-I${root}/build/gen/include`, `-I${root}/npu-sim/include`]

let folder: string
let kernels: string
let declared: string
let machines = 0

/** A name that no other run uses. */
const machine = (): string => `test-${process.pid}-${machines++}`
const fileOf = (name: string): string => `/dev/shm/flexnpu-sim-${process.geteuid!()}-${name}`

interface Outcome {
  code: number
  stdout: string
  stderr: string
}

const program = async (file: string, env: Record<string, string>, args: string[]): Promise<Outcome> => {
  try {
    const { stdout, stderr } = await run(path.join(folder, file), args, {
      env: { PATH: process.env.PATH ?? '', ...env },
      timeout: 120_000,
    })
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: number; stdout?: string; stderr?: string }
    return { code: code ?? -1, stdout: stdout ?? '', stderr: stderr ?? String(error) }
  }
}

const compile = async (name: string, library: string, to: string): Promise<void> => {
  const libraries = path.dirname(library)
  const link = [`-L${libraries}`, '-lascendcl', '-lpthread', '-lm', `-Wl,-rpath,${libraries}`]
  await run('cc', [...STRICT, ...INCLUDES, path.join(programs, `${name}.c`), '-o', path.join(folder, to), ...link])
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'npu-sim-shared-'))
  const library = await buildNpuSim({ outDir: path.join(folder, 'lib') })
  const fragile = await buildNpuSim({ outDir: path.join(folder, 'crash-lib'), cflags: ['-DSIM_CRASH_POINTS'] })
  kernels = path.join(folder, 'kernels.o')
  declared = path.join(folder, 'declared.o')
  const shared = [...STRICT, '-fPIC', '-shared', ...INCLUDES, path.join(programs, 'kernels.c'), '-o']
  await run('cc', [...shared, kernels])
  await run('cc', [...shared, declared, '-DWORK_FROM_ARGS'])
  const alone = ['order', 'events', 'contexts', 'memory', 'graph', 'callbacks', 'timing', 'stress', 'configuration']
  for (const name of [
    ...alone,
    'outside_events',
    'shared_time',
    'shared_memory',
    'shared_kill',
    'shared_apart',
    'shared_lanes',
  ])
    await compile(name, library, name)
  await compile('shared_kill', fragile, 'shared_kill_points')
}, 300_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('one process alone on a machine that could be shared', () => {
  const cases: [name: string, groups: number][] = [
    ['order', 5],
    ['events', 7],
    ['contexts', 4],
    ['memory', 5],
    ['graph', 3],
    ['callbacks', 7],
    ['timing', 3],
    ['stress', 1],
    ['outside_events', 7],
  ]
  for (const [name, groups] of cases) {
    it(`sees the same devices: ${name}`, async () => {
      const scratch = path.join(folder, `${name}-scratch`)
      await mkdir(scratch)
      const env = { FLEXNPU_SIM_SPEED: 'max', FLEXNPU_SIM_DEVICES: '2', FLEXNPU_SIM_MACHINE: machine() }
      const outcome = await program(name, env, [kernels, scratch])
      expect(outcome).toMatchObject({ code: 0, stderr: '' })
      expect(outcome.stdout.match(/^ok /gm)?.length).toBe(groups)
    }, 150_000)
  }
})

describe('a process with more than the machine knows at a time', () => {
  for (const speed of ['1', 'max']) {
    it(`loses nothing, speed ${speed}`, async () => {
      for (const binary of [kernels, declared]) {
        const env = { FLEXNPU_SIM_SPEED: speed, FLEXNPU_SIM_MACHINE: machine() }
        const outcome = await program('shared_lanes', env, [binary])
        expect(outcome).toMatchObject({ code: 0, stderr: '' })
        expect(outcome.stdout.match(/^ok /gm)?.length).toBe(4)
      }
    }, 150_000)
  }
})

describe('two processes', () => {
  for (const speed of ['1', 'max']) {
    for (const known of [true, false]) {
      const work = known ? 'work known at launch' : 'work known at start'
      it(`share cores and bandwidth as the model says, speed ${speed}, ${work}`, async () => {
        const name = machine()
        const env = { FLEXNPU_SIM_SPEED: speed, FLEXNPU_SIM_MACHINE: name }
        const outcome = await program('shared_time', env, [known ? declared : kernels])
        expect(outcome).toEqual({ code: 0, stderr: '', stdout: 'ok two processes share a device\n' })
        await expect(access(fileOf(name))).rejects.toThrow('ENOENT') // the last one takes the name away
      }, 150_000)
    }
    it(`share HBM, memory, events and notifies, speed ${speed}`, async () => {
      const env = { FLEXNPU_SIM_SPEED: speed, FLEXNPU_SIM_MACHINE: machine() }
      const outcome = await program('shared_memory', env, [kernels])
      expect(outcome).toMatchObject({ code: 0, stderr: '' })
      expect(outcome.stdout).toBe('ok capacity\nok by key\nok physical\nok order\nok notifies\nok stuck\nok death\n')
    }, 150_000)
  }

  it('do not see each other without a machine, or on machines of different names', async () => {
    const names = [machine(), machine()]
    expect(await program('shared_apart', {}, [kernels])).toMatchObject({ code: 0, stdout: 'ok apart\n' })
    expect(await program('shared_apart', {}, [kernels, ...names])).toMatchObject({ code: 0, stdout: 'ok apart\n' })
  }, 60_000)
})

describe('a process that is killed', () => {
  it('at any moment leaves nothing behind', async () => {
    const env = { FLEXNPU_SIM_MACHINE: machine() }
    for (const [binary, seed] of [
      [kernels, '1'],
      [declared, '2'],
    ] as const) {
      const outcome = await program('shared_kill', env, [binary, 'random', '150', seed])
      expect(outcome).toEqual({ code: 0, stderr: '', stdout: 'ok survived 150 deaths\n' })
    }
  }, 240_000)

  it('in the middle of a change has changed nothing', async () => {
    for (const binary of [kernels, declared]) {
      const env = { FLEXNPU_SIM_MACHINE: machine() }
      const outcome = await program('shared_kill_points', env, [binary, 'points', '1', '7'])
      expect(outcome).toMatchObject({ code: 0, stderr: '' })
      expect(Number(/^ok survived (\d+) deaths\n$/.exec(outcome.stdout)?.[1])).toBeGreaterThan(100)
    }
  }, 240_000)
})

describe('FLEXNPU_SIM_MACHINE', () => {
  for (const name of ['a/b', '..', '.hidden', 'with space', 'x'.repeat(65)]) {
    it(`refuses ${name.slice(0, 12)}`, async () => {
      const outcome = await program('configuration', { FLEXNPU_SIM_MACHINE: name }, [])
      expect(outcome.code).toBe(1)
      expect(outcome.stdout).toContain(`aclInit 100000: npu-sim [100000]: FLEXNPU_SIM_MACHINE=${name}: expected`)
    })
  }
})
