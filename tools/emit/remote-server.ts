/**
 * Emits the daemon's side of every call: arguments unpacked and looked up, the real function called, its outputs packed;
 * and, for operators, what puts real handles and host addresses into their arguments. The mirror of remote-client.ts.
 */
import { api } from '../../spec/api/index.ts'
import { cEnums, opaqueHandles } from '../../spec/constants.ts'
import { HandleKindId } from '../../spec/ring.ts'
import type { ApiFunction, Arg } from '../../spec/types.ts'
import { streamOf, within } from './calls.ts'
import { banner } from './names.ts'
import {
  bytesOf,
  fillsStructure,
  namesMemory,
  needsContext,
  pointee,
  takenAlong,
  travelsAsCall,
  wayOf,
} from './remote-client.ts'

/** Functions that host-shim/executor/ serves by hand, because they are not the real library's alone to answer. */
const byHand = [
  'aclrtSetDevice',
  'aclrtGetDevice',
  'aclrtResetDevice',
  'aclrtResetDeviceForce',
  'aclrtGetDeviceCount',
  'aclrtCreateContext',
  'aclrtDestroyContext',
  'aclrtSetCurrentContext',
  'aclrtGetCurrentContext',
  'aclrtCtxGetCurrentDefaultStream',
  'aclmdlRICaptureBegin',
  'aclmdlRICaptureToModelRIBegin',
  'aclmdlRICaptureEnd',
  'aclmdlRIDestroy',
  'aclmdlRIDebugJsonPrint',
  'aclmdlRICondHandleCreate',
  'aclmdlRICondHandleGetCondPtr',
  'aclmdlRIAddCondTask',
  'aclrtCreateStreamWithConfig',
  'aclrtCreateLabelList',
  'aclmdlRICaptureGetInfo',
  'aclmdlRICaptureTaskGrpEnd',
  'aclmdlRICaptureTaskUpdateBegin',
  'aclmdlRICaptureTaskUpdateEnd',
  'aclrtMalloc',
  'aclrtMallocAlign32',
  'aclrtFree',
  'aclrtReserveMemAddress',
  'aclrtReleaseMemAddress',
  'aclrtMallocPhysical',
  'aclrtFreePhysical',
  'aclrtMemRetainAllocationHandle',
  'aclrtMemGetAllocationPropertiesFromHandle',
  'aclrtDeviceGetBareTgid',
  'aclrtIpcMemGetExportKey',
  'aclrtIpcMemSetImportPid',
  'aclrtIpcMemImportByKey',
  'aclrtIpcMemClose',
  'aclrtSetExceptionInfoCallback',
  'aclrtGetThreadLastTaskId',
  'aclrtCreateEventExWithFlag',
  'aclrtDestroyEvent',
  'aclrtIpcGetEventHandle',
  'aclrtDestroyNotify',
  'aclrtNotifyGetExportKey',
  'aclrtNotifySetImportPid',
  'aclrtNotifyImportByKey',
  'aclrtIpcOpenEventHandle',
  'aclrtMemExportToShareableHandle',
  'aclrtMemSetPidToShareableHandle',
  'aclrtMemImportFromShareableHandle',
  'aclrtMapMem',
  'aclrtUnmapMem',
  'aclrtFreeHost',
  'aclrtHostGetDevicePointer',
  'aclrtGetMemInfo',
  'aclrtMemcpy',
  'aclrtMemcpy2d',
  'aclrtSetMemcpyDesc',
  'aclrtCmoSetDesc',
  'aclrtSetDeviceSatMode',
  'aclrtSetOpWaitTimeout',
  'aclrtSetOpExecuteTimeOut',
  'aclrtSetOpExecuteTimeOutWithMs',
  'aclrtSetOpExecuteTimeOutV2',
  'aclrtGetDeviceUtilizationRate',
  'aclrtGetPrimaryCtxState',
  'aclrtDeviceGetPCIBusId',
  'aclrtDeviceGetByPCIBusId',
  'aclrtFunctionGetBinary',
  'aclrtMemSetAccess',
  'aclrtMemGetAccess',
  'aclrtStreamAbort',
  'aclrtDeviceTaskAbort',
  'aclrtNotifyBatchReset',
  'aclrtMemset',
  'aclrtBinaryLoadFromData',
]

