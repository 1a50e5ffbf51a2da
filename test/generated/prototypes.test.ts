/**
 * Every function of spec/ has the return type and the parameter types that CANN's headers declare; a wrong one would
 * corrupt registers or the stack of a program that was compiled against CANN.
 *
 * prototypes.tsv: the prototypes of AscendCL 1.17.0 (CANN runtime 9.1.0), of HCCL, of aclnn's operands and of the rt*
 * functions that libraries call directly, read from the headers of CANN. A function new in spec/ needs its row, taken
 * from CANN's headers and not from spec/.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { api } from '../../spec/api/index.ts'
import { path } from '../../tools/build/steps.ts'

interface Prototype {
  returns: string
  types: string[]
}

/** One spelling for a type: single spaces, stars apart; const of a parameter itself is no part of its function's type. */
const spelled = (type: string): string =>
  type
    .replaceAll('*', ' * ')
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replace(/ const$/, '')
    .replace(/^const (?=[^*]*$)/, '')

/** The type of `const void *data`; an array is the pointer that it is as a parameter. */
function typeOf(parameter: string): string {
  const inner = /^(.*)\(\s*\*(?: const)? \w+\)(\(.*\))$/.exec(parameter)
  if (inner !== null) return spelled(`${inner[1]}(@)${inner[2]}`)
  const array = /^(.*?)\w+\[\](\[\d+\])?$/.exec(parameter)
  if (array !== null) return array[2] === undefined ? spelled(`${array[1]} *`) : spelled(`${array[1]}(@)${array[2]}`)
  return parameter === '...' ? '...' : spelled(parameter.replace(/\w+\s*$/, ''))
}

/** A list of parameters at its own commas, not those of a function that is a parameter. */
const parametersOf = (list: string): string[] => list.split(/,\s*(?![^(]*\))/)

const rows = readFileSync(path('test', 'generated', 'prototypes.tsv'), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
const cann = new Map(
  rows.map((row): [string, Prototype] => {
    const [name = '', returns = '', parameters = ''] = row.split('\t')
    const none = parameters === '' || parameters === 'void'
    return [name, { returns: spelled(returns), types: none ? [] : parametersOf(parameters).map(typeOf) }]
  }),
)

test('every function has its row', () => {
  const missing = api.map((f) => f.name).filter((name) => !cann.has(name))
  expect(missing, 'prototypes.tsv lacks these: take their rows from the headers of CANN').toEqual([])
})

test('every function is as CANN declares it', () => {
  const ours = api.map((f) => [
    f.name,
    { returns: spelled(f.returns), types: f.args.map((a) => spelled(a.type.replace('(*@)', '(@)'))) },
  ])
  expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(cann))
})
