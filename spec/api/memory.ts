/** Device and host memory, copies, and virtual memory management. */
import { fn, input, output, stream, val, type ApiDraft } from '../types.ts'

const devicePtr = (name = 'devPtr') => val('void *', name, { handle: 'device-ptr' })
const newDevicePtr = () => output('void **', 'devPtr', { handle: 'device-ptr' })
const physical = () => val('aclrtDrvMemHandle', 'handle', { handle: 'phys-mem' })

export const memoryFunctions: ApiDraft[] = [
  fn('aclrtMalloc', [newDevicePtr(), val('size_t', 'size'), val('aclrtMemMallocPolicy', 'policy')], {
    class: 'create',
    custom: 'api/memory.c',
    remote: 'remote/memory.c',
    doc: 'Device memory.',
  }),
  fn('aclrtMallocAlign32', [newDevicePtr(), val('size_t', 'size'), val('aclrtMemMallocPolicy', 'policy')], {
    class: 'create',
    custom: 'api/memory.c',
    remote: 'remote/memory.c',
    doc: 'Device memory without the 32 spare bytes.',
  }),
  fn('aclrtFree', [devicePtr()], {
    class: 'destroy',
    custom: 'api/memory.c',
    remote: 'remote/memory.c',
    doc: 'Gives device memory back at once.',
  }),
  fn('aclrtMallocHost', [output('void **', 'hostPtr', { handle: 'host-ptr' }), val('size_t', 'size')], {
    class: 'create',
    custom: 'api/memory.c',
    remote: 'remote/pinned.c',
    doc: 'Pinned host memory.',
  }),
  fn('aclrtFreeHost', [val('void *', 'hostPtr', { handle: 'host-ptr' })], {
    class: 'destroy',
    custom: 'api/memory.c',
    remote: 'remote/pinned.c',
    doc: 'Gives pinned host memory back.',
  }),
  fn(
    'aclrtMemcpy',
    [
      output('void *', 'dst', { bytes: 'destMax', address: true }),
      val('size_t', 'destMax'),
      input('const void *', 'src', { bytes: 'count', address: true }),
      val('size_t', 'count'),
      val('aclrtMemcpyKind', 'kind'),
    ],
    { class: 'sync', remote: 'remote/copy.c', doc: 'Copies and returns when done; orders with no stream.' },
  ),
  fn(
    'aclrtMemcpyAsync',
    [
      output('void *', 'dst', { bytes: 'destMax', address: true }),
      val('size_t', 'destMax'),
      input('const void *', 'src', { bytes: 'count', address: true }),
      val('size_t', 'count'),
      val('aclrtMemcpyKind', 'kind'),
      stream(),
    ],
    {
      class: 'async',
      op: { opClass: 'fx_copy_class(kind)', bytes: 'count' },
      custom: 'api/memory.c',
      remote: 'remote/copy.c',
      doc: 'Copies on a stream; with pageable host memory it returns only when done.',
    },
  ),
  fn(
    'aclrtMemset',
    [
      output('void *', 'devPtr', { bytes: 'maxCount', address: true }),
      val('size_t', 'maxCount'),
      val('int32_t', 'value'),
      val('size_t', 'count'),
    ],
    { class: 'sync', remote: 'remote/fill.c', doc: 'Sets memory and returns when done.' },
  ),
  fn(
    'aclrtMemsetAsync',
    [
      output('void *', 'devPtr', { bytes: 'maxCount', address: true }),
      val('size_t', 'maxCount'),
      val('int32_t', 'value'),
      val('size_t', 'count'),
      stream(),
    ],
    {
      class: 'async',
      op: { opClass: 'MEMSET', bytes: 'count' },
      remote: 'remote/fill.c',
      doc: 'Sets memory on a stream.',
    },
  ),
  fn('aclrtGetMemInfo', [val('aclrtMemAttr', 'attr'), output('size_t *', 'free'), output('size_t *', 'total')], {
    class: 'query',
    doc: 'Free and total memory of the current device.',
  }),
  fn(
    'aclrtMemGetAllocationGranularity',
    [
      input('aclrtPhysicalMemProp *', 'prop'),
      val('aclrtMemGranularityOptions', 'option'),
      output('size_t *', 'granularity'),
    ],
    { class: 'query', doc: 'Granularity of physical allocations.' },
  ),
  fn(
    'aclrtReserveMemAddress',
    [
      output('void **', 'virPtr', { handle: 'device-ptr' }),
      val('size_t', 'size'),
      val('size_t', 'alignment'),
      val('void *', 'expectPtr', { nullable: true }),
      val('uint64_t', 'flags'),
    ],
    { class: 'create', remote: 'remote/memory.c', doc: 'Reserves a range of device addresses.' },
  ),
  fn('aclrtReleaseMemAddress', [devicePtr('virPtr')], {
    class: 'destroy',
    remote: 'remote/memory.c',
    doc: 'Gives a reserved range back.',
  }),
  fn(
    'aclrtMallocPhysical',
    [
      output('aclrtDrvMemHandle *', 'handle', { handle: 'phys-mem' }),
      val('size_t', 'size'),
      input('const aclrtPhysicalMemProp *', 'prop'),
      val('uint64_t', 'flags'),
    ],
    { class: 'create', custom: 'api/physical.c', doc: 'Physical device memory without an address.' },
  ),
  fn('aclrtFreePhysical', [physical()], {
    class: 'destroy',
    custom: 'api/physical.c',
    doc: 'Gives physical device memory back.',
  }),
  fn(
    'aclrtMapMem',
    [devicePtr('virPtr'), val('size_t', 'size'), val('size_t', 'offset'), physical(), val('uint64_t', 'flags')],
    { class: 'host', custom: 'api/physical.c', doc: 'Maps physical memory into a reserved range.' },
  ),
  fn('aclrtUnmapMem', [devicePtr('virPtr')], {
    class: 'destroy',
    custom: 'api/physical.c',
    doc: 'Takes a mapping away.',
  }),
  fn(
    'aclrtHostRegister',
    [
      val('void *', 'ptr', { handle: 'host-ptr' }),
      val('uint64_t', 'size'),
      val('aclrtHostRegisterType', 'type'),
      output('void **', 'devPtr', { handle: 'device-ptr' }),
    ],
    {
      class: 'create',
      custom: 'api/memory.c',
      remote: 'remote/registered.c',
      doc: 'Pins host memory that the program already has, and maps it for the device.',
    },
  ),
  fn('aclrtHostUnregister', [val('void *', 'ptr', { handle: 'host-ptr' })], {
    class: 'destroy',
    custom: 'api/memory.c',
    remote: 'remote/registered.c',
    doc: 'Ends what aclrtHostRegister began.',
  }),
]
