/** More ways to copy, fill and prefetch memory. */
import { declared } from '../prototype.ts'
import type { ApiDraft } from '../types.ts'

export const transferFunctions: ApiDraft[] = [
  ...declared(
    'acl/acl_rt.h',
    'libacl_rt.so',
    `
aclError aclrtMemsetD32(void *ptr, size_t memSize, uint32_t value, size_t N)
  sync call ptr:device,bytes=N>SIZE_MAX/4?SIZE_MAX:N*4u -- Sets memory in words and returns when done.
aclError aclrtMemsetD32Async(void *ptr, size_t memSize, uint32_t value, size_t N, aclrtStream stream)
  async:MEMSET answered op.bytes=N*4u ptr:device,bytes=N>SIZE_MAX/4?SIZE_MAX:N*4u -- Sets memory in words on a stream.
aclError aclrtMemcpyAsyncWithCondition(void *dst, size_t destMax, const void *src, size_t count, aclrtMemcpyKind kind, aclrtStream stream)
  async remote=remote/copy.c op.copy=dst,count,src,count,kind dst:address src:address -- Copies on a stream, asynchronously only where that is possible.
aclError aclrtMemcpy2d(void *dst, size_t dpitch, const void *src, size_t spitch, size_t width, size_t height, aclrtMemcpyKind kind)
  sync remote=remote/rows.c dst:address src:address -- Copies rows and returns when done.
aclError aclrtMemcpy2dAsync(void *dst, size_t dpitch, const void *src, size_t spitch, size_t width, size_t height, aclrtMemcpyKind kind, aclrtStream stream)
  async remote=remote/rows.c op.copy=dst,dpitch*height,src,spitch*height,kind op.bytes=width*height dst:address src:address -- Copies rows on a stream.
aclError aclrtGetSymbolAddress(const void *symbol, void **devPtr)
  query refused symbol:address devPtr:device -- Where a variable of a kernel is on the device.
aclError aclrtGetSymbolSize(const void *symbol, size_t *size)
  query refused symbol:address -- Bytes of a variable of a kernel.
aclError aclrtMemcpyFromSymbol(void *dst, size_t dstMax, const void *symbol, size_t count, size_t offset, aclrtMemcpyKind kind)
  sync refused dst:address symbol:address -- Copies from a variable of a kernel.
aclError aclrtMemcpyFromSymbolAsync(void *dst, size_t dstMax, const void *symbol, size_t count, size_t offset, aclrtMemcpyKind kind, aclrtStream stream)
  async refused op.copy=dst,count,NULL,0,kind op.bytes=count dst:address symbol:address -- Copies from a variable of a kernel, on a stream.
aclError aclrtMemcpyToSymbol(const void *symbol, const void *src, size_t count, size_t offset, aclrtMemcpyKind kind)
  sync refused symbol:address src:address -- Copies to a variable of a kernel.
aclError aclrtMemcpyToSymbolAsync(const void *symbol, const void *src, size_t count, size_t offset, aclrtMemcpyKind kind, aclrtStream stream)
  async refused op.copy=NULL,0,src,count,kind op.bytes=count symbol:address src:address -- Copies to a variable of a kernel, on a stream.
aclError aclrtGetMemcpyDescSize(aclrtMemcpyKind kind, size_t *descSize)
  query call -- Bytes of the description of a copy.
aclError aclrtSetMemcpyDesc(void *desc, aclrtMemcpyKind kind, void *srcAddr, void *dstAddr, size_t count, void *config)
  sync call desc:address srcAddr:address dstAddr:address config:nullable,address -- Writes the description of a copy to device memory.
aclError aclrtMemcpyAsyncWithOffset(void **dst, size_t destMax, size_t dstDataOffset, const void **src, size_t count, size_t srcDataOffset, aclrtMemcpyKind kind, aclrtStream stream)
  async:COPY_D2D answered op.bytes=count dst:address src:address -- Copies between addresses that stand in device memory, on a stream.
aclError aclrtMemcpyAsyncWithDesc(void *desc, aclrtMemcpyKind kind, aclrtStream stream)
  async:COPY_D2D answered desc:address -- Makes a described copy on a stream.
aclError aclrtMemcpyBatch(void **dsts, size_t *destMaxs, void **srcs, size_t *sizes, size_t numBatches, aclrtMemcpyBatchAttr *attrs, size_t *attrsIndexes, size_t numAttrs, size_t *failIndex)
  sync remote=remote/pieces.c dsts:in destMaxs:in srcs:in sizes:in attrs:in attrsIndexes:in -- Makes several copies and returns when they are done.
aclError aclrtMemcpyBatchV2(void **dsts, size_t *destMaxs, void **srcs, size_t *sizes, size_t numBatches, aclrtMemcpyBatchAttr *attrs, size_t *attrsIndexes, size_t numAttrs)
  sync remote=remote/pieces.c dsts:in destMaxs:in srcs:in sizes:in attrs:in attrsIndexes:in -- Makes several copies and returns when they are done.
aclError aclrtMemcpyBatchAsync(void **dsts, size_t *destMaxs, void **srcs, size_t *sizes, size_t numBatches, aclrtMemcpyBatchAttr *attrs, size_t *attrsIndexes, size_t numAttrs, size_t *failIndex, aclrtStream stream)
  async:COPY_D2D remote=remote/pieces.c waits dsts:in destMaxs:in srcs:in sizes:in attrs:in attrsIndexes:in -- Makes several copies on a stream.
aclError aclrtMemcpyBatchAsyncV2(void **dsts, size_t *destMaxs, void **srcs, size_t *sizes, size_t numBatches, aclrtMemcpyBatchAttr *attrs, size_t *attrsIndexes, size_t numAttrs, aclrtStream stream)
  async:COPY_D2D remote=remote/pieces.c waits dsts:in destMaxs:in srcs:in sizes:in attrs:in attrsIndexes:in -- Makes several copies on a stream.
aclError aclrtReduceAsync(void *dst, const void *src, uint64_t count, aclrtReduceKind kind, aclDataType type, aclrtStream stream, void *reserve)
  async:COPY_D2D answered op.bytes=count dst:device,bytes=count src:device,bytes=count reserve:nullable -- Adds, or takes the larger or smaller, into device memory, on a stream.
aclError aclrtCmoAsync(void *src, size_t size, aclrtCmoType cmoType, aclrtStream stream)
  async:OTHER answered op.bytes=size src:device,bytes=size -- Prefetches or writes back memory, on a stream.
aclError aclrtCmoAsyncWithBarrier(void *src, size_t size, aclrtCmoType cmoType, uint32_t barrierId, aclrtStream stream)
  async:OTHER refused op.bytes=size src:device -- The same, with a barrier.
aclError aclrtCmoWaitBarrier(aclrtBarrierTaskInfo *taskInfo, aclrtStream stream, uint32_t flag)
  async:OTHER refused taskInfo:copy=sizeof(*taskInfo) -- The stream waits for barriers.
aclError aclrtCmoGetDescSize(size_t *size)
  query call -- Bytes of the description of a prefetch.
aclError aclrtCmoSetDesc(void *cmoDesc, void *src, size_t size)
  sync call cmoDesc:address src:address -- Writes the description of a prefetch to device memory.
aclError aclrtCmoAsyncWithDesc(void *cmoDesc, aclrtCmoType cmoType, aclrtStream stream, const void *reserve)
  async:OTHER answered cmoDesc:address reserve:nullable -- Makes a described prefetch on a stream.
`,
  ),
]
