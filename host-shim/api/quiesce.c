/*
 * Waits for markers by their own events, and asks the real library which streams live. Both need contexts of others, so
 * they run in a thread of their own: the caller's current context stays what it is, none included.
 */
#include "api/quiesce.h"

#include "engine/submit.h"
#include "real_table.h"

static void release(fx_stream *s, void *with) {
  (void)with;
  fx_marker_report(s, true, atomic_load(&s->executed_seq));
  fx_marker_release_all(s);
}

/* The newest marker of some stream; false where there is none. */
static bool next_marker(fx_device *d, aclrtEvent *event, aclrtContext *context, fx_stream **of, uint64_t *life, uint64_t *seq) {
  fx_lock_take(&d->lock);
  fx_execute(d);
  fx_stream *s = d->active;
  while (s != NULL && s->markers.last == NULL) s = s->active_next;
  if (s != NULL) {
    *event = s->markers.last->event;
    *context = s->context;
    *of = s;
    *life = atomic_load(&s->life);
    *seq = s->markers.last->seq;
  }
  fx_lock_give(&d->lock);
  return s != NULL;
}

static void *wait_for_markers(void *with) {
  fx_device *d = with;
  aclrtEvent last;
  aclrtContext context;
  fx_stream *s;
  uint64_t life, seq;
  while (next_marker(d, &last, &context, &s, &life, &seq)) {
    if (context != NULL) (void)fx_real.aclrtSetCurrentContext(context);
    (void)fx_real.aclrtSynchronizeEvent(last); /* of work that the application has issued and is about to end */
    fx_lock_take(&d->lock);
    if (atomic_load(&s->life) == life) fx_marker_report(s, true, seq);
    fx_lock_give(&d->lock);
  }
  fx_lock_take(&d->lock);
  if (!d->failed) fx_stream_each(d, release, NULL);
  fx_execute(d);
  fx_marker_destroy_pool(d, NULL);
  fx_recorder_flush(&d->recorder, &d->core);
  fx_lock_give(&d->lock);
  return NULL;
}

static void *forget_ended(void *with) {
  fx_stream_forget_ended(with);
  return NULL;
}

static void in_own_thread(void *(*work)(void *), void *with) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, work, with) == 0) (void)pthread_join(thread, NULL);
  else (void)work(with);
}

static void rest(fx_device *d, void *with) {
  (void)with;
  fx_drain_device(d);
  in_own_thread(wait_for_markers, d);
}

static void forget(fx_device *d, void *with) {
  (void)with;
  in_own_thread(forget_ended, d);
}

void fx_ending_begin(fx_device *d) {
  atomic_fetch_add(&fx_marker_may_fail, 1);
  if (d != NULL) rest(d, NULL);
  else fx_device_each(rest, NULL);
}

void fx_ending_end(fx_device *d) {
  if (d != NULL) forget(d, NULL);
  else fx_device_each(forget, NULL);
  atomic_fetch_sub(&fx_marker_may_fail, 1);
}
