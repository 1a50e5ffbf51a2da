/**
 * Emits the client of daemon mode: for every function that is not hand-written in host-shim/remote/, the call that packs
 * its arguments, waits for the answer and unpacks it, or, where it is asynchronous, the record that it becomes; and the
 * table of all of them by name. docs/daemon.md states the packing.
 */
import { api } from '../../spec/api/index.ts'
import { cEnums, cStructs, opaqueHandles } from '../../spec/constants.ts'
import type { ApiFunction, Arg } from '../../spec/types.ts'
import { everyHeader, prototype } from './acl-headers.ts'
import { failure, give } from './calls.ts'
import { banner } from './names.ts'
import { required } from './sim.ts'

export const pointee = (a: Arg): string => a.type.replace(/\s*\*$/, '').replace(/^const /, '')
const isPointer = (a: Arg): boolean => a.type.endsWith('*')
const isHandleType = (type: string): boolean => opaqueHandles.includes(type.replace(/^const /, ''))
const isAddress = (type: string): boolean => type.endsWith('*') || isHandleType(type)

/** A structure without pointers, which is the same in the daemon. */
const isFlat = (type: string): boolean =>
  cStructs.some((s) => s.name === type && !s.members.some((m) => m.includes('*')))

/** Whether the argument is a structure that the callee fills. */
export const fillsStructure = (a: Arg): boolean => a.dir === 'out' && a.bytes === undefined && isFlat(pointee(a))

/** Bytes of a buffer that the callee fills; undefined for a value. */
export const bytesOf = (a: Arg): string | undefined =>
  a.bytes ?? (fillsStructure(a) ? `sizeof(${pointee(a)})` : undefined)

/** How an argument travels. */
type Way = 'value' | 'text' | 'structure' | 'output' | 'buffer'

export function wayOf(f: ApiFunction, a: Arg): Way {
  if (a.address || a.handle === 'device-ptr' || !isPointer(a)) {
    if (!(a.dir === 'out' && isPointer(a)) || a.address) return 'value'
  }
  if (a.text) return 'text'
  if (a.dir === 'in' && isFlat(pointee(a))) return 'structure'
  if (a.dir === 'in' && a.nullable && a.type === 'void *') return 'value'
  if (a.dir === 'out') return bytesOf(a) === undefined ? 'output' : 'buffer'
  throw new Error(`${f.name}: argument ${a.name} has no way to travel; name a file in 'remote' or give it a role`)
}

/** A value as 8 bytes, zero-extended. */
function asWord(type: string, name: string): string {
  if (isAddress(type)) return `(uint64_t)(uintptr_t)${name}`
  if (type === 'size_t' || type === 'uint64_t') return name
  if (type === 'uint32_t' || type === 'int32_t' || type in cEnums) return `(uint32_t)${name}`
  if (type === 'int64_t') return `(uint64_t)${name}`
  throw new Error(`no packing of a value of type ${type}`)
}

/** The word `w` as the type of an output. */
function fromWord(type: string): string {
  if (isAddress(type)) return `(${type})(uintptr_t)fx_call_take(&c)`
  if (type === 'float') return 'fx_call_take_float(&c)'
  if (['size_t', 'uint64_t', 'int64_t', 'uint32_t', 'int32_t'].includes(type) || type in cEnums)
    return `(${type})fx_call_take(&c)`
  throw new Error(`no unpacking of an output of type ${type}`)
}

/** The stream that it is work of; others it only names. */
const streamOf = (f: ApiFunction): Arg | undefined => f.args.findLast((a) => a.handle === 'stream' && !isPointer(a))
const eventOf = (f: ApiFunction): Arg | undefined => f.args.find((a) => a.handle === 'event' && !isPointer(a))
const number = (a: Arg | undefined): string => (a === undefined ? 'FLEXNPU_NONE' : `fx_handle_number(${a.name})`)

