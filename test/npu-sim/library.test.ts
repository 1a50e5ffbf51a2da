/**
 * The simulated libascendcl.so, through its ABI: C programs in programs/ are compiled against our headers, linked to
 * the library and run with device time as fast as possible. Each prints what holds and exits 0.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildNpuSim } from '../../npu-sim/build.ts'
import { fixedMemoryC } from '../../tools/build/wasm2c.ts'

const run = promisify(execFile)
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
const programs = path.join(root, 'test', 'npu-sim', 'programs')
const STRICT = ['-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-O1', '-g']
const INCLUDES = [`-I${root}/build/gen/include`, `-I${root}/npu-sim/include`]
const NAMES = [
  'order',
  'events',
  'contexts',
  'memory',
  'launch',
  'graph',
  'callbacks',
  'timing',
  'stress',
  'null_mode',
  'configuration',
  'host_objects',
  'notifies',
  'stream_settings',
  'device_info',
  'memory_forms',
  'managed',
  'binaries',
  'registered',
  'parameters',
  'graph_updates',
  'graph_tasks',
  'branches',
  'bad_input',
  'listeners',
  'queues',
  'operands',
  'outside_events',
]

let folder: string
let library: string
let kernels: string

interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** Runs a compiled program; never throws for its exit code. */
const program = async (name: string, env: Record<string, string>, args: string[] = [kernels]): Promise<Outcome> => {
  try {
    const { stdout, stderr } = await run(path.join(folder, name), args, {
      env: { PATH: process.env.PATH ?? '', ...env },
      timeout: 120_000,
    })
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: number; stdout?: string; stderr?: string }
    return { code: code ?? -1, stdout: stdout ?? '', stderr: stderr ?? String(error) }
  }
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'npu-sim-'))
  library = await buildNpuSim({ outDir: path.join(folder, 'lib') })
  kernels = path.join(folder, 'kernels.o')
  await run('cc', [...STRICT, '-fPIC', '-shared', ...INCLUDES, path.join(programs, 'kernels.c'), '-o', kernels])
  const link = [
    `-L${path.dirname(library)}`,
    '-Wl,--as-needed',
    '-lnnopbase',
    '-lascendcl',
    '-lpthread',
    '-lm',
    `-Wl,-rpath,${path.dirname(library)}`,
  ]
  for (const name of NAMES) {
    await run('cc', [...STRICT, ...INCLUDES, path.join(programs, `${name}.c`), '-o', path.join(folder, name), ...link])
  }
}, 180_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('programs', () => {
  const cases: [name: string, groups: number, env: Record<string, string>][] = [
    ['order', 5, {}],
    ['events', 7, {}],
    ['contexts', 4, { FLEXNPU_SIM_DEVICES: '2' }],
    ['memory', 5, {}],
    ['launch', 3, {}],
    ['graph', 3, {}],
    ['callbacks', 7, {}],
    ['timing', 3, {}],
    ['stress', 1, {}],
    ['host_objects', 4, {}],
    ['notifies', 6, {}],
    ['stream_settings', 7, {}],
    ['device_info', 8, { FLEXNPU_SIM_DEVICES: '2' }],
    ['memory_forms', 10, {}],
    ['managed', 8, {}],
    ['binaries', 4, { FLEXNPU_SIM_DEVICES: '2' }],
    ['registered', 4, {}],
    ['parameters', 2, {}],
    ['graph_updates', 5, {}],
    ['graph_tasks', 4, {}],
    ['branches', 5, {}],
    ['bad_input', 7, { FLEXNPU_SIM_DEVICES: '2' }],
    ['listeners', 6, { FLEXNPU_SIM_DEVICES: '2' }],
    ['queues', 5, {}],
    ['operands', 7, {}],
    ['outside_events', 7, {}],
  ]
  for (const [name, groups, env] of cases) {
    it(
      name,
      async () => {
        const scratch = path.join(folder, `${name}-scratch`)
        await mkdir(scratch)
        const outcome = await program(name, { FLEXNPU_SIM_SPEED: 'max', ...env }, [kernels, scratch])
        expect(outcome).toMatchObject({ code: 0, stderr: '' })
        expect(outcome.stdout.match(/^ok /gm)?.length).toBe(groups)
        expect(outcome.stdout).not.toContain('not ok')
      },
      150_000,
    )
  }

  // The same results at the clock's pace, where the background thread and sleeping waiters take part.
  for (const name of ['order', 'stress', 'contexts', 'callbacks', 'notifies', 'stream_settings', 'outside_events']) {
    it(`${name}, paced`, async () => {
      const outcome = await program(name, { FLEXNPU_SIM_DEVICES: '2', FLEXNPU_SIM_LAUNCH_NS: '500' })
      expect(outcome).toMatchObject({ code: 0, stderr: '' })
    }, 150_000)
  }

  it('do nothing in null mode', async () => {
    const outcome = await program('null_mode', { FLEXNPU_SIM_SPEED: 'null' })
    expect(outcome).toMatchObject({ code: 0, stderr: '', stdout: 'ok nothing happens\n' })
  })
})

