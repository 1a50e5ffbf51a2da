/*
 * Events. A record is an object of its own: the event points to the latest one, a wait binds to that at the time of the
 * call, and a later record changes nothing for waits made before. Times are the model's.
 */
#include "engine.h"
#include "graph.h"

#include <stdlib.h>

#include "callback.h"
#include "ipc.h"
#include "machine.h"
#include "signals.h"

sim_slab sim_events = SIM_SLAB(sim_event, SIM_EVENTS_PER_DEVICE * SIM_MAX_DEVICES);

#define KNOWN_FLAGS \
  (ACL_EVENT_SYNC | ACL_EVENT_CAPTURE_STREAM_PROGRESS | ACL_EVENT_TIME_LINE | ACL_EVENT_DEVICE_USE_ONLY | ACL_EVENT_EXTERNAL | ACL_EVENT_IPC)

/* ---- records ---- */

#define RECORDS_A_CHUNK 128u
static sim_record *free_records;

sim_record *sim_record_create(void) {
  if (free_records == NULL) {
    sim_record *chunk = malloc(RECORDS_A_CHUNK * sizeof *chunk);
    if (chunk == NULL) return NULL;
    for (uint32_t i = 0; i < RECORDS_A_CHUNK; i++) {
      chunk[i].next_free = free_records;
      free_records = &chunk[i];
    }
  }
  sim_record *record = free_records;
  free_records = record->next_free;
  *record = (sim_record){.references = 1, .node = SIM_NONE, .ipc = SIM_NONE};
  return record;
}

void sim_record_release(sim_record *record) {
  if (--record->references > 0) return;
  record->next_free = free_records;
  free_records = record;
}

void sim_record_complete(sim_record *record, uint64_t at_ns) {
  record->done = true;
  record->timestamp_ns = at_ns;
  record->node = SIM_NONE;
  if (sim_ipc_is_shared(record)) sim_ipc_complete(record, at_ns);
  if (record->callback != NULL) sim_callback_reached(record);
  while (record->blocked != NULL) sim_gate_open(record->blocked, at_ns);
}

/* ---- the event of a handle ---- */

sim_event *sim_event_of(aclrtEvent handle, aclError *error) {
  sim_event *event = sim_slab_find(&sim_events, handle);
  *error = event != NULL ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is no event", handle);
  return event;
}

/* As sim_event_of, and not one that is being captured. */
static sim_event *plain_event_of(aclrtEvent handle, aclError *error) {
  sim_event *event = sim_event_of(handle, error);
  if (event != NULL && sim_event_capturing(event)) {
    *error = sim_fail(ACL_ERROR_RT_EVENT_CAPTURED, "the event is recorded in a capture that has not ended");
    return NULL;
  }
  return event;
}

/* ---- creation and end ---- */

sim_event *sim_event_create(sim_device *device, uint32_t flags, bool extended, aclError *error) {
  sim_event *event = device->events < SIM_EVENTS_PER_DEVICE ? sim_slab_take(&sim_events) : NULL;
  if (event == NULL) {
    *error = sim_fail(ACL_ERROR_RT_NO_EVENT_RESOURCE, "device %u has its %u events", device->index, SIM_EVENTS_PER_DEVICE);
    return NULL;
  }
  device->events++;
  event->device = device;
  event->flags = flags;
  event->extended = extended;
  event->ipc = SIM_NONE;
  return event;
}

void sim_event_end(sim_event *event) {
  sim_event_leave_capture(event);
  sim_outside_forget(event);
  sim_ipc_event_destroy(event);
  if (event->external != NULL) sim_signal_release(event->external);
  if (event->latest != NULL) sim_record_release(event->latest);
  event->device->events--;
  sim_slab_give(&sim_events, event);
}

