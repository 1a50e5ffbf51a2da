/* Fills: of device memory by the daemon, of pinned memory here. */
#include <string.h>

#include "real_table.h"
#include "remote/call.h"
#include "remote/capture.h"
#include "remote/error.h"
#include "remote/handles.h"
#include "remote/memory.h"
#include "remote/operator.h"
#include "remote/pinned.h"
#include "remote/streams.h"
#include "remote_client.h"

static aclError check(const void *to, size_t room, size_t bytes) {
  if (to == NULL) return fx_remote_no_pointer();
  if (bytes <= room) return ACL_SUCCESS;
  return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes do not fit the %zu of the destination", bytes, room);
}

aclError fx_remote_aclrtMemset(void *devPtr, size_t maxCount, int32_t value, size_t count) {
  aclError error = check(devPtr, maxCount, count);
  if (error != ACL_SUCCESS || count == 0) return error;
  if ((error = fx_context_check()) != ACL_SUCCESS) return error;
  if (fx_pinned_holds(devPtr, count)) {
    memset(devPtr, value, count);
    return ACL_SUCCESS;
  }
  if ((error = fx_capture_check("aclrtMemset")) != ACL_SUCCESS) return error;
  fx_call c;
  if ((error = fx_call_open(&c, FX_API_aclrtMemset, 32)) != ACL_SUCCESS) return error;
  fx_call_put(&c, (uint64_t)(uintptr_t)devPtr);
  fx_call_put(&c, maxCount);
  fx_call_put(&c, (uint32_t)value);
  fx_call_put(&c, count);
  return fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE);
}

aclError fx_remote_aclrtMemsetAsync(void *devPtr, size_t maxCount, int32_t value, size_t count, aclrtStream stream) {
  aclError error = check(devPtr, maxCount, count);
  if (error != ACL_SUCCESS || count == 0) return error;
  if (!fx_device_memory_holds(devPtr, count))
    return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes at %p are not all device memory", count, devPtr);
  if ((error = fx_stream_resolve(&stream)) != ACL_SUCCESS) return error;
  fx_args_aclrtMemsetAsync args = {devPtr, maxCount, value, count, stream};
  fx_operator o = {.api = FX_API_aclrtMemsetAsync, .op_class = FLEXNPU_OP_CLASS_MEMSET, .stream = fx_handle_number(stream),
                   .sync_object = FLEXNPU_NONE, .bytes = count};
  if ((error = fx_operator_open(&o, sizeof args)) != ACL_SUCCESS) return error;
  fx_operator_put(&o, &args, sizeof args);
  return fx_operator_submit(&o);
}
