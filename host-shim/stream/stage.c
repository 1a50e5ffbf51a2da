/* Staging and collecting; stream/stage.h says what holds. Locks are taken in this order: the device's, a stage's. */
#include "stream/stage.h"

#include <stddef.h>
#include <string.h>

#include "engine/submit.h"
#include "kernel/functions.h"

/* So far ahead of what is read or written the lines of a log are on their way: another processor has written or read them. */
#define AHEAD_BYTES 768u

static void fetch_to_read(const uint8_t *log, size_t at, size_t bytes) {
  for (size_t line = 0; line < bytes && at + line < FX_STAGE_BYTES; line += FX_LINE_BYTES) __builtin_prefetch(log + at + line);
}

static void fetch_to_write(const uint8_t *log, size_t at, size_t bytes) {
  for (size_t line = 0; line < bytes && at + line < FX_STAGE_BYTES; line += FX_LINE_BYTES) fx_fetch_to_write(log + at + line);
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
  return !fx_recorder_on(&d->recorder) || meta->function == NULL || fx_function_named(meta->known, d->number);
}

static size_t size_of(size_t record_bytes) { return sizeof(fx_staged) + ((record_bytes + 15u) & ~(size_t)15u); }

/* Under the stage's lock. */
static void put(fx_stream *s, fx_stage *g, const fx_op_meta *meta, const void *record, size_t bytes) {
  uint8_t *log = g->logs[g->filling];
  size_t size = size_of(bytes);
  if (g->count == 0) fetch_to_write(log, size, AHEAD_BYTES);
  flexnpu_event e;
  fx_describe(&e, meta);
  fx_staged *t = (fx_staged *)(void *)(log + g->bytes);
  *t = (fx_staged){.api = (uint16_t)meta->api, .op_class = e.op_submit.op_class, .record_bytes = (uint32_t)bytes,
                   .blocks = e.op_submit.blocks, .args_bytes = e.op_submit.args_bytes, .key = e.op_submit.key,
                   .bytes = e.op_submit.bytes, .evidence = e.op_submit.evidence};
  memcpy(t->record, record, bytes);
  fetch_to_write(log, g->bytes + AHEAD_BYTES, size);
  g->bytes += (uint32_t)size;
  g->count++;
  list(s, g);
}

bool fx_stage_add(fx_stream *s, const fx_op_meta *meta, const void *args, size_t bytes) {
  fx_device *d = s->device;
  fx_stage *g = atomic_load_explicit(&s->stage, memory_order_acquire);
  if (g == NULL || !may_wait(d, meta, bytes)) return false;
  fx_brief_take(&g->lock);
  /* A look at what others write takes the time of several operators: one in so many is enough of it. */
  bool goes_on = fx_burst_goes_on(&g->burst, &d->ticks, g->count) && (g->count + 1) % FX_STAGE_ENOUGH != 0;
  bool room = g->count < FX_STAGE_OPS && !g->closed && atomic_load_explicit(&s->credit, memory_order_relaxed) <= 0 &&
              !atomic_load_explicit(&d->unstaged, memory_order_relaxed);
  bool staged = room && (goes_on || fx_device_attended(d));
  if (staged) put(s, g, meta, args, bytes);
  fx_brief_give(&g->lock);
  if (staged && !goes_on) fx_submit_staged(d); /* whoever was in the core may have left without a look at it */
  return staged;
}

bool fx_stage_full(fx_stream *s) {
  fx_stage *g = atomic_load_explicit(&s->stage, memory_order_acquire);
  if (g == NULL) return false;
  fx_brief_take(&g->lock);
  bool full = g->count == FX_STAGE_OPS;
  fx_brief_give(&g->lock);
  return full;
}

/* Whether the core's table takes one more; the stream's queue may grow by what was staged. */
static bool has_room(const fx_device *d) { return d->failed || d->live < FX_LIVE_LIMIT; }

/* From the log that is not filled any more, as far as there is room. */
static void take_left(fx_stream *s, fx_stage *g) {
  fx_device *d = s->device;
  const uint8_t *log = g->logs[g->filling ^ 1u]; /* only this thread changes which */
  uint32_t taken = 0;
  if (g->left == 0) return;
  fx_device_settle_credit(s);
  fetch_to_read(log, g->at, AHEAD_BYTES);
  for (fx_op *op; g->left > 0 && has_room(d) && (op = fx_queue_push(&s->queue, 0)) != NULL; g->left--, taken++) {
    const fx_staged *t = (const fx_staged *)(const void *)(log + g->at);
    size_t size = size_of(t->record_bytes);
    fetch_to_read(log, g->at + AHEAD_BYTES, size);
    op->api = t->api;
    op->event = NULL;
    op->args_bytes = t->record_bytes;
    memcpy(op->args, t->record, t->record_bytes);
    flexnpu_event *e = fx_device_enqueue(d, s, op);
    e->op_submit.op_class = t->op_class;
    e->op_submit.api = t->api;
    e->op_submit.sync_object = FLEXNPU_NONE;
    e->op_submit.key = t->key;
    e->op_submit.blocks = t->blocks;
    e->op_submit.args_bytes = t->args_bytes;
    e->op_submit.bytes = t->bytes;
    e->op_submit.evidence = t->evidence;
    g->at += (uint32_t)size;
  }
  if (taken > 0) atomic_fetch_add_explicit(&d->queued, taken, memory_order_release);
}

bool fx_stage_collect(fx_stream *s) {
  fx_stage *g = atomic_load_explicit(&s->stage, memory_order_acquire);
  if (g == NULL) return true;
  take_left(s, g);
  if (g->left == 0) {
    fx_brief_take(&g->lock);
    g->left = g->count;
    g->at = 0;
    g->filling ^= 1u;
    g->count = 0;
    g->bytes = 0;
    fx_brief_give(&g->lock);
    take_left(s, g);
  }
  if (g->left == 0) return true;
  fx_brief_take(&g->lock);
  list(s, g);
  fx_brief_give(&g->lock);
  return false;
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
  fx_progress_note(&d->collected);
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
  g->bytes = 0;
  g->left = 0;
  fx_brief_give(&g->lock);
}

bool fx_stage_give_credit(fx_stream *s, int64_t credit) {
  fx_stage *g = atomic_load_explicit(&s->stage, memory_order_relaxed);
  if (g != NULL) fx_brief_take(&g->lock);
  bool empty = g == NULL || (g->count == 0 && g->left == 0);
  if (empty) atomic_store_explicit(&s->credit, credit, memory_order_release);
  if (g != NULL) fx_brief_give(&g->lock);
  return empty;
}