static aclError create(aclrtEvent *handle, uint32_t flags, bool extended) {
  if (flags == 0 || (flags & ~KNOWN_FLAGS) != 0) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "event flags 0x%x are not known", flags);
  }
  if ((flags & ACL_EVENT_DEVICE_USE_ONLY) != 0) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "event flags 0x%x are not simulated", flags);
  if ((flags & ACL_EVENT_EXTERNAL) != 0 && flags != ACL_EVENT_EXTERNAL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "ACL_EVENT_EXTERNAL stands alone");
  if ((flags & ACL_EVENT_IPC) != 0 && (flags != ACL_EVENT_IPC || !extended)) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "ACL_EVENT_IPC stands alone, in aclrtCreateEventExWithFlag");
  }
  sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  sim_engine_lock();
  aclError error = ACL_SUCCESS;
  sim_event *event = sim_event_create(context->device, flags, extended, &error);
  if (event != NULL && (flags & ACL_EVENT_IPC) != 0) error = sim_ipc_event_create(event);
  if (event != NULL && (flags & ACL_EVENT_EXTERNAL) != 0) {
    event->external = sim_signal_create(context->device);
    if (event->external == NULL) error = sim_fail(ACL_ERROR_RT_NO_EVENT_RESOURCE, "no room for another event");
  }
  if (event != NULL && error != ACL_SUCCESS) sim_event_end(event);
  else if (event != NULL) *handle = event;
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtCreateEvent(aclrtEvent *event) {
  return create(event, ACL_EVENT_SYNC | ACL_EVENT_CAPTURE_STREAM_PROGRESS | ACL_EVENT_TIME_LINE, false);
}
aclError sim_aclrtCreateEventWithFlag(aclrtEvent *event, uint32_t flag) { return create(event, flag, false); }
aclError sim_aclrtCreateEventExWithFlag(aclrtEvent *event, uint32_t flag) { return create(event, flag, true); }

aclError sim_aclrtDestroyEvent(aclrtEvent handle) {
  sim_engine_lock();
  aclError error;
  sim_event *event = sim_event_of(handle, &error);
  if (event != NULL) sim_event_end(event);
  sim_engine_unlock();
  return error;
}

/* ---- on streams ---- */

static aclError record(sim_stream *stream, sim_event *event) {
  sim_record *made = sim_record_create();
  sim_task *task = made != NULL ? sim_task_take(SIM_TASK_RECORD) : NULL;
  if (task == NULL) {
    if (made != NULL) sim_record_release(made);
    return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a record");
  }
  if (event->ipc != SIM_NONE) {
    aclError error = sim_ipc_record(event, made);
    if (error != ACL_SUCCESS) {
      sim_task_give(task);
      sim_record_release(made);
      return error;
    }
  }
  task->u.record = made;
  made->references++;
  if (event->latest != NULL) sim_record_release(event->latest);
  event->latest = made;
  return sim_engine_submit(stream, task);
}

aclError sim_aclrtRecordEvent(aclrtEvent handle, aclrtStream stream_handle) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  sim_engine_lock();
  aclError error;
  sim_event *event = sim_event_of(handle, &error);
  if (event != NULL) error = sim_event_use(&event->record_use, SIM_USE_PLAIN);
  sim_stream *stream = error == ACL_SUCCESS ? sim_stream_of(stream_handle, &error) : NULL;
  if (stream != NULL) {
    if (event->external != NULL) {
      error = sim_signal_submit(stream, event->external, (sim_change){SIM_TASK_RAISE, ACL_RT_CNT_NOTIFY_RECORD_SET_VALUE_MODE, SIM_RAISED, false, 0});
    } else if (event->ipc != SIM_NONE && stream->capture != NULL) {
      error = sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "an event of several processes cannot be captured");
    } else if (stream->capture != NULL) {
      error = sim_graph_capture_record(stream, event);
    } else if (stream->is_default && sim_event_capturing(event)) {
      error = sim_fail(ACL_ERROR_RT_STREAM_CAPTURE_IMPLICIT, "a captured event cannot be recorded on the default stream");
    } else {
      sim_event_leave_capture(event);
      error = record(stream, event);
    }
  }
  sim_engine_unlock();
  return error;
}

/* Queues a wait for the record, of so many seconds, 0: for ever. */
static aclError wait_for(sim_stream *stream, sim_record *record, uint32_t seconds) {
  sim_task *task = sim_task_take(SIM_TASK_WAIT);
  if (task == NULL) return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a wait");
  task->u.record = record;
  task->timeout_ns = seconds * 1000000000ull;
  record->references++;
  record->waits++;
  if (sim_shared != NULL) sim_lanes_hold(record);
  return sim_engine_submit(stream, task);
}

