/*
 * The runtime below AscendCL, as ATB and libraries of kernels call it: the same devices, streams and memory by other
 * names. The daemon knows AscendCL's; kernels are in remote/runtime_kernels.c.
 */
#include "api/copy.h"
#include "real_table.h"
#include "remote/error.h"
#include "remote_client.h"

static rtError_t no_place(void) { return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "a required pointer is NULL"); }

rtError_t fx_remote_rtSetDevice(int32_t devId) { return fx_real.aclrtSetDevice(devId); }
rtError_t fx_remote_rtDeviceReset(int32_t devId) { return fx_real.aclrtResetDevice(devId); }

static rtError_t cores(uint32_t *count, aclrtDevAttr attribute) {
  int32_t device = 0;
  int64_t value = 0;
  if (count == NULL) return no_place();
  aclError error = fx_real.aclrtGetDevice(&device);
  if (error == ACL_SUCCESS) error = fx_real.aclrtGetDeviceInfo((uint32_t)device, attribute, &value);
  if (error == ACL_SUCCESS) *count = (uint32_t)value;
  return error;
}

rtError_t fx_remote_rtGetAiCoreCount(uint32_t *aiCoreCnt) { return cores(aiCoreCnt, ACL_DEV_ATTR_AICORE_CORE_NUM); }
rtError_t fx_remote_rtGetAiCpuCount(uint32_t *aiCpuCnt) { return cores(aiCpuCnt, ACL_DEV_ATTR_AICPU_CORE_NUM); }

rtError_t fx_remote_rtStreamCreate(rtStream_t *stm, int32_t priority) {
  if (stm == NULL) return no_place();
  return fx_real.aclrtCreateStreamWithConfig(stm, priority < 0 ? 0 : (uint32_t)priority, 0);
}
rtError_t fx_remote_rtStreamDestroy(rtStream_t stm) { return fx_real.aclrtDestroyStream(stm); }
rtError_t fx_remote_rtStreamSynchronize(rtStream_t stm) { return fx_real.aclrtSynchronizeStream(stm); }
rtError_t fx_remote_rtStreamWaitEvent(rtStream_t stm, rtEvent_t evt) { return fx_real.aclrtStreamWaitEvent(stm, evt); }
rtError_t fx_remote_rtEventRecord(rtEvent_t evt, rtStream_t stm) { return fx_real.aclrtRecordEvent(evt, stm); }

/* Every kind of memory of the device is its HBM, in huge pages where it fills them. */
rtError_t fx_remote_rtMalloc(void **devPtr, uint64_t size, rtMemType_t type, const uint16_t moduleId) {
  (void)type;
  (void)moduleId;
  return devPtr != NULL ? fx_real.aclrtMalloc(devPtr, size, ACL_MEM_MALLOC_HUGE_FIRST) : no_place();
}
rtError_t fx_remote_rtFree(void *devPtr) { return fx_real.aclrtFree(devPtr); }

rtError_t fx_remote_rtMallocHost(void **hostPtr, uint64_t size, const uint16_t moduleId) {
  (void)moduleId;
  return hostPtr != NULL ? fx_real.aclrtMallocHost(hostPtr, size) : no_place();
}
rtError_t fx_remote_rtFreeHost(void *hostPtr) { return fx_real.aclrtFreeHost(hostPtr); }

rtError_t fx_remote_rtMemcpy(void *dst, uint64_t destMax, const void *src, uint64_t cnt, rtMemcpyKind_t kind) {
  return fx_real.aclrtMemcpy(dst, destMax, src, cnt, fx_rt_copy_kind(kind));
}
rtError_t fx_remote_rtMemcpyAsync(void *dst, uint64_t destMax, const void *src, uint64_t cnt, rtMemcpyKind_t kind, rtStream_t stm) {
  return fx_real.aclrtMemcpyAsync(dst, destMax, src, cnt, fx_rt_copy_kind(kind), stm);
}
rtError_t fx_remote_rtMemsetAsync(void *ptr, uint64_t destMax, uint32_t val, uint64_t cnt, rtStream_t stm) {
  return fx_real.aclrtMemsetAsync(ptr, destMax, (int32_t)val, cnt, stm);
}