/** NULL for the stream is the default stream of the current context. */
const defaultStream = (f: ApiFunction): string[] => {
  const s = streamOf(f)
  return s?.nullable
    ? [`  if (${s.name} == NULL && (fx_e = fx_default_stream(&${s.name})) != ACL_SUCCESS) return fx_e;`]
    : []
}

/** Functions that make or use what belongs to a context; the others answer without one, too. */
export const needsContext = (f: ApiFunction): boolean =>
  f.class === 'sync-device' ||
  f.class === 'sync' ||
  /^aclrt(Malloc(?!Host)|Create(Stream|Event|Notify)|CntNotifyCreate|Ctx[GS]et|[GS]etDeviceSatMode|GetHardware)/.test(
    f.name,
  ) ||
  /^aclrt(GetResIn|GetStreamAvailable|GetEventAvail|DeviceGetStreamPriority|NotifyBatch|IpcOpenEvent)/.test(f.name)

/** What a call refuses before it goes to the daemon: handles that are NULL, no context, streams of another one. */
function refusals(f: ApiFunction): string[] {
  const nothing = required(f).filter((a) => a.handle !== 'stream' || isPointer(a) || f.class === 'destroy')
  return [
    ...(nothing.length > 0
      ? [`  if (${nothing.map((a) => `${a.name} == NULL`).join(' || ')}) return fx_remote_no_handle(NULL, "handle");`]
      : []),
    ...(needsContext(f) ? ['  if ((fx_e = fx_context_check()) != ACL_SUCCESS) return fx_e;'] : []),
    ...(f.class === 'sync-stream'
      ? [`  if ((fx_e = fx_stream_resolve(&${streamOf(f)!.name})) != ACL_SUCCESS) return fx_e;`]
      : f.class === 'destroy'
        ? []
        : defaultStream(f)),
  ]
}

function call(f: ApiFunction): string[] {
  const ways = f.args.map((a) => ({ a, way: wayOf(f, a) }))
  const sizes = ways.map(({ a, way }) => {
    if (way === 'text') return `fx_packed_text_bytes(${a.name})`
    if (way === 'structure') return `fx_packed_bytes(${a.name}, sizeof *${a.name})`
    return '8u'
  })
  const fixed = sizes.filter((s) => s === '8u').length * 8
  const size = [`${fixed}u`, ...sizes.filter((s) => s !== '8u')].join(' + ')
  const out = ['  aclError fx_e = ACL_SUCCESS;', ...refusals(f), '  fx_call c;']
  out.push(`  if ((fx_e = fx_call_open(&c, FX_API_${f.name}, ${size})) != ACL_SUCCESS) return fx_e;`)
  for (const { a, way } of ways) {
    if (way === 'value') out.push(`  fx_call_put(&c, ${asWord(a.type, a.name)});`)
    else if (way === 'text') out.push(`  fx_call_put_text(&c, ${a.name});`)
    else if (way === 'structure') out.push(`  fx_call_put_bytes(&c, ${a.name}, sizeof *${a.name});`)
    else if (way === 'output') out.push(`  fx_call_put(&c, ${a.name} != NULL);`)
    else out.push(`  fx_call_put(&c, ${a.name} != NULL ? ${bytesOf(a)} : 0);`)
  }
  out.push(
    `  if ((fx_e = fx_call_answer(&c, ${number(streamOf(f))}, ${number(eventOf(f))})) != ACL_SUCCESS) return fx_e;`,
  )
  for (const { a, way } of ways) {
    if (way === 'output') out.push(`  if (${a.name} != NULL) *${a.name} = ${fromWord(pointee(a))};`)
    if (way === 'buffer') out.push(`  fx_call_take_bytes(&c, ${a.name}, ${bytesOf(a)});`)
  }
  out.push('  return fx_call_close(&c);')
  return out
}

/** Device memory that the function touches: the client has to hold it. */
export const namesMemory = (a: Arg): boolean => a.handle === 'device-ptr' && a.bytes !== undefined && a.dir === 'in'

/** Structures that an operator takes along. */
export const takenAlong = (f: ApiFunction): Arg[] => f.args.filter((a) => a.copy !== undefined)

