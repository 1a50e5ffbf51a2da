/*
 * Streams: made, ended, waited for, asked. A stream belongs to the context in which it was made, and a call that names
 * a stream of another context is refused (107003) as CANN does. NULL names the current context's default stream.
 */
#include <stdlib.h>
#include <time.h>

#include "callback.h"
#include "engine.h"
#include "machine.h"
#include "graph.h"
#include "graph_update.h"
#include "listeners.h"

sim_slab sim_streams = SIM_SLAB(sim_stream, SIM_STREAM_SLOTS);

/* Priorities run from 0 (greatest) to 7; what is out of range is clamped. */
#define LEAST_PRIORITY 7u
#define KNOWN_FLAGS                                                                                             \
  (ACL_STREAM_FAST_LAUNCH | ACL_STREAM_FAST_SYNC | ACL_STREAM_PERSISTENT | ACL_STREAM_HUGE | ACL_STREAM_CPU_SCHEDULE | \
   ACL_STREAM_DEVICE_USE_ONLY)

sim_stream *sim_stream_create(sim_device *device, sim_context *context, aclError *error) {
  sim_stream *stream = sim_slab_take(&sim_streams);
  if (stream == NULL) {
    *error = sim_fail(ACL_ERROR_RT_NO_STREAM_RESOURCE, "no room for another stream");
    return NULL;
  }
  static uint64_t last_serial;
  stream->serial = ++last_serial;
  stream->device = device;
  stream->context = context;
  stream->lane = SIM_NONE;
  stream->first_node = SIM_NONE;
  stream->id = (int32_t)stream->slot.index;
  if (context != NULL) {
    stream->next_in_context = context->streams;
    context->streams = stream;
  }
  *error = ACL_SUCCESS;
  return stream;
}

sim_stream *sim_stream_of(aclrtStream handle, aclError *error) {
  sim_context *context = sim_current();
  if (context == NULL) {
    *error = ACL_ERROR_RT_CONTEXT_NULL;
    return NULL;
  }
  *error = ACL_SUCCESS;
  if (handle == NULL) return context->default_stream;
  sim_stream *stream = sim_slab_find(&sim_streams, handle);
  if (__builtin_expect(stream == NULL || stream->doomed, 0)) {
    *error = sim_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is no stream", handle);
    return NULL;
  }
  if (__builtin_expect(stream->context != context, 0)) {
    *error = sim_fail(ACL_ERROR_RT_STREAM_CONTEXT, "stream %d is not of the current context", stream->id);
    return NULL;
  }
  return stream;
}

/* Drops what is queued. */
static void empty(sim_stream *stream) {
  if (sim_shared != NULL) sim_lanes_drop(stream);
  if (stream->state == SIM_STREAM_DUE) sim_engine_forget_due(stream);
  if (stream->state == SIM_STREAM_BLOCKED) sim_gate_leave(stream);
  if (stream->state == SIM_STREAM_RUNNING) {
    sim_model_cancel(stream->device->model, stream->slot.index);
    stream->device->model_next_ns = sim_model_next(stream->device->model);
  }
  stream->state = SIM_STREAM_IDLE;
  stream->granted = false;
  sim_outside_drop(stream);
  stream->graph_node = 0;
  stream->graph_at = NULL;
  while (stream->head != NULL) {
    sim_task *task = stream->head;
    stream->head = task->next;
    /* Others may wait for what was recorded here: it will not come, so they go on. */
    if (task->kind == SIM_TASK_RECORD && task->u.record->callback != NULL) sim_callback_drop(task->u.record);
    if (task->kind == SIM_TASK_RECORD) sim_record_complete(task->u.record, sim_engine.played_ns);
    if (task->kind == SIM_TASK_WAIT) task->u.record->waits--;
    if (task->kind == SIM_TASK_APPLY && task->u.apply.drop != NULL) task->u.apply.drop(stream, task);
    sim_task_give(task);
  }
  stream->tail = NULL;
  stream->completed = stream->submitted;
  stream->floor_completed_ns = stream->floor_submitted_ns;
  sim_engine_wake_waiters();
}

