/*
 * Devices and contexts: answered calls, after which the default stream of a thread may be another. Host data on its way is
 * waited for first: a stream can only be synchronized in its own context.
 */
#include "remote/listeners.h"
#include "remote/staging.h"
#include "remote/streams.h"
#include "remote_client.h"

/* What goes wrong with data on its way is said by the stream's own synchronization. */
#define CHANGE(call) ((void)fx_staging_settle(), changed(call))

static aclError changed(aclError error) {
  fx_default_stream_forget();
  return error;
}

/* Of the client's one device. */
static aclError told(int32_t device, aclError error, aclrtDeviceState state) {
  if (error == ACL_SUCCESS) fx_tell_device(device, state);
  return error;
}

aclError fx_remote_aclrtSetDevice(int32_t deviceId) {
  if (deviceId == 0) fx_tell_device(deviceId, ACL_RT_DEVICE_STATE_SET_PRE);
  return told(deviceId, CHANGE(fx_call_aclrtSetDevice(deviceId)), ACL_RT_DEVICE_STATE_SET_POST);
}

/* Streams may have gone with it. */
static aclError ended(aclError error) {
  fx_streams_doubt();
  return error;
}

aclError fx_remote_aclrtResetDevice(int32_t deviceId) {
  if (deviceId == 0) fx_tell_device(deviceId, ACL_RT_DEVICE_STATE_RESET_PRE);
  return told(deviceId, ended(CHANGE(fx_call_aclrtResetDevice(deviceId))), ACL_RT_DEVICE_STATE_RESET_POST);
}

aclError fx_remote_aclrtResetDeviceForce(int32_t deviceId) {
  if (deviceId == 0) fx_tell_device(deviceId, ACL_RT_DEVICE_STATE_RESET_PRE);
  return told(deviceId, ended(CHANGE(fx_call_aclrtResetDeviceForce(deviceId))), ACL_RT_DEVICE_STATE_RESET_POST);
}

aclError fx_remote_aclrtCreateContext(aclrtContext *context, int32_t deviceId) {
  return CHANGE(fx_call_aclrtCreateContext(context, deviceId));
}

aclError fx_remote_aclrtDestroyContext(aclrtContext context) {
  return ended(CHANGE(fx_call_aclrtDestroyContext(context)));
}

aclError fx_remote_aclrtSetCurrentContext(aclrtContext context) {
  return CHANGE(fx_call_aclrtSetCurrentContext(context));
}
