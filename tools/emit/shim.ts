/**
 * Emits the interposer's wrappers: one a function by its class, and for each asynchronous function the call that runs it
 * later. Functions marked `custom` in the spec are written by hand and get only the later call.
 */
import { api } from '../../spec/api/index.ts'
import { phaseNames } from '../../spec/phase-names.ts'
import type { ApiFunction, Arg } from '../../spec/types.ts'
import { declare, prototype } from './acl-headers.ts'
import { drained, give, names, streamOf, streamsOf, within } from './calls.ts'
import { banner } from './names.ts'
import { emitTableHeader, emitTableSource } from './shim-table.ts'
import { required } from './sim.ts'

/** Operators that their own file of host-shim/ runs later. */
const runByHand = (f: ApiFunction): boolean =>
  ['api/launch.c', 'api/rt_launch.c', 'api/outside.c'].includes(f.custom ?? '')

const call = (f: ApiFunction): string => `fx_real.${f.name}(${names(f)})`
const isCollective = (f: ApiFunction): boolean => f.op?.opClass === 'COLLECTIVE'
const copied = (f: ApiFunction): Arg[] => f.args.filter((a) => a.copy !== undefined)
/** Functions with codes of their own: the code of the latest one that ran on a thread is kept there. */
const foreign = (f: ApiFunction): boolean => f.returns === 'HcclResult'

/** The real call at once; what it calls of AscendCL belongs to it. */
const direct = (f: ApiFunction): string =>
  f.composite ? `({ fx_inside++; ${f.returns} fx_r = ${call(f)}; fx_inside--; fx_r; })` : call(f)

function meta(f: ApiFunction): string {
  const op = f.op!
  const isName = /^[A-Z0-9_]+$/.test(op.opClass)
  return [
    `.api = FX_API_${f.name}`,
    `.op_class = ${isName ? `FLEXNPU_OP_CLASS_${op.opClass}` : op.opClass}`,
    ...(op.bytes ? [`.bytes = ${op.bytes}`] : []),
    ...(op.syncObject ? [`.event = ${op.syncObject}`] : []),
    ...(op.kernel ? [`.function = ${op.kernel}`] : []),
    ...(op.blocks ? [`.blocks = ${op.blocks}`] : []),
    ...(op.argsBytes ? [`.args_bytes = (uint32_t)${op.argsBytes}`] : []),
  ].join(', ')
}

/** When an operator is not queued: it is wrong, or would not be asynchronous. Then it goes at once, in its turn. */
function never(f: ApiFunction): string[] {
  const missing = required(f).filter((a) => a.handle !== 'stream')
  const copy = f.op!.copy
  return [
    ...missing.map((a) => `!${a.name}`),
    ...(isCollective(f) ? ['fx_collective_grouped()'] : []),
    ...(copy === undefined
      ? []
      : [`!fx_copy_queues(${copy.dst}, ${copy.dstBytes}, ${copy.src}, ${copy.srcBytes}, ${copy.kind})`]),
  ]
}

function asyncWrapper(f: ApiFunction): string[] {
  const stream = streamOf(f)!
  const others = streamsOf(f).filter((a) => a !== stream)
  const conditions = never(f)
  const waits = f.op!.waits
  const fields = f.args.map((a) => `.${a.name} = ${a.name}`)
  const out = [
    ...others.map((a) => `  fx_drain(fx_stream_of(${a.name}));`),
    `  fx_stream *fx_s = fx_stream_of(${stream.name});`,
    `  if (FX_LIKELY(fx_credit_take(fx_s))) return ${direct(f)};`,
    ...(conditions.length > 0
      ? [`  if (FX_UNLIKELY(${conditions.join(' || ')})) { fx_drain(fx_s); return ${direct(f)}; }`]
      : []),
    ...(waits ? [`  ${f.returns} fx_result = (${f.returns})ACL_ERROR_RT_STREAM_ABORT;`] : []),
    `  fx_args_${f.name} fx_a = {${[...fields, ...(waits ? ['.fx_result = &fx_result'] : [])].join(', ')}};`,
    `  fx_op_meta fx_m = {${meta(f)}};`,
  ]
  if (waits)
    return [
      ...out,
      '  aclError fx_e = fx_submit(fx_s, &fx_m, &fx_a, sizeof fx_a);',
      '  if (fx_e != ACL_SUCCESS) return (' + f.returns + ')fx_e;',
      '  fx_drain(fx_s);',
      '  return fx_result;',
    ]
  const copies = copied(f)
  if (copies.length > 0)
    out.push(
      '  fx_pack fx_p;',
      '  fx_pack_begin(&fx_p);',
      '  (void)fx_pack_add(&fx_p, &fx_a, sizeof fx_a);',
      ...copies.map((a) => `  if (${a.name} != NULL) (void)fx_pack_add(&fx_p, ${a.name}, ${a.copy});`),
    )
  const submit =
    copies.length > 0 ? 'fx_submit_packed(fx_s, &fx_m, &fx_p)' : 'fx_submit(fx_s, &fx_m, &fx_a, sizeof fx_a)'
  if (!foreign(f)) return [...out, `  return ${submit};`]
  return [
    ...out,
    '  fx_code = HCCL_E_MEMORY;',
    `  return ${submit} == ACL_SUCCESS ? HCCL_SUCCESS : (${f.returns})fx_code;`,
  ]
}