/** Calls that may wait for the device, or take long: they are made by the client thread's twin. */
const blocks = (f: ApiFunction): boolean =>
  ['sync', 'sync-stream', 'sync-device'].includes(f.class) ||
  [
    'aclrtDestroyStream',
    'aclrtDestroyContext',
    'aclrtResetDevice',
    'aclrtResetDeviceForce',
    'aclrtBinaryLoadFromData',
    'aclmdlRICaptureTaskUpdateEnd',
    'aclrtStreamAbort',
    'aclrtStreamStop',
    'aclrtDeviceTaskAbort',
    'aclrtGetDeviceUtilizationRate',
    'aclrtGetErrorVerbose',
  ].includes(f.name)

const kindOf = (a: Arg): string => `FLEXNPU_HANDLE_${a.handle!.toUpperCase().replaceAll('-', '_')}`
const tracked = new Set(Object.keys(HandleKindId))
const isHandle = (a: Arg): boolean => a.handle !== undefined && tracked.has(a.handle)
const isWide = (type: string): boolean => type === 'size_t' || type === 'uint64_t' || type === 'int64_t'

/** A pointer that is to be NULL: one of a client's would mean nothing here. */
const isReserved = (a: Arg): boolean => a.name === 'reserve' && a.type.endsWith('*')

function fromWord(type: string): string {
  if (type.endsWith('*') || opaqueHandles.includes(type.replace(/^const /, '')))
    return `(${type})(uintptr_t)fxd_take(c)`
  if (isWide(type)) return `(${type})fxd_take(c)`
  return `(${type})(uint32_t)fxd_take(c)`
}

function toWord(type: string, name: string): string {
  if (type.endsWith('*') || opaqueHandles.includes(type)) return `(uint64_t)(uintptr_t)${name}`
  if (type === 'float') return `fxd_float_word(${name})`
  if (isWide(type)) return `(uint64_t)${name}`
  if (type.startsWith('int') || type.startsWith('uint') || type in cEnums) return `(uint32_t)${name}`
  throw new Error(`no packing of an output of type ${type}`)
}

/** Declares and reads one argument; the expression that stands for it in the call. */
function read(f: ApiFunction, a: Arg, out: string[]): string {
  const way = wayOf(f, a)
  if (way === 'text') {
    out.push(`  const char *${a.name} = fxd_take_text(c);`)
    return a.name
  }
  if (way === 'structure') {
    out.push(`  size_t ${a.name}_bytes;`, `  const ${pointee(a)} *${a.name} = fxd_take_bytes(c, &${a.name}_bytes);`)
    out.push(`  if (${a.name} != NULL && ${a.name}_bytes != sizeof *${a.name}) return ACL_ERROR_INVALID_PARAM;`)
    return `(${a.type})(uintptr_t)${a.name}`
  }
  if (way === 'output') {
    out.push(`  bool ${a.name}_wanted = fxd_take(c) != 0;`, `  ${pointee(a)} ${a.name} = {0};`)
    return `${a.name}_wanted ? &${a.name} : NULL`
  }
  if (way === 'buffer') {
    out.push(`  uint64_t ${a.name}_room = fxd_take(c);`)
    out.push(`  if (${a.name}_room > FLEXNPU_RING_REPLY_BYTES / 2) ${a.name}_room = FLEXNPU_RING_REPLY_BYTES / 2;`)
    if (fillsStructure(a))
      out.push(`  if (${a.name}_room > 0 && ${a.name}_room < ${bytesOf(a)}) return ACL_ERROR_INVALID_PARAM;`)
    out.push(`  void *${a.name} = ${a.name}_room > 0 ? fxd_scratch(c, ${a.name}_room) : NULL;`)
    return a.name
  }
  if (!isHandle(a)) {
    out.push(`  ${a.type} ${a.name} = ${fromWord(a.type)};`)
    /* The one device that a client sees is the daemon's, whichever number that has. */
    if (/^(device|peerDevice|otherDevice)Id$/.test(a.name) && /^u?int32_t$/.test(a.type)) {
      out.push(`  if (${a.name} != 0) return c->torn ? ACL_ERROR_INVALID_PARAM : ACL_ERROR_RT_INVALID_DEVICEID;`)
      out.push(`  ${a.name} = (${a.type})fxd_device;`)
    }
    return a.name
  }
  out.push(`  void *${a.name};`, `  uint64_t ${a.name}_virtual = fxd_peek(c);`)
  out.push(`  if ((e = fxd_take_handle(c, ${kindOf(a)}, &${a.name})) != ACL_SUCCESS) return e;`)
  return a.name
}

