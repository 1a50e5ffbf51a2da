/*
 * Memory: the core admits what a tenant takes of a device, and an asynchronous copy is queued only where AscendCL would
 * not wait for it (pinned host memory, or none).
 */
#include "engine/submit.h"
#include "memory/ranges.h"
#include "real_table.h"

static fx_ranges on_device = FX_RANGES_INIT;
static fx_ranges pinned = FX_RANGES_INIT;
static _Atomic uint64_t requests;

/* Asks the core; true where nobody is there to ask. */
static bool admitted(fx_device *d, size_t bytes) {
  if (d == NULL || d->failed) return true;
  fx_lock_take(&d->lock);
  d->admitted = true;
  flexnpu_event *e = fx_device_event(d, FLEXNPU_EVENT_MEM_ALLOC, FLEXNPU_NONE);
  e->mem_alloc.request = atomic_fetch_add(&requests, 1) + 1;
  e->mem_alloc.bytes = bytes;
  fx_device_feed(d);
  bool yes = d->admitted;
  fx_execute(d);
  fx_lock_give(&d->lock);
  return yes;
}

static void returned(int32_t device, size_t bytes) {
  fx_device *d = fx_device_peek(device);
  if (d == NULL) return;
  fx_lock_take(&d->lock);
  if (!d->failed) {
    flexnpu_event *e = fx_device_event(d, FLEXNPU_EVENT_MEM_FREE, FLEXNPU_NONE);
    e->mem_free.bytes = bytes;
    fx_device_feed(d);
    fx_execute(d);
  }
  fx_lock_give(&d->lock);
}

typedef aclError (*fx_malloc_fn)(void **, size_t, aclrtMemMallocPolicy);

static aclError allocate(fx_malloc_fn real, void **address, size_t size, aclrtMemMallocPolicy policy) {
  fx_device *d = fx_device_current();
  if (!admitted(d, size)) return ACL_ERROR_RT_DEVICE_OOM;
  aclError error = real(address, size, policy);
  if (d == NULL) return error;
  if (error != ACL_SUCCESS || !fx_ranges_add(&on_device, *address, size, d->number)) returned(d->number, size);
  return error;
}

FX_EXPORT aclError aclrtMalloc(void **devPtr, size_t size, aclrtMemMallocPolicy policy) {
  FX_COUNT(aclrtMalloc);
  return allocate(fx_real.aclrtMalloc, devPtr, size, policy);
}

FX_EXPORT aclError aclrtMallocAlign32(void **devPtr, size_t size, aclrtMemMallocPolicy policy) {
  FX_COUNT(aclrtMallocAlign32);
  return allocate(fx_real.aclrtMallocAlign32, devPtr, size, policy);
}

FX_EXPORT aclError aclrtFree(void *devPtr) {
  FX_COUNT(aclrtFree);
  fx_drain_all(); /* a queued operator may still name this memory */
  fx_range range;
  bool ours = fx_ranges_take(&on_device, devPtr, &range); /* before it can be given out again */
  aclError error = fx_real.aclrtFree(devPtr);
  if (!ours) return error;
  if (error == ACL_SUCCESS) returned(range.device, range.bytes);
  else (void)fx_ranges_add(&on_device, devPtr, range.bytes, range.device);
  return error;
}

FX_EXPORT aclError aclrtMallocPhysical(aclrtDrvMemHandle *handle, size_t size, const aclrtPhysicalMemProp *prop,
                                       uint64_t flags) {
  FX_COUNT(aclrtMallocPhysical);
  fx_device *d = fx_device_current();
  if (!admitted(d, size)) return ACL_ERROR_RT_DEVICE_OOM;
  aclError error = fx_real.aclrtMallocPhysical(handle, size, prop, flags);
  if (d == NULL) return error;
  /* A handle is an address of the library's own; one byte of it stands for the allocation. */
  if (error != ACL_SUCCESS || !fx_ranges_add(&on_device, *handle, size, d->number)) returned(d->number, size);
  return error;
}

