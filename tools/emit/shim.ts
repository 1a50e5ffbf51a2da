/**
 * Emits the interposer's tables and wrappers: the table of real functions with its lazy resolvers, one wrapper a
 * function by its class, and for each asynchronous function the record that holds its arguments and the call that
 * runs it later. Functions marked `custom` in the spec get only the table and the record.
 */
import { api } from '../../spec/api/index.ts'
import { phaseNames } from '../../spec/phase-names.ts'
import type { ApiFunction } from '../../spec/types.ts'
import { declare, parameterList, prototype } from './acl-headers.ts'
import { banner } from './names.ts'
import { required } from './sim.ts'

const names = (f: ApiFunction): string => f.args.map((a) => a.name).join(', ')
const failure = (f: ApiFunction): string => (f.returns === 'aclError' ? 'ACL_ERROR_RT_FEATURE_NOT_SUPPORT' : '""')

/** build/gen/shim/real_table.h: pointers to the real functions, and the argument records of asynchronous ones. */
function emitTableHeader(): string {
  const out = [
    `/* ${banner('spec/api/')} */`,
    '#ifndef FX_REAL_TABLE_H',
    '#define FX_REAL_TABLE_H',
    '',
    '#include "acl/acl.h"',
    '#include "api.h"',
    '',
    '/* The real functions. Before the first call each entry resolves the table; a function that the real library does',
    '   not have answers that the feature is not supported. */',
    'typedef struct fx_real_table {',
    ...api.map((f) => `  ${declare(f.returns, `(*${f.name})(${parameterList(f)})`)};`),
    '} fx_real_table;',
    '',
    'extern fx_real_table fx_real;',
    '',
  ]
  for (const f of api.filter((x) => x.class === 'async')) {
    out.push(
      `typedef struct fx_args_${f.name} {`,
      ...f.args.map((a) => `  ${declare(a.type, a.name)};`),
      `} fx_args_${f.name};`,
      '',
    )
  }
  out.push(
    '/* Runs a held operator by the number of its function; `args` is its record. NULL for what is never held. */',
    'typedef aclError (*fx_exec_fn)(const void *args);',
    'extern const fx_exec_fn fx_exec[FX_API_COUNT];',
    '',
    '#endif',
    '',
  )
  return out.join('\n')
}

/** build/gen/shim/real_table.c: lazy resolvers, answers for missing functions, and the name table. */
function emitTableSource(): string {
  const out = [`/* ${banner('spec/api/')} */`, '#include "real_table.h"', '#include "boot/real.h"', '']
  for (const f of api) {
    const unused = f.args.map((a) => `(void)${a.name};`).join(' ')
    out.push(
      `static ${prototype(f, `lazy_${f.name}`)} { fx_real_boot(); return fx_real.${f.name}(${names(f)}); }`,
      `static ${prototype(f, `missing_${f.name}`)} { ${unused} fx_real_missing(FX_API_${f.name}); return ${failure(f)}; }`,
    )
  }
  out.push('', 'fx_real_table fx_real = {', ...api.map((f) => `  .${f.name} = lazy_${f.name},`), '};', '')
  out.push('const char *const fx_api_names[FX_API_COUNT] = {', '  "",', ...api.map((f) => `  "${f.name}",`), '};', '')
  out.push('void fx_real_fill(void *(*find)(const char *name)) {', '  fx_real_table t;', '  void *p;')
  for (const f of api)
    out.push(
      `  p = find("${f.name}");`,
      `  if (p) *(void **)(void *)&t.${f.name} = p; else t.${f.name} = missing_${f.name};`,
    )
  out.push('  fx_real = t;', '}', '')
  out.push(
    '/* Our function for a name of the table, or NULL. */',
    'void *fx_own_symbol(const char *name) {',
    '  static const struct { const char *name; void *address; } table[] = {',
    ...[...api].sort((a, b) => (a.name < b.name ? -1 : 1)).map((f) => `    {"${f.name}", (void *)${f.name}},`),
    '  };',
    '  size_t low = 0, high = sizeof table / sizeof *table;',
    '  while (low < high) {',
    '    size_t middle = (low + high) / 2;',
    '    int order = __builtin_strcmp(name, table[middle].name);',
    '    if (order == 0) return table[middle].address;',
    '    if (order < 0) high = middle; else low = middle + 1;',
    '  }',
    '  return NULL;',
    '}',
    '',
  )
  return out.join('\n')
}

