/* Settings of the process, which only host code in it looks at, and what a device says that has no neighbours. */
#include <stdatomic.h>

#include "boot/counters.h"
#include "remote/call.h"
#include "remote/error.h"
#include "remote/streams.h"
#include "remote_client.h"

static _Atomic int64_t options[ACL_OPT_ENABLE_KERNEL_EARLY_START + 1];

static aclError check_option(aclSysParamOpt opt) {
  if ((int)opt >= 0 && (size_t)opt < sizeof options / sizeof *options) return ACL_SUCCESS;
  return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "setting %d is not known", (int)opt);
}

aclError fx_remote_aclrtSetSysParamOpt(aclSysParamOpt opt, int64_t value) {
  aclError error = check_option(opt);
  if (error == ACL_SUCCESS) atomic_store(&options[opt], value);
  return error;
}

aclError fx_remote_aclrtGetSysParamOpt(aclSysParamOpt opt, int64_t *value) {
  if (value == NULL) return fx_remote_no_pointer();
  aclError error = check_option(opt);
  if (error == ACL_SUCCESS) *value = atomic_load(&options[opt]);
  return error;
}

/* A thread's choice where a device has one for each kind of cores; those that a daemon may serve have one for all. */
aclError fx_remote_aclrtSetTsDevice(aclrtTsId tsId) {
  if (tsId == ACL_TS_ID_AICORE || tsId == ACL_TS_ID_AIVECTOR) return ACL_SUCCESS;
  return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "scheduler %d is not known", (int)tsId);
}

static aclError no_neighbour(int32_t peer) {
  return fx_remote_fail(ACL_ERROR_RT_INVALID_DEVICEID, "device %d is no neighbour: a daemon's client sees one device", peer);
}

aclError fx_remote_aclrtDeviceEnablePeerAccess(int32_t peerDeviceId, uint32_t flags) {
  if (flags != 0) return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "flags %u: expected 0", flags);
  aclError error = fx_context_check();
  return error == ACL_SUCCESS ? no_neighbour(peerDeviceId) : error;
}

aclError fx_remote_aclrtDeviceDisablePeerAccess(int32_t peerDeviceId) {
  aclError error = fx_context_check();
  return error == ACL_SUCCESS ? no_neighbour(peerDeviceId) : error;
}

aclError fx_remote_aclrtGetDeviceUtilizationRate(int32_t deviceId, aclrtUtilizationInfo *utilizationInfo) {
  fx_call c;
  if (utilizationInfo == NULL) return fx_remote_no_pointer();
  aclError error = fx_call_open(&c, FX_API_aclrtGetDeviceUtilizationRate, 8);
  if (error != ACL_SUCCESS) return error;
  fx_call_put(&c, (uint32_t)deviceId);
  if ((error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE)) != ACL_SUCCESS) return error;
  utilizationInfo->cubeUtilization = (int32_t)fx_call_take(&c);
  utilizationInfo->vectorUtilization = (int32_t)fx_call_take(&c);
  utilizationInfo->aicpuUtilization = (int32_t)fx_call_take(&c);
  utilizationInfo->memoryUtilization = (int32_t)fx_call_take(&c);
  utilizationInfo->utilizationExtend = NULL;
  return fx_call_close(&c);
}

aclError fx_remote_aclrtMemSetAccess(void *virPtr, size_t size, aclrtMemAccessDesc *desc, size_t count) {
  if (virPtr == NULL || desc == NULL) return fx_remote_no_pointer();
  if (count == 0 || size == 0) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes for %zu devices", size, count);
  aclError error = ACL_SUCCESS;
  for (size_t i = 0; i < count && error == ACL_SUCCESS; i++) {
    fx_call c;
    if ((error = fx_call_open(&c, FX_API_aclrtMemSetAccess, 24 + sizeof *desc)) != ACL_SUCCESS) return error;
    fx_call_put(&c, (uint64_t)(uintptr_t)virPtr);
    fx_call_put(&c, size);
    fx_call_put_bytes(&c, &desc[i], sizeof *desc);
    error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE);
  }
  return error;
}
