/**
 * Names and values of AscendCL are CANN's, on every machine that programs here run on: a program that was compiled against
 * CANN has them in its code.
 *
 * constants.tsv: enumerators, flags and codes of AscendCL 1.17.0 (CANN runtime 9.1.0) with the header that has them, read
 * from the headers of CANN; structs.tsv as in headers.test.ts.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { path } from '../../tools/build/steps.ts'
import { compile } from './c.ts'

const table = (name: string): [string, string, string][] =>
  readFileSync(path('test', 'generated', name), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((row) => row.split('\t') as [string, string, string])

const constants = table('constants.tsv')
const structs = table('structs.tsv')

const expression = (what: string, of: string): string => {
  if (what === 'align') return `_Alignof(${of})`
  return what === 'size' ? `sizeof(${of})` : `offsetof(${of.replace('.', ', ')})`
}

/** A program whose assertions are the facts. */
function facts(): string {
  const headers = new Set(constants.map(([, , header]) => header))
  return [
    '#include <stddef.h>',
    ...[...headers, 'hccl/hccl.h', 'runtime/rt.h'].map((header) => `#include "${header}"`),
    ...constants.map(([name, value]) => `_Static_assert((${name}) == (${value}), "${name}");`),
    ...structs.map(([what, of, value]) => `_Static_assert(${expression(what, of)} == ${value}, "${what} of ${of}");`),
    '',
  ].join('\n')
}

const aarch64 = 'aarch64-linux-gnu-'

function there(compiler: string): boolean {
  try {
    execFileSync(compiler, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe('the facts hold', () => {
  test('on this machine', () => {
    expect(constants.length).toBeGreaterThan(900)
    expect(() => compile('C11', facts(), ['-fsyntax-only'])).not.toThrow()
  })

  test.skipIf(!there(`${aarch64}gcc`))('on aarch64', () => {
    expect(() => compile('C11', facts(), ['-fsyntax-only'], aarch64)).not.toThrow()
  })
})

test('a wrong fact is noticed', () => {
  const wrong = '#include "acl/acl.h"\n_Static_assert(ACL_MEMCPY_DEVICE_TO_HOST == 3, "wrong");\n'
  expect(() => compile('C11', wrong, ['-fsyntax-only'])).toThrow(/wrong/)
})
