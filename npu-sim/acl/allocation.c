/* More ways to take memory, and questions about it. Every kind of device memory here is HBM of the model. */
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "memory.h"

/* Settings say which module asks and where; nothing of them changes what is given. */
static aclError check_settings(const aclrtMallocConfig *config) {
  if (config == NULL) return ACL_SUCCESS;
  if (config->attrs == NULL || config->numAttrs == 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "settings without a list");
  for (size_t i = 0; i < config->numAttrs; i++) {
    int attribute = (int)config->attrs[i].attr;
    if (attribute < ACL_RT_MEM_ATTR_MODULE_ID || attribute > ACL_RT_MEM_ATTR_VA_FLAG) {
      return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "memory setting %d is not known", attribute);
    }
  }
  return ACL_SUCCESS;
}

aclError sim_aclrtMallocCached(void **pointer, size_t size, aclrtMemMallocPolicy policy) { return sim_aclrtMalloc(pointer, size, policy); }

aclError sim_aclrtMallocWithCfg(void **pointer, size_t size, aclrtMemMallocPolicy policy, aclrtMallocConfig *config) {
  aclError error = check_settings(config);
  return error == ACL_SUCCESS ? sim_aclrtMalloc(pointer, size, policy) : error;
}

aclError sim_aclrtMallocForTaskScheduler(void **pointer, size_t size, aclrtMemMallocPolicy policy, aclrtMallocConfig *config) {
  return sim_aclrtMallocWithCfg(pointer, size, policy, config);
}

aclError sim_aclrtMallocHostWithCfg(void **pointer, uint64_t size, aclrtMallocConfig *config) {
  aclError error = check_settings(config);
  return error == ACL_SUCCESS ? sim_aclrtMallocHost(pointer, size) : error;
}

/* What is queued may use the memory: it comes to its end first. */
static aclError wait_and(aclError (*free_memory)(void *), void *pointer) {
  aclError error = sim_aclrtSynchronizeDevice();
  aclError freed = free_memory(pointer);
  return freed != ACL_SUCCESS ? freed : error;
}

aclError sim_aclrtFreeWithDevSync(void *pointer) { return wait_and(sim_aclrtFree, pointer); }
aclError sim_aclrtFreeHostWithDevSync(void *pointer) { return wait_and(sim_aclrtFreeHost, pointer); }

/* ---- questions ---- */

aclError sim_aclrtHostMemMapCapabilities(uint32_t id, aclrtHacType type, aclrtHostMemMapCapability *capability) {
  aclError error;
  if (sim_device_at(id, &error) == NULL) return error;
  if ((int)type < ACL_RT_HAC_TYPE_STARS || (int)type > ACL_RT_HAC_TYPE_CCU) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "unit %d is not known", (int)type);
  /* Cores and copy engines are what is simulated. */
  bool simulated = type == ACL_RT_HAC_TYPE_STARS || type == ACL_RT_HAC_TYPE_AIC || type == ACL_RT_HAC_TYPE_AIV || type == ACL_RT_HAC_TYPE_PCIEDMA || type == ACL_RT_HAC_TYPE_SDMA;
  *capability = simulated ? ACL_RT_HOST_MEM_MAP_SUPPORTED : ACL_RT_HOST_MEM_MAP_NOT_SUPPORTED;
  return ACL_SUCCESS;
}

aclError sim_aclrtPointerGetAttributes(const void *pointer, aclrtPtrAttributes *attributes) {
  *attributes = (aclrtPtrAttributes){.location = {0, ACL_MEM_LOCATION_TYPE_UNREGISTERED}};
  sim_allocation found;
  if (sim_memory_allocation(pointer, &found)) {
    attributes->location.type = found.managed ? ACL_MEM_LOCATION_TYPE_MANAGED : ACL_MEM_LOCATION_TYPE_DEVICE;
    attributes->location.id = found.device;
    attributes->pageSize = found.page_bytes;
  } else if (sim_memory_pinned(pointer, &found)) {
    attributes->location.type = ACL_MEM_LOCATION_TYPE_HOST;
    attributes->pageSize = found.page_bytes;
  }
  return ACL_SUCCESS;
}

aclError sim_aclrtMemGetAddressRange(void *pointer, void **base, size_t *size) {
  sim_allocation found;
  if (!sim_memory_allocation(pointer, &found)) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is no device memory", pointer);
  if (base != NULL) *base = found.base;
  if (size != NULL) *size = found.bytes;
  return ACL_SUCCESS;
}

aclError sim_aclrtCheckMemType(void **addresses, uint32_t count, uint32_t type, uint32_t *result, uint32_t reserve) {
  const uint32_t known = ACL_RT_MEM_TYPE_DEV | ACL_RT_MEM_TYPE_DVPP;
  if (count == 0 || type == 0 || (type & ~known) != 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%u addresses of the kinds 0x%x", count, type);
  if (reserve != 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "reserve %u: expected 0", reserve);
  *result = 1;
  for (uint32_t i = 0; i < count; i++) {
    sim_allocation found;
    if ((type & ACL_RT_MEM_TYPE_DEV) == 0 || !sim_memory_allocation(addresses[i], &found)) *result = 0;
  }
  return ACL_SUCCESS;
}

/* One component takes memory here: the program. */
aclError sim_aclrtGetMemUsageInfo(int32_t id, aclrtMemUsageInfo *usage, size_t room, size_t *count) {
  aclError error;
  const sim_device *device = sim_device_at(id, &error);
  if (device == NULL) return error;
  if (room == 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "room for 0 components");
  if (device->references == 0) return sim_fail(ACL_ERROR_RT_INVALID_DEVICEID, "device %d is not open", id);
  memset(usage, 0, sizeof *usage);
  snprintf(usage->name, sizeof usage->name, "APP");
  sim_memory_usage(device->index, &usage->curMemSize, &usage->memPeakSize);
  *count = 1;
  return ACL_SUCCESS;
}
