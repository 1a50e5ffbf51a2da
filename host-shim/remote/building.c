/* Answered calls about graphs that are built, whose arguments are lists of handles. */
#include "remote/call.h"
#include "remote/error.h"
#include "remote/handles.h"
#include "remote/streams.h"
#include "remote_client.h"

/* Handles of a list: so many fit an answer (host-shim/executor/conditions.c). */
#define MOST_HANDLES 4096u

aclError fx_remote_aclmdlRIAddCondTask(aclmdlRICondTaskParams params, aclrtStream stream, uint32_t flags) {
  if (params.modelRIArray == NULL) return fx_remote_no_pointer();
  if (params.size > MOST_HANDLES) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%u branches are more than a condition takes", params.size);
  fx_call c;
  aclError error = fx_stream_resolve(&stream);
  if (error == ACL_SUCCESS) error = fx_call_open(&c, FX_API_aclmdlRIAddCondTask, 40);
  if (error != ACL_SUCCESS) return error;
  fx_call_put(&c, (uint64_t)(uintptr_t)params.handle);
  fx_call_put(&c, (uint32_t)params.type);
  fx_call_put(&c, params.size);
  fx_call_put(&c, (uint64_t)(uintptr_t)stream);
  fx_call_put(&c, flags);
  if ((error = fx_call_answer(&c, fx_handle_number(stream), FLEXNPU_NONE)) != ACL_SUCCESS) return error;
  fx_call_take_bytes(&c, params.modelRIArray, params.size * sizeof *params.modelRIArray);
  return fx_call_close(&c);
}

aclError fx_remote_aclrtCreateLabelList(aclrtLabel *labels, size_t num, aclrtLabelList *labelList) {
  if (labels == NULL || labelList == NULL) return fx_remote_no_pointer();
  if (num == 0 || num > MOST_HANDLES) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "a list of %zu labels: expected 1 to %u", num, MOST_HANDLES);
  fx_call c;
  size_t bytes = num * sizeof *labels;
  aclError error = fx_call_open(&c, FX_API_aclrtCreateLabelList, fx_packed_bytes(labels, bytes));
  if (error != ACL_SUCCESS) return error;
  fx_call_put_bytes(&c, labels, bytes);
  if ((error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE)) != ACL_SUCCESS) return error;
  *labelList = (aclrtLabelList)(uintptr_t)fx_call_take(&c);
  return fx_call_close(&c);
}
