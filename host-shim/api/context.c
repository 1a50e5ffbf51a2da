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

FX_EXPORT aclError aclrtResetDevice(int32_t deviceId) {
  FX_COUNT(aclrtResetDevice);
  fx_device *d = fx_device_peek(deviceId);
  if (d != NULL) fx_quiesce(d);
  aclError error = fx_real.aclrtResetDevice(deviceId);
  fx_stream_context_changed();
  return error;
}

FX_EXPORT aclError aclrtResetDeviceForce(int32_t deviceId) {
  FX_COUNT(aclrtResetDeviceForce);
  fx_device *d = fx_device_peek(deviceId);
  if (d != NULL) {
    fx_quiesce(d);
    fx_stream_forget_context(d, NULL);
  }
  aclError error = fx_real.aclrtResetDeviceForce(deviceId);
  fx_stream_context_changed();
  return error;
}

FX_EXPORT aclError aclrtCreateContext(aclrtContext *context, int32_t deviceId) {
  FX_COUNT(aclrtCreateContext);
  aclError error = fx_real.aclrtCreateContext(context, deviceId);
  fx_stream_context_changed();
  return error;
}

typedef struct fx_leaving {
  aclrtContext context;
} fx_leaving;

static void forget(fx_device *d, void *with) {
  const fx_leaving *leaving = with;
  fx_quiesce(d);
  fx_stream_forget_context(d, leaving->context);
}

FX_EXPORT aclError aclrtDestroyContext(aclrtContext context) {
  FX_COUNT(aclrtDestroyContext);
  fx_leaving leaving = {.context = context};
  if (context != NULL) fx_device_each(forget, &leaving);
  aclError error = fx_real.aclrtDestroyContext(context);
  fx_stream_context_changed();
  return error;
}

FX_EXPORT aclError aclrtSetCurrentContext(aclrtContext context) {
  FX_COUNT(aclrtSetCurrentContext);
  aclError error = fx_real.aclrtSetCurrentContext(context);
  fx_stream_context_changed();
  return error;
}
