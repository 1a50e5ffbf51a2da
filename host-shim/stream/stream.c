/*
 * The table of streams: found by handle in the device's buckets, and through a small cache of the thread before that. A
 * stream that was made before FlexNPU saw it, and the default stream of a context, are registered at their first use.
 */
#include "stream/stream.h"

#include <stdlib.h>
#include <string.h>

#include "boot/config.h"
#include "engine/device.h"
#include "engine/submit.h"
#include "real_table.h"

FX_TLS fx_stream_cache fx_stream_caches[FX_STREAM_CACHE];
_Atomic uint64_t fx_stream_epoch = 1;

/* Every stream of a thread without a device, of a child after fork, or beyond what the core holds. */
static fx_stream unscheduled = {.credit = FX_FREE_PASS};

static fx_stream **bucket_of(fx_device *d, aclrtStream handle) {
  uint64_t hash = ((uint64_t)(uintptr_t)handle >> 4) * 0x9e3779b97f4a7c15u;
  return &d->buckets[hash >> 56];
}

static fx_stream *look_up(fx_device *d, aclrtStream handle) {
  for (fx_stream *s = *bucket_of(d, handle); s != NULL; s = s->next)
    if (s->handle == handle) return s;
  return NULL;
}

static bool give_id(fx_device *d, fx_stream *s) {
  for (uint32_t i = 0; i < FLEXNPU_MAX_STREAMS; i++) {
    uint32_t id = (d->id_hint + i) % FLEXNPU_MAX_STREAMS;
    if (d->by_id[id] != NULL) continue;
    d->by_id[id] = s;
    d->id_hint = id + 1;
    s->id = id;
    return true;
  }
  return false;
}

/* Memory of streams stays memory of streams: a thread that waited for one that ended sees by its `life` that it did. */
static fx_stream *new_stream(fx_device *d) {
  fx_stream *s = d->retired;
  if (s != NULL) {
    d->retired = s->next;
    return s;
  }
  s = aligned_alloc(64, (sizeof *s + 63u) / 64u * 64u);
  if (s != NULL) memset(s, 0, sizeof *s);
  return s;
}

static void retire(fx_device *d, fx_stream *s) {
  s->next = d->retired;
  d->retired = s;
}

/* What the stream starts with, new or anew; its name, place and life stay. */
static void start_empty(fx_stream *s) {
  atomic_store(&s->credit, 0);
  s->phase = FLEXNPU_PHASE_UNKNOWN;
  s->granted = 0;
  s->grant_pending = s->ending = false;
  s->seq = s->decided_seq = s->reported_seq = s->barrier_seq = 0;
  atomic_store(&s->executed_seq, 0);
  atomic_store(&s->deferred_error, 0);
  atomic_store(&s->told.phase, 0);
  atomic_store(&s->told.source, 0);
  atomic_store(&s->told.products, 0);
  fx_stage_open(s);
}

/* The core learns of the stream, which has its number. Under the lock. */
static void introduce(fx_stream *s) {
  fx_device *d = s->device;
  if (!d->failed) {
    flexnpu_event *e = fx_device_event(d, FLEXNPU_EVENT_STREAM_ADD, s->id);
    e->stream_add.priority = s->priority;
    fx_device_feed(d);
  }
  if (d->failed || d->bypass) atomic_store(&s->credit, FX_FREE_PASS);
}

/* Adds a stream. Under the lock. */
static fx_stream *add(fx_device *d, aclrtStream handle, aclrtContext context, uint32_t priority) {
  fx_stream *s = new_stream(d);
  if (s == NULL) return &unscheduled;
  start_empty(s);
  s->device = d;
  s->handle = handle;
  s->context = context;
  s->priority = priority;
  atomic_store(&s->direct, false);
  s->into_branch = false;
  atomic_store(&s->callbacks_on, 0);
  if (!give_id(d, s)) {
    retire(d, s);
    fx_fault("device %d: more than %u streams; one is not scheduled", d->number, FLEXNPU_MAX_STREAMS);
    return &unscheduled;
  }
  fx_stream **bucket = bucket_of(d, handle);
  s->next = *bucket;
  *bucket = s;
  introduce(s);
  return s;
}

static void drop_operators(fx_stream *s) {
  fx_device *d = s->device;
  for (fx_op *op; (op = fx_queue_front(&s->queue)) != NULL; fx_queue_pop(&s->queue)) {
    fx_event *event = op->event != NULL ? fx_events_find(&d->events, op->event) : NULL;
    if (event != NULL) {
      event->waiting--;
      if (!fx_api_waits[op->api]) event->records_waiting--;
    }
    if (op->answer != NULL) *op->answer = ACL_ERROR_RT_STREAM_ABORT;
    atomic_fetch_sub(&d->queued, 1);
  }
  fx_queue_clear(&s->queue);
  fx_stage_drop(s);
}

/*
 * Drops what the stream holds; the core does not know it any more. False where it came to an end meanwhile. Under the
 * lock, which it gives while a thread hands over an operator of the stream.
 */
