/* Waits for markers by their own events, then returns them; see api/quiesce.h. */
#include "api/quiesce.h"

#include "engine/submit.h"
#include "real_table.h"

static void release(fx_stream *s, void *with) {
  (void)with;
  fx_marker_report(s, true, atomic_load(&s->executed_seq));
  fx_marker_release_all(s);
}

void fx_quiesce(fx_device *d) {
  fx_drain_device(d);
  aclrtContext own = NULL;
  bool known = fx_real.aclrtGetCurrentContext(&own) == ACL_SUCCESS;
  for (;;) {
    fx_lock_take(&d->lock);
    fx_execute(d);
    fx_stream *s = d->active;
    while (s != NULL && s->markers.last == NULL) s = s->active_next;
    aclrtEvent last = s != NULL ? s->markers.last->event : NULL;
    uint64_t seq = s != NULL ? s->markers.last->seq : 0;
    uint32_t id = s != NULL ? s->id : 0;
    aclrtContext context = s != NULL ? s->context : NULL;
    fx_lock_give(&d->lock);
    if (last == NULL) break;
    if (context != NULL && context != own) (void)fx_real.aclrtSetCurrentContext(context);
    (void)fx_real.aclrtSynchronizeEvent(last); /* of work that the application has issued and is about to end */
    fx_lock_take(&d->lock);
    if (d->by_id[id] == s) fx_marker_report(s, true, seq);
    fx_lock_give(&d->lock);
  }
  if (known && own != NULL) (void)fx_real.aclrtSetCurrentContext(own);
  fx_lock_take(&d->lock);
  if (!d->failed) fx_stream_each(d, release, NULL);
  fx_execute(d);
  fx_marker_destroy_pool(d, NULL);
  fx_recorder_flush(&d->recorder, &d->core);
  fx_lock_give(&d->lock);
}

static void quiesce_one(fx_device *d, void *with) {
  (void)with;
  fx_quiesce(d);
}

void fx_quiesce_all(void) { fx_device_each(quiesce_one, NULL); }
