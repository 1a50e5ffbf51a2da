/* Device memory: answered calls, and the table of what they gave; see remote/memory.h. */
#include "remote/memory.h"

#include "boot/counters.h"
#include "memory/ranges.h"
#include "remote/error.h"
#include "remote_client.h"

static fx_ranges held = FX_RANGES_INIT;

bool fx_device_memory_holds(const void *address, size_t bytes) { return fx_ranges_hold(&held, address, bytes); }

aclError fx_device_memory_check(const void *address, size_t bytes) {
  if (FX_LIKELY(fx_device_memory_holds(address, bytes))) return ACL_SUCCESS;
  return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes at %p are not all device memory", bytes, address);
}

bool fx_device_memory_add(const void *address, size_t bytes) { return fx_ranges_add(&held, address, bytes, 0); }

void fx_device_memory_forget(const void *address) {
  fx_range range;
  (void)fx_ranges_take(&held, address, &range);
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

aclError fx_remote_aclrtMalloc(void **devPtr, size_t size, aclrtMemMallocPolicy policy) {
  return given(fx_call_aclrtMalloc(devPtr, size, policy), devPtr, size, fx_call_aclrtFree);
}

aclError fx_remote_aclrtMallocAlign32(void **devPtr, size_t size, aclrtMemMallocPolicy policy) {
  return given(fx_call_aclrtMallocAlign32(devPtr, size, policy), devPtr, size, fx_call_aclrtFree);
}

aclError fx_remote_aclrtFree(void *devPtr) {
  if (devPtr == NULL) return fx_remote_no_handle(NULL, "memory");
  return taken(fx_call_aclrtFree, devPtr);
}

aclError fx_remote_aclrtReserveMemAddress(void **virPtr, size_t size, size_t alignment, void *expectPtr, uint64_t flags) {
  return given(fx_call_aclrtReserveMemAddress(virPtr, size, alignment, expectPtr, flags), virPtr, size,
               fx_call_aclrtReleaseMemAddress);
}

aclError fx_remote_aclrtReleaseMemAddress(void *virPtr) { return taken(fx_call_aclrtReleaseMemAddress, virPtr); }
