/**
 * Every function of spec/ has the return type and the parameter types that CANN's headers declare; a wrong one would
 * corrupt registers or the stack of a program that was compiled against CANN.
 *
 * prototypes.tsv: the prototypes of AscendCL 1.17.0 (CANN runtime 9.1.0), read from the headers of CANN; only the
 * functions that spec/ has. A function new in spec/ needs its row, taken from CANN's headers and not from spec/.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { api } from '../../spec/api/index.ts'
import { path } from '../../tools/build/steps.ts'

interface Prototype {
  returns: string
  types: string[]
}

/** One spelling for a type: single spaces, stars apart. */
const spelled = (type: string): string => type.replaceAll('*', ' * ').trim().replaceAll(/\s+/g, ' ')

/** The type of `const void *data`. */
const typeOf = (parameter: string): string => spelled(parameter.replace(/\w+\s*$/, ''))

const rows = readFileSync(path('test', 'generated', 'prototypes.tsv'), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
const cann = new Map(
  rows.map((row): [string, Prototype] => {
    const [name = '', returns = '', parameters = ''] = row.split('\t')
    const none = parameters === '' || parameters === 'void'
    return [name, { returns: spelled(returns), types: none ? [] : parameters.split(',').map(typeOf) }]
  }),
)

test('every function has its row', () => {
  const missing = api.map((f) => f.name).filter((name) => !cann.has(name))
  expect(missing, 'prototypes.tsv lacks these: take their rows from the headers of CANN').toEqual([])
})

test('every function is as CANN declares it', () => {
  const ours = api.map((f) => [f.name, { returns: spelled(f.returns), types: f.args.map((a) => spelled(a.type)) }])
  expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(cann))
})