describe('configuration', () => {
  it('is one 910B2 unless told otherwise', async () => {
    const outcome = await program('configuration', {}, [])
    expect(outcome).toMatchObject({ code: 0, stdout: 'Ascend910B2 x1 24/48 cores 64 GiB, AscendCL 1.17.0\n' })
  })

  it('takes chip and number of devices', async () => {
    const env = { FLEXNPU_SIM_CHIP: 'Ascend910B3', FLEXNPU_SIM_DEVICES: '8' }
    const outcome = await program('configuration', env, [])
    expect(outcome).toMatchObject({ code: 0, stdout: 'Ascend910B3 x8 20/40 cores 64 GiB, AscendCL 1.17.0\n' })
  })

  const wrong: [variable: string, value: string][] = [
    ['FLEXNPU_SIM_CHIP', 'Ascend310'],
    ['FLEXNPU_SIM_SPEED', 'fast'],
    ['FLEXNPU_SIM_SPEED', '0'],
    ['FLEXNPU_SIM_SPEED', '1x'],
    ['FLEXNPU_SIM_DEVICES', '0'],
    ['FLEXNPU_SIM_DEVICES', '17'],
    ['FLEXNPU_SIM_DEVICES', '-1'],
    ['FLEXNPU_SIM_LAUNCH_NS', '1e3'],
  ]
  for (const [variable, value] of wrong) {
    it(`refuses ${variable}=${value}`, async () => {
      const outcome = await program('configuration', { [variable]: value }, [])
      expect(outcome.code).toBe(1)
      expect(outcome.stdout).toContain(`aclInit 100000: npu-sim [100000]: ${variable}=${value}: expected`)
      expect(outcome.stdout).toContain('aclrtSetDevice 100000')
    })
  }
})

