/*
 * Events: a question about one, or its end, must not overtake a record that is still queued.
 */
#include "engine/submit.h"
#include "real_table.h"
#include "stream/ties.h"

typedef struct fx_pending {
  aclrtEvent event;
  bool records, any;
} fx_pending;

static void look(fx_device *d, void *with) {
  fx_pending *p = with;
  if (atomic_load_explicit(&d->queued, memory_order_acquire) == 0) return;
  fx_lock_take(&d->lock);
  fx_event *e = fx_events_find(&d->events, p->event);
  if (e != NULL && e->waiting > 0) p->any = true;
  if (e != NULL && e->records_waiting > 0) p->records = true;
  fx_lock_give(&d->lock);
}

/* What of the event is still queued. */
static fx_pending pending(aclrtEvent event) {
  fx_pending p = {.event = event};
  fx_device_each(look, &p);
  return p;
}

FX_EXPORT aclError aclrtQueryEvent(aclrtEvent event, aclrtEventStatus *status) {
  FX_COUNT(aclrtQueryEvent);
  if (event != NULL && status != NULL && pending(event).records) {
    *status = ACL_EVENT_STATUS_NOT_READY;
    return ACL_SUCCESS;
  }
  return fx_real.aclrtQueryEvent(event, status);
}

FX_EXPORT aclError aclrtQueryEventStatus(aclrtEvent event, aclrtEventRecordedStatus *status) {
  FX_COUNT(aclrtQueryEventStatus);
  if (event != NULL && status != NULL && pending(event).records) {
    *status = ACL_EVENT_RECORDED_STATUS_NOT_READY;
    return ACL_SUCCESS;
  }
  return fx_real.aclrtQueryEventStatus(event, status);
}

FX_EXPORT aclError aclrtQueryEventWaitStatus(aclrtEvent event, aclrtEventWaitStatus *status) {
  FX_COUNT(aclrtQueryEventWaitStatus);
  if (event != NULL && status != NULL && pending(event).any) {
    *status = ACL_EVENT_WAIT_STATUS_NOT_READY;
    return ACL_SUCCESS;
  }
  return fx_real.aclrtQueryEventWaitStatus(event, status);
}

FX_EXPORT aclError aclrtSynchronizeEvent(aclrtEvent event) {
  FX_COUNT(aclrtSynchronizeEvent);
  if (event != NULL) (void)fx_drain_event(event, 0);
  return fx_real.aclrtSynchronizeEvent(event);
}

FX_EXPORT aclError aclrtSynchronizeEventWithTimeout(aclrtEvent event, int32_t timeout) {
  FX_COUNT(aclrtSynchronizeEventWithTimeout);
  /* What waiting for the queue took of the time is no more there for the device. */
  uint64_t deadline_ns = timeout > 0 ? fx_now_ns() + (uint64_t)timeout * 1000000u : 0;
  if (event != NULL && timeout >= -1 && timeout != 0 && !fx_drain_event(event, deadline_ns))
    return ACL_ERROR_RT_EVENT_SYNC_TIMEOUT;
  if (timeout > 0) {
    uint64_t now_ns = fx_now_ns();
    timeout = now_ns < deadline_ns ? (int32_t)((deadline_ns - now_ns + 999999u) / 1000000u) : 1;
  }
  return fx_real.aclrtSynchronizeEventWithTimeout(event, timeout);
}

FX_EXPORT aclError aclrtEventElapsedTime(float *ms, aclrtEvent startEvent, aclrtEvent endEvent) {
  FX_COUNT(aclrtEventElapsedTime);
  if (startEvent != NULL) (void)fx_drain_event(startEvent, 0);
  if (endEvent != NULL) (void)fx_drain_event(endEvent, 0);
  return fx_real.aclrtEventElapsedTime(ms, startEvent, endEvent);
}

FX_EXPORT aclError aclrtEventGetTimestamp(aclrtEvent event, uint64_t *timestamp) {
  FX_COUNT(aclrtEventGetTimestamp);
  if (event != NULL) (void)fx_drain_event(event, 0);
  return fx_real.aclrtEventGetTimestamp(event, timestamp);
}

static void forget(fx_device *d, void *with) {
  aclrtEvent event = *(aclrtEvent *)with;
  fx_lock_take(&d->lock);
  fx_event *e = fx_events_find(&d->events, event);
  if (e != NULL) {
    if (!d->failed) {
      flexnpu_event *record = fx_device_event(d, FLEXNPU_EVENT_SYNC_REMOVE, FLEXNPU_NONE);
      record->sync_remove.sync_object = e->id;
      fx_device_feed(d);
      fx_execute(d);
    }
    fx_events_remove(&d->events, event);
  }
  fx_lock_give(&d->lock);
}

void fx_event_forget(aclrtEvent event) {
  if (event != NULL) fx_device_each(forget, &event);
}

FX_EXPORT aclError aclrtDestroyEvent(aclrtEvent event) {
  FX_COUNT(aclrtDestroyEvent);
  if (event != NULL) (void)fx_drain_event(event, 0);
  fx_event_forget(event);
  fx_ties_forget_event(event);
  return fx_real.aclrtDestroyEvent(event);
}