void sim_stream_abort(sim_stream *stream, aclError error) {
  uint64_t serial = stream->serial;
  while (stream->executing) { /* a kernel's function, which comes to its end */
    sim_engine_unlock();
    nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
    sim_engine_lock();
    if (stream->serial != serial) return;
  }
  stream->aborts++;
  stream->abort_error = error;
  empty(stream);
}

void sim_stream_fail(sim_stream *stream, aclError error) {
  if (stream->error == ACL_SUCCESS) stream->error = error;
  sim_context *context = stream->context;
  if (context != NULL && context->stops_on_failure && context->failed == ACL_SUCCESS) {
    context->failed = error;
    for (sim_stream *other = context->streams; other != NULL; other = other->next_in_context) {
      if (other->state == SIM_STREAM_BLOCKED && other != stream) sim_gate_open(other, sim_engine.played_ns);
    }
  }
}

void sim_stream_discard(sim_stream *stream) {
  empty(stream);
  sim_group_leave(stream);
  sim_graph_leave(stream);
  sim_build_leave(stream);
  sim_callback_leave(stream);
  sim_context *context = stream->context;
  if (context != NULL) {
    sim_stream **link = &context->streams;
    while (*link != NULL && *link != stream) link = &(*link)->next_in_context;
    if (*link != NULL) *link = stream->next_in_context;
    if (!stream->is_default) stream->device->streams--;
  }
  sim_slab_give(&sim_streams, stream);
}

aclError sim_aclrtCreateStreamWithConfig(aclrtStream *handle, uint32_t priority, uint32_t flags) {
  if ((flags & ~KNOWN_FLAGS) != 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "unknown stream flags 0x%x", flags);
  if ((flags & ACL_STREAM_CPU_SCHEDULE) != 0) {
    return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "stream flags 0x%x are not simulated", flags);
  }
  sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  sim_engine_lock();
  aclError error = ACL_SUCCESS;
  if (context->device->streams >= SIM_STREAMS_PER_DEVICE) {
    error = sim_fail(ACL_ERROR_RT_NO_STREAM_RESOURCE, "device %u has its %u streams", context->device->index, SIM_STREAMS_PER_DEVICE);
  } else {
    sim_stream *stream = sim_stream_create(context->device, context, &error);
    if (stream != NULL && (flags & ACL_STREAM_PERSISTENT) != 0) error = sim_build_open(stream);
    if (stream != NULL) context->device->streams++;
    if (stream != NULL && error != ACL_SUCCESS) {
      sim_stream_discard(stream);
    } else if (stream != NULL) {
      stream->priority = priority > LEAST_PRIORITY ? LEAST_PRIORITY : priority;
      stream->flags = flags;
      *handle = stream;
      sim_tell_stream(stream, ACL_RT_STREAM_STATE_CREATE_POST);
    }
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtCreateStream(aclrtStream *handle) { return sim_aclrtCreateStreamWithConfig(handle, 0, 0); }

static aclError destroy(aclrtStream handle, bool force) {
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL && stream->is_default) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the default stream ends with its context");
  } else if (stream != NULL && stream->capture != NULL) {
    error = sim_fail(ACL_ERROR_RT_STREAM_CAPTURED, "stream %d is being captured", stream->id);
  } else if (stream != NULL) {
    uint64_t serial = stream->serial;
    sim_tell_stream(stream, ACL_RT_STREAM_STATE_DESTROY_PRE);
    bool there = stream->slot.live && stream->serial == serial;
    if (there && !force) sim_engine_wait_stream(stream, -1);
    if (!there) {
      error = sim_fail(ACL_ERROR_RT_INVALID_HANDLE, "another thread ended the stream");
    } else if (stream->executing) {
      stream->doomed = true; /* the leader discards it when the function returns */
    } else {
      sim_stream_discard(stream);
    }
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtDestroyStream(aclrtStream handle) { return destroy(handle, false); }
aclError sim_aclrtDestroyStreamForce(aclrtStream handle) { return destroy(handle, true); }

/* What failed on the stream since the last synchronization; `aborts`: how often it was emptied when the wait began. */
static aclError take_error(sim_stream *stream, uint32_t aborts) {
  aclError error = stream->error;
  stream->error = ACL_SUCCESS;
  if (stream->aborts != aborts) return sim_fail(stream->abort_error, "the work of stream %d was ended meanwhile", stream->id);
  if (sim_stream_stopped(stream)) error = stream->context->failed;
  return error == ACL_SUCCESS ? error : sim_fail(error, "a task of stream %d failed", stream->id);
}

aclError sim_aclrtSynchronizeStreamWithTimeout(aclrtStream handle, int32_t timeout) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  if (timeout < -1 || timeout == 0) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "timeout %d ms: expected -1 or more than 0", timeout);
  }
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  uint64_t serial = stream != NULL ? stream->serial : 0; /* it may be ended meanwhile */
  uint32_t aborts = stream != NULL ? stream->aborts : 0;
  if (stream != NULL && stream->capture != NULL) {
    error = sim_fail(ACL_ERROR_RT_STREAM_CAPTURED, "stream %d is being captured", stream->id);
  } else if (stream != NULL && !sim_engine_wait_stream(stream, timeout)) {
    error = sim_fail(ACL_ERROR_RT_STREAM_SYNC_TIMEOUT, "stream %d has not come to its end within %d ms", stream->id, timeout);
  } else if (stream != NULL && stream->serial == serial) {
    error = take_error(stream, aborts);
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtSynchronizeStream(aclrtStream handle) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  return sim_aclrtSynchronizeStreamWithTimeout(handle, -1);
}

