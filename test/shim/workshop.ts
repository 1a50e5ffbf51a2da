/**
 * Builds what the interposer's tests run: libflexnpu.so and the simulated NPU in a variant (native, sanitizers,
 * aarch64), the C programs of programs/ and their kernel binary, and an interposer with the awkward core of core/. Test
 * files run side by side, so building is under one lock; every step is skipped where its inputs have not changed.
 */
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { buildCore, buildNative } from '../../tools/build/all.ts'
import { compile, strict, variants, type Variant } from '../../tools/build/c.ts'
import { coreFolder } from '../../tools/build/shim.ts'
import { build, filesBelow, npmProgram, path, run } from '../../tools/build/steps.ts'
import { fixedMemoryC } from '../../tools/build/wasm2c.ts'

export type VariantName = 'native' | 'asan' | 'tsan' | 'aarch64'

/** One variant, built: folders of the libraries, and of the programs. */
export interface Workshop {
  name: VariantName
  shim: string
  sim: string
  programs: string
  kernels: string
  /** Kernel binary of the programs in test/npu-sim/programs. */
  simKernels: string
}

const here = path('test', 'shim')
const out = path('build', 'test-shim')
const includes = [path('build', 'gen', 'include'), path('npu-sim', 'include'), join(here, 'kernels')]

/** The simulator's own programs over the whole surface, which are to run under FlexNPU as they do alone. */
export const surface = [
  'bad_input',
  'configuration',
  'contexts',
  'device_info',
  'events',
  'graph',
  'graph_updates',
  'graph_tasks',
  'branches',
  'host_objects',
  'listeners',
  'memory',
  'memory_forms',
  'managed',
  'binaries',
  'notifies',
  'operands',
  'order',
  'parameters',
  'queues',
  'registered',
  'outside_events',
  'stream_settings',
  'stress',
]

/** Programs, where they are not in programs/, and what each is made of besides NAME.c; `links: false` finds AscendCL, or `library`, with dlopen only. */
const programs: { name: string; from?: string; sources?: string[]; links?: boolean; library?: string }[] = [
  { name: 'random_order', sources: ['plan'] },
  { name: 'interpreter' },
  { name: 'order_traps' },
  { name: 'end_traps' },
  { name: 'captures' },
  { name: 'errors' },
  { name: 'linked' },
  { name: 'looked_up', links: false },
  { name: 'through_library', library: 'launcher' },
  { name: 'forks' },
  { name: 'endless' },
  { name: 'late_error' },
  { name: 'tenant' },
  { name: 'copies' },
  { name: 'sharing' },
  { name: 'races' },
  { name: 'many_streams' },
  { name: 'notified' },
  { name: 'collectives', library: 'fake_hccl' },
  { name: 'below' },
  { name: 'physical' },
  { name: 'unshareable', library: 'full_map' },
  { name: 'by_value', library: 'by_value_rt' },
  { name: 'old_library', links: false, library: 'thin_rt' },
  { name: 'aborted', from: path('test', 'npu-sim', 'programs') },
  { name: 'callbacks', from: path('test', 'npu-sim', 'programs') },
  { name: 'shared_memory', from: path('test', 'npu-sim', 'programs') },
  ...surface.map((name) => ({ name, from: path('test', 'npu-sim', 'programs') })),
]

/** Runs `work` alone among all test files. A lock of a process that died is taken over after five minutes. */
export async function alone<T>(work: () => Promise<T>): Promise<T> {
  const lock = join(out, 'lock')
  mkdirSync(out, { recursive: true })
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      break
    } catch {
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
      if (age > 300_000) rmSync(lock, { force: true })
      await setTimeout(100)
    }
  }
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

const source = (name: string, from = join(here, 'programs')): string => join(from, `${name}.c`)