function serve(f: ApiFunction): string[] {
  const body: string[] = []
  const given = f.args.map((a) => ({ a, way: wayOf(f, a), expression: read(f, a, body) }))
  const bounded = given.map(({ a, expression }) => {
    const buffer = f.args.find((b) => b.bytes === a.name && wayOf(f, b) === 'buffer')
    return buffer === undefined
      ? expression
      : `(${a.type})(${a.name} < ${buffer.name}_room ? ${a.name} : ${buffer.name}_room)`
  })
  const out = [`static aclError serve_${f.name}(fxd_call *c) {`, '  aclError e = ACL_SUCCESS;', ...body]
  out.push('  if (c->torn) return ACL_ERROR_INVALID_PARAM;')
  for (const a of f.args.filter(isReserved)) out.push(`  if (${a.name} != NULL) return ACL_ERROR_RT_PARAM_INVALID;`)
  for (const a of f.args.filter(namesMemory))
    out.push(`  if (!fxd_holds(c->ring->client, ${a.name}, ${a.bytes})) return ACL_ERROR_RT_PARAM_INVALID;`)
  out.push(`  e = fx_real.${f.name}(${bounded.join(', ')});`, '  if (e != ACL_SUCCESS) return e;')
  for (const { a, way } of given) {
    if (way === 'output' && isHandle(a))
      out.push(`  if (${a.name}_wanted && (e = fxd_put_handle(c, ${kindOf(a)}, ${a.name})) != ACL_SUCCESS) return e;`)
    else if (way === 'output') out.push(`  if (${a.name}_wanted) fxd_put(c, ${toWord(pointee(a), a.name)});`)
    else if (way === 'buffer')
      out.push(`  fxd_put_bytes(c, ${a.name}, ${a.text ? `strnlen(${a.name}, ${a.name}_room)` : `${a.name}_room`});`)
  }
  const ended = f.class === 'destroy' ? f.args.find((a) => isHandle(a) && !a.type.endsWith('*')) : undefined
  for (const { a, way } of given)
    if (way === 'value' && isHandle(a) && a !== ended) out.push(`  (void)${a.name}_virtual;`)
  if (ended !== undefined) out.push(`  fxd_handle_end(${kindOf(ended)}, ${ended.name}_virtual);`)
  return [...out, '  return e;', '}', '']
}

/** How the executor checks the memory of operators whose arguments alone do not say how much it is. */
const addresses: Record<string, string> = {
  aclrtMemcpyAsync: 'fxd_copy_address(r, a->kind, a->count, a->destMax, &a->dst, &a->src)',
  aclrtMemcpyAsyncWithCondition: 'fxd_copy_address(r, a->kind, a->count, a->destMax, &a->dst, &a->src)',
  aclrtMemcpy2dAsync:
    'fxd_rows_address(r, a->kind, a->width, a->height, &(fxd_rows){&a->dst, a->dpitch, &a->src, a->spitch})',
  aclrtMemcpyAsyncWithDesc: 'fxd_description(r->client, a->desc, a->kind)',
  aclrtMemcpyAsyncWithOffset:
    'fxd_holds(r->client, a->dst, 8) && fxd_holds(r->client, a->src, 8) ? e : ACL_ERROR_RT_PARAM_INVALID',
  aclrtCmoAsyncWithDesc: 'fxd_prefetch(r->client, a->cmoDesc)',
  aclrtRandomNumAsync: 'fxd_random_address(r->client, (const void *)(args + ((sizeof *a + 7u) & ~7u)))',
  aclrtMemsetAsync: 'fxd_holds(r->client, a->devPtr, a->count) ? e : ACL_ERROR_RT_PARAM_INVALID',
}