/* As wait_for, of what another process may record. */
static aclError wait_for_shared(sim_stream *stream, sim_event *event, uint32_t seconds) {
  if (stream->capture != NULL) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "an event of several processes cannot be captured");
  aclError error;
  sim_record *mirror = sim_ipc_mirror(event, &error);
  if (mirror == NULL) return error;
  error = wait_for(stream, mirror, seconds);
  sim_record_release(mirror);
  return error;
}

aclError sim_event_wait(aclrtStream stream_handle, aclrtEvent handle, uint32_t seconds) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  sim_engine_lock();
  aclError error;
  sim_event *event = sim_event_of(handle, &error);
  if (event != NULL) error = sim_event_use(&event->wait_use, SIM_USE_PLAIN);
  sim_stream *stream = error == ACL_SUCCESS ? sim_stream_of(stream_handle, &error) : NULL;
  bool captured = false;
  if (stream != NULL && event->external != NULL) {
    error = sim_signal_submit(stream, event->external, (sim_change){SIM_TASK_AWAIT, ACL_RT_CNT_NOTIFY_WAIT_EQUAL_MODE, SIM_RAISED, false, seconds});
  } else if (stream != NULL && event->ipc != SIM_NONE) {
    error = wait_for_shared(stream, event, seconds);
  } else if (stream != NULL) {
    error = sim_graph_capture_wait(stream, event, &captured);
    if (error == ACL_SUCCESS && !captured && event->latest != NULL && !event->latest->done) error = wait_for(stream, event->latest, seconds);
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtResetEvent(aclrtEvent handle, aclrtStream stream_handle) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  sim_engine_lock();
  aclError error;
  sim_event *event = sim_event_of(handle, &error);
  sim_stream *stream = event != NULL ? sim_stream_of(stream_handle, &error) : NULL;
  if (stream != NULL && event->external != NULL) {
    error = sim_signal_submit(stream, event->external, (sim_change){SIM_TASK_RAISE, ACL_RT_CNT_NOTIFY_RECORD_SET_VALUE_MODE, 0, false, 0});
  } else if (stream != NULL && event->extended) {
    error = sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "an event of aclrtCreateEventExWithFlag takes no reset");
  } else if (stream != NULL) {
    /* Waits hold their own record, so the event only forgets its latest one; the task keeps the stream's order. */
    sim_task *task = sim_task_take(SIM_TASK_RESET);
    if (task == NULL) {
      error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a reset");
    } else {
      task->u.record = event->latest;
      event->latest = NULL;
      error = sim_engine_submit(stream, task);
    }
  }
  sim_engine_unlock();
  return error;
}

/* ---- questions ---- */

/* Whether the latest record is done, after a look at what is due. */
static bool complete_now(sim_event *event) {
  if (event->external != NULL) {
    sim_engine_poll();
    return sim_signal_value(event->external) == SIM_RAISED;
  }
  if (event->ipc != SIM_NONE) {
    if (!sim_ipc_complete_now(event)) sim_engine_poll();
    return sim_ipc_complete_now(event);
  }
  sim_record *latest = event->latest;
  if (latest == NULL || latest->done) return true;
  latest->references++;
  sim_engine_poll();
  bool done = latest->done;
  sim_record_release(latest);
  return done;
}

