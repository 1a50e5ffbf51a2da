/**
 * Builds player.c, and the folder of libraries that it runs with: the simulated NPU, and stand-ins for CANN's libnnopbase.so
 * and libopapi.so with the operators of the recordings and their kernels.
 */
import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { strict, variants } from '../../tools/build/c.ts'
import { build, path, run } from '../../tools/build/steps.ts'
import { alone, type Workshop } from '../shim/workshop.ts'

export interface Player {
  /** As test/shim/run.ts wants it: a path from the folder of the workshop's programs. */
  program: string
  /** What the program needs to find its libraries, and FlexNPU those below it. */
  env: Record<string, string>
}

const here = path('test', 'recordings', 'programs')

async function make(w: Workshop, folder: string, lib: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(lib, { recursive: true })
  for (const file of readdirSync(w.sim))
    if (file.endsWith('.so') && file !== 'libnnopbase.so') symlinkSync(join(w.sim, file), join(lib, file))
  const { cc, flags } = variants['native']!
  const includes = [path('build', 'gen', 'include'), path('npu-sim', 'include')]
  const compiled = [...strict, ...flags, ...includes.map((i) => `-I${i}`), '-fPIC', `-L${lib}`]
  const shared = (name: string, file: string, ...libraries: string[]): Promise<string> =>
    run(cc, [...compiled, '-shared', `-Wl,-soname,${name}`, join(here, file), '-o', join(lib, name), ...libraries])
  await shared('kernels.o', 'kernels.c')
  await shared('libnnopbase.so', 'nnopbase.c', '-lascendcl', '-ldl')
  await shared('libopapi.so', 'opapi.c', '-lnnopbase', '-lascendcl')
  const libraries = ['-lopapi', '-lnnopbase', '-lascendcl']
  const program = ['player.c', 'neighbour.c'].map((file) => join(here, file))
  await run(cc, [...compiled, ...program, '-o', join(folder, 'player'), ...libraries, '-lpthread'])
}

export function player(w: Workshop): Promise<Player> {
  return alone(async () => {
    const folder = path('build', 'test-shim', 'recordings')
    const home = join(folder, 'ascend')
    await build({
      name: 'test recordings player',
      inputs: [
        here,
        path('test', 'recordings', 'player.ts'),
        path('build', 'gen', 'include'),
        path('npu-sim', 'include'),
      ],
      outputs: [join(folder, 'player')],
      make: () => make(w, folder, join(home, 'lib64')),
    })
    return {
      program: '../recordings/player',
      env: { LD_LIBRARY_PATH: join(home, 'lib64'), ASCEND_HOME_PATH: home, FLEXNPU_REAL: '' },
    }
  })
}
