/* More ways to take memory, which through a daemon are the common ones, and questions about it. */
#include <string.h>

#include "remote/error.h"
#include "remote/memory.h"
#include "remote_client.h"

/* Settings say which module asks, and where; the daemon gives the same memory to all. */
static aclError check_settings(const aclrtMallocConfig *cfg) {
  if (cfg == NULL) return ACL_SUCCESS;
  if (cfg->attrs == NULL || cfg->numAttrs == 0) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "settings without a list");
  for (size_t i = 0; i < cfg->numAttrs; i++) {
    int attribute = (int)cfg->attrs[i].attr;
    if (attribute < ACL_RT_MEM_ATTR_MODULE_ID || attribute > ACL_RT_MEM_ATTR_VA_FLAG)
      return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "memory setting %d is not known", attribute);
  }
  return ACL_SUCCESS;
}

aclError fx_remote_aclrtMallocCached(void **devPtr, size_t size, aclrtMemMallocPolicy policy) {
  return fx_remote_aclrtMalloc(devPtr, size, policy);
}

aclError fx_remote_aclrtMallocWithCfg(void **devPtr, size_t size, aclrtMemMallocPolicy policy, aclrtMallocConfig *cfg) {
  aclError error = check_settings(cfg);
  return error == ACL_SUCCESS ? fx_remote_aclrtMalloc(devPtr, size, policy) : error;
}

aclError fx_remote_aclrtMallocForTaskScheduler(void **devPtr, size_t size, aclrtMemMallocPolicy policy, aclrtMallocConfig *cfg) {
  return fx_remote_aclrtMallocWithCfg(devPtr, size, policy, cfg);
}

aclError fx_remote_aclrtMallocHostWithCfg(void **ptr, uint64_t size, aclrtMallocConfig *cfg) {
  aclError error = check_settings(cfg);
  return error == ACL_SUCCESS ? fx_remote_aclrtMallocHost(ptr, size) : error;
}

/* Memory that the device still uses is given back all the same, when it is done. */
static aclError wait_and(aclError (*give_back)(void *), void *memory) {
  aclError error = fx_call_aclrtSynchronizeDevice(), given = give_back(memory);
  return given != ACL_SUCCESS ? given : error;
}

aclError fx_remote_aclrtFreeWithDevSync(void *devPtr) { return wait_and(fx_remote_aclrtFree, devPtr); }
aclError fx_remote_aclrtFreeHostWithDevSync(void *hostPtr) { return wait_and(fx_remote_aclrtFreeHost, hostPtr); }

aclError fx_remote_aclrtMemGetAddressRange(void *ptr, void **pbase, size_t *psize) {
  void *base;
  size_t bytes;
  if (ptr == NULL) return fx_remote_no_pointer();
  if (!fx_device_memory_find(ptr, &base, &bytes)) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is no device memory", ptr);
  if (pbase != NULL) *pbase = base;
  if (psize != NULL) *psize = bytes;
  return ACL_SUCCESS;
}

aclError fx_remote_aclrtCheckMemType(void **addrList, uint32_t size, uint32_t memType, uint32_t *checkResult, uint32_t reserve) {
  const uint32_t known = ACL_RT_MEM_TYPE_DEV | ACL_RT_MEM_TYPE_DVPP;
  if (addrList == NULL || checkResult == NULL) return fx_remote_no_pointer();
  if (size == 0 || memType == 0 || (memType & ~known) != 0 || reserve != 0)
    return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%u addresses of the kinds 0x%x, reserve %u", size, memType, reserve);
  *checkResult = 1;
  for (uint32_t i = 0; i < size; i++)
    if ((memType & ACL_RT_MEM_TYPE_DEV) == 0 || !fx_device_memory_holds(addrList[i], 1)) *checkResult = 0;
  return ACL_SUCCESS;
}

/* One component takes memory: the program. */
aclError fx_remote_aclrtGetMemUsageInfo(int32_t deviceId, aclrtMemUsageInfo *memUsageInfo, size_t inputNum, size_t *outputNum) {
  if (memUsageInfo == NULL || outputNum == NULL) return fx_remote_no_pointer();
  if (deviceId != 0) return fx_remote_fail(ACL_ERROR_RT_INVALID_DEVICEID, "device %d: there is one", deviceId);
  if (inputNum == 0) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "room for 0 components");
  memset(memUsageInfo, 0, sizeof *memUsageInfo);
  memcpy(memUsageInfo->name, "APP", sizeof "APP");
  fx_device_memory_usage(&memUsageInfo->curMemSize, &memUsageInfo->memPeakSize);
  *outputNum = 1;
  return ACL_SUCCESS;
}
