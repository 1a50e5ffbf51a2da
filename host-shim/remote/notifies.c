/* Several notifies in one call: the daemon lowers them one by one, in their order. */
#include "remote/call.h"
#include "remote/error.h"
#include "remote/events.h"
#include "remote/streams.h"
#include "remote_client.h"

static aclError reset(aclrtNotify notify) {
  fx_call c;
  aclError error = fx_notify_check(notify);
  if (error == ACL_SUCCESS) error = fx_call_open(&c, FX_API_aclrtNotifyBatchReset, 8);
  if (error != ACL_SUCCESS) return error;
  fx_call_put(&c, (uint64_t)(uintptr_t)notify);
  return fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE);
}

aclError fx_remote_aclrtNotifyBatchReset(aclrtNotify *notifies, size_t num) {
  if (notifies == NULL) return fx_remote_no_pointer();
  if (num == 0) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "a reset of 0 notifies");
  aclError error = fx_context_check();
  for (size_t i = 0; i < num && error == ACL_SUCCESS; i++) error = reset(notifies[i]);
  return error;
}
