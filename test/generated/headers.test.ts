/**
 * Programs are compiled against build/gen/include in place of CANN's headers: each header stands alone, in C and in
 * C++, and its structures have the layout of CANN.
 *
 * structs.tsv: size, alignment and offsets in AscendCL 1.17.0 (CANN runtime 9.1.0), measured with the headers of CANN.
 */
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cStructs } from '../../spec/constants.ts'
import { filesBelow, path } from '../../tools/build/steps.ts'
import { compile, evaluate, type Language } from './c.ts'

const include = path('build', 'gen', 'include')
const headers = filesBelow(include).map((file) => relative(include, file))
/** Every header that declares structures, as one line of includes. */
const everything = [
  'acl/acl.h',
  'acl/acl_rt_memory_soma.h',
  'acl/acl_prof.h',
  'acl/acl_dump.h',
  'hccl/hccl.h',
  'runtime/rt.h',
]
const languages: Language[] = ['C11', 'C++17']

describe.each(languages)('%s', (language) => {
  test.each(headers)('%s compiles alone', (header) => {
    expect(() => compile(language, `#include "${header}"\n`, ['-fsyntax-only'])).not.toThrow()
  })

  test('structures have the sizes that spec/ says', () => {
    const found = evaluate(
      language,
      everything,
      cStructs.map((s) => [s.name, `sizeof(${s.name})`]),
    )
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(cStructs.map((s) => [s.name, s.bytes])))
  })

  test('structures have the layout of CANN', () => {
    const rows = readFileSync(path('test', 'generated', 'structs.tsv'), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
    const expected = rows.map((row) => row.split('\t') as [string, string, string])
    const expression = (what: string, of: string): string => {
      if (what === 'align') return language === 'C11' ? `_Alignof(${of})` : `alignof(${of})`
      return what === 'size' ? `sizeof(${of})` : `offsetof(${of.replace('.', ', ')})`
    }
    const found = evaluate(
      language,
      everything,
      expected.map(([what, of]) => [`${what}:${of}`, expression(what, of)]),
    )
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(expected.map(([what, of, value]) => [`${what}:${of}`, Number(value)])),
    )
  })
})

test('there are headers', () => expect(headers).toContain('acl/acl.h'))
