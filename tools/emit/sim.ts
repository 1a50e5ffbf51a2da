/**
 * Emits the exported functions of the simulated libraries: argument checks, the call, and the thread's last error. What
 * is not simulated has a stand-in that says so; npu-sim/acl/ (and npu-sim/nnopbase/) defines the others, which the linker
 * prefers.
 */
import { api } from '../../spec/api/index.ts'
import type { ApiFunction, Arg } from '../../spec/types.ts'
import { declare, everyHeader, prototype } from './acl-headers.ts'
import { failure, fixedArgs, give, names } from './calls.ts'
import { banner } from './names.ts'

const isPointer = (a: Arg): boolean => a.type.endsWith('*') || a.handle !== undefined

/** Arguments that AscendCL refuses with 100000 when they are NULL. */
export const required = (f: ApiFunction): Arg[] => f.args.filter((a) => isPointer(a) && !a.nullable)

/** Libraries that CANN has apart from AscendCL, and so has the simulated NPU; the others are links to libascendcl.so. */
export const simLibraries = ['libhccl.so', 'libnnopbase.so']
const own = api.filter((f) => !simLibraries.includes(f.library))

/** `sim_NAME`, without the dots of a variadic function. */
const simulated = (f: ApiFunction): string =>
  `${declare(f.returns, `sim_${f.name}`)}(${
    fixedArgs(f)
      .map((a) => declare(a.type, a.name))
      .join(', ') || 'void'
  })`

/** The text of build/gen/sim/sim_api.h. */
export const emitSimApi = (): string =>
  [
    `/* ${banner('spec/api/')} */`,
    '#ifndef NPU_SIM_API_H',
    '#define NPU_SIM_API_H',
    '',
    ...everyHeader(),
    '',
    "/* Keeps `error` as the thread's last one; returns it. */",
    'aclError npu_sim_note_error(aclError error);',
    '/* The answer of a function that is not simulated. */',
    'aclError npu_sim_missing(const char *name);',
    '',
    ...own.map((f) => `${simulated(f)};`),
    '',
    '#endif',
    '',
  ].join('\n')

/** The text of build/gen/sim/exports.c. */
export function emitSimExports(): string {
  const out = [
    `/* ${banner('spec/api/')} */`,
    '#include "sim_api.h"',
    '',
    '#define EXPORT __attribute__((visibility("default")))',
    '',
  ]
  for (const f of own) {
    const call = `sim_${f.name}(${names(f)})`
    out.push(`EXPORT ${prototype(f)} {`)
    if (f.returns === 'aclError') {
      const checks = required(f)
      if (checks.length > 0)
        out.push(
          `  if (${checks.map((a) => `!${a.name}`).join(' || ')}) return npu_sim_note_error(ACL_ERROR_INVALID_PARAM);`,
        )
      out.push(`  aclError error = ${call};`)
      /* Asking for the last error is no error of its own. */
      const asks = f.name === 'aclrtGetLastError' || f.name === 'aclrtPeekAtLastError'
      out.push(
        asks
          ? '  return error;'
          : '  return __builtin_expect(error == ACL_SUCCESS, 1) ? error : npu_sim_note_error(error);',
      )
    } else out.push(`  ${give(f, call)}`)
    out.push('}', '')
  }
  return out.join('\n')
}

/** The body of a function that is not simulated. */
function missing(f: ApiFunction, notes: boolean): string[] {
  const value = failure(f)
  const unused = fixedArgs(f).map((a) => `  (void)${a.name};`)
  if (!notes) return [...unused, ...(value === '' ? [] : [`  ${give(f, value)}`])]
  const say = `npu_sim_missing("${f.name}")`
  return [
    ...unused,
    ...(f.returns === 'aclError'
      ? [`  return ${say};`]
      : [`  (void)${say};`, `  return${value === '' ? '' : ` ${value}`};`]),
  ]
}

/** The text of build/gen/sim/stand_ins.c: every function, for those that npu-sim/acl/ does not define. */
export const emitSimStandIns = (): string =>
  [
    `/* ${banner('spec/api/')} */`,
    '#include "sim_api.h"',
    '',
    '#define STAND_IN __attribute__((weak))',
    '',
    ...own.map((f) => [`STAND_IN ${simulated(f)} {`, missing(f, true).join('\n'), '}', ''].join('\n')),
  ].join('\n')

/** Its header, `sim/NAME.h`, and its file, `sim/NAME.c`, which holds the stand-ins too: it is linked by itself. */
const apart = (library: string): [path: string, text: string][] => {
  const name = library.replace(/\.so$/, '')
  const guard = `NPU_SIM_${name.toUpperCase()}_H`
  const functions = api.filter((f) => f.library === library)
  const header = [
    `/* ${banner('spec/api/')} */`,
    `#ifndef ${guard}`,
    `#define ${guard}`,
    '',
    ...everyHeader(),
    '',
    ...functions.map((f) => `${simulated(f)};`),
    '',
    '#endif',
    '',
  ]
  const file = [
    `/* ${banner('spec/api/')} */`,
    `#include "${name}.h"`,
    '',
    '#define EXPORT __attribute__((visibility("default")))',
    '#define STAND_IN __attribute__((weak))',
    '',
    ...functions.flatMap((f) => [
      [`STAND_IN ${simulated(f)} {`, missing(f, false).join('\n'), '}', ''].join('\n'),
      [`EXPORT ${prototype(f)} {`, `  ${give(f, `sim_${f.name}(${names(f)})`)}`, '}', ''].join('\n'),
    ]),
  ]
  return [
    [`sim/${name}.h`, header.join('\n')],
    [`sim/${name}.c`, file.join('\n')],
  ]
}

/** The simulated libraries beside AscendCL's by the names of their files under build/gen. */
export const emitSimLibraries = (): Record<string, string> => Object.fromEntries(simLibraries.flatMap(apart))
