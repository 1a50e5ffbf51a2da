/* Captures: answered calls that are counted, so that copies outside of captures need not ask; see remote/capture.h. */
#include "remote/capture.h"

#include <stdatomic.h>

#include "boot/counters.h"
#include "remote/error.h"
#include "remote/live.h"
#include "remote/operator.h"
#include "remote_client.h"

#define GRAPHS 65536u

static _Atomic uint8_t modes[FLEXNPU_MAX_STREAMS]; /* of captures by their stream, and 1; 0 is none */

static _Atomic uint64_t handles[GRAPHS];
static const fx_live live = {handles, GRAPHS};

aclError fx_graph_check(aclmdlRI graph) {
  if (FX_LIKELY(fx_handle_is(graph, FLEXNPU_HANDLE_GRAPH) && fx_live_has(&live, graph))) return ACL_SUCCESS;
  return fx_remote_no_handle(graph, "captured graph");
}

/* The answer to the beginning of a capture, before which it was counted. */
static aclError begun(aclError error, aclrtStream stream, aclmdlRICaptureMode mode) {
  if (error != ACL_SUCCESS) {
    atomic_fetch_sub(&fx_operators_answered, 1);
    return error;
  }
  uint32_t number = fx_handle_number(stream);
  if (number < FLEXNPU_MAX_STREAMS) atomic_store(&modes[number], (uint8_t)(mode + 1));
  fx_capture_count(mode, 1);
  return error;
}

aclError fx_remote_aclmdlRICaptureBegin(aclrtStream stream, aclmdlRICaptureMode mode) {
  if (stream == NULL) return fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "the default stream cannot be captured");
  atomic_fetch_add(&fx_operators_answered, 1);
  return begun(fx_call_aclmdlRICaptureBegin(stream, mode), stream, mode);
}


aclError fx_remote_aclmdlRICaptureToModelRIBegin(aclrtStream stream, aclmdlRI modelRI, aclmdlRICaptureMode mode) {
  if (stream == NULL) return fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "the default stream cannot be captured");
  atomic_fetch_add(&fx_operators_answered, 1);
  return begun(fx_call_aclmdlRICaptureToModelRIBegin(stream, modelRI, mode), stream, mode);
}

/* Built of what persistent streams keep; it runs as one that was captured. */
aclError fx_remote_aclmdlRIBuildBegin(aclmdlRI *modelRI, uint32_t flag) {
  aclError error = fx_call_aclmdlRIBuildBegin(modelRI, flag);
  if (error == ACL_SUCCESS) fx_live_add(&live, *modelRI);
  return error;
}

static void ended(aclrtStream stream) {
  uint32_t number = fx_handle_number(stream);
  uint8_t mode = number < FLEXNPU_MAX_STREAMS ? atomic_exchange(&modes[number], 0) : 0;
  atomic_fetch_sub(&fx_operators_answered, 1);
  if (mode > 0) fx_capture_count((aclmdlRICaptureMode)(mode - 1), -1);
}

aclError fx_remote_aclmdlRICaptureEnd(aclrtStream stream, aclmdlRI *modelRI) {
  aclError error = fx_call_aclmdlRICaptureEnd(stream, modelRI);
  /* One that failed has ended too, unless there was none; counting one too many only costs a question. */
  bool without = error == ACL_ERROR_RT_STREAM_CAPTURE_INVALIDATED || error == ACL_ERROR_RT_STREAM_UNJOINED;
  if (error == ACL_SUCCESS || without) ended(stream);
  if (error == ACL_SUCCESS && modelRI != NULL) fx_live_add(&live, *modelRI);
  else if (without && modelRI != NULL) *modelRI = NULL;
  return error;
}

/* Run no more from here on; it lives on where the daemon does not end it. */
aclError fx_remote_aclmdlRIDestroy(aclmdlRI modelRI) {
  bool lived = fx_live_remove(&live, modelRI);
  aclError error = fx_call_aclmdlRIDestroy(modelRI);
  if (error != ACL_SUCCESS && lived) fx_live_add(&live, modelRI);
  if (error == ACL_SUCCESS) fx_graph_ended(modelRI);
  return error;
}

/* A stream replaces operators of graphs, or does no more; by its number, and which handle it was. */
static _Atomic uint64_t updating[FLEXNPU_MAX_STREAMS];

aclError fx_remote_aclmdlRICaptureTaskUpdateBegin(aclrtStream stream, aclrtTaskGrp handle) {
  aclError error = fx_call_aclmdlRICaptureTaskUpdateBegin(stream, handle);
  uint32_t number = fx_handle_number(stream);
  if (error != ACL_SUCCESS || number >= FLEXNPU_MAX_STREAMS) return error;
  if (atomic_exchange(&updating[number], (uint64_t)(uintptr_t)stream) == 0) atomic_fetch_add(&fx_operators_answered, 1);
  return error;
}

aclError fx_remote_aclmdlRICaptureTaskUpdateEnd(aclrtStream stream) {
  uint32_t number = fx_handle_number(stream);
  aclError error = fx_call_aclmdlRICaptureTaskUpdateEnd(stream);
  if (number < FLEXNPU_MAX_STREAMS && atomic_exchange(&updating[number], 0) != 0) atomic_fetch_sub(&fx_operators_answered, 1);
  return error;
}

aclError fx_capture_refuse(aclrtStream stream, aclError with, const char *what) {
  if (FX_LIKELY(atomic_load_explicit(&fx_operators_answered, memory_order_relaxed) <= 0)) return ACL_SUCCESS;
  aclmdlRICaptureStatus status = ACL_MODEL_RI_CAPTURE_STATUS_NONE;
  aclmdlRI graph = NULL;
  aclError error = fx_call_aclmdlRICaptureGetInfo(stream, &status, &graph);
  if (error != ACL_SUCCESS) return error;
  if (status != ACL_MODEL_RI_CAPTURE_STATUS_ACTIVE) return ACL_SUCCESS;
  return fx_remote_fail(with, "%s cannot be captured", what);
}
