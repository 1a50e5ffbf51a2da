/* Ends of what streams hold, on the twin: of a device, a client ends what its own streams hold. */
#include "executor/remote.h"
#include "executor/serve.h"
#include "real_table.h"

aclError fxd_serve_aclrtStreamAbort(fxd_call *c) {
  aclrtStream stream;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_STREAM, &stream);
  return error == ACL_SUCCESS ? fx_real.aclrtStreamAbort(stream) : error;
}

static _Thread_local aclError aborted;

static void end(void *real, uint32_t number) {
  fxd_enter_any(fxd_stream_context(number));
  aclError error = fx_real.aclrtStreamAbort(real);
  if (aborted == ACL_SUCCESS) aborted = error;
}

aclError fxd_serve_aclrtDeviceTaskAbort(fxd_call *c) {
  int32_t device = (int32_t)fxd_take(c);
  const fxd_client *client = c->ring->client;
  if (c->torn || device != 0 || client->device_context == NULL) return ACL_ERROR_RT_INVALID_DEVICEID;
  aborted = ACL_SUCCESS;
  fxd_handles_each(client->number, FLEXNPU_HANDLE_STREAM, end);
  return aborted;
}
