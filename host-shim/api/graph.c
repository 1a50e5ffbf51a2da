/*
 * Captures. While one is on, every operator of its device passes straight to the real library: it captures what it sees,
 * in the order of the calls, on the stream of the capture and on those that join it through events.
 */
#include "api/captured.h"
#include "engine/submit.h"
#include "engine/sync.h"
#include "memory/ranges.h"
#include "real_table.h"
#include "stream/ties.h"

static void pass(fx_stream *s, void *with) {
  bool *all = with;
  if (!fx_stage_give_credit(s, FX_FREE_PASS)) *all = false;
}

/* A grant that was made meanwhile is whole: what went by the free pass was no part of it. */
static void ask_again(fx_stream *s, void *with) {
  (void)with;
  atomic_store_explicit(&s->credit, s->grant_pending ? 0 : s->granted, memory_order_release);
}

static void settle_all(fx_device *d) {
  for (uint32_t id = 0; id < FLEXNPU_MAX_STREAMS; id++)
    if (d->by_id[id] != NULL) fx_device_settle_credit(d->by_id[id]);
}

/* Everything that is queued goes first; operators of other threads wait meanwhile, so that none of them overtakes it. */
static void begin(fx_device *d) {
  fx_lock_take(&d->lock);
  d->captures++;
  while (d->draining) { /* another capture is at it */
    unsigned seen = fx_progress_read(&d->progress);
    fx_lock_give(&d->lock);
    fx_progress_wait(&d->progress, seen, 0);
    fx_lock_take(&d->lock);
  }
  if (d->bypass || d->failed) {
    fx_lock_give(&d->lock);
    return;
  }
  d->draining = true;
  atomic_store(&d->unstaged, true);
  settle_all(d);
  fx_execute(d);
  for (bool all = false; !all;) {
    fx_lock_give(&d->lock);
    fx_drain_device(d);
    fx_lock_take(&d->lock);
    settle_all(d); /* what was queued may have earned a grant */
    all = true;
    fx_stream_each(d, pass, &all); /* not where something was staged when this began */
  }
  d->draining = false;
  d->bypass = true;
  fx_progress_note(&d->progress);
  fx_lock_give(&d->lock);
}

static void end(fx_device *d) {
  fx_lock_take(&d->lock);
  if (d->captures > 0 && --d->captures == 0 && d->bypass) {
    d->bypass = false;
    if (!d->failed) {
      fx_stream_each(d, ask_again, NULL);
      atomic_store(&d->unstaged, false);
    }
  }
  fx_lock_give(&d->lock);
}

FX_EXPORT aclError aclmdlRICaptureBegin(aclrtStream stream, aclmdlRICaptureMode mode) {
  FX_COUNT(aclmdlRICaptureBegin);
  fx_device *d = fx_stream_of(stream)->device;
  if (d != NULL) begin(d);
  aclError error = fx_real.aclmdlRICaptureBegin(stream, mode);
  if (error != ACL_SUCCESS && d != NULL) end(d);
  return error;
}

FX_EXPORT aclError aclmdlRICaptureToModelRIBegin(aclrtStream stream, aclmdlRI modelRI, aclmdlRICaptureMode mode) {
  FX_COUNT(aclmdlRICaptureToModelRIBegin);
  fx_stream *s = fx_stream_of(stream);
  fx_device *d = s->device;
  if (d != NULL) begin(d);
  aclError error = fx_real.aclmdlRICaptureToModelRIBegin(stream, modelRI, mode);
  if (error == ACL_SUCCESS && d != NULL) s->into_branch = true;
  if (error != ACL_SUCCESS && d != NULL) end(d);
  return error;
}

/* Graphs that were captured here and live: a byte at the handle of each. */
static fx_ranges graphs = FX_RANGES_INIT;

bool fx_graph_known(aclmdlRI graph) { return fx_ranges_hold(&graphs, graph, 1); }

