/*
 * Memory: the core admits what a tenant takes of a device, and an asynchronous copy is queued only where AscendCL would
 * not wait for it (pinned host memory, or none).
 */
#include "api/copy.h"
#include "api/held_memory.h"
#include "engine/submit.h"
#include "memory/ranges.h"
#include "real_table.h"

static fx_ranges on_device = FX_RANGES_INIT;
static fx_ranges pinned = FX_RANGES_INIT;
/* By the program: memory of its own, and parts of what is pinned. */
static fx_ranges registered = FX_RANGES_INIT;
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

void fx_memory_returned(int32_t device, size_t bytes) {
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

fx_admission fx_memory_ask(size_t bytes) {
  fx_device *d = fx_device_current();
  if (d != NULL && bytes > d->hbm_bytes) d = NULL; /* more than there is: the real library says what it says of that */
  return (fx_admission){.device = d, .bytes = bytes, .refused = !admitted(d, bytes)};
}

aclError fx_memory_took(const fx_admission *a, void *address, aclError error) {
  if (a->device == NULL) return error;
  if (error != ACL_SUCCESS || !fx_ranges_add(&on_device, address, a->bytes, a->device->number))
    fx_memory_returned(a->device->number, a->bytes);
  return error;
}

bool fx_device_memory_known(const void *start, size_t bytes) { return fx_ranges_hold(&on_device, start, bytes); }

/* Of `ranges`, gives back what begins at the address, by the real call. */
static aclError give_back(fx_ranges *ranges, void *address, aclError (*real)(void *)) {
  fx_drain_all(); /* a queued operator may still name this memory */
  fx_range range;
  bool ours = fx_ranges_take(ranges, address, &range); /* before it can be given out again */
  aclError error = real(address);
  if (!ours) return error;
  if (error != ACL_SUCCESS) (void)fx_ranges_add(ranges, address, range.bytes, range.device);
  else if (ranges == &on_device) fx_memory_returned(range.device, range.bytes);
  else if (ranges == &pinned) fx_ranges_clear(&registered, address, range.bytes);
  return error;
}

aclError fx_memory_give(void *address, aclError (*real)(void *)) { return give_back(&on_device, address, real); }
aclError fx_host_memory_give(void *address, aclError (*real)(void *)) { return give_back(&pinned, address, real); }

/* What is not noted counts as pageable: slower, and right. */
void fx_host_memory_took(void *address, size_t bytes) { (void)fx_ranges_add(&pinned, address, bytes, 0); }
void fx_host_memory_registered(void *address, size_t bytes) { (void)fx_ranges_add(&registered, address, bytes, 0); }

static bool is_pinned(const void *address, size_t bytes) {
  return fx_ranges_hold(&pinned, address, bytes) || fx_ranges_hold(&registered, address, bytes);
}

FX_EXPORT aclError aclrtMalloc(void **devPtr, size_t size, aclrtMemMallocPolicy policy) {
  FX_COUNT(aclrtMalloc);
  fx_admission a = fx_memory_ask(size);
  if (a.refused) return ACL_ERROR_RT_DEVICE_OOM;
  aclError error = fx_real.aclrtMalloc(devPtr, size, policy);
  return fx_memory_took(&a, error == ACL_SUCCESS ? *devPtr : NULL, error);
}

FX_EXPORT aclError aclrtMallocAlign32(void **devPtr, size_t size, aclrtMemMallocPolicy policy) {
  FX_COUNT(aclrtMallocAlign32);
  fx_admission a = fx_memory_ask(size);
  if (a.refused) return ACL_ERROR_RT_DEVICE_OOM;
  aclError error = fx_real.aclrtMallocAlign32(devPtr, size, policy);
  return fx_memory_took(&a, error == ACL_SUCCESS ? *devPtr : NULL, error);
}

FX_EXPORT aclError aclrtFree(void *devPtr) {
  FX_COUNT(aclrtFree);
  return fx_memory_give(devPtr, fx_real.aclrtFree);
}

FX_EXPORT aclError aclrtMallocHost(void **hostPtr, size_t size) {
  FX_COUNT(aclrtMallocHost);
  aclError error = fx_real.aclrtMallocHost(hostPtr, size);
  if (error == ACL_SUCCESS) fx_host_memory_took(*hostPtr, size);
  return error;
}

FX_EXPORT aclError aclrtFreeHost(void *hostPtr) {
  FX_COUNT(aclrtFreeHost);
  return fx_host_memory_give(hostPtr, fx_real.aclrtFreeHost);
}

FX_EXPORT aclError aclrtHostRegister(void *ptr, uint64_t size, aclrtHostRegisterType type, void **devPtr) {
  FX_COUNT(aclrtHostRegister);
  aclError error = fx_real.aclrtHostRegister(ptr, size, type, devPtr);
  if (error == ACL_SUCCESS) fx_host_memory_registered(ptr, size);
  return error;
}

FX_EXPORT aclError aclrtHostUnregister(void *ptr) {
  FX_COUNT(aclrtHostUnregister);
  return give_back(&registered, ptr, fx_real.aclrtHostUnregister);
}

bool fx_copy_queues(const void *dst, size_t dst_bytes, const void *src, size_t src_bytes, aclrtMemcpyKind kind) {
  switch (kind) {
    case ACL_MEMCPY_DEVICE_TO_DEVICE:
    case ACL_MEMCPY_INNER_DEVICE_TO_DEVICE:
    case ACL_MEMCPY_INTER_DEVICE_TO_DEVICE: return true;
    case ACL_MEMCPY_HOST_TO_DEVICE: return is_pinned(src, src_bytes);
    case ACL_MEMCPY_DEVICE_TO_HOST: return is_pinned(dst, dst_bytes);
    default: return false; /* host to host is an error to be said at once; of a default kind either side may be a host's */
  }
}

FX_EXPORT aclError aclrtMemcpyAsync(void *dst, size_t destMax, const void *src, size_t count, aclrtMemcpyKind kind,
                                    aclrtStream stream) {
  FX_COUNT(aclrtMemcpyAsync);
  fx_stream *s = fx_stream_of(stream);
  if (FX_LIKELY(fx_credit_take(s))) return fx_real.aclrtMemcpyAsync(dst, destMax, src, count, kind, stream);
  if (dst == NULL || src == NULL || count > destMax || !fx_copy_queues(dst, count, src, count, kind)) {
    fx_drain(s);
    return fx_real.aclrtMemcpyAsync(dst, destMax, src, count, kind, stream);
  }
  fx_args_aclrtMemcpyAsync args = {dst, destMax, src, count, kind, stream};
  fx_op_meta meta = {.api = FX_API_aclrtMemcpyAsync, .op_class = fx_copy_class(kind), .bytes = count};
  return fx_submit(s, &meta, &args, sizeof args);
}
