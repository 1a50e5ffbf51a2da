/*
 * Copies and fills. Direction comes from where the addresses lie, not from the kind that the caller names. An
 * asynchronous copy with pageable host memory returns only when it is done, one with pinned memory at once; synchronous
 * ones run on a stream of their own, so they order with no other work.
 */
#include <string.h>

#include "copy.h"
#include "engine.h"
#include "graph.h"
#include "memory.h"

static bool on_device(sim_place place) { return place == SIM_PLACE_DEVICE; }

aclError sim_copy_check(const void *to, size_t room, const void *from, size_t bytes, aclrtMemcpyKind kind, sim_copy_plan *plan) {
  if ((int)kind < ACL_MEMCPY_HOST_TO_HOST || (int)kind > ACL_MEMCPY_HOST_TO_BUF_TO_DEVICE) {
    return sim_fail(ACL_ERROR_INVALID_PARAM, "copy kind %d is not known", (int)kind);
  }
  if (bytes > room) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes do not fit the %zu of the destination", bytes, room);
  sim_place to_place = sim_memory_place(to, bytes);
  sim_place from_place = sim_memory_place(from, bytes);
  if (to_place == SIM_PLACE_DEVICE_BAD || from_place == SIM_PLACE_DEVICE_BAD) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes at %p are not all device memory", bytes,
                    to_place == SIM_PLACE_DEVICE_BAD ? to : from);
  }
  plan->host_to_host = !on_device(to_place) && !on_device(from_place);
  plan->direction = on_device(to_place) ? (on_device(from_place) ? SIM_ON_DEVICE : SIM_TO_DEVICE) : SIM_FROM_DEVICE;
  plan->pageable = to_place == SIM_PLACE_HOST || from_place == SIM_PLACE_HOST;
  return ACL_SUCCESS;
}

static sim_task *copy_task(void *to, const void *from, size_t bytes, sim_direction direction) {
  sim_task *task = sim_task_take(SIM_TASK_COPY);
  if (task == NULL) return NULL;
  task->u.copy.to = to;
  task->u.copy.from = from;
  task->u.copy.bytes = bytes;
  task->u.copy.direction = direction;
  return task;
}

static sim_task *fill_task(void *to, int32_t value, size_t bytes) {
  sim_task *task = sim_task_take(SIM_TASK_FILL);
  if (task == NULL) return NULL;
  task->u.fill.to = to;
  task->u.fill.value = value;
  task->u.fill.bytes = bytes;
  return task;
}

static aclError no_memory(void) { return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a task"); }

/* Runs a task on a stream of its own and waits for it. Lock held. */
aclError sim_copy_alone(sim_device *device, sim_task *task) {
  if (task == NULL) return no_memory();
  sim_stream *stream = device->idle_copy_streams;
  aclError error = ACL_SUCCESS;
  if (stream != NULL) {
    device->idle_copy_streams = stream->next_in_context;
  } else {
    stream = sim_stream_create(device, NULL, &error);
  }
  if (stream == NULL) {
    sim_task_give(task);
    return error;
  }
  error = sim_engine_submit(stream, task);
  if (error == ACL_SUCCESS) sim_engine_wait_stream(stream, -1);
  stream->next_in_context = device->idle_copy_streams;
  device->idle_copy_streams = stream;
  return error;
}

aclError sim_copy_submit(aclrtStream handle, sim_task *task, bool pageable) {
  if (task == NULL) return no_memory();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL && pageable && stream->capture != NULL) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a copy with pageable host memory cannot be captured");
    stream = NULL;
  }
  if (stream == NULL) {
    sim_task_give(task);
    return error;
  }
  error = sim_engine_submit(stream, task);
  if (error == ACL_SUCCESS && pageable) sim_engine_wait_stream(stream, -1);
  return error;
}

aclError sim_aclrtMemcpy(void *to, size_t room, const void *from, size_t bytes, aclrtMemcpyKind kind) {
  if (bytes == 0) return ACL_SUCCESS;
  sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  sim_copy_plan plan = {0};
  aclError error = sim_copy_check(to, room, from, bytes, kind, &plan);
  if (error != ACL_SUCCESS) return error;
  if (plan.host_to_host || sim_null_mode) {
    memmove(to, from, bytes);
    return ACL_SUCCESS;
  }
  sim_engine_lock();
  error = sim_graph_check_synchronous("aclrtMemcpy");
  if (error == ACL_SUCCESS) error = sim_copy_alone(context->device, copy_task(to, from, bytes, plan.direction));
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtMemcpyAsync(void *to, size_t room, const void *from, size_t bytes, aclrtMemcpyKind kind, aclrtStream handle) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  if (bytes == 0) return ACL_SUCCESS;
  sim_copy_plan plan = {0};
  aclError error = sim_copy_check(to, room, from, bytes, kind, &plan);
  if (error != ACL_SUCCESS) return error;
  if (plan.host_to_host) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "a copy from host to host cannot be asynchronous");
  sim_engine_lock();
  error = sim_copy_submit(handle, copy_task(to, from, bytes, plan.direction), plan.pageable);
  sim_engine_unlock();
  return error;
}

/* Checks of both fills. */
static aclError plan_fill(const void *to, size_t room, size_t bytes, bool *host) {
  if (bytes > room) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes do not fit the %zu of the destination", bytes, room);
  sim_place place = sim_memory_place(to, bytes);
  if (place == SIM_PLACE_DEVICE_BAD) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes at %p are not all device memory", bytes, to);
  *host = place != SIM_PLACE_DEVICE;
  return ACL_SUCCESS;
}

aclError sim_aclrtMemset(void *to, size_t room, int32_t value, size_t bytes) {
  if (bytes == 0) return ACL_SUCCESS;
  sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  bool host = false;
  aclError error = plan_fill(to, room, bytes, &host);
  if (error != ACL_SUCCESS) return error;
  if (host || sim_null_mode) {
    memset(to, value, bytes);
    return ACL_SUCCESS;
  }
  sim_engine_lock();
  error = sim_graph_check_synchronous("aclrtMemset");
  if (error == ACL_SUCCESS) error = sim_copy_alone(context->device, fill_task(to, value, bytes));
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtMemsetAsync(void *to, size_t room, int32_t value, size_t bytes, aclrtStream handle) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  if (bytes == 0) return ACL_SUCCESS;
  bool host = false;
  aclError error = plan_fill(to, room, bytes, &host);
  if (error != ACL_SUCCESS) return error;
  if (host) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is no device memory", to);
  sim_engine_lock();
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL) {
    sim_task *task = fill_task(to, value, bytes);
    error = task != NULL ? sim_engine_submit(stream, task) : no_memory();
  }
  sim_engine_unlock();
  return error;
}
