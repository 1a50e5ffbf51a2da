/* Ends of what streams hold: answered calls. A program aborts its default stream by NULL, too. */
#include "remote/listeners.h"
#include "remote/streams.h"
#include "remote_client.h"

aclError fx_remote_aclrtStreamAbort(aclrtStream stream) {
  aclError error = fx_stream_resolve(&stream);
  return error == ACL_SUCCESS ? fx_call_aclrtStreamAbort(stream) : error;
}

aclError fx_remote_aclrtDeviceTaskAbort(int32_t deviceId, uint32_t timeout) {
  if (deviceId == 0) fx_tell_abort(deviceId, ACL_RT_DEVICE_TASK_ABORT_PRE, timeout);
  aclError error = fx_call_aclrtDeviceTaskAbort(deviceId, timeout);
  if (error == ACL_SUCCESS) fx_tell_abort(deviceId, ACL_RT_DEVICE_TASK_ABORT_POST, timeout);
  return error;
}
