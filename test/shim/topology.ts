/**
 * Builds a toy of CANN's libraries as they lie since 8.5 (shared/facts/acl.md): libopapi.so on libnnopbase.so on a thin
 * libacl_rt.so, whose functions jump to their targets (aclrtXImpl, here the simulated NPU under those names), and a
 * libascendcl.so that is there for old programs only. And a program that reaches them as Python does.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { strict, variants } from '../../tools/build/c.ts'
import { build, path, run } from '../../tools/build/steps.ts'
import { alone, type Workshop } from './workshop.ts'

export interface Topology {
  /** ASCEND_HOME_PATH; the libraries are in lib64 below it. */
  home: string
  /** Folder of the program `host`, and of the library that it opens. */
  programs: string
}

const here = path('test', 'shim', 'topology')

async function make(w: Workshop, home: string, programs: string): Promise<void> {
  const lib = join(home, 'lib64')
  mkdirSync(lib, { recursive: true })
  const { cc } = variants['native']!
  const includes = [path('build', 'gen', 'include'), path('npu-sim', 'include'), path('test', 'shim', 'kernels')]
  const flags = [...strict, ...variants['native']!.flags, ...includes.map((i) => `-I${i}`), '-fPIC']
  const shared = (name: string, args: string[]): Promise<string> =>
    run(cc, ['-shared', `-Wl,-soname,${name}`, '-Wl,--no-as-needed', ...args, '-o', join(lib, name)])

  const listed = await run('nm', ['-D', '--defined-only', join(w.sim, 'libascendcl.so')])
  const names = [...listed.matchAll(/ T (acl\w+)$/gm)].map(([, name]) => name!)
  const objects = readdirSync(join(w.sim, 'obj')).filter((file) => file.endsWith('.o'))
  const target = join(programs, 'target.o')
  await run('ld', ['-r', ...objects.map((file) => join(w.sim, 'obj', file)), '-o', target])
  writeFileSync(join(programs, 'targets'), names.map((name) => `${name} ${name}Impl\n`).join(''))
  await run('objcopy', [`--redefine-syms=${join(programs, 'targets')}`, target])
  const jump = process.arch === 'arm64' ? 'b %Impl' : 'jmp %Impl@PLT'
  const thin = names.map((name) => `.globl ${name}\n.type ${name}, %function\n${name}: ${jump.replace('%', name)}\n`)
  const mark = '.section .note.GNU-stack,"",%progbits\n'
  writeFileSync(join(programs, 'thin.s'), `.text\n${thin.join('')}${mark}`)
  await shared('libacl_rt.so', [join(programs, 'thin.s'), target, '-lpthread', '-ldl', '-lm'])

  await shared('libascendcl.so', ['-x', 'c', '/dev/null', '-x', 'none', `-L${lib}`, '-lacl_rt'])
  await shared('libnnopbase.so', [...flags, join(here, 'nnopbase.c'), `-L${lib}`, '-lacl_rt'])
  await shared('libopapi.so', [...flags, join(here, 'opapi.c'), `-L${lib}`, '-lnnopbase'])
  const client = [
    join(here, 'client.c'),
    '-shared',
    '-Wl,--no-as-needed',
    `-L${lib}`,
    '-lascendcl',
    '-lpthread',
    '-ldl',
  ]
  await run(cc, [...flags, ...client, '-o', join(programs, 'libclient.so')])
  await run(cc, [...flags, join(here, 'host.c'), '-o', join(programs, 'host'), '-ldl'])
}

/** Builds it for this machine. */
export function topology(w: Workshop): Promise<Topology> {
  return alone(async () => {
    const programs = path('build', 'test-shim', 'topology')
    const home = join(programs, 'ascend')
    await build({
      name: 'test-shim topology',
      inputs: [
        here,
        path('test', 'shim', 'topology.ts'),
        path('test', 'shim', 'kernels'),
        path('test', 'shim', 'programs', 'program.h'),
        path('build', 'gen', 'include'),
        path('npu-sim'),
      ],
      outputs: [join(programs, 'host')],
      make: () => make(w, home, programs),
    })
    return { home, programs }
  })
}
