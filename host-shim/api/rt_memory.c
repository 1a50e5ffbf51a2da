/* Memory by the runtime below AscendCL, seen as AscendCL's is (api/memory.c). */
#include "api/held_memory.h"
#include "boot/origin.h"
#include "engine/submit.h"
#include "real_table.h"

FX_EXPORT rtError_t rtMalloc(void **devPtr, uint64_t size, rtMemType_t type, uint16_t moduleId) {
  if (FX_FROM_BELOW()) return fx_real.rtMalloc(devPtr, size, type, moduleId);
  FX_COUNT(rtMalloc);
  fx_admission a = fx_memory_ask(size);
  if (a.refused) return ACL_ERROR_RT_DEVICE_OOM;
  rtError_t error = fx_real.rtMalloc(devPtr, size, type, moduleId);
  return fx_memory_took(&a, error == RT_ERROR_NONE ? *devPtr : NULL, error);
}

FX_EXPORT rtError_t rtFree(void *devPtr) {
  if (FX_FROM_BELOW()) return fx_real.rtFree(devPtr);
  FX_COUNT(rtFree);
  return fx_memory_give(devPtr, fx_real.rtFree);
}

FX_EXPORT rtError_t rtMallocHost(void **hostPtr, uint64_t size, uint16_t moduleId) {
  if (FX_FROM_BELOW()) return fx_real.rtMallocHost(hostPtr, size, moduleId);
  FX_COUNT(rtMallocHost);
  rtError_t error = fx_real.rtMallocHost(hostPtr, size, moduleId);
  if (error == RT_ERROR_NONE) fx_host_memory_took(*hostPtr, size);
  return error;
}

FX_EXPORT rtError_t rtFreeHost(void *hostPtr) {
  if (FX_FROM_BELOW()) return fx_real.rtFreeHost(hostPtr);
  FX_COUNT(rtFreeHost);
  return fx_host_memory_give(hostPtr, fx_real.rtFreeHost);
}
