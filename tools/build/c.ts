/** Compiling and linking C, for this machine, for aarch64, and under sanitizers. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './steps.ts'

/** A way to compile: for which machine, with which checks. */
export interface Variant {
  name: string
  cc: string
  flags: string[]
}

/** The strictness that all of our C is held to. */
export const strict = ['-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-g']

export const variants: Record<string, Variant> = {
  native: { name: 'native', cc: 'cc', flags: ['-O3'] },
  aarch64: { name: 'aarch64', cc: 'aarch64-linux-gnu-gcc', flags: ['-O3'] },
  asan: {
    name: 'asan',
    cc: 'cc',
    flags: ['-O1', '-fno-omit-frame-pointer', '-fsanitize=address,undefined', '-fno-sanitize-recover=undefined'],
  },
  tsan: { name: 'tsan', cc: 'cc', flags: ['-O1', '-fno-omit-frame-pointer', '-fsanitize=thread'] },
}

/** What one library or program is made of. */
export interface Target {
  output: string
  sources: string[]
  /** Sources that wasm2c wrote: not held to our warnings. */
  generated?: string[]
  includes: string[]
  flags?: string[]
  link: string[]
}

/** Compiles and links a target, two compilations at a time. */
export async function compile(variant: Variant, target: Target, objects: string): Promise<void> {
  mkdirSync(objects, { recursive: true })
  const compilation = (source: string, flags: string[]) => ({
    source,
    flags,
    object: join(objects, `${source.replaceAll(/[^A-Za-z0-9]+/g, '_')}.o`),
  })
  const jobs = [
    ...target.sources.map((source) => compilation(source, strict)),
    ...(target.generated ?? []).map((source) => compilation(source, ['-std=c11', '-D_GNU_SOURCE', '-w', '-g'])),
  ]
  const waiting = [...jobs]
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const includes = target.includes.map((i) => `-I${i}`)
      await run(variant.cc, [
        ...next.flags,
        ...variant.flags,
        ...(target.flags ?? []),
        ...includes,
        '-c',
        next.source,
        '-o',
        next.object,
      ])
    }
  }
  await Promise.all([worker(), worker()])
  await run(variant.cc, [...variant.flags, ...jobs.map((job) => job.object), ...target.link, '-o', target.output])
}