/** The object by which streams wait for one another; one in memory has no number. */
const objectOf = (f: ApiFunction): string | undefined =>
  f.args.find((a) => a.name === f.op!.syncObject)?.handle === 'device-ptr' ? undefined : f.op!.syncObject

const checks = (f: ApiFunction): string[] => {
  const nothing = required(f).filter((a) => a.handle !== 'stream')
  const handles = f.args.filter((a) => a.handle !== undefined && isHandleType(a.type))
  const memory = f.args.filter(namesMemory)
  return [
    ...(nothing.length > 0
      ? [
          `  if (${nothing.map((a) => `${a.name} == NULL`).join(' || ')}) return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "a required pointer is NULL");`,
        ]
      : []),
    ...handles.map((a) => {
      if (a.handle === 'stream' && a.nullable && a !== streamOf(f))
        return `  if (${a.name} != NULL && (fx_e = fx_stream_resolve(&${a.name})) != ACL_SUCCESS) return fx_e;`
      if (a.handle === 'stream') return `  if ((fx_e = fx_stream_resolve(&${a.name})) != ACL_SUCCESS) return fx_e;`
      if (a.handle === 'notify') return `  if ((fx_e = fx_notify_check(${a.name})) != ACL_SUCCESS) return fx_e;`
      if (a.handle === 'cnt-notify') return `  if ((fx_e = fx_cnt_notify_check(${a.name})) != ACL_SUCCESS) return fx_e;`
      if (a.handle === 'event') return `  if ((fx_e = fx_event_check(${a.name})) != ACL_SUCCESS) return fx_e;`
      if (a.handle === 'graph') return `  if ((fx_e = fx_graph_check(${a.name})) != ACL_SUCCESS) return fx_e;`
      const kind = `FLEXNPU_HANDLE_${a.handle!.toUpperCase().replaceAll('-', '_')}`
      return `  if (!fx_handle_is(${a.name}, ${kind})) return fx_remote_no_handle(${a.name}, "${a.handle}");`
    }),
    ...memory
      .filter((a) => a.bytes === '8u')
      .map(
        (a) =>
          `  if ((uintptr_t)${a.name} % 8 != 0) return fx_remote_fail(ACL_ERROR_RT_ADDR_UNALIGNED, "%p is not aligned to 8", ${a.name});`,
      ),
    ...memory.map((a) => `  if ((fx_e = fx_device_memory_check(${a.name}, ${a.bytes})) != ACL_SUCCESS) return fx_e;`),
  ]
}

function submit(f: ApiFunction): string[] {
  const op = f.op!
  const object = objectOf(f)
  const along = takenAlong(f)
  const fields = [
    `.api = FX_API_${f.name}`,
    `.op_class = FLEXNPU_OP_CLASS_${op.opClass}`,
    `.stream = ${number(streamOf(f))}`,
    `.sync_object = ${object === undefined ? 'FLEXNPU_NONE' : `fx_handle_number(${object})`}`,
    ...(op.bytes === undefined ? [] : [`.bytes = ${op.bytes}`]),
  ]
  return [
    '  aclError fx_e = ACL_SUCCESS;',
    ...checks(f),
    `  fx_args_${f.name} fx_a = {${f.args.map((a) => `.${a.name} = ${a.name}`).join(', ')}};`,
    `  fx_operator fx_o = {${fields.join(', ')}};`,
    `  fx_e = fx_operator_open(&fx_o, ${['sizeof fx_a', ...along.map((a) => `8u + ${a.copy}`)].join(' + ')});`,
    '  if (fx_e != ACL_SUCCESS) return fx_e;',
    '  fx_operator_put(&fx_o, &fx_a, sizeof fx_a);',
    ...along.map((a) => `  fx_operator_put(&fx_o, ${a.name}, ${a.copy});`),
    op.answered
      ? '  return fx_operator_answered(&fx_o);'
      : object === undefined
        ? '  return fx_operator_submit(&fx_o);'
        : `  return fx_event_told(${object}, fx_operator_submit(&fx_o));`,
  ]
}