static bool empty(fx_stream *s, uint64_t life) {
  fx_device *d = s->device;
  s->ending = true;
  fx_stage_close(s);
  fx_device_flush(d);
  fx_execute_forget(d, s);
  if (atomic_load(&s->life) != life) return false;
  /* From here to the end without giving the lock: nobody comes in between with another operator. */
  fx_device_flush(d);
  fx_device_settle_credit(s);
  fx_execute_discard(d, s);
  d->by_id[s->id] = NULL; /* what the core says of it now is nobody's */
  drop_operators(s);
  d->live -= (uint32_t)(s->seq - s->reported_seq);
  fx_marker_release_all(s);
  if (s->granted != 0) atomic_fetch_sub_explicit(&d->grants, 1, memory_order_relaxed); /* given anew, and not handed out */
  s->granted = 0;
  if (!d->failed) {
    fx_device_event(d, FLEXNPU_EVENT_STREAM_REMOVE, s->id);
    fx_device_feed(d);
  }
  atomic_store_explicit(&s->life, life + 1, memory_order_release);
  return true;
}

/* Who waits for what was dropped goes on, and so does what it held back. Under the lock, which this gives. */
static void carry_on(fx_device *d) {
  fx_execute(d);
  fx_completion_wake(d);
  fx_progress_note(&d->progress);
  fx_progress_note(&d->room);
}

/* Takes a stream out, with what it still has queued. Under the lock, which it gives while work on the stream is left. */
static void take_out(fx_stream *s, uint64_t life) {
  fx_device *d = s->device;
  if (!empty(s, life)) return;
  for (fx_stream **at = bucket_of(d, s->handle); *at != NULL; at = &(*at)->next)
    if (*at == s) {
      *at = s->next;
      break;
    }
  atomic_fetch_add(&fx_stream_epoch, 1);
  retire(d, s);
  carry_on(d);
}

/* The stream goes on without what it held. Under the lock. */
static void start_anew(fx_stream *s, uint64_t life) {
  if (!empty(s, life)) return;
  s->device->by_id[s->id] = s;
  start_empty(s);
  introduce(s);
  carry_on(s->device);
}

/* Whether the real library takes the stream from this thread now; true where it cannot say. */
static bool usable(aclrtStream handle) {
  uint32_t priority;
  aclError error = fx_real.aclrtStreamGetPriority(handle, &priority);
  return error == ACL_SUCCESS || error == ACL_ERROR_RT_FEATURE_NOT_SUPPORT;
}

static aclrtContext current_context(void) {
  aclrtContext context = NULL;
  return fx_real.aclrtGetCurrentContext(&context) == ACL_SUCCESS ? context : NULL;
}

typedef struct fx_search {
  aclrtStream handle;
  fx_stream *found;
} fx_search;

static void search(fx_device *d, void *with) {
  fx_search *what = with;
  if (what->found != NULL) return;
  fx_lock_take(&d->lock);
  what->found = look_up(d, what->handle);
  fx_lock_give(&d->lock);
}

static fx_stream *find_or_add(aclrtStream handle, aclrtContext context) {
  fx_search what = {.handle = handle};
  fx_device_each(search, &what);
  if (what.found != NULL) return what.found;
  fx_device *d = fx_device_current();
  if (d == NULL || !usable(handle)) return &unscheduled; /* the real library says what is wrong */
  fx_lock_take(&d->lock);
  fx_stream *s = look_up(d, handle);
  if (s == NULL) s = add(d, handle, context, 0);
  fx_lock_give(&d->lock);
  return s;
}

fx_stream *fx_stream_find(aclrtStream handle) {
  uint64_t epoch = atomic_load_explicit(&fx_stream_epoch, memory_order_acquire);
  if (fx_config_get()->daemon_path != NULL) { /* nothing to look up, and asking for the context would cost an answer */
    *fx_stream_cache_of(handle) = (fx_stream_cache){.handle = handle, .stream = &unscheduled, .epoch = epoch};
    return &unscheduled;
  }
  aclrtContext context = current_context();
  aclrtStream real = handle;
  if (handle == NULL) {
    if (context == NULL) return &unscheduled; /* the real library says what is wrong */
    /* The default stream also has a handle of its own; both names must lead to one queue. */
    if (fx_real.aclrtCtxGetCurrentDefaultStream(&real) != ACL_SUCCESS || real == NULL)
      real = (aclrtStream)((uintptr_t)context | 1u);
  }
  fx_stream *s = find_or_add(real, context);
  if (s == &unscheduled) return s;
  if (s->context != context) {
    if (!usable(real)) return &unscheduled; /* a stream of another context, which the real library refuses */
    fx_lock_take(&s->device->lock);
    s->context = context; /* the default stream of a new context at the address of an old one */
    fx_lock_give(&s->device->lock);
  }
  *fx_stream_cache_of(handle) = (fx_stream_cache){.handle = handle, .stream = s, .epoch = epoch};
  return s;
}

