/** The whole build, in order, each step only where its inputs changed. */
import { chmodSync } from 'node:fs'
import { buildLlmServe } from '../../bench/llm-serve/build.ts'
import { buildNpuSim } from '../../npu-sim/build.ts'
import { writeGenerated } from '../generate.ts'
import { variants } from './c.ts'
import { buildEmbeddedCore, buildShim, coreFolder } from './shim.ts'
import { build, npmProgram, path, run } from './steps.ts'

/** What every C step depends on besides its own sources. */
const gen = path('build', 'gen')

export async function buildCore(): Promise<void> {
  writeGenerated(gen)
  await build({
    name: 'core.wasm',
    inputs: [path('assembly'), path('asconfig.json'), path('build', 'gen', 'as')],
    outputs: [path('build', 'core.wasm')],
    make: async () => void (await run(npmProgram('asc'), ['--config', 'asconfig.json', '--target', 'release'])),
  })
  await build({
    name: 'core-c',
    inputs: [path('build', 'core.wasm'), path('tools', 'build', 'shim.ts'), path('tools', 'build', 'wasm2c.ts')],
    outputs: [`${coreFolder}/flexnpu_core.c`, `${coreFolder}/core_hash.c`],
    make: buildEmbeddedCore,
  })
}

/** The native libraries for this machine or another variant; each variant has its own folder below build/. */
export async function buildNative(name: keyof typeof variants): Promise<{ shim: string; sim: string; serve: string }> {
  const variant = variants[name]!
  const base = name === 'native' ? path('build') : path('build', 'variants', name)
  const salt = JSON.stringify(variant)
  const shim = `${base}/host-shim`
  const sim = `${base}/npu-sim`
  await build({
    name: `host-shim ${name}`,
    inputs: [path('host-shim'), gen, coreFolder, path('npu-sim', 'wasm-rt'), path('tools', 'build')],
    outputs: [`${shim}/libflexnpu.so`],
    salt,
    make: async () => buildShim(variant, shim),
  })
  await build({
    name: `npu-sim ${name}`,
    inputs: [path('npu-sim'), gen, path('tools', 'build')],
    outputs: [`${sim}/libascendcl.so`],
    salt,
    make: async () => void (await buildNpuSim({ outDir: sim, cc: variant.cc, cflags: variant.flags })),
  })
  await build({
    name: `llm-serve ${name}`,
    inputs: [path('bench', 'llm-serve'), path('npu-sim', 'kernels'), path('npu-sim', 'include'), `${gen}/include`],
    outputs: [`${base}/bench/llm-serve`, `${sim}/kernels/qwen25.o`],
    salt,
    make: async () => buildLlmServe({ outDir: base, cc: variant.cc, cflags: variant.flags }),
  })
  return { shim, sim, serve: `${base}/bench/llm-serve` }
}

/** The TypeScript, compiled to build/js. */
export async function buildTypeScript(): Promise<void> {
  await build({
    name: 'typescript',
    inputs: [
      path('tsconfig.json'),
      path('spec'),
      path('host-node'),
      path('host-browser'),
      path('bench'),
      path('tools'),
      path('build', 'gen', 'ts'),
    ],
    outputs: [path('build', 'js', 'host-node', 'cli', 'main.js')],
    make: async () => void (await run(npmProgram('tsc'), ['-p', 'tsconfig.json'])),
  })
  chmodSync(path('build', 'js', 'host-node', 'cli', 'main.js'), 0o755)
}

/** The debugger's page, in build/host-browser. */
export async function buildBrowser(): Promise<void> {
  const crc = path('host-browser', 'crc')
  const wasm = path('build', 'crc32.wasm')
  await build({
    name: 'crc32.wasm',
    inputs: [crc],
    outputs: [wasm],
    make: async () => void (await run(npmProgram('asc'), ['--config', `${crc}/asconfig.json`, '-o', wasm])),
  })
  await build({
    name: 'host-browser',
    inputs: [
      path('host-browser'),
      path('host-node', 'core'),
      path('host-node', 'log'),
      path('host-node', 'replay'),
      path('spec'),
      path('build', 'gen', 'ts'),
      path('build', 'core.wasm'),
      wasm,
      path('package-lock.json'),
    ],
    outputs: [path('build', 'host-browser', 'index.html'), path('build', 'host-browser', 'core.wasm')],
    make: async () => void (await run(npmProgram('vite'), ['build', '-c', path('host-browser', 'vite.config.ts')])),
  })
}

/** Everything a user needs. */
export async function buildAll(): Promise<void> {
  await buildCore()
  await buildBrowser()
  await buildNative('native')
  await buildTypeScript()
}