aclError sim_aclrtStreamQuery(aclrtStream handle, aclrtStreamStatus *status) {
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL && stream->capture != NULL) {
    error = sim_fail(ACL_ERROR_RT_STREAM_CAPTURED, "stream %d is being captured", stream->id);
  } else if (stream != NULL) {
    uint64_t submitted = stream->submitted;
    if (stream->completed < submitted) sim_engine_poll();
    *status = stream->completed >= submitted ? ACL_STREAM_STATUS_COMPLETE : ACL_STREAM_STATUS_NOT_READY;
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtStreamGetPriority(aclrtStream handle, uint32_t *priority) {
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL) *priority = stream->priority;
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtStreamGetId(aclrtStream handle, int32_t *id) {
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL) *id = stream->id;
  sim_engine_unlock();
  return error;
}

/* What a synchronization of the device waits for: where every stream is when it begins. */
typedef struct {
  sim_waiter waiter;
  uint32_t aborts;
} stream_end;

aclError sim_aclrtSynchronizeDeviceWithTimeout(int32_t timeout) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  if (timeout < -1 || timeout == 0) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "timeout %d ms: expected -1 or more than 0", timeout);
  }
  sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  sim_engine_lock();
  aclError error = ACL_SUCCESS;
  size_t count = 0;
  for (sim_stream *stream = context->streams; stream != NULL && error == ACL_SUCCESS; stream = stream->next_in_context) {
    if (stream->capture != NULL) error = sim_fail(ACL_ERROR_RT_STREAM_CAPTURED, "stream %d is being captured", stream->id);
    count++;
  }
  /* What is submitted while we wait is not waited for, and streams may end meanwhile. */
  stream_end *ends = error == ACL_SUCCESS ? calloc(count, sizeof *ends) : NULL;
  if (error == ACL_SUCCESS && ends == NULL) error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory to wait for %zu streams", count);
  if (ends != NULL) {
    size_t i = 0;
    for (sim_stream *stream = context->streams; stream != NULL; stream = stream->next_in_context, i++) {
      ends[i].waiter = (sim_waiter){.stream = stream, .serial = stream->serial, .target = stream->submitted, .floor_target_ns = stream->floor_submitted_ns};
      ends[i].aborts = stream->aborts;
    }
    bool in_time = true;
    for (i = 0; i < count && in_time; i++) {
      in_time = sim_engine_wait(&ends[i].waiter, timeout);
      sim_stream *stream = ends[i].waiter.stream;
      if (in_time && error == ACL_SUCCESS && stream->serial == ends[i].waiter.serial) error = take_error(stream, ends[i].aborts);
    }
    if (!in_time) error = sim_fail(ACL_ERROR_RT_STREAM_SYNC_TIMEOUT, "the device has not come to its end within %d ms", timeout);
    free(ends);
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtSynchronizeDevice(void) { return sim_aclrtSynchronizeDeviceWithTimeout(-1); }
