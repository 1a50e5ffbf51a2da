/* Device memory: answered calls, and the table of what they gave; see remote/memory.h. */
#include "remote/memory.h"

#include <stdatomic.h>
#include <string.h>

#include "boot/counters.h"
#include "memory/ranges.h"
#include "remote/error.h"
#include "remote/pinned.h"
#include "remote_client.h"

static fx_ranges held = FX_RANGES_INIT;

/* Values of conditions in graphs; those of graphs that have ended too, of which only the daemon knows. */
static fx_ranges conditions = FX_RANGES_INIT;

bool fx_device_memory_holds(const void *address, size_t bytes) {
  return FX_LIKELY(fx_ranges_hold(&held, address, bytes)) || fx_ranges_hold(&conditions, address, bytes);
}

aclError fx_remote_aclmdlRICondHandleGetCondPtr(aclmdlRICondHandle handle, uint64_t **ptr) {
  aclError error = fx_call_aclmdlRICondHandleGetCondPtr(handle, ptr);
  if (error != ACL_SUCCESS || ptr == NULL || fx_ranges_hold(&conditions, *ptr, sizeof **ptr)) return error;
  if (fx_ranges_add(&conditions, *ptr, sizeof **ptr, 0)) return error;
  return fx_remote_fail(ACL_ERROR_BAD_ALLOC, "no host memory to remember device memory");
}

aclError fx_device_memory_check(const void *address, size_t bytes) {
  if (FX_LIKELY(fx_device_memory_holds(address, bytes))) return ACL_SUCCESS;
  return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes at %p are not all device memory", bytes, address);
}

bool fx_device_memory_add(const void *address, size_t bytes) { return fx_ranges_add(&held, address, bytes, 0); }

void fx_device_memory_forget(const void *address) {
  fx_range range;
  (void)fx_ranges_take(&held, address, &range);
}

bool fx_device_memory_find(const void *address, void **base, size_t *bytes) {
  fx_range range;
  if (!fx_ranges_find(&held, address, &range)) return false;
  *base = (void *)range.start;
  *bytes = range.bytes;
  return true;
}

static _Atomic uint64_t used, most;

static aclError counted(aclError error, size_t bytes) {
  if (error != ACL_SUCCESS) return error;
  uint64_t now = atomic_fetch_add(&used, bytes) + bytes, peak = atomic_load(&most);
  while (now > peak && !atomic_compare_exchange_weak(&most, &peak, now)) continue;
  return error;
}

void fx_device_memory_usage(uint64_t *now, uint64_t *peak) {
  *now = atomic_load(&used);
  *peak = atomic_load(&most);
}

/* What cannot be remembered is given back: it could not be used. */
static aclError given(aclError error, void **address, size_t bytes, aclError (*give_back)(void *)) {
  if (error != ACL_SUCCESS || address == NULL || fx_ranges_add(&held, *address, bytes, 0)) return error;
  (void)give_back(*address);
  return fx_remote_fail(ACL_ERROR_BAD_ALLOC, "no host memory to remember device memory");
}

/* Forgotten before another thread can be given the same address, and known again if it was not given back. */
static aclError taken(aclError (*call)(void *), void *address) {
  fx_range range;
  bool known = fx_ranges_take(&held, address, &range);
  aclError error = call(address);
  if (error != ACL_SUCCESS && known) (void)fx_ranges_add(&held, address, range.bytes, 0);
  return error;
}

/* No size of memory; one that is only too large, the daemon refuses. */
static bool is_none(size_t size) { return size == 0 || size > SIZE_MAX / 4; }

static aclError no_size(size_t size) { return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "size %zu is none of memory", size); }

aclError fx_remote_aclrtMalloc(void **devPtr, size_t size, aclrtMemMallocPolicy policy) {
  if (is_none(size)) return no_size(size);
  return counted(given(fx_call_aclrtMalloc(devPtr, size, policy), devPtr, size, fx_call_aclrtFree), size);
}

aclError fx_remote_aclrtMallocAlign32(void **devPtr, size_t size, aclrtMemMallocPolicy policy) {
  if (is_none(size)) return no_size(size);
  return counted(given(fx_call_aclrtMallocAlign32(devPtr, size, policy), devPtr, size, fx_call_aclrtFree), size);
}

aclError fx_remote_aclrtFree(void *devPtr) {
  if (devPtr == NULL) return fx_remote_no_handle(NULL, "memory");
  void *base;
  size_t bytes = 0;
  (void)fx_device_memory_find(devPtr, &base, &bytes);
  aclError error = taken(fx_call_aclrtFree, devPtr);
  if (error == ACL_SUCCESS) atomic_fetch_sub(&used, bytes);
  return error;
}

aclError fx_remote_aclrtReserveMemAddress(void **virPtr, size_t size, size_t alignment, void *expectPtr, uint64_t flags) {
  return given(fx_call_aclrtReserveMemAddress(virPtr, size, alignment, expectPtr, flags), virPtr, size,
               fx_call_aclrtReleaseMemAddress);
}

aclError fx_remote_aclrtReleaseMemAddress(void *virPtr) { return taken(fx_call_aclrtReleaseMemAddress, virPtr); }

/* The client's device is number 0, whichever it is on the machine. */
aclError fx_remote_aclrtPointerGetAttributes(const void *ptr, aclrtPtrAttributes *attributes) {
  if (ptr == NULL || attributes == NULL) return fx_remote_no_pointer();
  if (fx_device_memory_holds(ptr, 1)) {
    aclError error = fx_call_aclrtPointerGetAttributes(ptr, attributes);
    if (error == ACL_SUCCESS) attributes->location.id = 0;
    return error;
  }
  memset(attributes, 0, sizeof *attributes);
  bool pinned = fx_pinned_holds(ptr, 1);
  attributes->location.type = pinned ? ACL_MEM_LOCATION_TYPE_HOST : ACL_MEM_LOCATION_TYPE_UNREGISTERED;
  if (pinned) attributes->pageSize = FX_PINNED_PAGE_BYTES;
  return ACL_SUCCESS;
}
