/* Devices and contexts: the thread's default stream may be another after each of these. */
#include "api/quiesce.h"
#include "engine/submit.h"
#include "real_table.h"

FX_EXPORT aclError aclrtSetDevice(int32_t deviceId) {
  FX_COUNT(aclrtSetDevice);
  aclError error = fx_real.aclrtSetDevice(deviceId);
  fx_stream_context_changed();
  return error;
}

static aclError reset(int32_t number, aclError (*real)(int32_t)) {
  fx_device *d = fx_device_peek(number);
  if (d != NULL) fx_ending_begin(d);
  aclError error = real(number);
  if (d != NULL) fx_ending_end(d);
  fx_stream_context_changed();
  return error;
}

FX_EXPORT aclError aclrtResetDevice(int32_t deviceId) {
  FX_COUNT(aclrtResetDevice);
  return reset(deviceId, fx_real.aclrtResetDevice);
}

FX_EXPORT aclError aclrtResetDeviceForce(int32_t deviceId) {
  FX_COUNT(aclrtResetDeviceForce);
  return reset(deviceId, fx_real.aclrtResetDeviceForce);
}

FX_EXPORT aclError aclrtCreateContext(aclrtContext *context, int32_t deviceId) {
  FX_COUNT(aclrtCreateContext);
  aclError error = fx_real.aclrtCreateContext(context, deviceId);
  fx_stream_context_changed();
  return error;
}

FX_EXPORT aclError aclrtDestroyContext(aclrtContext context) {
  FX_COUNT(aclrtDestroyContext);
  if (context != NULL) fx_ending_begin(NULL);
  aclError error = fx_real.aclrtDestroyContext(context);
  if (context != NULL) fx_ending_end(NULL);
  fx_stream_context_changed();
  return error;
}

FX_EXPORT aclError aclrtSetCurrentContext(aclrtContext context) {
  FX_COUNT(aclrtSetCurrentContext);
  aclError error = fx_real.aclrtSetCurrentContext(context);
  fx_stream_context_changed();
  return error;
}
