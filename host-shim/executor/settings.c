/*
 * Settings of the device and the process, which are every client's: one holds only where it takes nothing from another.
 * The device's answers name it as its clients do.
 */
#include <string.h>

#include "executor/clients.h"
#include "executor/executor.h"
#include "real_table.h"

/* Another mode would change what other clients compute. */
aclError fxd_serve_aclrtSetDeviceSatMode(fxd_call *c) {
  aclrtFloatOverflowMode mode = (aclrtFloatOverflowMode)(uint32_t)fxd_take(c), now = ACL_RT_OVERFLOW_MODE_UNDEF;
  if (c->torn) return ACL_ERROR_INVALID_PARAM;
  if (mode != ACL_RT_OVERFLOW_MODE_SATURATION && mode != ACL_RT_OVERFLOW_MODE_INFNAN) return ACL_ERROR_RT_PARAM_INVALID;
  aclError error = fx_real.aclrtGetDeviceSatMode(&now);
  return error != ACL_SUCCESS || now == mode ? error : ACL_ERROR_RT_FEATURE_NOT_SUPPORT;
}

/* Nobody's time is cut short by another: the longest that a client has asked for is the device's. 0 is no end. */
static uint64_t asked_for(fxd_client *client, fxd_timeout kind, uint64_t time) {
  client->timeouts[kind] = time != 0 ? time : UINT64_MAX;
  uint64_t longest = fxd_longest_timeout(kind);
  return longest != UINT64_MAX ? longest : 0;
}

aclError fxd_serve_aclrtSetOpWaitTimeout(fxd_call *c) {
  uint32_t seconds = (uint32_t)fxd_take(c);
  if (c->torn) return ACL_ERROR_INVALID_PARAM;
  return fx_real.aclrtSetOpWaitTimeout((uint32_t)asked_for(c->ring->client, FXD_WAIT_SECONDS, seconds));
}

static aclError set_execute_us(fxd_client *client, uint64_t us, uint64_t *actual) {
  us = asked_for(client, FXD_EXECUTE_US, us);
  aclError error = fx_real.aclrtSetOpExecuteTimeOutV2(us, actual);
  if (error != ACL_ERROR_RT_FEATURE_NOT_SUPPORT) return error;
  uint64_t seconds = us / 1000000u + (us % 1000000u != 0); /* an older library */
  if (seconds > UINT32_MAX) seconds = 0;
  *actual = seconds * 1000000u;
  return fx_real.aclrtSetOpExecuteTimeOut((uint32_t)seconds);
}

static aclError execute_timeout(fxd_call *c, uint64_t unit_us) {
  uint64_t actual, time = (uint32_t)fxd_take(c);
  return c->torn ? ACL_ERROR_INVALID_PARAM : set_execute_us(c->ring->client, time * unit_us, &actual);
}

aclError fxd_serve_aclrtSetOpExecuteTimeOut(fxd_call *c) { return execute_timeout(c, 1000000u); }
aclError fxd_serve_aclrtSetOpExecuteTimeOutWithMs(fxd_call *c) { return execute_timeout(c, 1000u); }

aclError fxd_serve_aclrtSetOpExecuteTimeOutV2(fxd_call *c) {
  uint64_t us = fxd_take(c), actual = 0;
  bool wanted = fxd_take(c) != 0;
  if (c->torn) return ACL_ERROR_INVALID_PARAM;
  aclError error = set_execute_us(c->ring->client, us, &actual);
  if (error == ACL_SUCCESS && wanted) fxd_put(c, actual);
  return error;
}

aclError fxd_serve_aclrtGetDeviceUtilizationRate(fxd_call *c) {
  int32_t device = (int32_t)fxd_take(c);
  aclrtUtilizationInfo info = {.utilizationExtend = NULL};
  if (c->torn || device != 0) return ACL_ERROR_RT_INVALID_DEVICEID;
  aclError error = fx_real.aclrtGetDeviceUtilizationRate(fxd_device, &info);
  if (error != ACL_SUCCESS) return error;
  fxd_put(c, (uint32_t)info.cubeUtilization);
  fxd_put(c, (uint32_t)info.vectorUtilization);
  fxd_put(c, (uint32_t)info.aicpuUtilization);
  fxd_put(c, (uint32_t)info.memoryUtilization);
  return ACL_SUCCESS;
}

/* The default context of the device is, for a client, its own. */
aclError fxd_serve_aclrtGetPrimaryCtxState(fxd_call *c) {
  int32_t device = (int32_t)fxd_take(c);
  bool flags_wanted = fxd_take(c) != 0, active_wanted = fxd_take(c) != 0;
  if (c->torn || device != 0) return ACL_ERROR_RT_INVALID_DEVICEID;
  if (flags_wanted) fxd_put(c, 0);
  if (active_wanted) fxd_put(c, c->ring->client->device_context != NULL);
  return ACL_SUCCESS;
}

aclError fxd_serve_aclrtDeviceGetPCIBusId(fxd_call *c) {
  char text[64] = "";
  int32_t device = (int32_t)fxd_take(c);
  uint64_t room = fxd_take(c);
  int32_t length = (int32_t)fxd_take(c);
  if (c->torn || device != 0) return ACL_ERROR_RT_INVALID_DEVICEID;
  if (length < 0 || room == 0) return ACL_ERROR_RT_PARAM_INVALID;
  int32_t most = length < (int32_t)sizeof text ? length : (int32_t)sizeof text;
  aclError error = fx_real.aclrtDeviceGetPCIBusId(fxd_device, text, most);
  if (error == ACL_SUCCESS) fxd_put_bytes(c, text, strnlen(text, sizeof text - 1) + 1);
  return error;
}

/* Another device is none. */
aclError fxd_serve_aclrtDeviceGetByPCIBusId(fxd_call *c) {
  const char *text = fxd_take_text(c);
  bool wanted = fxd_take(c) != 0;
  int32_t device = -1;
  if (c->torn || text == NULL) return ACL_ERROR_INVALID_PARAM;
  aclError error = fx_real.aclrtDeviceGetByPCIBusId(text, &device);
  if (error == ACL_SUCCESS && device != fxd_device) error = ACL_ERROR_RT_PARAM_INVALID;
  if (error == ACL_SUCCESS && wanted) fxd_put(c, 0);
  return error;
}

/* A binary has one handle. */
aclError fxd_serve_aclrtFunctionGetBinary(fxd_call *c) {
  aclrtFuncHandle function;
  aclrtBinHandle binary = NULL;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_FUNCTION, &function);
  bool wanted = fxd_take(c) != 0;
  if (error != ACL_SUCCESS || c->torn) return error != ACL_SUCCESS ? error : ACL_ERROR_INVALID_PARAM;
  if ((error = fx_real.aclrtFunctionGetBinary(function, &binary)) != ACL_SUCCESS) return error;
  uint64_t handle = fxd_handle_find(FLEXNPU_HANDLE_BINARY, binary, c->ring->client->number);
  if (handle == 0) return ACL_ERROR_RT_INVALID_HANDLE;
  if (wanted) fxd_put(c, handle);
  return ACL_SUCCESS;
}
