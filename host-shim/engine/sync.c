/* Synchronization; engine/sync.h says how. */
#include "engine/sync.h"

#include <stdlib.h>

#include "engine/inside.h"
#include "engine/submit.h"

static aclError take_deferred(fx_stream *s) { return atomic_exchange(&s->deferred_error, 0); }

/* Nothing of the stream is queued, and nothing of it is to be reported. */
static bool idle(const fx_stream *s) {
  return s->queue.count == 0 && s->grant_pending == false &&
         s->reported_seq == atomic_load_explicit(&s->executed_seq, memory_order_relaxed);
}

aclError fx_sync_begin(fx_sync *y, fx_stream *s, int32_t timeout_ms) {
  *y = (fx_sync){0};
  fx_device *d = s->device;
  if (d == NULL || fx_inside > 0) return ACL_SUCCESS;
  if (atomic_load_explicit(&s->credit, memory_order_acquire) > 0) return take_deferred(s); /* then nothing is queued */
  fx_lock_take(&d->lock);
  bool all = fx_stage_collect(s);
  if (!all || idle(s) || d->failed) {
    fx_lock_give(&d->lock);
    fx_drain(s);
    return take_deferred(s);
  }
  fx_device_event(d, FLEXNPU_EVENT_STREAM_SYNC, s->id);
  fx_device_feed(d);
  fx_execute(d);
  fx_completion_wake(d);
  y->stream = s;
  y->device = d;
  y->seq = s->seq;
  y->life = atomic_load_explicit(&s->life, memory_order_relaxed);
  fx_submit_leave(d);
  uint64_t deadline = timeout_ms < 0 ? 0 : fx_now_ns() + (uint64_t)timeout_ms * 1000000u;
  for (;;) {
    unsigned seen = fx_progress_read(&d->progress);
    if (atomic_load_explicit(&s->life, memory_order_acquire) != y->life) { /* another thread dropped what it waits for */
      y->stream = NULL;
      return ACL_SUCCESS;
    }
    if (atomic_load_explicit(&s->executed_seq, memory_order_acquire) >= y->seq) return take_deferred(s);
    if (deadline != 0 && fx_now_ns() >= deadline) return ACL_ERROR_RT_STREAM_SYNC_TIMEOUT;
    fx_device_await(d, &d->progress, seen, deadline);
  }
}

aclError fx_sync_end(fx_sync *y, aclError result) {
  if (y->stream == NULL || result != ACL_SUCCESS) return result;
  fx_device *d = y->device;
  fx_lock_take(&d->lock);
  bool lives = atomic_load_explicit(&y->stream->life, memory_order_relaxed) == y->life;
  if (lives && !d->failed) fx_marker_report(y->stream, true, y->seq);
  aclError error = lives ? take_deferred(y->stream) : ACL_SUCCESS;
  fx_execute(d);
  fx_completion_wake(d);
  fx_submit_leave(d);
  return error;
}

/* What was handed over on one stream when a device synchronization began. */
typedef struct fx_reach {
  fx_stream *stream;
  uint64_t life;
  uint64_t seq;
} fx_reach;

typedef struct fx_gather {
  fx_reach *reached;
  uint32_t count;
  aclError error;
} fx_gather;

static void gather(fx_stream *s, void *with) {
  fx_gather *g = with;
  uint64_t seq = atomic_load_explicit(&s->executed_seq, memory_order_relaxed);
  if (s->reported_seq < seq) g->reached[g->count++] = (fx_reach){.stream = s, .life = atomic_load(&s->life), .seq = seq};
  aclError error = take_deferred(s);
  if (g->error == ACL_SUCCESS) g->error = error;
}

aclError fx_sync_device_begin(fx_sync *y) {
  *y = (fx_sync){0};
  fx_device *d = fx_device_current();
  if (d == NULL || fx_inside > 0) return ACL_SUCCESS;
  fx_drain_device(d);
  fx_lock_take(&d->lock);
  fx_gather g = {.reached = malloc(FLEXNPU_MAX_STREAMS * sizeof *g.reached)};
  if (g.reached != NULL) fx_stream_each(d, gather, &g);
  fx_lock_give(&d->lock);
  y->device = d;
  y->reached = g.reached;
  y->reached_count = g.count;
  if (g.error != ACL_SUCCESS) {
    free(y->reached);
    y->reached = NULL;
  }
  return g.error;
}

aclError fx_sync_device_end(fx_sync *y, aclError result) {
  fx_device *d = y->device;
  fx_reach *reached = y->reached;
  if (d != NULL && result == ACL_SUCCESS && reached != NULL) {
    fx_lock_take(&d->lock);
    for (uint32_t i = 0; i < y->reached_count && !d->failed; i++) {
      fx_stream *s = reached[i].stream;
      if (atomic_load_explicit(&s->life, memory_order_relaxed) == reached[i].life) fx_marker_report(s, true, reached[i].seq);
    }
    fx_execute(d);
    fx_completion_wake(d);
    fx_lock_give(&d->lock);
  }
  free(reached);
  return result;
}