function asyncWrapper(f: ApiFunction): string[] {
  const op = f.op!
  const isName = /^[A-Z_]+$/.test(op.opClass)
  const meta = [
    `.api = FX_API_${f.name}`,
    `.op_class = ${isName ? `FLEXNPU_OP_CLASS_${op.opClass}` : op.opClass}`,
    ...(op.bytes ? [`.bytes = ${op.bytes}`] : []),
    ...(op.syncObject ? [`.event = ${op.syncObject}`] : []),
    ...(op.kernel ? [`.function = ${op.kernel}`] : []),
    ...(op.blocks ? [`.blocks = ${op.blocks}`] : []),
    ...(op.argsBytes ? [`.args_bytes = (uint32_t)${op.argsBytes}`] : []),
  ]
  const bad = required(f).filter((a) => a.handle !== 'stream')
  const call = `fx_real.${f.name}(${names(f)})`
  return [
    `  fx_stream *fx_s = fx_stream_of(stream);`,
    `  if (FX_LIKELY(fx_credit_take(fx_s))) return ${call};`,
    ...(bad.length > 0
      ? [`  if (FX_UNLIKELY(${bad.map((a) => `!${a.name}`).join(' || ')})) { fx_drain(fx_s); return ${call}; }`]
      : []),
    `  fx_args_${f.name} fx_a = {${f.args.map((a) => `.${a.name} = ${a.name}`).join(', ')}};`,
    `  fx_op_meta fx_m = {${meta.join(', ')}};`,
    `  return fx_submit(fx_s, &fx_m, &fx_a, sizeof fx_a);`,
  ]
}

function wrapperBody(f: ApiFunction): string[] {
  const call = `fx_real.${f.name}(${names(f)})`
  switch (f.class) {
    case 'async':
      return asyncWrapper(f)
    case 'sync-stream': {
      const timeout = f.args.some((a) => a.name === 'timeout') ? 'timeout' : '-1'
      return [
        '  fx_sync fx_y;',
        `  aclError fx_e = fx_sync_begin(&fx_y, fx_stream_of(stream), ${timeout});`,
        '  if (FX_UNLIKELY(fx_e != ACL_SUCCESS)) return fx_e;',
        `  fx_e = ${call};`,
        '  return fx_sync_end(&fx_y, fx_e);',
      ]
    }
    case 'sync-device':
      return [
        '  fx_sync fx_y;',
        '  aclError fx_e = fx_sync_device_begin(&fx_y);',
        '  if (FX_UNLIKELY(fx_e != ACL_SUCCESS)) return fx_e;',
        `  fx_e = ${call};`,
        '  return fx_sync_device_end(&fx_y, fx_e);',
      ]
    case 'destroy':
      return ['  fx_drain_all();', `  return ${call};`]
    default:
      return [`  return ${call};`]
  }
}

/** build/gen/shim/wrappers.c: every function that is not hand-written, and the calls that run held operators. */
function emitWrappers(): string {
  const out = [
    `/* ${banner('spec/api/')} */`,
    '#include "boot/counters.h"',
    '#include "engine/submit.h"',
    '#include "engine/sync.h"',
    '#include "real_table.h"',
    '#include "stream/stream.h"',
    '',
  ]
  for (const f of api.filter((x) => x.custom === undefined))
    out.push(`FX_EXPORT ${prototype(f)} {`, `  FX_COUNT(${f.name});`, ...wrapperBody(f), '}', '')
  const held = api.filter((f) => f.class === 'async')
  const generic = held.filter((f) => f.custom !== 'api/launch.c')
  for (const f of generic)
    out.push(
      `static aclError exec_${f.name}(const void *args) {`,
      `  const fx_args_${f.name} *a = args;`,
      `  return fx_real.${f.name}(${f.args.map((a) => `a->${a.name}`).join(', ')});`,
      '}',
      '',
    )
  for (const f of held.filter((x) => !generic.includes(x))) out.push(`aclError exec_${f.name}(const void *args);`)
  out.push(
    '',
    'const fx_exec_fn fx_exec[FX_API_COUNT] = {',
    ...held.map((f) => `  [FX_API_${f.name}] = exec_${f.name},`),
    '};',
    '',
  )
  return out.join('\n')
}

/** build/gen/shim/phase_names.h: what kernel names say of their phase. */
const emitPhaseNames = (): string =>
  [
    `/* ${banner('spec/phase-names.ts')} */`,
    '#include "records.h"',
    '',
    'static const struct { const char *contains; uint32_t evidence; } fx_phase_names[] = {',
    ...phaseNames.map((p) => `  {"${p.contains}", FLEXNPU_PHASE_EVIDENCE_${p.evidence}},`),
    '};',
    '',
  ].join('\n')

/** Files by path under build/gen. */
export const emitShim = (): Record<string, string> => ({
  'shim/real_table.h': emitTableHeader(),
  'shim/real_table.c': emitTableSource(),
  'shim/wrappers.c': emitWrappers(),
  'shim/phase_names.h': emitPhaseNames(),
})
