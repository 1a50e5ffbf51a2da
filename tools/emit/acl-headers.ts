/** Emits our own declarations of AscendCL, header by header as CANN has them, against which programs here are compiled. */
import { api } from '../../spec/api/index.ts'
import { headers } from '../../spec/headers/index.ts'
import type { Header } from '../../spec/headers/types.ts'
import type { ApiFunction } from '../../spec/types.ts'
import { banner } from './names.ts'

/** `type name`, with the star where C programmers expect it, or the name inside of the type (`@`). */
export const declare = (type: string, name: string): string => {
  if (type.includes('@')) return type.replace('@', name)
  if (name === '') return type
  return type.endsWith('*') ? `${type}${name}` : `${type} ${name}`
}

/** The arguments of a function as a C parameter list. */
export const parameterList = (f: ApiFunction): string =>
  f.args.length === 0 ? 'void' : f.args.map((a) => declare(a.type, a.name)).join(', ')

/** The prototype of a function under the given name. */
export const prototype = (f: ApiFunction, name = f.name): string => `${declare(f.returns, name)}(${parameterList(f)})`

const externC = (body: string[]): string[] =>
  body.length === 0
    ? []
    : ['#ifdef __cplusplus', 'extern "C" {', '#endif', '', ...body, '', '#ifdef __cplusplus', '}', '#endif']

/** dim3 has defaults in C++, as programs expect of it. */
const more: Record<string, string[]> = {
  dim3: [
    '#ifdef __cplusplus',
    '  constexpr dim3(uint32_t vx = 1, uint32_t vy = 1, uint32_t vz = 1) : x(vx), y(vy), z(vz) {}',
    '#endif',
  ],
}

function types(h: Header): string[] {
  const out: string[] = []
  for (const [name, type] of Object.entries(h.plain ?? {})) out.push(`typedef ${declare(type, name)};`)
  for (const name of h.handles ?? []) out.push(`typedef void *${name};`)
  for (const name of h.opaque ?? []) out.push(`typedef struct ${name.includes(' ') ? name : `${name} ${name}`};`)
  for (const [name, value] of Object.entries(h.codes ?? {})) out.push(`#define ${name} ${value}`)
  for (const [name, value] of Object.entries(h.constants ?? {})) out.push(`#define ${name} ${value}`)
  for (const [name, values] of Object.entries(h.enums ?? {}))
    out.push('', `typedef enum ${name} {`, ...Object.entries(values).map(([k, v]) => `  ${k} = ${v},`), `} ${name};`)
  for (const s of h.structs ?? []) {
    out.push('', `typedef ${s.kind} ${s.name} {`, ...s.members.map((m) => `  ${m};`), ...(more[s.name] ?? []))
    out.push(`} ${s.name};`, '#ifdef __cplusplus', `static_assert(sizeof(${s.name}) == ${s.bytes}, "${s.name}");`)
    out.push('#else', `_Static_assert(sizeof(${s.name}) == ${s.bytes}, "${s.name}");`, '#endif')
  }
  if (h.callbacks !== undefined) out.push('')
  for (const [name, type] of Object.entries(h.callbacks ?? {})) out.push(`typedef ${declare(type, name)};`)
  return out
}

function emitHeader(h: Header): string {
  const guard = `FLEXNPU_${h.path.replaceAll(/\W/g, '_').toUpperCase()}`
  const functions = api.filter((f) => f.header === h.path).flatMap((f) => [`/* ${f.doc} */`, `${prototype(f)};`])
  const includes = h.includes.map((path) => (path.includes('/') ? `#include "${path}"` : `#include <${path}>`))
  const body = externC([...types(h), ...(functions.length > 0 ? [''] : []), ...functions, ...(h.inline ?? [])])
  const lines = [`/* ${banner('spec/')} */`, `#ifndef ${guard}`, `#define ${guard}`, '', ...includes, '', ...body]
  return [...lines, '', '#endif', ''].join('\n')
}

/** Files by path under build/gen/include. */
export function emitAclHeaders(): Record<string, string> {
  const unknown = api.find((f) => !headers.some((h) => h.path === f.header))
  if (unknown !== undefined) throw new Error(`${unknown.name}: spec/headers/ has no ${unknown.header}`)
  return Object.fromEntries(headers.map((h) => [h.path, emitHeader(h)]))
}

/** Every header that declares functions of spec/api/, to be included by generated C. */
export const everyHeader = (): string[] => {
  const declaring = new Set(api.map((f) => f.header))
  return headers.filter((h) => declaring.has(h.path)).map((h) => `#include "${h.path}"`)
}
