/** Initialization, versions, errors, devices and contexts. */
import { fn, input, output, val, type ApiDraft } from '../types.ts'

export const setupFunctions: ApiDraft[] = [
  fn('aclInit', [input('const char *', 'configPath', { nullable: true, text: true })], {
    class: 'host',
    custom: 'api/setup.c',
    remote: 'remote/setup.c',
    doc: 'Initializes AscendCL; twice is 100002 and counts.',
  }),
  fn('aclFinalize', [], {
    class: 'host',
    custom: 'api/setup.c',
    remote: 'remote/setup.c',
    doc: 'Ends AscendCL whatever the count.',
  }),
  fn('aclFinalizeReference', [output('uint64_t *', 'refCount', { nullable: true })], {
    class: 'host',
    custom: 'api/setup.c',
    remote: 'remote/setup.c',
    doc: 'Gives one reference back; the last one ends AscendCL.',
  }),
  fn('aclGetRecentErrMsg', [], {
    class: 'query',
    returns: 'const char *',
    remote: 'remote/error.c',
    doc: 'Text of the last error of the thread.',
  }),
  fn(
    'aclrtGetVersion',
    [output('int32_t *', 'majorVersion'), output('int32_t *', 'minorVersion'), output('int32_t *', 'patchVersion')],
    { class: 'query', doc: 'Version of AscendCL.' },
  ),
  fn('aclrtGetSocName', [], {
    header: 'acl/acl_base_rt.h',
    class: 'query',
    returns: 'const char *',
    remote: 'remote/setup.c',
    doc: 'Name of the chip, such as Ascend910B2.',
  }),
  fn('aclrtPeekAtLastError', [val('aclrtLastErrLevel', 'level')], {
    class: 'query',
    remote: 'remote/error.c',
    doc: 'Last error of the thread, kept.',
  }),
  fn('aclrtGetLastError', [val('aclrtLastErrLevel', 'level')], {
    class: 'host',
    remote: 'remote/error.c',
    doc: 'Last error of the thread, cleared.',
  }),
  fn('aclrtGetRunMode', [output('aclrtRunMode *', 'runMode')], { class: 'query', doc: 'Host or device.' }),
  fn('aclrtSetDevice', [val('int32_t', 'deviceId')], {
    class: 'host',
    custom: 'api/context.c',
    remote: 'remote/context.c',
    doc: 'Makes the device current for the thread, with its default context and stream.',
  }),
  fn('aclrtResetDevice', [val('int32_t', 'deviceId')], {
    class: 'destroy',
    custom: 'api/context.c',
    remote: 'remote/context.c',
    doc: 'Gives one reference to the device back; the last one frees it.',
  }),
  fn('aclrtResetDeviceForce', [val('int32_t', 'deviceId')], {
    class: 'destroy',
    custom: 'api/context.c',
    remote: 'remote/context.c',
    doc: 'Frees the device at once.',
  }),
  fn('aclrtGetDevice', [output('int32_t *', 'deviceId')], { class: 'query', doc: 'Current device of the thread.' }),
  fn('aclrtGetDeviceCount', [output('uint32_t *', 'count')], {
    class: 'query',
    remote: 'remote/setup.c',
    doc: 'How many devices there are.',
  }),
  fn('aclrtGetDeviceInfo', [val('uint32_t', 'deviceId'), val('aclrtDevAttr', 'attr'), output('int64_t *', 'value')], {
    class: 'query',
    doc: 'One figure of a device, such as its cores.',
  }),
  fn('aclrtSynchronizeDevice', [], { class: 'sync-device', doc: 'Waits for every stream of the current context.' }),
  fn('aclrtCreateContext', [output('aclrtContext *', 'context', { handle: 'context' }), val('int32_t', 'deviceId')], {
    class: 'create',
    custom: 'api/context.c',
    remote: 'remote/context.c',
    doc: 'Makes a context and makes it current.',
  }),
  fn('aclrtDestroyContext', [val('aclrtContext', 'context', { handle: 'context' })], {
    class: 'destroy',
    custom: 'api/context.c',
    remote: 'remote/context.c',
    doc: 'Ends a context.',
  }),
  fn('aclrtSetCurrentContext', [val('aclrtContext', 'context', { handle: 'context' })], {
    class: 'host',
    custom: 'api/context.c',
    remote: 'remote/context.c',
    doc: 'Makes a context current for the thread; may switch the device.',
  }),
  fn('aclrtGetCurrentContext', [output('aclrtContext *', 'context', { handle: 'context' })], {
    class: 'query',
    doc: 'Current context of the thread.',
  }),
  fn('aclrtCtxGetCurrentDefaultStream', [output('aclrtStream *', 'stream', { handle: 'stream' })], {
    class: 'query',
    since: '8.0',
    remote: 'remote/streams.c',
    doc: 'Default stream of the current context.',
  }),
]