async function buildPrograms(variant: Variant, sim: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const flags = [...strict, ...variant.flags, ...includes.map((i) => `-I${i}`)]
  const library = ['-fPIC', '-shared']
  const link = [`-L${sim}`, '-Wl,--as-needed', '-lnnopbase', '-lascendcl']
  await run(variant.cc, [...flags, ...library, join(here, 'kernels', 'log_kernels.c'), '-o', join(folder, 'kernels.o')])
  const theirs = path('test', 'npu-sim', 'programs', 'kernels.c')
  await run(variant.cc, [...flags, ...library, theirs, '-o', join(folder, 'sim-kernels.o')])
  const slow = ['-o', join(folder, 'slow_rt', 'libacl_rt.so'), ...link]
  mkdirSync(join(folder, 'slow_rt'), { recursive: true })
  await run(variant.cc, [...flags, ...library, source('slow_rt'), ...slow])
  for (const { name, from, sources = [], links = true, library: own } of programs) {
    if (own !== undefined)
      await run(variant.cc, [
        ...flags,
        ...library,
        source(own),
        '-o',
        join(folder, `lib${own}.so`),
        ...(links ? link : []),
      ])
    const all = [name, ...sources].map((s) => source(s, from))
    const beside = own !== undefined ? [`-L${folder}`, `-l${own}`, '-Wl,-rpath,$ORIGIN'] : []
    const libraries = links ? [...beside, ...link] : []
    await run(variant.cc, [...flags, ...all, '-o', join(folder, name), ...libraries, '-lpthread', '-ldl', '-lm'])
  }
}

/** Builds a variant. */
export function workshop(name: VariantName): Promise<Workshop> {
  return alone(async () => {
    await buildCore()
    const { shim, sim } = await buildNative(name)
    const folder = join(out, name)
    await build({
      name: `test-shim programs ${name}`,
      inputs: [
        join(here, 'programs'),
        path('test', 'npu-sim', 'programs'),
        join(here, 'kernels'),
        join(here, 'workshop.ts'),
        path('build', 'gen', 'include'),
      ],
      outputs: programs.map((p) => join(folder, p.name)),
      salt: JSON.stringify(variants[name]),
      make: () => buildPrograms(variants[name]!, sim, folder),
    })
    return {
      name,
      shim,
      sim,
      programs: folder,
      kernels: join(folder, 'kernels.o'),
      simKernels: join(folder, 'sim-kernels.o'),
    }
  })
}

/** Builds an interposer that embeds core/holding.ts instead of the real core; gives its folder. */
export function holdingShim(name: VariantName): Promise<string> {
  return alone(async () => {
    const folder = join(out, name, 'holding')
    const core = join(out, 'holding-core')
    const gen = path('build', 'gen')
    await build({
      name: 'test-shim holding core',
      inputs: [join(here, 'core'), join(gen, 'as')],
      outputs: [join(core, 'flexnpu_core.c')],
      make: async () => {
        mkdirSync(core, { recursive: true })
        const wasm = join(core, 'holding.wasm')
        const pages = 32
        const memory = ['--initialMemory', `${pages}`, '--maximumMemory', `${pages}`]
        const options = ['--runtime', 'stub', '--use', 'abort=', '--optimizeLevel', '2', ...memory]
        await run(npmProgram('asc'), [join(here, 'core', 'holding.ts'), ...options, '-o', wasm])
        await fixedMemoryC(wasm, 'core', pages, join(core, 'flexnpu_core.c'))
      },
    })
    const own = [path('host-shim'), join(gen, 'shim')].flatMap(filesBelow).filter((file) => file.endsWith('.c'))
    await build({
      name: `test-shim holding ${name}`,
      inputs: [path('host-shim'), gen, core, path('npu-sim', 'wasm-rt'), join(here, 'workshop.ts')],
      outputs: [join(folder, 'libflexnpu.so')],
      salt: JSON.stringify(variants[name]),
      make: () =>
        compile(
          variants[name]!,
          {
            output: join(folder, 'libflexnpu.so'),
            sources: [...own, join(coreFolder, 'core_hash.c'), path('npu-sim', 'wasm-rt', 'wasm-rt.c')],
            generated: [join(core, 'flexnpu_core.c')],
            includes: [
              path('host-shim'),
              path('host-shim', 'include'),
              ...['include', 'c', 'shim'].map((part) => join(gen, part)),
              core,
              path('npu-sim', 'wasm-rt'),
            ],
            flags: ['-fPIC', '-fvisibility=hidden'],
            link: ['-shared', '-Wl,-soname,libflexnpu.so', '-Wl,-Bsymbolic-functions', '-ldl', '-lpthread'],
          },
          join(folder, 'obj'),
        ),
    })
    return folder
  })
}
