/** Builds the serving program and its kernel binary for one kind of machine. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { compile } from '../../tools/build/c.ts'
import { filesBelow, path } from '../../tools/build/steps.ts'

/** Builds `outDir`/bench/llm-serve and `outDir`/npu-sim/kernels/qwen25.o; links against `outDir`/npu-sim. */
export async function buildLlmServe(options: { outDir: string; cc?: string; cflags?: string[] }): Promise<void> {
  const variant = { name: 'given', cc: options.cc ?? 'cc', flags: options.cflags ?? ['-O2'] }
  const { outDir } = options
  mkdirSync(join(outDir, 'bench'), { recursive: true })
  mkdirSync(join(outDir, 'npu-sim', 'kernels'), { recursive: true })
  await compile(
    variant,
    {
      output: join(outDir, 'npu-sim', 'kernels', 'qwen25.o'),
      sources: [path('npu-sim', 'kernels', 'qwen25.c')],
      includes: [path('npu-sim', 'include'), path('npu-sim', 'kernels')],
      flags: ['-fPIC'],
      link: ['-shared'],
    },
    join(outDir, 'npu-sim', 'kernels', 'obj'),
  )
  await compile(
    variant,
    {
      output: join(outDir, 'bench', 'llm-serve'),
      sources: filesBelow(path('bench', 'llm-serve')).filter((file) => file.endsWith('.c')),
      includes: [path('bench', 'llm-serve'), path('build', 'gen', 'include'), path('npu-sim', 'kernels')],
      link: [`-L${join(outDir, 'npu-sim')}`, '-lascendcl', '-lpthread', '-lm'],
    },
    join(outDir, 'bench', 'obj-llm-serve'),
  )
}
