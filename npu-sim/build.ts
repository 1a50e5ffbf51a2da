/**
 * Builds the simulated NPU: the execution model (AssemblyScript to wasm to C) and the libascendcl.so that embeds it.
 * Needs the generated code in build/gen (tools/generate.ts). Every variant (sanitizers, aarch64) is this one function
 * with another compiler, flags and folder. Run by itself: `npx tsx npu-sim/build.ts`.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rm, symlink } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const source = path.join(root, 'npu-sim')
const bin = (name: string) => path.join(root, 'node_modules', '.bin', name)

/** Flags of every C file we write. */
const STRICT = ['-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror']
/** wasm2c's output is not ours to tidy. */
const GENERATED = ['-std=c11', '-D_GNU_SOURCE', '-w']
const COMMON = ['-O2', '-g', '-fPIC', '-fvisibility=hidden', '-fno-math-errno']

/** Libraries of CANN that programs link besides libascendcl.so, which has their functions here. */
const ALIASES = [
  'libacl_rt.so',
  'libruntime.so',
  'libacl_mdl.so',
  'libacl_op_executor.so',
  'libacl_op_compiler.so',
  'libacl_cblas.so',
  'libacl_tdt_channel.so',
  'libacl_tdt_queue.so',
  'libmsprofiler.so',
  'libascend_dump.so',
  'libplatform.so',
]
/** Libraries above AscendCL: their own files, as other libraries of their names may take their place. */
const APART: { name: string; folder?: string }[] = [{ name: 'libhccl' }, { name: 'libnnopbase', folder: 'nnopbase' }]

export interface NpuSimOptions {
  /** Where libascendcl.so and libacl_rt.so go; made if it is not there. */
  outDir: string
  /** C compiler; default cc. */
  cc?: string
  /** More flags, for compiling and linking, after our own. */
  cflags?: string[]
}

/** Runs a command; on failure the error carries what it printed. */
const command = async (file: string, args: string[]): Promise<void> => {
  try {
    await run(file, args, { cwd: root, maxBuffer: 64 << 20 })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`${path.basename(file)} ${args.join(' ')}\n${stdout ?? ''}${stderr ?? String(error)}`, {
      cause: error,
    })
  }
}

/** The model as wasm: build/npu-sim-model.wasm, which tests and the cluster simulator also load in V8. */
export const buildNpuSimModel = async (wasm = path.join(root, 'build', 'npu-sim-model.wasm')): Promise<string> => {
  await mkdir(path.dirname(wasm), { recursive: true })
  const config = path.join('npu-sim', 'model', 'asconfig.json')
  await command(bin('asc'), ['--config', config, path.join('npu-sim', 'model', 'index.ts'), '-o', wasm])
  return wasm
}

/** Runs the jobs, as many at a time as there are processors. */
const inParallel = async (jobs: (() => Promise<void>)[]): Promise<void> => {
  const waiting = [...jobs]
  const worker = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await job()
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
}

/** Builds the library into outDir and returns its path. */
export async function buildNpuSim(opts: NpuSimOptions): Promise<string> {
  const gen = path.join(root, 'build', 'gen')
  if (!existsSync(path.join(gen, 'sim', 'exports.c'))) {
    throw new Error('build/gen/sim/exports.c is missing: run `npx tsx tools/generate.ts` first')
  }
  const cc = opts.cc ?? 'cc'
  const extra = opts.cflags ?? []
  const out = path.resolve(root, opts.outDir)
  const objects = path.join(out, 'obj')
  await mkdir(objects, { recursive: true })

  const wasm = await buildNpuSimModel(path.join(out, 'npu-sim-model.wasm'))
  const modelC = path.join(objects, 'npu-sim-model.c')
  await command(bin('wasm2c'), [wasm, '-n', 'npumodel', '-o', modelC])

  const includes = [
    path.join(gen, 'include'),
    path.join(gen, 'sim'),
    path.join(source, 'include'),
    path.join(source, 'acl'),
    path.join(source, 'wasm-rt'),
    objects,
  ].map((folder) => `-I${folder}`)
  const sources = async (folder: string): Promise<string[]> =>
    (await readdir(path.join(source, folder)))
      .filter((name) => name.endsWith('.c'))
      .map((name) => path.join(source, folder, name))
  const files = [
    ...(await sources('acl')).map((file) => ({ file, flags: STRICT })),
    { file: path.join(source, 'wasm-rt', 'wasm-rt.c'), flags: STRICT },
    { file: path.join(gen, 'sim', 'exports.c'), flags: STRICT },
    { file: path.join(gen, 'sim', 'stand_ins.c'), flags: STRICT },
    { file: modelC, flags: GENERATED },
  ]
  const compiled = files.map(({ file, flags }) => ({
    object: path.join(objects, `${path.basename(file, '.c')}.o`),
    args: [...flags, ...COMMON, ...extra, ...includes, '-c', file],
  }))
  await inParallel(
    compiled.map(
      ({ object, args }) =>
        () =>
          command(cc, [...args, '-o', object]),
    ),
  )

  const library = path.join(out, 'libascendcl.so')
  await command(cc, [
    '-shared',
    '-Wl,-soname,libascendcl.so',
    // A sanitizer's own symbols come from the program.
    ...(extra.some((flag) => flag.startsWith('-fsanitize')) ? [] : ['-Wl,-z,defs']),
    ...extra,
    ...compiled.map(({ object }) => object),
    '-o',
    library,
    '-lpthread',
    '-ldl',
    '-lm',
  ])
  for (const name of ALIASES) {
    const alias = path.join(out, name)
    await rm(alias, { force: true })
    await symlink('libascendcl.so', alias)
  }
  for (const { name, folder } of APART) {
    const parts = [path.join(gen, 'sim', `${name}.c`), ...(folder === undefined ? [] : await sources(folder))]
    const link = ['-shared', `-Wl,-soname,${name}.so`, '-o', path.join(out, `${name}.so`)]
    await command(cc, [...STRICT, ...COMMON, ...extra, ...includes, ...parts, ...link])
  }
  return library
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await buildNpuSimModel()
    const library = await buildNpuSim({ outDir: path.join(root, 'build', 'npu-sim') })
    process.stdout.write(`${path.relative(root, library)}\n`)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
