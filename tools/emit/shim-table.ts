/**
 * Emits the interposer's table of real functions, each with the stand-in that finds it at its first call, the records
 * that hold the arguments of asynchronous ones, and the names and libraries of all.
 */
import { api } from '../../spec/api/index.ts'
import type { ApiFunction } from '../../spec/types.ts'
import { declare, everyHeader, parameterList, prototype } from './acl-headers.ts'
import { failure, give, names } from './calls.ts'
import { banner } from './names.ts'

/** build/gen/shim/real_table.h: pointers to the real functions, and the argument records of asynchronous ones. */
export function emitTableHeader(): string {
  const out = [
    `/* ${banner('spec/api/')} */`,
    '#ifndef FX_REAL_TABLE_H',
    '#define FX_REAL_TABLE_H',
    '',
    ...everyHeader(),
    '#include "api.h"',
    '',
    '/* The real functions. Before its first call each entry is a stand-in that finds it; where no real library has it, the',
    '   stand-in stays, looks again, and answers that the feature is not supported. */',
    'typedef struct fx_real_table {',
    ...api.map((f) => `  ${declare(f.returns, `(*${f.name})(${parameterList(f)})`)};`),
    '} fx_real_table;',
    '',
    'extern fx_real_table fx_real;',
    '',
  ]
  for (const f of api.filter((x) => x.class === 'async')) {
    out.push(`typedef struct fx_args_${f.name} {`, ...f.args.map((a) => `  ${declare(a.type, a.name)};`))
    if (f.op!.waits) out.push(`  ${declare(f.returns, '*fx_result')};`)
    out.push(`} fx_args_${f.name};`, '')
  }
  out.push(
    '/* Runs a held operator by the number of its function; `args` is its record. NULL for what is never held. */',
    'typedef aclError (*fx_exec_fn)(const void *args);',
    'extern const fx_exec_fn fx_exec[FX_API_COUNT];',
    '',
    '/* Functions that make a stream wait for an event. */',
    'extern const _Bool fx_api_waits[FX_API_COUNT];',
    '',
    '#endif',
    '',
  )
  return out.join('\n')
}

const standIn = (f: ApiFunction): string[] => [
  `static ${prototype(f, `lazy_${f.name}`)} {`,
  `  if (fx_real_bind(FX_API_${f.name}, (void **)(void *)&fx_real.${f.name}) == NULL) {`,
  ...f.args.filter((a) => a.name !== '').map((a) => `    (void)${a.name};`),
  `    return${failure(f) === '' ? '' : ` ${failure(f)}`};`,
  '  }',
  `  ${give(f, `fx_real.${f.name}(${names(f)})`)}`,
  '}',
]

/** build/gen/shim/real_table.c: the table, the names, and our own functions by name. */
export function emitTableSource(): string {
  const sorted = [...api].sort((a, b) => (a.name < b.name ? -1 : 1))
  return [
    `/* ${banner('spec/api/')} */`,
    '#include "real_table.h"',
    '#include "boot/real.h"',
    '',
    ...api.flatMap(standIn),
    '',
    'fx_real_table fx_real = {',
    ...api.map((f) => `  .${f.name} = lazy_${f.name},`),
    '};',
    '',
    'const char *const fx_api_names[FX_API_COUNT] = {',
    '  "",',
    ...api.map((f) => `  "${f.name}",`),
    '};',
    '',
    'const char *const fx_api_libraries[FX_API_COUNT] = {',
    '  "",',
    ...api.map((f) => `  "${f.library}",`),
    '};',
    '',
    'uint32_t fx_own_number(const char *name) {',
    '  static const uint16_t sorted[] = {',
    ...sorted.map((f) => `    FX_API_${f.name},`),
    '  };',
    '  size_t low = 0, high = sizeof sorted / sizeof *sorted;',
    '  while (low < high) {',
    '    size_t middle = (low + high) / 2;',
    '    int order = __builtin_strcmp(name, fx_api_names[sorted[middle]]);',
    '    if (order == 0) return sorted[middle];',
    '    if (order < 0) high = middle; else low = middle + 1;',
    '  }',
    '  return 0;',
    '}',
    '',
    'void *fx_own_address(uint32_t api) {',
    '  static void *const own[FX_API_COUNT] = {',
    '    NULL,',
    ...api.map((f) => `    (void *)${f.name},`),
    '  };',
    '  return own[api];',
    '}',
    '',
  ].join('\n')
}
