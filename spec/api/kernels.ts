/** Kernel binaries, their arguments and launches, and captured graphs. */
import { fn, input, output, stream, val, type ApiDraft } from '../types.ts'

const binary = () => val('aclrtBinHandle', 'binHandle', { handle: 'binary' })
const func = () => val('aclrtFuncHandle', 'funcHandle', { handle: 'function' })
const args = () => val('aclrtArgsHandle', 'argsHandle', { handle: 'args' })
const param = () => val('aclrtParamHandle', 'paramHandle', { handle: 'param' })
const newParam = () => output('aclrtParamHandle *', 'paramHandle', { handle: 'param' })
const graph = () => val('aclmdlRI', 'modelRI', { handle: 'graph' })

export const kernelFunctions: ApiDraft[] = [
  fn(
    'aclrtBinaryLoadFromFile',
    [
      input('const char *', 'binPath', { text: true }),
      input('aclrtBinaryLoadOptions *', 'options', { nullable: true }),
      output('aclrtBinHandle *', 'binHandle', { handle: 'binary' }),
    ],
    { class: 'create', since: '8.2', remote: 'remote/binary.c', doc: 'Loads a kernel binary from a file.' },
  ),
  fn(
    'aclrtBinaryLoadFromData',
    [
      input('const void *', 'data', { bytes: 'length', address: true }),
      val('size_t', 'length'),
      input('const aclrtBinaryLoadOptions *', 'options', { nullable: true }),
      output('aclrtBinHandle *', 'binHandle', { handle: 'binary' }),
    ],
    { class: 'create', since: '8.2', remote: 'remote/binary.c', doc: 'Loads a kernel binary from memory.' },
  ),
  fn('aclrtBinaryUnLoad', [binary()], {
    class: 'destroy',
    custom: 'api/kernel.c',
    remote: 'remote/kernels.c',
    doc: 'Unloads a kernel binary.',
  }),
  fn(
    'aclrtBinaryGetFunction',
    [
      val('const aclrtBinHandle', 'binHandle', { handle: 'binary' }),
      input('const char *', 'kernelName', { text: true }),
      output('aclrtFuncHandle *', 'funcHandle', { handle: 'function' }),
    ],
    {
      class: 'create',
      since: '8.2',
      custom: 'api/kernel.c',
      remote: 'remote/kernels.c',
      doc: 'A kernel of a binary, by name.',
    },
  ),
  fn('aclrtGetFunctionName', [func(), val('uint32_t', 'maxLen'), output('char *', 'name', { bytes: 'maxLen' })], {
    class: 'query',
    since: '8.2',
    doc: 'Name of a kernel.',
  }),
  fn('aclrtKernelArgsGetHandleMemSize', [func(), output('size_t *', 'memSize')], {
    class: 'query',
    remote: 'remote/args.c',
    doc: 'Memory that an argument handle takes.',
  }),
  fn('aclrtKernelArgsGetMemSize', [func(), val('size_t', 'userArgsSize'), output('size_t *', 'actualArgsSize')], {
    class: 'query',
    remote: 'remote/args.c',
    doc: 'Memory that arguments of this size take.',
  }),
  fn('aclrtKernelArgsInit', [func(), output('aclrtArgsHandle *', 'argsHandle', { handle: 'args' })], {
    class: 'host',
    custom: 'api/args.c',
    remote: 'remote/args.c',
    doc: 'Begins the arguments of a launch in the handle of the thread.',
  }),
  fn(
    'aclrtKernelArgsInitByUserMem',
    [func(), args(), output('void *', 'userHostMem', { bytes: 'actualArgsSize' }), val('size_t', 'actualArgsSize')],
    {
      class: 'host',
      custom: 'api/args.c',
      remote: 'remote/args.c',
      doc: 'Begins the arguments of a launch in memory of the caller.',
    },
  ),
  fn(
    'aclrtKernelArgsAppend',
    [args(), input('void *', 'param', { bytes: 'paramSize' }), val('size_t', 'paramSize'), newParam()],
    {
      class: 'host',
      custom: 'api/args.c',
      remote: 'remote/args.c',
      doc: 'Adds an argument.',
    },
  ),
  fn('aclrtKernelArgsAppendPlaceHolder', [args(), newParam()], {
    class: 'host',
    custom: 'api/args.c',
    remote: 'remote/args.c',
    doc: 'Adds a pointer to data that travels with the arguments.',
  }),
  fn(
    'aclrtKernelArgsGetPlaceHolderBuffer',
    [args(), param(), val('size_t', 'dataSize'), output('void **', 'bufferAddr')],
    { class: 'host', custom: 'api/args.c', remote: 'remote/args.c', doc: 'Where to write the data of a placeholder.' },
  ),
  fn(
    'aclrtKernelArgsParaUpdate',
    [args(), param(), input('void *', 'param', { bytes: 'paramSize' }), val('size_t', 'paramSize')],
    { class: 'host', custom: 'api/args.c', remote: 'remote/args.c', doc: 'Changes an argument.' },
  ),
  fn('aclrtKernelArgsFinalize', [args()], {
    class: 'host',
    custom: 'api/args.c',
    remote: 'remote/args.c',
    doc: 'Ends the arguments of a launch.',
  }),
  fn(
    'aclrtLaunchKernel',
    [
      func(),
      val('uint32_t', 'numBlocks'),
      input('const void *', 'argsData', { bytes: 'argsSize', address: true }),
      val('size_t', 'argsSize'),
      stream(),
    ],
    {
      class: 'async',
      op: { opClass: 'KERNEL', kernel: 'funcHandle', blocks: 'numBlocks', argsBytes: 'argsSize' },
      remote: 'remote/launch.c',
      doc: 'Launches a kernel with arguments in device memory.',
    },
  ),
  fn(
    'aclrtLaunchKernelV2',
    [
      func(),
      val('uint32_t', 'numBlocks'),
      input('const void *', 'argsData', { bytes: 'argsSize', address: true }),
      val('size_t', 'argsSize'),
      input('aclrtLaunchKernelCfg *', 'cfg', { nullable: true }),
      stream(),
    ],
    {
      class: 'async',
      since: '8.3',
      op: { opClass: 'KERNEL', kernel: 'funcHandle', blocks: 'numBlocks', argsBytes: 'argsSize' },
      custom: 'api/launch.c',
      remote: 'remote/launch.c',
      doc: 'Launches a kernel with arguments in device memory and a configuration.',
    },
  ),
  fn(
    'aclrtLaunchKernelWithConfig',
    [
      func(),
      val('uint32_t', 'numBlocks'),
      stream(),
      input('aclrtLaunchKernelCfg *', 'cfg', { nullable: true }),
      args(),
      val('void *', 'reserve', { nullable: true }),
    ],
    {
      class: 'async',
      since: '8.2',
      op: { opClass: 'KERNEL', kernel: 'funcHandle', blocks: 'numBlocks' },
      custom: 'api/launch.c',
      remote: 'remote/launch.c',
      doc: 'Launches a kernel with the arguments of a handle.',
    },
  ),
  fn(
    'aclrtLaunchKernelWithHostArgs',
    [
      func(),
      val('uint32_t', 'numBlocks'),
      stream(),
      input('aclrtLaunchKernelCfg *', 'cfg', { nullable: true }),
      input('void *', 'hostArgs', { bytes: 'argsSize' }),
      val('size_t', 'argsSize'),
      input('aclrtPlaceHolderInfo *', 'placeHolderArray', { nullable: true }),
      val('size_t', 'placeHolderNum'),
    ],
    {
      class: 'async',
      since: '8.3',
      op: { opClass: 'KERNEL', kernel: 'funcHandle', blocks: 'numBlocks', argsBytes: 'argsSize' },
      custom: 'api/launch.c',
      remote: 'remote/launch.c',
      doc: 'Launches a kernel with arguments in host memory, copied before it returns.',
    },
  ),
  fn('aclmdlRICaptureBegin', [stream(), val('aclmdlRICaptureMode', 'mode')], {
    class: 'host',
    custom: 'api/graph.c',
    remote: 'remote/capture.c',
    doc: 'From here on the operators of the stream are captured, not run.',
  }),
  fn(
    'aclmdlRICaptureGetInfo',
    [stream(), output('aclmdlRICaptureStatus *', 'status'), output('aclmdlRI *', 'modelRI', { handle: 'graph' })],
    { class: 'query', asks: true, doc: 'Whether a stream is being captured, and into what.' },
  ),
  fn('aclmdlRICaptureEnd', [stream(), output('aclmdlRI *', 'modelRI', { handle: 'graph', nullable: true })], {
    class: 'host',
    custom: 'api/graph.c',
    remote: 'remote/capture.c',
    doc: 'Ends a capture and gives the graph.',
  }),
  fn('aclmdlRIExecuteAsync', [graph(), stream()], {
    class: 'async',
    op: { opClass: 'GRAPH' },
    custom: 'api/outside.c',
    doc: 'Runs a captured graph on a stream.',
  }),
  fn('aclmdlRIExecute', [graph(), val('int32_t', 'timeout')], {
    class: 'sync-device',
    doc: 'Runs a captured graph and waits.',
  }),
  fn('aclmdlRIDestroy', [graph()], {
    class: 'destroy',
    custom: 'api/graph.c',
    remote: 'remote/capture.c',
    doc: 'Ends a captured graph.',
  }),
]
