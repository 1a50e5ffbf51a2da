/* For how many cores the process, and each of its threads, plans; see remote/limits.h. */
#include "boot/counters.h"
#include "remote/error.h"
#include "remote/limits.h"
#include "remote/streams.h"
#include "remote_client.h"

static FX_TLS aclrtStream plans_for;

aclError fx_remote_aclrtSetDeviceResLimit(int32_t deviceId, aclrtDevResLimitType type, uint32_t value) {
  uint32_t all = 0;
  aclError error = fx_limit_check_type(type);
  if (error == ACL_SUCCESS) error = fx_limit_check_device(deviceId);
  if (error == ACL_SUCCESS) error = fx_call_aclrtGetDeviceResLimit(deviceId, type, &all);
  if (error != ACL_SUCCESS) return error;
  if (value == 0 || value > all) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%u cores: expected 1 to %u", value, all);
  atomic_store(&fx_limits[type], value);
  return ACL_SUCCESS;
}

aclError fx_remote_aclrtResetDeviceResLimit(int32_t deviceId) {
  aclError error = fx_limit_check_device(deviceId);
  for (int type = 0; type < FX_LIMIT_TYPES && error == ACL_SUCCESS; type++) atomic_store(&fx_limits[type], 0);
  return error;
}

aclError fx_remote_aclrtUseStreamResInCurrentThread(aclrtStream stream) {
  aclError error = fx_stream_resolve(&stream);
  if (error == ACL_SUCCESS) plans_for = stream;
  return error;
}

aclError fx_remote_aclrtUnuseStreamResInCurrentThread(aclrtStream stream) {
  aclError error = fx_stream_resolve(&stream);
  if (error == ACL_SUCCESS && plans_for == stream) plans_for = NULL;
  return error;
}

aclError fx_remote_aclrtGetResInCurrentThread(aclrtDevResLimitType type, uint32_t *value) {
  if (value == NULL) return fx_remote_no_pointer();
  aclError error = fx_limit_check_type(type);
  if (error == ACL_SUCCESS) error = fx_context_check();
  if (error != ACL_SUCCESS) return error;
  uint32_t set = plans_for != NULL ? fx_limit_of(plans_for, type) : 0;
  if (set == 0) return fx_remote_aclrtGetDeviceResLimit(0, type, value);
  *value = set;
  return ACL_SUCCESS;
}
