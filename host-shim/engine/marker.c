/*
 * Recording markers and reporting what they prove. Their AscendCL events come from a pool of the device, by context.
 */
#include "engine/marker.h"

#include <stdlib.h>

#include "boot/codes.h"
#include "boot/real.h"
#include "engine/device.h"
#include "real_table.h"

_Atomic uint32_t fx_marker_may_fail;

static fx_marker *from_pool(fx_device *d, aclrtContext context) {
  for (fx_marker **at = &d->marker_pool; *at != NULL; at = &(*at)->next) {
    fx_marker *m = *at;
    if (m->context != context) continue;
    *at = m->next;
    return m;
  }
  return NULL;
}

static void to_pool(fx_device *d, fx_marker *m) {
  m->next = d->marker_pool;
  d->marker_pool = m;
}

static void complain(const fx_device *d, const char *what, aclError error) {
  if (fx_failed_on_device(error)) return;
  if (atomic_load(&fx_marker_may_fail) == 0) fx_fault("device %d: %s (%d)", d->number, what, error);
}

FX_TLS fx_marker_task fx_marker_last;

/* Older libraries do not number operators; looking for the function costs more than a marker. */
static bool numbers_operators(void) {
  static _Atomic int known; /* 1: it does, 2: it does not */
  int is = atomic_load_explicit(&known, memory_order_relaxed);
  if (is != 0) return is == 1;
  bool has = fx_real_has(FX_API_aclrtGetThreadLastTaskId);
  atomic_store_explicit(&known, has ? 1 : 2, memory_order_relaxed);
  return has;
}

uint32_t fx_last_task(void) {
  uint32_t id;
  return numbers_operators() && fx_real.aclrtGetThreadLastTaskId(&id) == ACL_SUCCESS ? id : UINT32_MAX;
}

fx_marker *fx_marker_record(fx_stream *s, uint64_t seq) {
  fx_device *d = s->device;
  fx_lock_take(&d->lock);
  fx_marker *m = from_pool(d, s->context);
  fx_lock_give(&d->lock);
  if (m == NULL) {
    m = calloc(1, sizeof *m);
    aclError error = m == NULL ? ACL_ERROR_BAD_ALLOC : fx_real.aclrtCreateEventWithFlag(&m->event, ACL_EVENT_TIME_LINE);
    if (error != ACL_SUCCESS) {
      complain(d, "no event for a marker", error);
      free(m);
      return NULL;
    }
    m->context = s->context;
  }
  m->next = NULL;
  m->seq = seq;
  m->start_of_sample = false;
  uint32_t before = fx_last_task();
  if (before != fx_marker_last.task) fx_marker_last.before = before; /* else the one behind another of ours */
  aclError error = fx_real.aclrtRecordEvent(m->event, s->handle);
  fx_marker_last.task = fx_last_task();
  if (error == ACL_SUCCESS) return m;
  fx_lock_take(&d->lock);
  if (!s->ending) complain(d, "a marker could not be recorded", error);
  to_pool(d, m);
  fx_lock_give(&d->lock);
  return NULL;
}

void fx_marker_append(fx_stream *s, fx_marker *m) {
  fx_marker_list *list = &s->markers;
  fx_marker *before = list->last != NULL ? list->last : list->done;
  m->covers = before != NULL && m->seq > before->seq ? (uint32_t)(m->seq - before->seq) : 0;
  m->back_to_back = list->last != NULL;
  if (list->last != NULL) list->last->next = m;
  else list->first = m;
  list->last = m;
  if (!s->active) {
    s->active = true;
    s->active_next = s->device->active;
    s->device->active = s;
  }
}

static uint64_t device_time_ns(const fx_marker *before, const fx_marker *m) {
  float ms = 0;
  if (before == NULL || m->covers == 0 || !(m->back_to_back || before->start_of_sample)) return 0;
  if (fx_real.aclrtEventElapsedTime(&ms, before->event, m->event) != ACL_SUCCESS || !(ms >= 0)) return 0;
  uint64_t ns = (uint64_t)((double)ms * 1e6 + 0.5);
  return ns > 0 ? ns : 1; /* 0 is unknown */
}

static void feed_complete(fx_stream *s, uint64_t seq, uint64_t device_ns, uint32_t covers) {
  fx_device *d = s->device;
  if (seq <= s->reported_seq) return;
  d->live -= (uint32_t)(seq - s->reported_seq);
  s->reported_seq = seq;
  flexnpu_event *e = fx_device_event(d, FLEXNPU_EVENT_OP_COMPLETE, s->id);
  e->op_complete.completed_seq = seq;
  e->op_complete.device_ns = device_ns;
  e->op_complete.end_ns = e->time_ns;
  e->op_complete.count = covers;
  fx_device_feed(d);
}

static bool is_complete(const fx_marker *m) {
  aclrtEventRecordedStatus status = ACL_EVENT_RECORDED_STATUS_NOT_READY;
  /* An event that cannot be asked any more (its stream failed) must not hold the rest back. */
  return fx_real.aclrtQueryEventStatus(m->event, &status) != ACL_SUCCESS || status == ACL_EVENT_RECORDED_STATUS_COMPLETE;
}

void fx_marker_report(fx_stream *s, bool everything, uint64_t seq) {
  fx_device *d = s->device;
  fx_marker_list *list = &s->markers;
  bool any = false;
  while (list->first != NULL) {
    fx_marker *m = list->first;
    if (!(everything && m->seq <= seq) && !is_complete(m)) break;
    list->first = m->next;
    if (list->first == NULL) list->last = NULL;
    m->next = NULL;
    uint64_t device_ns = device_time_ns(list->done, m);
    if (list->done != NULL) to_pool(d, list->done);
    list->done = m;
    feed_complete(s, m->seq, device_ns, m->covers);
    any = true;
  }
  if (everything && seq > s->reported_seq) {
    feed_complete(s, seq, 0, 0);
    any = true;
  }
  if (any) fx_progress_note(&d->progress);
}

void fx_marker_release_all(fx_stream *s) {
  fx_device *d = s->device;
  fx_marker_list *list = &s->markers;
  while (list->first != NULL) {
    fx_marker *m = list->first;
    list->first = m->next;
    to_pool(d, m);
  }
  if (list->done != NULL) to_pool(d, list->done);
  *list = (fx_marker_list){0};
  if (!s->active) return;
  for (fx_stream **at = &d->active; *at != NULL; at = &(*at)->active_next)
    if (*at == s) {
      *at = s->active_next;
      break;
    }
  s->active = false;
}

void fx_marker_destroy_pool(fx_device *d, aclrtContext context) {
  for (fx_marker **at = &d->marker_pool; *at != NULL;) {
    fx_marker *m = *at;
    if (context != NULL && m->context != context) {
      at = &m->next;
      continue;
    }
    *at = m->next;
    (void)fx_real.aclrtDestroyEvent(m->event);
    free(m);
  }
}
