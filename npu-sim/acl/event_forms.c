/* The longer forms of records and waits, and the numbers of events. */
#include "engine.h"
#include "graph.h"

/* Seconds that a wait takes at most where it does not say; 0: for ever. */
static uint32_t wait_seconds;

aclError sim_aclrtSetOpWaitTimeout(uint32_t seconds) {
  __atomic_store_n(&wait_seconds, seconds, __ATOMIC_RELAXED);
  return ACL_SUCCESS;
}

aclError sim_aclrtStreamWaitEvent(aclrtStream stream, aclrtEvent event) {
  return sim_event_wait(stream, event, __atomic_load_n(&wait_seconds, __ATOMIC_RELAXED));
}

aclError sim_aclrtStreamWaitEventWithTimeout(aclrtStream stream, aclrtEvent event, int32_t timeout) {
  if (timeout < 0) return sim_fail(ACL_ERROR_INVALID_PARAM, "timeout %d s: expected 0 or more", timeout);
  return sim_event_wait(stream, event, (uint32_t)timeout);
}

aclError sim_aclrtStreamWaitEventWithFlag(aclrtStream stream, aclrtEvent event, uint32_t timeout, uint32_t flag) {
  if (flag != ACL_EVENT_WAIT_DEFAULT && flag != ACL_EVENT_WAIT_EXTERNAL) return sim_fail(ACL_ERROR_INVALID_PARAM, "wait flag %u is not known", flag);
  if (flag == ACL_EVENT_WAIT_EXTERNAL && timeout != 0) return sim_fail(ACL_ERROR_INVALID_PARAM, "timeout %u s: between graphs expected 0", timeout);
  if (flag == ACL_EVENT_WAIT_EXTERNAL) return sim_outside_capture(event, stream, false);
  return sim_event_wait(stream, event, timeout);
}

aclError sim_aclrtRecordEventWithFlag(aclrtEvent event, aclrtStream stream, uint32_t flag) {
  if (flag != ACL_EVENT_RECORD_DEFAULT && flag != ACL_EVENT_RECORD_EXTERNAL) return sim_fail(ACL_ERROR_INVALID_PARAM, "record flag %u is not known", flag);
  if (flag == ACL_EVENT_RECORD_EXTERNAL) return sim_outside_capture(event, stream, true);
  return sim_aclrtRecordEvent(event, stream);
}

aclError sim_aclrtGetEventId(aclrtEvent handle, uint32_t *id) {
  sim_engine_lock();
  aclError error;
  const sim_event *event = sim_event_of(handle, &error);
  if (event != NULL && (event->flags & ACL_EVENT_SYNC) == 0) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the event was made without ACL_EVENT_SYNC and has no number");
  } else if (event != NULL) {
    *id = event->slot.index;
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtGetEventAvailNum(uint32_t *count) {
  sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  sim_engine_lock();
  *count = SIM_EVENTS_PER_DEVICE - context->device->events;
  sim_engine_unlock();
  return ACL_SUCCESS;
}