aclError sim_aclrtQueryEventStatus(aclrtEvent handle, aclrtEventRecordedStatus *status) {
  if (__builtin_expect(sim_null_mode, 0)) {
    *status = ACL_EVENT_RECORDED_STATUS_COMPLETE;
    return ACL_SUCCESS;
  }
  sim_engine_lock();
  aclError error;
  sim_event *event = plain_event_of(handle, &error);
  if (event != NULL) *status = complete_now(event) ? ACL_EVENT_RECORDED_STATUS_COMPLETE : ACL_EVENT_RECORDED_STATUS_NOT_READY;
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtQueryEvent(aclrtEvent handle, aclrtEventStatus *status) {
  if (__builtin_expect(sim_null_mode, 0)) {
    *status = ACL_EVENT_STATUS_COMPLETE;
    return ACL_SUCCESS;
  }
  sim_engine_lock();
  aclError error;
  sim_event *event = plain_event_of(handle, &error);
  if (event != NULL && event->extended) {
    error = sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "an event of aclrtCreateEventExWithFlag takes no aclrtQueryEvent");
  } else if (event != NULL) {
    *status = complete_now(event) ? ACL_EVENT_STATUS_COMPLETE : ACL_EVENT_STATUS_NOT_READY;
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtQueryEventWaitStatus(aclrtEvent handle, aclrtEventWaitStatus *status) {
  sim_engine_lock();
  aclError error;
  sim_event *event = plain_event_of(handle, &error);
  if (event != NULL && event->extended) {
    error = sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "an event of aclrtCreateEventExWithFlag takes no aclrtQueryEventWaitStatus");
  } else if (event != NULL) {
    if (event->latest != NULL && event->latest->waits > 0) sim_engine_poll();
    bool waiting = event->latest != NULL && event->latest->waits > 0;
    *status = waiting ? ACL_EVENT_WAIT_STATUS_NOT_READY : ACL_EVENT_WAIT_STATUS_COMPLETE;
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtSynchronizeEventWithTimeout(aclrtEvent handle, int32_t timeout) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  if (timeout < -1 || timeout == 0) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "timeout %d ms: expected -1 or more than 0", timeout);
  }
  sim_engine_lock();
  aclError error;
  sim_event *event = plain_event_of(handle, &error);
  sim_record *awaited = event != NULL && event->ipc == SIM_NONE ? event->latest : NULL;
  if (event != NULL && event->ipc != SIM_NONE) awaited = sim_ipc_mirror(event, &error);
  else if (awaited != NULL) awaited->references++;
  bool done = awaited == NULL || sim_engine_wait_record(awaited, timeout);
  if (awaited != NULL) sim_record_release(awaited);
  if (!done) {
    error = sim_fail(ACL_ERROR_RT_EVENT_SYNC_TIMEOUT, "the event has not completed within %d ms", timeout);
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtSynchronizeEvent(aclrtEvent handle) { return sim_aclrtSynchronizeEventWithTimeout(handle, -1); }

/* Time of the latest record; an error where there is none or it is not done. */
static aclError timestamp(sim_event *event, uint64_t *at_ns) {
  if (event->ipc != SIM_NONE) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "an event of several processes has no time");
  if (event->latest == NULL) return sim_fail(ACL_ERROR_RT_INTERNAL_ERROR, "the event was never recorded");
  if (!complete_now(event)) return sim_fail(ACL_ERROR_RT_EVENT_TIMESTAMP_INVALID, "the event has not completed");
  *at_ns = event->latest->timestamp_ns;
  return ACL_SUCCESS;
}

aclError sim_aclrtEventElapsedTime(float *ms, aclrtEvent start_handle, aclrtEvent end_handle) {
  if (__builtin_expect(sim_null_mode, 0)) {
    *ms = 0;
    return ACL_SUCCESS;
  }
  sim_engine_lock();
  aclError error;
  sim_event *start = plain_event_of(start_handle, &error);
  sim_event *end = start != NULL ? plain_event_of(end_handle, &error) : NULL;
  if (end != NULL) {
    uint64_t from_ns = 0, to_ns = 0;
    error = timestamp(start, &from_ns);
    if (error == ACL_SUCCESS) error = timestamp(end, &to_ns);
    if (error == ACL_SUCCESS) *ms = (float)(((double)to_ns - (double)from_ns) / 1e6);
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtEventGetTimestamp(aclrtEvent handle, uint64_t *timestamp_us) {
  if (__builtin_expect(sim_null_mode, 0)) {
    *timestamp_us = 0;
    return ACL_SUCCESS;
  }
  sim_engine_lock();
  aclError error;
  sim_event *event = plain_event_of(handle, &error);
  if (event != NULL) {
    uint64_t at_ns = 0;
    error = timestamp(event, &at_ns);
    if (error == ACL_SUCCESS) *timestamp_us = at_ns / 1000u;
  }
  sim_engine_unlock();
  return error;
}
