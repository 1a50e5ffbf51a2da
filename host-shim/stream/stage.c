/* Staging and collecting; stream/stage.h says what holds. Locks are taken in this order: the device's, a stage's. */
#include "stream/stage.h"

#include <stddef.h>
#include <string.h>

#include "engine/submit.h"
#include "kernel/functions.h"

/* Staged operators ahead of the one that is collected whose lines are on their way: another processor has written them. */
#define AHEAD 3u

static void fetch(const fx_stage *g, uint32_t at) {
  if (at >= g->count) return;
  const char *from = (const char *)&g->ops[at];
  size_t bytes = offsetof(fx_staged, op.args) + 96; /* what a launch of a few arguments takes */
  for (size_t line = 0; line < bytes; line += FX_LINE_BYTES) __builtin_prefetch(from + line);
}

/* Puts the stream into the device's list, once. Under the stage's lock. */
static void list(fx_stream *s, fx_stage *g) {
  if (g->listed) return;
  g->listed = true;
  fx_stream *first = atomic_load_explicit(&s->device->staged, memory_order_relaxed);
  do g->next = first;
  while (!atomic_compare_exchange_weak_explicit(&s->device->staged, &first, s, memory_order_seq_cst, memory_order_relaxed));
}

/* Whether an operator of the stream may wait without harm: somebody will come by, and nothing on credit overtakes it. */
static bool may_wait(const fx_device *d, const fx_op_meta *meta, size_t bytes) {
  if (meta->event != NULL || bytes > FX_OP_INLINE_BYTES || d->passthrough) return false;
  if (!atomic_load_explicit(&d->polls, memory_order_relaxed)) return false;
  if (atomic_load_explicit(&d->grants, memory_order_relaxed) != 0) return false;
  /* Its name has to come before its first event in a recording. */
  return !fx_recorder_on(&d->recorder) || meta->function == NULL || fx_function_named(meta->function, d->number);
}

bool fx_stage_add(fx_stream *s, const fx_op_meta *meta, const void *args, size_t bytes) {
  fx_device *d = s->device;
  fx_stage *g = atomic_load_explicit(&s->stage, memory_order_acquire);
  if (g == NULL || !may_wait(d, meta, bytes)) return false;
  fx_brief_take(&g->lock);
  bool goes_on = fx_burst_goes_on(&g->burst, &d->ticks, g->count) && g->count < FX_STAGE_ENOUGH - 1;
  bool room = g->count < FX_STAGE_OPS && !g->closed && atomic_load_explicit(&s->credit, memory_order_relaxed) <= 0 &&
              !atomic_load_explicit(&d->unstaged, memory_order_relaxed);
  bool staged = room && (goes_on || fx_lock_held(&d->lock));
  if (staged) {
    fx_staged *t = &g->ops[g->count++];
    memset(&t->event, 0, sizeof t->event);
    fx_describe(&t->event, meta);
    t->op.api = meta->api;
    t->op.args_bytes = (uint32_t)bytes;
    memcpy(t->op.args, args, bytes);
    list(s, g);
  }
  fx_brief_give(&g->lock);
  if (staged && !goes_on) fx_submit_staged(d); /* whoever was in the core may have left without a look at it */
  return staged;
}

/* Whether the core's table takes one more; the stream's queue may grow by what was staged. */
static bool has_room(const fx_device *d) { return d->failed || d->live < FX_LIVE_LIMIT; }

bool fx_stage_collect(fx_stream *s) {
  fx_device *d = s->device;
  fx_stage *g = atomic_load_explicit(&s->stage, memory_order_acquire);
  if (g == NULL) return true;
  fx_brief_take(&g->lock);
  if (g->count > 0) fx_device_settle_credit(s);
  uint32_t taken = 0;
  for (uint32_t i = 0; i < AHEAD; i++) fetch(g, i);
  for (fx_op *op; taken < g->count && has_room(d) && (op = fx_queue_push(&s->queue, 0)) != NULL; taken++) {
    const fx_staged *t = &g->ops[taken];
    fetch(g, taken + AHEAD);
    op->api = t->op.api;
    op->event = NULL;
    op->args_bytes = t->op.args_bytes;
    memcpy(op->args, t->op.args, t->op.args_bytes);
    fx_device_enqueue(d, s, op, &t->event);
  }
  if (taken > 0) atomic_fetch_add_explicit(&d->queued, taken, memory_order_release);
  g->count -= taken;
  if (g->count > 0) memmove(g->ops, g->ops + taken, g->count * sizeof *g->ops);
  bool all = g->count == 0;
  if (!all) list(s, g);
  fx_brief_give(&g->lock);
  return all;
}

bool fx_stage_collect_all(fx_device *d) {
  bool all = true;
  if (atomic_load_explicit(&d->staged, memory_order_relaxed) == NULL) return true;
  atomic_store_explicit(&d->collecting, true, memory_order_relaxed);
  fx_stream *s = atomic_exchange_explicit(&d->staged, NULL, memory_order_acq_rel);
  while (s != NULL) {
    fx_stage *g = atomic_load_explicit(&s->stage, memory_order_relaxed);
    fx_brief_take(&g->lock);
    fx_stream *next = g->next;
    g->listed = false;
    fx_brief_give(&g->lock);
    if (!fx_stage_collect(s)) all = false;
    s = next;
  }
  atomic_store_explicit(&d->collecting, false, memory_order_release);
  return all;
}

static void set_closed(fx_stream *s, bool closed) {
  fx_stage *g = atomic_load_explicit(&s->stage, memory_order_acquire);
  if (g == NULL) return;
  fx_brief_take(&g->lock);
  g->closed = closed;
  fx_brief_give(&g->lock);
}

void fx_stage_close(fx_stream *s) {
  set_closed(s, true);
  (void)fx_stage_collect_all(s->device); /* the device's list names it no more */
}

void fx_stage_open(fx_stream *s) { set_closed(s, false); }

void fx_stage_drop(fx_stream *s) {
  fx_stage *g = atomic_load_explicit(&s->stage, memory_order_acquire);
  if (g == NULL) return;
  fx_brief_take(&g->lock);
  g->count = 0;
  fx_brief_give(&g->lock);
}

bool fx_stage_give_credit(fx_stream *s, int64_t credit) {
  fx_stage *g = atomic_load_explicit(&s->stage, memory_order_relaxed);
  if (g != NULL) fx_brief_take(&g->lock);
  bool empty = g == NULL || g->count == 0;
  if (empty) atomic_store_explicit(&s->credit, credit, memory_order_release);
  if (g != NULL) fx_brief_give(&g->lock);
  return empty;
}
