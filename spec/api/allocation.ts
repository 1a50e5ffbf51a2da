/** More ways to take and describe device and host memory, and memory pools. */
import { declared } from '../prototype.ts'
import type { ApiDraft } from '../types.ts'

export const allocationFunctions: ApiDraft[] = [
  ...declared(
    'acl/acl_rt.h',
    'libacl_rt.so',
    `
aclError aclrtMallocCached(void **devPtr, size_t size, aclrtMemMallocPolicy policy)
  create remote=remote/allocation.c custom=api/allocation.c devPtr:device -- Device memory that the cache holds.
aclError aclrtMallocWithCfg(void **devPtr, size_t size, aclrtMemMallocPolicy policy, aclrtMallocConfig *cfg)
  create remote=remote/allocation.c custom=api/allocation.c devPtr:device cfg:nullable -- Device memory with settings.
aclError aclrtMallocForTaskScheduler(void **devPtr, size_t size, aclrtMemMallocPolicy policy, aclrtMallocConfig *cfg)
  create remote=remote/allocation.c custom=api/allocation.c devPtr:device cfg:nullable -- Device memory for the scheduler of the device.
aclError aclrtMallocHostWithCfg(void **ptr, uint64_t size, aclrtMallocConfig *cfg)
  create remote=remote/allocation.c custom=api/allocation.c ptr:host cfg:nullable -- Pinned host memory with settings.
aclError aclrtFreeWithDevSync(void *devPtr)
  destroy remote=remote/allocation.c custom=api/allocation.c devPtr:device -- Waits for the device, and gives device memory back.
aclError aclrtFreeHostWithDevSync(void *hostPtr)
  destroy remote=remote/allocation.c custom=api/allocation.c hostPtr:host -- Waits for the device, and gives pinned host memory back.
aclError aclrtHostRegisterV2(void *ptr, uint64_t size, uint32_t flag)
  create remote=remote/registered.c custom=api/allocation.c ptr:host -- Pins host memory that the program already has.
aclError aclrtHostGetDevicePointer(void *pHost, void **pDevice, uint32_t flag)
  query remote=remote/registered.c pHost:host pDevice:device -- Where the device sees registered host memory.
aclError aclrtHostMemMapCapabilities(uint32_t deviceId, aclrtHacType hacType, aclrtHostMemMapCapability *capabilities)
  query call -- What a unit of the device can do with registered host memory.
aclError aclrtMemAllocManaged(void **ptr, uint64_t size, uint32_t flag)
  create refused custom=api/allocation.c ptr:device -- Memory that host and device share by page.
aclError aclrtMemManagedGetAttr(aclrtMemManagedRangeAttribute attribute, const void *ptr, size_t size, void *data, size_t dataSize)
  query refused ptr:address data:bytes=dataSize -- One attribute of shared memory.
aclError aclrtMemManagedGetAttrs(aclrtMemManagedRangeAttribute *attributes, size_t numAttributes, const void *ptr, size_t size, void **data, size_t *dataSizes)
  query refused attributes:in ptr:address data:in dataSizes:in -- Several attributes of shared memory.
aclError aclrtMemManagedAdvise(const void * const ptr, uint64_t size, aclrtMemManagedAdviseType advise, aclrtMemManagedLocation location)
  host refused ptr:address -- How shared memory will be used.
aclError aclrtMemManagedPrefetchAsync(const void *ptr, size_t size, aclrtMemManagedLocation location, uint32_t flags, aclrtStream stream)
  async:OTHER refused op.bytes=size ptr:address -- Moves shared memory ahead of its use.
aclError aclrtMemManagedPrefetchBatchAsync(const void **ptrs, size_t *sizes, size_t count, aclrtMemManagedLocation *prefetchLocs, size_t *prefetchLocIdxs, size_t numPrefetchLocs, uint64_t flags, aclrtStream stream)
  async:OTHER refused waits ptrs:in sizes:in prefetchLocs:in prefetchLocIdxs:in -- Moves several pieces of shared memory ahead of their use.
aclError aclrtPointerGetAttributes(const void *ptr, aclrtPtrAttributes *attributes)
  query remote=remote/memory.c ptr:device,bytes=1u -- What an address is.
aclError aclrtGetMemUsageInfo(int32_t deviceId, aclrtMemUsageInfo *memUsageInfo, size_t inputNum, size_t *outputNum)
  query remote=remote/allocation.c memUsageInfo:bytes=inputNum*sizeof(aclrtMemUsageInfo) -- Memory of a device by what uses it.
aclError aclrtCheckMemType(void **addrList, uint32_t size, uint32_t memType, uint32_t *checkResult, uint32_t reserve)
  query remote=remote/allocation.c addrList:in -- Whether addresses are of a kind of memory.
aclError aclrtMemFlush(void *devPtr, size_t size)
  sync call devPtr:device,bytes=size -- Writes what the cache holds of memory back.
aclError aclrtMemInvalidate(void *devPtr, size_t size)
  sync call devPtr:device,bytes=size -- Forgets what the cache holds of memory.
aclError aclrtMemGetAddressRange(void *ptr, void **pbase, size_t *psize)
  query remote=remote/allocation.c ptr:address pbase:device,nullable psize:nullable -- The allocation that an address lies in.
`,
  ),
  ...declared(
    'acl/acl_rt_memory_soma.h',
    'libacl_rt.so',
    `
aclError aclrtMemPoolCreate(aclrtMemPool *memPool, const aclrtMemPoolProps *poolProps)
  create remote=remote/pools.c -- Makes a memory pool.
aclError aclrtMemPoolDestroy(const aclrtMemPool memPool)
  destroy remote=remote/pools.c -- Ends a memory pool.
aclError aclrtMemPoolSetAttr(aclrtMemPool memPool, aclrtMemPoolAttr attr, void *value)
  host remote=remote/pools.c value:in -- Changes an attribute of a pool.
aclError aclrtMemPoolGetAttr(aclrtMemPool memPool, aclrtMemPoolAttr attr, void *value)
  query remote=remote/pools.c -- An attribute of a pool.
aclError aclrtMemPoolMallocAsync(void **ptr, size_t size, aclrtMemPool memPool, aclrtStream stream)
  async:OTHER remote=remote/pools.c waits ptr:device -- Memory of a pool, in a stream's order.
aclError aclrtMemPoolFreeAsync(void *ptr, aclrtStream stream)
  async:OTHER remote=remote/pools.c ptr:device -- Gives memory back to its pool, in a stream's order.
aclError aclrtMemPoolTrimTo(aclrtMemPool memPool, size_t minBytesToKeep)
  host remote=remote/pools.c drain-all -- Gives what a pool does not need back to the device.
`,
  ),
]