const isLocal = (f: ApiFunction): boolean => f.daemon === 'hand-written'
/** Hand-written functions that, among other things, make one answered call of the ordinary shape. */
const wrapping = new Set(
  ['aborts', 'capture', 'context', 'events', 'kernels', 'limits', 'memory', 'rows', 'streams'].map(
    (name) => `remote/${name}.c`,
  ),
)
const wrapsCall = (f: ApiFunction): boolean => isLocal(f) && wrapping.has(f.remote!)
/** Whether a function comes to the daemon as an answered call of the ordinary shape. */
export const travelsAsCall = (f: ApiFunction): boolean => wrapsCall(f) || f.daemon === 'call'

/** build/gen/shim/remote_client.h: what the hand-written part and the generated one give one another. */
const emitHeader = (): string =>
  [
    `/* ${banner('spec/api/')} */`,
    '#ifndef FX_REMOTE_CLIENT_H',
    '#define FX_REMOTE_CLIENT_H',
    '',
    ...everyHeader(),
    '',
    '/* The answered call of a function, generated. */',
    ...api.filter(travelsAsCall).map((f) => `${prototype(f, `fx_call_${f.name}`)};`),
    '',
    '/* Hand-written functions, in the files that the spec names. */',
    ...api.filter(isLocal).map((f) => `${prototype(f, `fx_remote_${f.name}`)};`),
    '',
    '/* What stands for a function of the real library in daemon mode; NULL for host code, which runs in the client. */',
    'void *fx_remote_find(uint32_t api);',
    '',
    '#endif',
    '',
  ].join('\n')

/** A function that cannot leave the process: the thread learns why, as it does of any error. */
function refused(f: ApiFunction): string[] {
  const value = failure(f)
  const say = `fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "${f.name} is not available through a daemon")`
  return [
    `static ${prototype(f, `fx_refuse_${f.name}`)} {`,
    ...f.args.map((a) => `  (void)${a.name};`),
    ...(value === 'ACL_ERROR_RT_FEATURE_NOT_SUPPORT'
      ? [`  return ${say};`]
      : [`  (void)${say};`, ...(value === '' ? [] : [`  ${give(f, value)}`])]),
    '}',
    '',
  ]
}

function entry(f: ApiFunction): string {
  if (isLocal(f)) return `fx_remote_${f.name}`
  if (f.daemon === 'refused') return `fx_refuse_${f.name}`
  return f.daemon === 'operator' ? `fx_submit_${f.name}` : `fx_call_${f.name}`
}

function emitSource(): string {
  const out = [
    `/* ${banner('spec/api/')} */`,
    '#include "remote_client.h"',
    '',
    '#include "real_table.h"',
    '#include "remote/call.h"',
    '#include "remote/capture.h"',
    '#include "remote/error.h"',
    '#include "remote/events.h"',
    '#include "remote/handles.h"',
    '#include "remote/memory.h"',
    '#include "remote/operator.h"',
    '#include "remote/streams.h"',
    '',
  ]
  for (const f of api) {
    if (travelsAsCall(f)) out.push(`${prototype(f, `fx_call_${f.name}`)} {`, ...call(f), '}', '')
    else if (f.daemon === 'refused') out.push(...refused(f))
    else if (f.daemon === 'operator') out.push(`static ${prototype(f, `fx_submit_${f.name}`)} {`, ...submit(f), '}', '')
  }
  out.push(
    'void *fx_remote_find(uint32_t api) {',
    '  static void *const table[FX_API_COUNT] = {',
    ...api.filter((f) => f.daemon !== 'client').map((f) => `    [FX_API_${f.name}] = (void *)${entry(f)},`),
    '  };',
    '  return table[api];',
    '}',
    '',
  )
  return out.join('\n')
}

/** Files by path under build/gen. */
export const emitRemoteClient = (): Record<string, string> => ({
  'shim/remote_client.h': emitHeader(),
  'shim/remote_client.c': emitSource(),
})