function translate(f: ApiFunction): string[] {
  const out = [
    `static aclError translate_${f.name}(fxd_ring *r, uint8_t *args, uint32_t bytes) {`,
    `  fx_args_${f.name} *a = (void *)args;`,
    `  if (bytes < sizeof *a) return ACL_ERROR_RT_PARAM_INVALID;`,
    '  aclError e = ACL_SUCCESS;',
  ]
  for (const a of f.args.filter((x) => isHandle(x)))
    out.push(
      `  if (${a.nullable && a !== streamOf(f) ? `a->${a.name} != NULL && ` : ''}(e = fxd_handle_real(r->client, ${kindOf(a)}, (uint64_t)(uintptr_t)a->${a.name}, (void **)&a->${a.name})) != ACL_SUCCESS) return e;`,
    )
  for (const a of f.args.filter(isReserved)) out.push(`  if (a->${a.name} != NULL) return ACL_ERROR_RT_PARAM_INVALID;`)
  /* What it takes along lies behind its arguments, wherever the client says. */
  takenAlong(f).forEach((a, i) => {
    if (i > 0 || !/^sizeof\(\*\w+\)$/.test(a.copy!)) throw new Error(`${f.name}: ${a.name} cannot be taken along`)
    const bytes = a.copy!.replace('*', '*a->')
    out.push(`  if (bytes < ((sizeof *a + 7u) & ~7u) + ${bytes}) return ACL_ERROR_RT_PARAM_INVALID;`)
    out.push(`  a->${a.name} = (void *)args; /* not NULL: the copy is what counts */`)
  })
  const memory = addresses[f.name]
  if (memory !== undefined) return [...out, `  return ${memory};`, '}', '']
  for (const a of f.args.filter(namesMemory))
    out.push(
      `  if (!fxd_holds(r->client, a->${a.name}, ${within(f, a.bytes!, 'a')})) return ACL_ERROR_RT_PARAM_INVALID;`,
    )
  return [...out, '  return e;', '}', '']
}

/** Files by path under build/gen. */
export function emitRemoteServer(): Record<string, string> {
  const calls = api.filter((f) => travelsAsCall(f) || byHand.includes(f.name))
  const generated = calls.filter((f) => !byHand.includes(f.name))
  /* Functions of the client's are the client's to run, whatever its ring says. */
  const operators = api.filter(
    (f) =>
      f.class === 'async' &&
      f.remote?.startsWith('remote/runtime') !== true && // AscendCL's, by the time they come here
      !['refused', 'client'].includes(f.daemon) &&
      f.op?.waits !== true && // its arguments lie in memory of whoever calls
      !f.args.some((a) => a.handle === 'host-function'),
  )
  const out = [
    `/* ${banner('spec/api/')} */`,
    '#include <string.h>',
    '',
    '#include "api.h"',
    '#include "executor/executor.h"',
    '#include "executor/remote.h"',
    '#include "real_table.h"',
    '',
    ...generated.flatMap(serve),
    ...byHand.map((name) => `aclError fxd_serve_${name}(fxd_call *c);`),
    '',
    'const fxd_serve_fn fxd_serve[FX_API_COUNT] = {',
    ...generated.map((f) => `  [FX_API_${f.name}] = serve_${f.name},`),
    ...byHand.map((name) => `  [FX_API_${name}] = fxd_serve_${name},`),
    '};',
    '',
    'const bool fxd_blocks[FX_API_COUNT] = {',
    ...calls.filter(blocks).map((f) => `  [FX_API_${f.name}] = true,`),
    '};',
    '',
    'const bool fxd_in_context[FX_API_COUNT] = {',
    ...calls.filter(needsContext).map((f) => `  [FX_API_${f.name}] = true,`),
    '};',
    '',
    'const uint8_t fxd_ends[FX_API_COUNT] = {',
    ...calls
      .filter((f) => f.class === 'destroy' && f.args[0] !== undefined && isHandle(f.args[0]))
      .filter((f) => f.name !== 'aclrtDestroyContext') // ended before the call, with its streams
      .filter((f) => f.name !== 'aclrtStreamAbort') // which goes on
      .map((f) => `  [FX_API_${f.name}] = ${kindOf(f.args[0]!)},`),
    '};',
    '',
    ...operators.flatMap(translate),
    'aclError fxd_translate(fxd_ring *r, uint32_t api, uint8_t *args, uint32_t bytes) {',
    '  switch (api) {',
    ...operators.map((f) => `    case FX_API_${f.name}: return translate_${f.name}(r, args, bytes);`),
    '    default: return ACL_ERROR_RT_FEATURE_NOT_SUPPORT;',
    '  }',
    '}',
    '',
  ]
  return { 'shim/remote_server.c': out.join('\n') }
}
