/** Builds libflexnpu.so for one variant, with the core embedded by wasm2c, and its drop-in folder. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compile, type Variant } from './c.ts'
import { filesBelow, path } from './steps.ts'
import { fixedMemoryC } from './wasm2c.ts'

/** Folder of the C that wasm2c makes of the core. */
export const coreFolder = path('build', 'core')

/** core.wasm as C, and its hash as a C array. */
export async function buildEmbeddedCore(): Promise<void> {
  mkdirSync(coreFolder, { recursive: true })
  const { options } = JSON.parse(readFileSync(path('asconfig.json'), 'utf8')) as { options: { initialMemory: number } }
  await fixedMemoryC(path('build', 'core.wasm'), 'core', options.initialMemory, join(coreFolder, 'flexnpu_core.c'))
  const hash = createHash('sha256')
    .update(readFileSync(path('build', 'core.wasm')))
    .digest()
  const bytes = [...hash].map((b) => `0x${b.toString(16).padStart(2, '0')}`).join(', ')
  writeFileSync(
    join(coreFolder, 'core_hash.c'),
    `/* SHA-256 of build/core.wasm, written by the build. */\n#include "engine/core.h"\n\nconst uint8_t fx_core_sha256[32] = {${bytes}};\n`,
  )
}

/** Builds into `out`: libflexnpu.so and dropin/{libascendcl.so,libacl_rt.so}. */
export async function buildShim(variant: Variant, out: string): Promise<void> {
  mkdirSync(join(out, 'dropin'), { recursive: true })
  const gen = path('build', 'gen')
  const sources = [...filesBelow(path('host-shim')), ...filesBelow(join(gen, 'shim'))].filter((f) => f.endsWith('.c'))
  const library = join(out, 'libflexnpu.so')
  await compile(
    variant,
    {
      output: library,
      sources: [...sources, join(coreFolder, 'core_hash.c'), path('npu-sim', 'wasm-rt', 'wasm-rt.c')],
      generated: [join(coreFolder, 'flexnpu_core.c')],
      includes: [
        path('host-shim'),
        path('host-shim', 'include'),
        join(gen, 'include'),
        join(gen, 'c'),
        join(gen, 'shim'),
        coreFolder,
        path('npu-sim', 'wasm-rt'),
      ],
      flags: ['-fPIC', '-fvisibility=hidden'],
      link: ['-shared', '-Wl,-soname,libflexnpu.so', '-Wl,-Bsymbolic-functions', '-ldl', '-lpthread'],
    },
    join(out, 'obj'),
  )
  for (const name of ['libascendcl.so', 'libacl_rt.so']) {
    const link = join(out, 'dropin', name)
    rmSync(link, { force: true })
    symlinkSync('../libflexnpu.so', link)
  }
}