describe('statistics', () => {
  it('are one JSON object with what the device did', async () => {
    const file = path.join(folder, 'stats.json')
    const env = { FLEXNPU_SIM_SPEED: 'max', FLEXNPU_SIM_STATS: file, FLEXNPU_SIM_DEVICES: '2' }
    expect(await program('timing', env)).toMatchObject({ code: 0 })
    const stats = JSON.parse(await readFile(file, 'utf8')) as Record<string, number>
    expect(stats).toMatchObject({ device: 0, chip: 'Ascend910B2', link_bytes: 0, graphs: 0 })
    expect(stats.cube_ops).toBeCloseTo(8 * 200e9, -3) // matmuls of `sharing` and `copies_beside`
    expect(stats.copies).toBe(4)
    expect(stats.copy_bytes).toBeCloseTo(4 * 50e6, -1)
    const seconds = stats.wall_ns! / 1e9
    expect(stats.compute_utilization).toBeCloseTo(stats.cube_ops! / seconds / 376e12, 3)
    expect(stats.bandwidth_utilization).toBeCloseTo(stats.hbm_bytes! / seconds / (1.6 * 2 ** 40), 3)
    expect(stats.busy_ns).toBeLessThanOrEqual(stats.wall_ns!)
  }, 60_000)

  it('list the other devices that were used', async () => {
    const file = path.join(folder, 'stats2.json')
    const env = { FLEXNPU_SIM_SPEED: 'max', FLEXNPU_SIM_STATS: file, FLEXNPU_SIM_DEVICES: '2' }
    expect(await program('contexts', env)).toMatchObject({ code: 0 })
    const stats = JSON.parse(await readFile(file, 'utf8')) as {
      device: number
      others: { device: number; kernels: number }[]
    }
    expect(stats.device).toBe(0)
    expect(stats.others.map((other) => other.device)).toEqual([1])
    expect(stats.others[0]!.kernels).toBeGreaterThanOrEqual(101)
  })
})

describe('the library', () => {
  it('has the name and the alias that programs look for', async () => {
    const { stdout } = await run('readelf', ['-d', library])
    expect(stdout).toContain('Library soname: [libascendcl.so]')
    const alias = path.join(path.dirname(library), 'libacl_rt.so')
    expect((await stat(alias)).ino).toBe((await stat(library)).ino)
  })

  it('exports AscendCL and nothing else', async () => {
    const { stdout } = await run('nm', ['-D', '--defined-only', library])
    const names = stdout.split('\n').flatMap((line) => line.split(' ')[2] ?? [])
    expect(names.length).toBeGreaterThanOrEqual(85)
    expect(names.filter((name) => !/^(acl(rt|mdl|op|blas|tdt|prof|dump|platform|sys)?|rt)[A-Z]/.test(name))).toEqual([])
    const beside = await run('nm', ['-D', '--defined-only', path.join(path.dirname(library), 'libnnopbase.so')])
    expect(beside.stdout.split('\n').filter((line) => !/^(.* T acl(nn)?[A-Z]\w+)?$/.test(line))).toEqual([])
  })
})

describe('the runtime under wasm2c', () => {
  const bin = (name: string) => path.join(root, 'node_modules', '.bin', name)
  const runtime = path.join(root, 'npu-sim', 'wasm-rt')

  /** Builds programs/NAME.c with the module programs/NAME.wat, which `toC` makes C of, and runs it. */
  async function runWith(name: string, toC: (wasm: string, c: string) => Promise<unknown>) {
    const wasm = path.join(folder, `${name}.wasm`)
    const c = path.join(folder, `${name}-module.c`)
    await run(bin('wat2wasm'), [path.join(programs, `${name}.wat`), '-o', wasm], { cwd: root })
    await toC(wasm, c)
    const object = path.join(folder, `${name}-module.o`)
    await run('cc', ['-std=c11', '-w', '-O1', `-I${runtime}`, '-c', c, '-o', object])
    const sources = [path.join(programs, `${name}.c`), path.join(runtime, 'wasm-rt.c'), object]
    await run('cc', [...STRICT, `-I${runtime}`, `-I${folder}`, ...sources, '-o', path.join(folder, name), '-lm'])
    return program(name, {}, [])
  }

  it('turns every trap into a code', async () => {
    const ran = await runWith('traps', (wasm, c) => run(bin('wasm2c'), [wasm, '-n', 'traps', '-o', c]))
    expect(ran).toMatchObject({ code: 0, stdout: 'ok traps\n' })
  }, 60_000)

  it('checks constant bounds where memory never grows', async () => {
    const ran = await runWith('fixed', (wasm, c) => fixedMemoryC(wasm, 'fixed', 2, c))
    expect(ran).toMatchObject({ code: 0, stdout: 'ok fixed\n' })
  }, 60_000)
})
