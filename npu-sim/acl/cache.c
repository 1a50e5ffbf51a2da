/*
 * Caches: the model has none that a program could see, so what is asked for is checked and put in order, and does nothing.
 */
#include "engine.h"
#include "graph.h"
#include "memory.h"

static void nothing(sim_stream *stream, const sim_task *task) {
  (void)stream;
  (void)task;
}

static aclError submit(aclrtStream handle, bool of_graph) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL && of_graph && !sim_build_bound(stream)) {
    error = sim_fail(ACL_ERROR_RT_INTERNAL_ERROR, "stream %d is of no graph that is built of streams", stream->id);
    stream = NULL;
  }
  sim_task *task = stream != NULL ? sim_task_take(SIM_TASK_APPLY) : NULL;
  if (task != NULL) {
    task->u.apply.function = nothing;
    error = sim_engine_submit(stream, task);
  } else if (stream != NULL) {
    error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a task");
  }
  sim_engine_unlock();
  return error;
}

static aclError check_type(aclrtCmoType type) {
  if ((int)type < ACL_RT_CMO_TYPE_PREFETCH || (int)type > ACL_RT_CMO_TYPE_FLUSH) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "cache operation %d is not known", (int)type);
  if (type != ACL_RT_CMO_TYPE_PREFETCH) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "cache operation %d: these chips only prefetch", (int)type);
  return ACL_SUCCESS;
}

aclError sim_aclrtCmoAsync(void *memory, size_t bytes, aclrtCmoType type, aclrtStream handle) {
  aclError error = check_type(type);
  if (error != ACL_SUCCESS) return error;
  if (bytes == 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "size is 0");
  if (sim_memory_place(memory, bytes) != SIM_PLACE_DEVICE) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes at %p are not all device memory", bytes, memory);
  return submit(handle, false);
}

/* What describes a prefetch: as long as these chips have it. */
typedef struct {
  uint64_t reserved;
  uint16_t outer, inner;
  uint32_t bytes;
  uint64_t from;
  uint32_t outer_stride, inner_stride;
} description;
_Static_assert(sizeof(description) == 32, "as long as CANN says");

aclError sim_aclrtCmoGetDescSize(size_t *bytes) {
  *bytes = sizeof(description);
  return ACL_SUCCESS;
}

aclError sim_aclrtCmoSetDesc(void *at, void *from, size_t bytes) {
  if (bytes == 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "size is 0");
  if (sim_memory_place(at, sizeof(description)) != SIM_PLACE_DEVICE) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is no device memory", at);
  description d = {.from = (uintptr_t)from, .bytes = (uint32_t)bytes};
  return sim_aclrtMemcpy(at, sizeof d, &d, sizeof d, ACL_MEMCPY_HOST_TO_DEVICE);
}

/* In CANN a task of graphs that are built of streams, and of no other streams. */
aclError sim_aclrtCmoAsyncWithDesc(void *at, aclrtCmoType type, aclrtStream handle, const void *reserve) {
  if (reserve != NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "reserve has to be NULL");
  aclError error = check_type(type);
  if (error != ACL_SUCCESS) return error;
  if (sim_memory_place(at, sizeof(description)) != SIM_PLACE_DEVICE) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is no device memory", at);
  return submit(handle, true);
}

static aclError check_cached(const void *memory, size_t bytes) {
  if (bytes == 0) return sim_fail(ACL_ERROR_INVALID_PARAM, "size is 0");
  if (sim_memory_place(memory, bytes) == SIM_PLACE_DEVICE) return ACL_SUCCESS;
  return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes at %p are not all device memory", bytes, memory);
}

aclError sim_aclrtMemFlush(void *memory, size_t bytes) { return check_cached(memory, bytes); }
aclError sim_aclrtMemInvalidate(void *memory, size_t bytes) { return check_cached(memory, bytes); }
