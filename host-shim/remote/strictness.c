/*
 * How strict captures are. For the daemon every capture is relaxed, as its threads make other clients' calls, too: what a
 * stricter one forbids is forbidden here.
 */
#include <stdatomic.h>

#include "boot/counters.h"
#include "remote/capture.h"
#include "remote/error.h"
#include "remote_client.h"

static _Atomic int global_captures;
static FX_TLS int own_captures; /* that forbid something to the thread alone */
static FX_TLS aclmdlRICaptureMode thread_mode;

void fx_capture_count(aclmdlRICaptureMode mode, int by) {
  if (mode == ACL_MODEL_RI_CAPTURE_MODE_GLOBAL) atomic_fetch_add(&global_captures, by);
  if (mode == ACL_MODEL_RI_CAPTURE_MODE_THREAD_LOCAL) own_captures += by;
}

aclError fx_remote_aclmdlRICaptureThreadExchangeMode(aclmdlRICaptureMode *mode) {
  if (mode == NULL) return fx_remote_no_pointer();
  aclmdlRICaptureMode before = thread_mode;
  if ((int)*mode < ACL_MODEL_RI_CAPTURE_MODE_GLOBAL || (int)*mode > ACL_MODEL_RI_CAPTURE_MODE_RELAXED)
    return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "capture mode %d is not known", (int)*mode);
  thread_mode = *mode;
  *mode = before;
  return ACL_SUCCESS;
}

aclError fx_capture_check(const char *what) {
  if (FX_LIKELY(own_captures <= 0 && atomic_load_explicit(&global_captures, memory_order_relaxed) <= 0)) return ACL_SUCCESS;
  if (thread_mode == ACL_MODEL_RI_CAPTURE_MODE_RELAXED) return ACL_SUCCESS;
  return fx_remote_fail(ACL_ERROR_RT_CAPTURE_MODE_NOT_SUPPORT, "%s is not allowed while a capture is going on", what);
}
