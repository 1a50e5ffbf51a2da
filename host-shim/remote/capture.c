/* Captures: answered calls that are counted, so that copies outside of captures need not ask; see remote/capture.h. */
#include "remote/capture.h"

#include <stdatomic.h>

#include "boot/counters.h"
#include "remote/error.h"
#include "remote_client.h"

static _Atomic int captures;

aclError fx_remote_aclmdlRICaptureBegin(aclrtStream stream, aclmdlRICaptureMode mode) {
  atomic_fetch_add(&captures, 1);
  aclError error = fx_call_aclmdlRICaptureBegin(stream, mode);
  if (error != ACL_SUCCESS) atomic_fetch_sub(&captures, 1);
  return error;
}

aclError fx_remote_aclmdlRICaptureEnd(aclrtStream stream, aclmdlRI *modelRI) {
  aclError error = fx_call_aclmdlRICaptureEnd(stream, modelRI);
  /* One that failed has ended too, unless there was none; counting one too many only costs a question. */
  if (error == ACL_SUCCESS || error == ACL_ERROR_RT_STREAM_CAPTURE_INVALIDATED || error == ACL_ERROR_RT_STREAM_UNJOINED)
    atomic_fetch_sub(&captures, 1);
  return error;
}

aclError fx_capture_refuse(aclrtStream stream, aclError with, const char *what) {
  if (FX_LIKELY(atomic_load_explicit(&captures, memory_order_relaxed) <= 0)) return ACL_SUCCESS;
  aclmdlRICaptureStatus status = ACL_MODEL_RI_CAPTURE_STATUS_NONE;
  aclmdlRI graph = NULL;
  aclError error = fx_call_aclmdlRICaptureGetInfo(stream, &status, &graph);
  if (error != ACL_SUCCESS) return error;
  if (status != ACL_MODEL_RI_CAPTURE_STATUS_ACTIVE) return ACL_SUCCESS;
  return fx_remote_fail(with, "%s cannot be captured", what);
}
