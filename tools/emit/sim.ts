/** Emits the exported functions of the simulated libascendcl.so: argument checks, the call, and the thread's last error. */
import { api } from '../../spec/api/index.ts'
import type { ApiFunction, Arg } from '../../spec/types.ts'
import { prototype } from './acl-headers.ts'
import { banner } from './names.ts'

const isPointer = (a: Arg): boolean => a.type.endsWith('*') || a.handle !== undefined

/** Arguments that AscendCL refuses with 100000 when they are NULL. */
export const required = (f: ApiFunction): Arg[] => f.args.filter((a) => isPointer(a) && !a.nullable)

/** The text of build/gen/sim/sim_api.h. */
export const emitSimApi = (): string =>
  [
    `/* ${banner('spec/api/')} */`,
    '#ifndef NPU_SIM_API_H',
    '#define NPU_SIM_API_H',
    '',
    '#include "acl/acl.h"',
    '',
    "/* Keeps `error` as the thread's last one; returns it. */",
    'aclError npu_sim_note_error(aclError error);',
    '',
    ...api.map((f) => `${prototype(f, `sim_${f.name}`)};`),
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
  for (const f of api) {
    const call = `sim_${f.name}(${f.args.map((a) => a.name).join(', ')})`
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
    } else out.push(`  return ${call};`)
    out.push('}', '')
  }
  return out.join('\n')
}
