/* Device memory: answered calls, and the table of what they gave; see remote/memory.h. */
#include "remote/memory.h"

#include "acl/acl.h"
#include "memory/ranges.h"
#include "remote_client.h"

static fx_ranges held = FX_RANGES_INIT;

bool fx_device_memory_holds(const void *address, size_t bytes) { return fx_ranges_hold(&held, address, bytes); }

/* What is not remembered for lack of memory can still be copied with a kind that names the direction. */
static aclError given(aclError error, void **address, size_t bytes) {
  if (error == ACL_SUCCESS && address != NULL) (void)fx_ranges_add(&held, *address, bytes, 0);
  return error;
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
  return given(fx_call_aclrtMalloc(devPtr, size, policy), devPtr, size);
}

aclError fx_remote_aclrtMallocAlign32(void **devPtr, size_t size, aclrtMemMallocPolicy policy) {
  return given(fx_call_aclrtMallocAlign32(devPtr, size, policy), devPtr, size);
}

aclError fx_remote_aclrtFree(void *devPtr) { return taken(fx_call_aclrtFree, devPtr); }

aclError fx_remote_aclrtReserveMemAddress(void **virPtr, size_t size, size_t alignment, void *expectPtr, uint64_t flags) {
  return given(fx_call_aclrtReserveMemAddress(virPtr, size, alignment, expectPtr, flags), virPtr, size);
}

aclError fx_remote_aclrtReleaseMemAddress(void *virPtr) { return taken(fx_call_aclrtReleaseMemAddress, virPtr); }