function wrapperBody(f: ApiFunction): string[] {
  switch (f.class) {
    case 'async':
      return asyncWrapper(f)
    case 'sync-stream': {
      const timeout = f.args.some((a) => a.name === 'timeout') ? 'timeout' : '-1'
      return [
        '  fx_sync fx_y;',
        `  ${f.returns} fx_e = fx_sync_begin(&fx_y, fx_stream_of(${streamOf(f)!.name}), ${timeout});`,
        '  if (FX_UNLIKELY(fx_e != ACL_SUCCESS)) return fx_e;',
        `  fx_e = ${direct(f)};`,
        '  return fx_sync_end(&fx_y, fx_e);',
      ]
    }
    case 'sync-device':
      return [
        '  fx_sync fx_y;',
        '  aclError fx_e = fx_sync_device_begin(&fx_y);',
        '  if (FX_UNLIKELY(fx_e != ACL_SUCCESS)) return fx_e;',
        `  fx_e = ${direct(f)};`,
        '  return fx_sync_device_end(&fx_y, fx_e);',
      ]
    case 'destroy':
      return ['  fx_drain_all();', `  ${give(f, direct(f))}`]
    default:
      return [
        ...(f.drainAll ? ['  fx_drain_all();'] : drained(f).map((a) => `  fx_drain(fx_stream_of(${a.name}));`)),
        `  ${give(f, direct(f))}`,
      ]
  }
}

/** The runtime below AscendCL is also called by AscendCL itself, on behalf of a call that was seen. */
const passed = (f: ApiFunction): string[] =>
  f.library === 'libruntime.so' ? [`  if (FX_FROM_BELOW()) return ${call(f)};`] : []

function later(f: ApiFunction): string[] {
  const copies = copied(f)
  const out = [`static aclError exec_${f.name}(const void *fx_held) {`]
  const locals = copies.flatMap((a) => [
    `  ${declare(a.type, a.name)} = fx_a->${a.name};`,
    `  if (${a.name} != NULL) ${a.name} = fx_unpack_next(&fx_u, ${sizeWithin(f, a)});`,
  ])
  out.push(
    ...(copies.length > 0
      ? [
          '  fx_unpack fx_u = {.at = (uint8_t *)(uintptr_t)fx_held};',
          `  const fx_args_${f.name} *fx_a = fx_unpack_next(&fx_u, sizeof *fx_a);`,
        ]
      : [`  const fx_args_${f.name} *fx_a = fx_held;`]),
    ...locals,
  )
  const passedOn = f.args.map((a) => (copies.includes(a) ? a.name : `fx_a->${a.name}`)).join(', ')
  const plain = `fx_real.${f.name}(${passedOn})`
  if (!f.composite && !f.op!.waits && !foreign(f)) return [...out, `  return ${plain};`, '}', '']
  if (f.composite) out.push('  fx_inside++;')
  out.push(`  ${f.returns} fx_r = ${plain};`)
  if (f.composite) out.push('  fx_inside--;')
  if (f.op!.waits) out.push('  *fx_a->fx_result = fx_r; /* the caller waits for it */', '  return ACL_SUCCESS;')
  else if (foreign(f))
    out.push('  fx_code = (int)fx_r;', '  return fx_r == HCCL_SUCCESS ? ACL_SUCCESS : ACL_ERROR_RT_INTERNAL_ERROR;')
  else out.push('  return fx_r;')
  return [...out, '}', '']
}

/** The size of a copy, where the other arguments are members of the record. */
const sizeWithin = (f: ApiFunction, a: Arg): string =>
  within({ ...f, args: f.args.filter((other) => other !== a) }, a.copy!, 'fx_a')

/** build/gen/shim/wrappers.c: every function that is not hand-written, and the calls that run held operators. */
function emitWrappers(): string {
  const out = [
    `/* ${banner('spec/api/')} */`,
    '#include "api/collective.h"',
    '#include "api/copy.h"',
    '#include "api/packed.h"',
    '#include "boot/counters.h"',
    '#include "boot/origin.h"',
    '#include "engine/inside.h"',
    '#include "engine/submit.h"',
    '#include "engine/sync.h"',
    '#include "kernel/functions.h"',
    '#include "real_table.h"',
    '#include "stream/stream.h"',
    '',
  ]
  for (const f of api.filter((x) => x.custom === undefined))
    out.push(`FX_EXPORT ${prototype(f)} {`, ...passed(f), `  FX_COUNT(${f.name});`, ...wrapperBody(f), '}', '')
  const held = api.filter((f) => f.class === 'async')
  for (const f of held.filter((x) => !runByHand(x))) out.push(...later(f))
  for (const f of held.filter(runByHand)) out.push(`aclError exec_${f.name}(const void *args);`)
  out.push(
    '',
    'const fx_exec_fn fx_exec[FX_API_COUNT] = {',
    ...held.map((f) => `  [FX_API_${f.name}] = exec_${f.name},`),
    '};',
    '',
    'const _Bool fx_api_waits[FX_API_COUNT] = {',
    ...held.filter((f) => f.op!.opClass === 'EVENT_WAIT').map((f) => `  [FX_API_${f.name}] = 1,`),
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
