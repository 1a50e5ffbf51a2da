/** Emits our own declarations of AscendCL (acl/acl.h, acl/acl_rt.h), against which programs here are compiled. */
import { api } from '../../spec/api/index.ts'
import { cEnums, cStructs, errorCodes, flagConstants, hostFunctions, opaqueHandles } from '../../spec/constants.ts'
import type { ApiFunction } from '../../spec/types.ts'
import { banner } from './names.ts'

/** `type name`, with the star where C programmers expect it. */
export const declare = (type: string, name: string): string =>
  type.endsWith('*') ? `${type}${name}` : `${type} ${name}`

/** The arguments of a function as a C parameter list. */
export const parameterList = (f: ApiFunction): string =>
  f.args.length === 0 ? 'void' : f.args.map((a) => declare(a.type, a.name)).join(', ')

/** The prototype of a function under the given name. */
export const prototype = (f: ApiFunction, name = f.name): string => `${declare(f.returns, name)}(${parameterList(f)})`

const guard = (name: string, body: string[]): string =>
  [`/* ${banner('spec/')} */`, `#ifndef ${name}`, `#define ${name}`, '', ...body, '', '#endif', ''].join('\n')

const externC = (body: string[]): string[] => [
  '#ifdef __cplusplus',
  'extern "C" {',
  '#endif',
  '',
  ...body,
  '',
  '#ifdef __cplusplus',
  '}',
  '#endif',
]

/** Types, constants and structures that both headers need. */
function emitBase(): string {
  const body = ['#include <stddef.h>', '#include <stdint.h>', '', 'typedef int aclError;', '']
  for (const h of opaqueHandles) body.push(`typedef void *${h};`)
  for (const [type, argument] of Object.entries(hostFunctions)) body.push(`typedef void (*${type})(void *${argument});`)
  body.push('')
  for (const [name, value] of Object.entries(errorCodes)) body.push(`#define ${name} ${value}`)
  body.push('')
  for (const [name, value] of Object.entries(flagConstants)) body.push(`#define ${name} 0x${value.toString(16)}u`)
  for (const [name, values] of Object.entries(cEnums)) {
    body.push('', `typedef enum ${name} {`, ...Object.entries(values).map(([k, v]) => `  ${k} = ${v},`), `} ${name};`)
  }
  for (const s of cStructs) {
    body.push('', `typedef ${s.kind} ${s.name} {`, ...s.members.map((m) => `  ${m};`), `} ${s.name};`)
    body.push('#ifndef __cplusplus', `_Static_assert(sizeof(${s.name}) == ${s.bytes}, "${s.name}");`, '#endif')
  }
  return guard('FLEXNPU_ACL_BASE_RT_H', body)
}

const functions = (header: ApiFunction['header']): string[] =>
  api.filter((f) => f.header === header).flatMap((f) => [`/* ${f.doc} */`, `${prototype(f)};`])

/** Files by path under build/gen/include. */
export function emitAclHeaders(): Record<string, string> {
  return {
    'acl/acl_base_rt.h': emitBase(),
    'acl/acl_base.h': guard('FLEXNPU_ACL_BASE_H', ['#include "acl/acl_base_rt.h"']),
    'acl/acl_rt.h': guard('FLEXNPU_ACL_RT_H', [
      '#include "acl/acl_base_rt.h"',
      '',
      ...externC(functions('acl/acl_rt.h')),
    ]),
    'acl/acl.h': guard('FLEXNPU_ACL_H', [
      '#include "acl/acl_base.h"',
      '#include "acl/acl_rt.h"',
      '',
      ...externC(functions('acl/acl.h')),
    ]),
  }
}
