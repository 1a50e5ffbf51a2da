/* Ends of what streams hold: answered calls. A program aborts its default stream by NULL, too. */
#include "remote/streams.h"
#include "remote_client.h"

aclError fx_remote_aclrtStreamAbort(aclrtStream stream) {
  aclError error = fx_stream_resolve(&stream);
  return error == ACL_SUCCESS ? fx_call_aclrtStreamAbort(stream) : error;
}

aclError fx_remote_aclrtDeviceTaskAbort(int32_t deviceId, uint32_t timeout) {
  return fx_call_aclrtDeviceTaskAbort(deviceId, timeout);
}