FX_EXPORT aclError aclmdlRIDestroy(aclmdlRI modelRI) {
  FX_COUNT(aclmdlRIDestroy);
  fx_drain_all();
  fx_range known;
  bool ours = fx_ranges_take(&graphs, modelRI, &known); /* before another may come at its address */
  fx_ties_forget_graph(modelRI);
  aclError error = fx_real.aclmdlRIDestroy(modelRI);
  if (error != ACL_SUCCESS && ours) (void)fx_ranges_add(&graphs, modelRI, 1, 0);
  return error;
}

FX_EXPORT aclError aclmdlRICaptureEnd(aclrtStream stream, aclmdlRI *modelRI) {
  FX_COUNT(aclmdlRICaptureEnd);
  fx_stream *s = fx_stream_of(stream);
  fx_device *d = s->device;
  aclmdlRICaptureStatus status = ACL_MODEL_RI_CAPTURE_STATUS_NONE;
  aclmdlRI captured = NULL;
  if (fx_ties_any()) (void)fx_real.aclmdlRICaptureGetInfo(stream, &status, &captured);
  aclError error = fx_real.aclmdlRICaptureEnd(stream, modelRI);
  if (error == ACL_ERROR_RT_STREAM_CAPTURE_INVALIDATED || error == ACL_ERROR_RT_STREAM_UNJOINED) fx_ties_forget_graph(captured);
  /* A branch is no graph to run. */
  if (error == ACL_SUCCESS && modelRI != NULL && !s->into_branch) (void)fx_ranges_add(&graphs, *modelRI, 1, 0);
  if (error == ACL_SUCCESS && d != NULL) s->into_branch = false;
  /* An end that was refused because nothing is captured ends nothing. */
  if (d != NULL && error != ACL_ERROR_RT_STREAM_NOT_CAPTURED) end(d);
  return error;
}

/* Waits until everything that was issued on the stream is complete, and reported: the core has no reason to mark it. */
static void settle(fx_stream *s) {
  fx_device *d = s->device;
  fx_lock_take(&d->lock);
  fx_device_settle_credit(s);
  bool idle = fx_stage_collect(s) && s->seq == s->reported_seq;
  fx_lock_give(&d->lock);
  if (idle) return;
  fx_sync y;
  int none = 0;
  aclError error = fx_sync_begin(&y, s, -1);
  if (error != ACL_SUCCESS) atomic_compare_exchange_strong(&s->deferred_error, &none, error); /* a synchronization of the program says it */
  (void)fx_sync_end(&y, fx_real.aclrtSynchronizeStream(s->handle));
  fx_lock_take(&d->lock);
  fx_execute_all(d); /* a marker may be among it */
  fx_lock_give(&d->lock);
}

/*
 * What is issued between the two replaces operators of a graph and runs nowhere: it passes, and no marker of ours comes
 * in between. All that was issued on the stream is complete by then; a program's streams for updates are mostly idle.
 */
FX_EXPORT aclError aclmdlRICaptureTaskUpdateBegin(aclrtStream stream, aclrtTaskGrp handle) {
  FX_COUNT(aclmdlRICaptureTaskUpdateBegin);
  fx_stream *s = fx_stream_of(stream);
  if (s->device == NULL) return fx_real.aclmdlRICaptureTaskUpdateBegin(stream, handle);
  settle(s);
  atomic_store(&s->direct, true);
  aclError error = fx_real.aclmdlRICaptureTaskUpdateBegin(stream, handle);
  if (error != ACL_SUCCESS) atomic_store(&s->direct, false);
  return error;
}

FX_EXPORT aclError aclmdlRICaptureTaskUpdateEnd(aclrtStream stream) {
  FX_COUNT(aclmdlRICaptureTaskUpdateEnd);
  fx_stream *s = fx_stream_of(stream);
  aclError error = fx_real.aclmdlRICaptureTaskUpdateEnd(stream);
  if (error == ACL_SUCCESS && s->device != NULL) atomic_store(&s->direct, false);
  return error;
}
