/*
 * Overflows of floating-point numbers: whether they saturate, and what a device has seen. A kernel says that it
 * overflowed (NPU_SIM_OUTCOME in npu_sim_kernel.h); the mode is the program's wish, which its kernels may ask for.
 */
#include <string.h>

#include "engine.h"
#include "memory.h"

/* What aclrtGetOverflowStatus fills: the first word is the status. */
#define STATUS_BYTES 64u

aclError sim_aclrtSetDeviceSatMode(aclrtFloatOverflowMode mode) {
  if (mode != ACL_RT_OVERFLOW_MODE_SATURATION && mode != ACL_RT_OVERFLOW_MODE_INFNAN) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "overflow mode %d is not known", (int)mode);
  }
  sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  context->device->overflow_mode = mode;
  return ACL_SUCCESS;
}

aclError sim_aclrtGetDeviceSatMode(aclrtFloatOverflowMode *mode) {
  const sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  *mode = context->device->overflow_mode;
  return ACL_SUCCESS;
}

static void tell(sim_stream *stream, const sim_task *task) {
  uint32_t status[STATUS_BYTES / sizeof(uint32_t)] = {stream->device->overflowed ? 1u : 0u};
  memcpy(task->u.apply.argument, status, sizeof status);
}

static void forget(sim_stream *stream, const sim_task *task) {
  (void)task;
  stream->device->overflowed = false;
}

static aclError submit(void (*function)(sim_stream *, const sim_task *), void *argument, aclrtStream handle) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL && stream->capture != NULL) {
    error = sim_fail(ACL_ERROR_RT_STREAM_CAPTURED, "stream %d is being captured", stream->id);
  } else if (stream != NULL) {
    sim_task *task = sim_task_take(SIM_TASK_APPLY);
    if (task == NULL) {
      error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a task");
    } else {
      task->u.apply.function = function;
      task->u.apply.argument = argument;
      error = sim_engine_submit(stream, task);
    }
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtGetOverflowStatus(void *output, size_t bytes, aclrtStream stream) {
  if (bytes != STATUS_BYTES) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes: expected %u", bytes, STATUS_BYTES);
  if (sim_memory_place(output, bytes) != SIM_PLACE_DEVICE) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is no device memory", output);
  return submit(tell, output, stream);
}

aclError sim_aclrtResetOverflowStatus(aclrtStream stream) { return submit(forget, NULL, stream); }

/* The same by later names, in CANN too. */
aclError sim_aclrtGetFloatOverflowStatus(void *output, uint64_t bytes, aclrtStream stream) { return sim_aclrtGetOverflowStatus(output, bytes, stream); }
aclError sim_aclrtResetFloatOverflowStatus(aclrtStream stream) { return sim_aclrtResetOverflowStatus(stream); }