void fx_stream_created(aclrtStream handle, uint32_t priority, uint32_t flags) {
  fx_device *d = fx_device_current();
  if (d == NULL) return;
  fx_lock_take(&d->lock);
  fx_stream *stale = look_up(d, handle);
  if (stale != NULL) take_out(stale, atomic_load(&stale->life));
  fx_stream *s = add(d, handle, current_context(), priority);
  /* What a persistent stream is given is kept for a graph, and so would be a marker of ours. */
  if (s != &unscheduled && (flags & ACL_STREAM_PERSISTENT) != 0) atomic_store(&s->direct, true);
  fx_lock_give(&d->lock);
}

/* A stream that the calling thread may end; NULL where the real library refuses it. */
static fx_stream *find_own(aclrtStream handle) {
  fx_search what = {.handle = handle};
  fx_device_each(search, &what);
  fx_stream *s = what.found;
  return s != NULL && s->context == current_context() ? s : NULL;
}

void fx_stream_destroying(aclrtStream handle) {
  fx_stream *s = find_own(handle);
  if (s == NULL) return;
  uint64_t life = atomic_load(&s->life);
  fx_drain(s);
  fx_device *d = s->device;
  fx_lock_take(&d->lock);
  if (atomic_load(&s->life) == life) take_out(s, life);
  fx_lock_give(&d->lock);
}

static fx_stream_end begin_end(fx_stream *s) {
  s->ending = true;
  return (fx_stream_end){.stream = s, .life = atomic_load(&s->life)};
}

fx_stream_end fx_stream_end_begin(aclrtStream handle, bool handle_ends) {
  fx_stream *s = find_own(handle);
  if (s == NULL) return (fx_stream_end){0};
  fx_device *d = s->device;
  fx_lock_take(&d->lock);
  fx_stream_end end = begin_end(s);
  if (handle_ends) fx_execute_leave(d, s);
  fx_lock_give(&d->lock);
  return end;
}

void fx_stream_end_finish(fx_stream_end end, bool gone) {
  if (end.stream == NULL) return;
  fx_device *d = end.stream->device;
  fx_lock_take(&d->lock);
  if (atomic_load(&end.stream->life) == end.life) {
    if (gone) take_out(end.stream, end.life);
    else start_anew(end.stream, end.life);
  }
  fx_lock_give(&d->lock);
}

typedef struct fx_ends {
  fx_stream_end *list;
  uint32_t count;
} fx_ends;

static void begin_end_of(fx_stream *s, void *with) {
  fx_ends *ends = with;
  ends->list[ends->count++] = begin_end(s);
}

fx_stream_end *fx_stream_end_begin_all(fx_device *d, uint32_t *count) {
  fx_ends ends = {.list = malloc(FLEXNPU_MAX_STREAMS * sizeof *ends.list)};
  if (ends.list != NULL) {
    fx_lock_take(&d->lock);
    fx_stream_each(d, begin_end_of, &ends);
    fx_lock_give(&d->lock);
  }
  *count = ends.count;
  return ends.list;
}

void fx_stream_context_changed(void) { memset(fx_stream_caches, 0, sizeof fx_stream_caches); }

/* A stream as it was when the real library was asked about it. */
typedef struct fx_candidate {
  aclrtStream handle;
  aclrtContext context;
  uint32_t id;
  bool ended;
} fx_candidate;

void fx_stream_forget_ended(fx_device *d) {
  uint32_t count = 0;
  fx_candidate *candidates = malloc(FLEXNPU_MAX_STREAMS * sizeof *candidates);
  if (candidates == NULL) return; /* they stay known: a new stream of the same handle replaces its ancestor */
  fx_lock_take(&d->lock);
  for (uint32_t id = 0; id < FLEXNPU_MAX_STREAMS; id++) {
    const fx_stream *s = d->by_id[id];
    if (s != NULL) candidates[count++] = (fx_candidate){.handle = s->handle, .context = s->context, .id = id};
  }
  fx_lock_give(&d->lock);
  for (uint32_t i = 0; i < count; i++) {
    fx_candidate *c = &candidates[i];
    c->ended = fx_real.aclrtSetCurrentContext(c->context) != ACL_SUCCESS || !usable(c->handle);
  }
  fx_lock_take(&d->lock);
  for (uint32_t i = 0; i < count; i++) {
    const fx_candidate *c = &candidates[i];
    fx_stream *s = d->by_id[c->id];
    if (!c->ended || s == NULL || s->handle != c->handle || s->context != c->context) continue;
    take_out(s, atomic_load(&s->life));
    fx_marker_destroy_pool(d, c->context);
  }
  fx_lock_give(&d->lock);
  free(candidates);
}

void fx_stream_each(fx_device *d, void (*visit)(fx_stream *s, void *with), void *with) {
  for (uint32_t b = 0; b < FX_STREAM_BUCKETS; b++)
    for (fx_stream *s = d->buckets[b]; s != NULL; s = s->next) visit(s, with);
}
