/* Kernels; see remote/kernels.h. A kernel lives until its binary is unloaded; beyond the table, the daemon alone knows. */
#include "remote/kernels.h"

#include "boot/counters.h"
#include "remote/live.h"
#include "remote_client.h"

#define KERNELS 65536u

static _Atomic uint64_t handles[KERNELS];
static const fx_live live = {handles, KERNELS};
static _Atomic uint64_t binaries[KERNELS]; /* of which they are */

aclError fx_kernel_check(aclrtFuncHandle function) {
  if (FX_LIKELY(fx_handle_is(function, FLEXNPU_HANDLE_FUNCTION) && (fx_live_has(&live, function) || fx_handle_index(function) >= KERNELS)))
    return ACL_SUCCESS;
  return fx_remote_no_handle(function, "kernel");
}

aclError fx_remote_aclrtBinaryGetFunction(const aclrtBinHandle binHandle, const char *kernelName, aclrtFuncHandle *funcHandle) {
  aclError error = fx_call_aclrtBinaryGetFunction(binHandle, kernelName, funcHandle);
  if (error != ACL_SUCCESS || fx_handle_index(*funcHandle) >= KERNELS) return error;
  atomic_store(&binaries[fx_handle_index(*funcHandle)], (uint64_t)(uintptr_t)binHandle);
  fx_live_add(&live, *funcHandle);
  return error;
}

aclError fx_remote_aclrtBinaryUnLoad(aclrtBinHandle binHandle) {
  aclError error = fx_call_aclrtBinaryUnLoad(binHandle);
  for (uint32_t i = 0; error == ACL_SUCCESS && i < KERNELS; i++)
    if (atomic_load_explicit(&binaries[i], memory_order_relaxed) == (uint64_t)(uintptr_t)binHandle) {
      atomic_store(&binaries[i], 0);
      atomic_store(&handles[i], 0);
    }
  return error;
}