FX_EXPORT aclError aclrtFreePhysical(aclrtDrvMemHandle handle) {
  FX_COUNT(aclrtFreePhysical);
  fx_drain_all();
  fx_range range;
  bool ours = fx_ranges_take(&on_device, handle, &range);
  aclError error = fx_real.aclrtFreePhysical(handle);
  if (!ours) return error;
  if (error == ACL_SUCCESS) returned(range.device, range.bytes);
  else (void)fx_ranges_add(&on_device, handle, range.bytes, range.device);
  return error;
}

FX_EXPORT aclError aclrtMallocHost(void **hostPtr, size_t size) {
  FX_COUNT(aclrtMallocHost);
  aclError error = fx_real.aclrtMallocHost(hostPtr, size);
  if (error == ACL_SUCCESS) (void)fx_ranges_add(&pinned, *hostPtr, size, 0); /* unknown counts as pageable: slower, right */
  return error;
}

FX_EXPORT aclError aclrtFreeHost(void *hostPtr) {
  FX_COUNT(aclrtFreeHost);
  fx_drain_all();
  fx_range range;
  bool ours = fx_ranges_take(&pinned, hostPtr, &range);
  aclError error = fx_real.aclrtFreeHost(hostPtr);
  if (ours && error != ACL_SUCCESS) (void)fx_ranges_add(&pinned, hostPtr, range.bytes, 0);
  return error;
}

FX_EXPORT aclError aclrtHostRegister(void *ptr, uint64_t size, aclrtHostRegisterType type, void **devPtr) {
  FX_COUNT(aclrtHostRegister);
  aclError error = fx_real.aclrtHostRegister(ptr, size, type, devPtr);
  if (error == ACL_SUCCESS) (void)fx_ranges_add(&pinned, ptr, size, 0);
  return error;
}

FX_EXPORT aclError aclrtHostUnregister(void *ptr) {
  FX_COUNT(aclrtHostUnregister);
  fx_drain_all();
  fx_range range;
  bool ours = fx_ranges_take(&pinned, ptr, &range);
  aclError error = fx_real.aclrtHostUnregister(ptr);
  if (ours && error != ACL_SUCCESS) (void)fx_ranges_add(&pinned, ptr, range.bytes, 0);
  return error;
}

/* Whether AscendCL would return from this copy before it is done. */
static bool asynchronous(const void *dst, const void *src, size_t count, aclrtMemcpyKind kind) {
  switch (kind) {
    case ACL_MEMCPY_DEVICE_TO_DEVICE:
    case ACL_MEMCPY_INNER_DEVICE_TO_DEVICE:
    case ACL_MEMCPY_INTER_DEVICE_TO_DEVICE: return true;
    case ACL_MEMCPY_HOST_TO_DEVICE: return fx_ranges_hold(&pinned, src, count);
    case ACL_MEMCPY_DEVICE_TO_HOST: return fx_ranges_hold(&pinned, dst, count);
    default: return false; /* host to host is an error to be said at once; of a default kind either side may be a host's */
  }
}

FX_EXPORT aclError aclrtMemcpyAsync(void *dst, size_t destMax, const void *src, size_t count, aclrtMemcpyKind kind,
                                    aclrtStream stream) {
  FX_COUNT(aclrtMemcpyAsync);
  fx_stream *s = fx_stream_of(stream);
  if (FX_LIKELY(fx_credit_take(s))) return fx_real.aclrtMemcpyAsync(dst, destMax, src, count, kind, stream);
  if (dst == NULL || src == NULL || count > destMax || !asynchronous(dst, src, count, kind)) {
    fx_drain(s);
    return fx_real.aclrtMemcpyAsync(dst, destMax, src, count, kind, stream);
  }
  fx_args_aclrtMemcpyAsync args = {dst, destMax, src, count, kind, stream};
  fx_op_meta meta = {.api = FX_API_aclrtMemcpyAsync, .op_class = fx_copy_class(kind), .bytes = count};
  return fx_submit(s, &meta, &args, sizeof args);
}
