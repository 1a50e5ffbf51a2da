/* More ways to take and give memory, seen as the common ones are (api/memory.c). */
#include "api/held_memory.h"
#include "engine/submit.h"
#include "real_table.h"

/* Device memory: the core is asked, the real call made, and what it gave noted. */
#define TAKE(address, bytes, call)                          \
  do {                                                      \
    fx_admission a = fx_memory_ask(bytes);                  \
    if (a.refused) return ACL_ERROR_RT_DEVICE_OOM;          \
    aclError error = call;                                  \
    return fx_memory_took(&a, error == ACL_SUCCESS ? *(address) : NULL, error); \
  } while (0)

FX_EXPORT aclError aclrtMallocCached(void **devPtr, size_t size, aclrtMemMallocPolicy policy) {
  FX_COUNT(aclrtMallocCached);
  TAKE(devPtr, size, fx_real.aclrtMallocCached(devPtr, size, policy));
}

FX_EXPORT aclError aclrtMallocWithCfg(void **devPtr, size_t size, aclrtMemMallocPolicy policy, aclrtMallocConfig *cfg) {
  FX_COUNT(aclrtMallocWithCfg);
  TAKE(devPtr, size, fx_real.aclrtMallocWithCfg(devPtr, size, policy, cfg));
}

FX_EXPORT aclError aclrtMallocForTaskScheduler(void **devPtr, size_t size, aclrtMemMallocPolicy policy,
                                               aclrtMallocConfig *cfg) {
  FX_COUNT(aclrtMallocForTaskScheduler);
  TAKE(devPtr, size, fx_real.aclrtMallocForTaskScheduler(devPtr, size, policy, cfg));
}

FX_EXPORT aclError aclrtMemAllocManaged(void **ptr, uint64_t size, uint32_t flag) {
  FX_COUNT(aclrtMemAllocManaged);
  TAKE(ptr, size, fx_real.aclrtMemAllocManaged(ptr, size, flag));
}

FX_EXPORT aclError aclrtFreeWithDevSync(void *devPtr) {
  FX_COUNT(aclrtFreeWithDevSync);
  return fx_memory_give(devPtr, fx_real.aclrtFreeWithDevSync);
}

FX_EXPORT aclError aclrtMallocHostWithCfg(void **ptr, uint64_t size, aclrtMallocConfig *cfg) {
  FX_COUNT(aclrtMallocHostWithCfg);
  aclError error = fx_real.aclrtMallocHostWithCfg(ptr, size, cfg);
  if (error == ACL_SUCCESS) fx_host_memory_took(*ptr, size);
  return error;
}

FX_EXPORT aclError aclrtFreeHostWithDevSync(void *hostPtr) {
  FX_COUNT(aclrtFreeHostWithDevSync);
  return fx_host_memory_give(hostPtr, fx_real.aclrtFreeHostWithDevSync);
}

FX_EXPORT aclError aclrtHostRegisterV2(void *ptr, uint64_t size, uint32_t flag) {
  FX_COUNT(aclrtHostRegisterV2);
  aclError error = fx_real.aclrtHostRegisterV2(ptr, size, flag);
  if (error == ACL_SUCCESS && (flag & (ACL_HOST_REG_PINNED | ACL_HOST_REG_MAPPED)) != 0) fx_host_memory_registered(ptr, size);
  return error;
}
