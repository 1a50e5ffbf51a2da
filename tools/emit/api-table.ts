/** Emits the numbers and names of the AscendCL functions, for C and for TypeScript. */
import { api } from '../../spec/api/index.ts'
import { drained } from './calls.ts'
import { banner } from './names.ts'

/** The text of build/gen/c/api.h: one enumerator a function, and a list macro of all. */
export const emitApiC = (): string =>
  [
    `/* ${banner('spec/api/')} */`,
    '#ifndef FLEXNPU_API_H',
    '#define FLEXNPU_API_H',
    '',
    '/* Numbers of the functions; 0 is none. */',
    'enum {',
    ...api.map((f) => `  FX_API_${f.name} = ${f.id},`),
    `  FX_API_COUNT = ${api.length + 1}`,
    '};',
    '',
    '/* X(name) for every function, in the order of the numbers. */',
    `#define FX_API_LIST(X) ${api.map((f) => `X(${f.name})`).join(' ')}`,
    '',
    '#endif',
    '',
  ].join('\n')

/** The text of build/gen/ts/api.ts: each function's number, class and arguments. */
export const emitApiTs = (): string =>
  [
    `// ${banner('spec/api/')}`,
    '',
    '/** What is known of one AscendCL function. */',
    'export interface ApiEntry {',
    '  id: number',
    '  name: string',
    '  class: string',
    '  args: { name: string; type: string; dir: string }[]',
    '  sideEffects: boolean',
    '  /** What its stream has queued goes first. */',
    '  drains: boolean',
    '}',
    '',
    '/** By number; index 0 is none. */',
    'export const apiTable: (ApiEntry | undefined)[] = [',
    '  undefined,',
    ...api.map(
      (f) =>
        `  ${JSON.stringify({ id: f.id, name: f.name, class: f.class, args: f.args.map(({ name, type, dir }) => ({ name, type, dir })), sideEffects: f.sideEffects, drains: drained(f).length > 0 })},`,
    ),
    ']',
    '',
    '/** Number of a function by its name. */',
    'export const ApiId: Record<string, number> = {',
    ...api.map((f) => `  ${f.name}: ${f.id},`),
    '}',
    '',
  ].join('\n')
