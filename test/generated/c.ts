/** Compiles and runs small C programs against the generated headers, in a folder that goes away after the test file. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { path } from '../../tools/build/steps.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flexnpu-generated-'))
  folders.push(folder)
  return folder
}

export type Language = 'C11' | 'C++17'

/** Runs the compiler on a source text; throws with what it said. `cross` is the prefix of a compiler for another machine. */
export function compile(language: Language, source: string, args: string[], cross = ''): void {
  const file = join(temporaryFolder(), language === 'C11' ? 'test.c' : 'test.cpp')
  writeFileSync(file, source)
  const [name, standard] = language === 'C11' ? ['cc', '-std=c11'] : ['c++', '-std=c++17']
  const compiler = cross === '' ? name! : `${cross}${language === 'C11' ? 'gcc' : 'g++'}`
  const strict = [standard, '-Wall', '-Wextra', '-Werror', '-pedantic']
  const includes = [`-I${path('build', 'gen', 'include')}`, `-I${path('build', 'gen', 'c')}`]
  execFileSync(compiler, [...strict, ...includes, file, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** What a program prints, as a map of `name value` lines: each expression is printed under its name. */
export function evaluate(
  language: Language,
  include: string | string[],
  values: [string, string][],
): Map<string, number> {
  const program = join(temporaryFolder(), 'test')
  const lines = values.map(([name, value]) => `  printf("%s %llu\\n", "${name}", (unsigned long long)(${value}));`)
  const source = [
    '#include <stddef.h>',
    '#include <stdio.h>',
    ...[include].flat().map((header) => `#include "${header}"`),
    'int main(void) {',
    ...lines,
    '}',
  ]
  compile(language, source.join('\n') + '\n', ['-o', program])
  const printed = execFileSync(program, { encoding: 'utf8' }).trim().split('\n')
  return new Map(
    printed.map((line) => {
      const [name, value] = line.split(' ') as [string, string]
      return [name, Number(value)]
    }),
  )
}
