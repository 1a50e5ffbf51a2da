/*
 * Hands decided operators to the real library, in the order of the decisions and by one thread at a time. The thread is
 * whichever came when work was decided; others stage theirs, or leave it to that one, and go on. Calls are made without
 * the lock.
 */
#include <string.h>
#include <time.h>

#include "engine/device.h"
#include "real_table.h"

/* Operators taken out of the queue in one go; bounds the time between two looks at the lock. */
#define BATCH 32
#define LEAVE_PAUSES 5000 /* 0.1 s and more: an operator that takes this long to hand over hangs */
/* So long a thread takes up what others stage meanwhile, before it goes on with its own. */
#define FOR_OTHERS_NS 500000u

/* The context in which a thread carries out work of others, and the one it had. */
typedef struct fx_borrow {
  aclrtContext own, current;
  bool known;
} fx_borrow;

static void enter_context(fx_borrow *b, aclrtContext context) {
  if (!b->known) {
    if (fx_real.aclrtGetCurrentContext(&b->own) != ACL_SUCCESS) b->own = NULL;
    b->current = b->own;
    b->known = true;
  }
  if (context != NULL && context != b->current && fx_real.aclrtSetCurrentContext(context) == ACL_SUCCESS)
    b->current = context;
}

static void leave_context(fx_borrow *b) {
  if (b->known && b->current != b->own && b->own != NULL) (void)fx_real.aclrtSetCurrentContext(b->own);
}

/* The stream's work is being dropped: its operators count as handed over, and who waits for an answer hears why. */
static void skip_operators(fx_op *const *ops, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    if (ops[i]->answer != NULL) *ops[i]->answer = ACL_ERROR_RT_STREAM_ABORT;
}

static void run_operators(fx_stream *s, fx_op *const *ops, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    aclError error = fx_exec[ops[i]->api](fx_op_args(ops[i]));
    if (ops[i]->answer != NULL) {
      *ops[i]->answer = error;
      continue;
    }
    if (error == ACL_SUCCESS) continue;
    int none = 0;
    atomic_compare_exchange_strong(&s->deferred_error, &none, error); /* the first one is what the application sees */
  }
}

static void finish(fx_device *d, fx_stream *s, fx_op *const *ops, uint32_t count) {
  uint32_t before = s->queue.count;
  for (uint32_t i = 0; i < count; i++) {
    if (ops[i]->event != NULL) {
      fx_event *event = fx_events_find(&d->events, ops[i]->event);
      if (event != NULL) {
        event->waiting--;
        if (!fx_api_waits[ops[i]->api]) event->records_waiting--;
      }
    }
    fx_queue_pop(&s->queue);
  }
  atomic_fetch_sub_explicit(&d->queued, count, memory_order_release);
  atomic_fetch_add_explicit(&s->executed_seq, count, memory_order_release);
  fx_progress_note(&d->progress);
  if (before > FX_QUEUE_LIMIT / 2 && s->queue.count <= FX_QUEUE_LIMIT / 2) fx_progress_note(&d->room);
}

/* The next operators of a piece of work, with their markers. */
static void carry_out(fx_device *d, fx_work *work, fx_borrow *borrow) {
  fx_stream *s = work->stream;
  fx_op *ops[BATCH];
  uint32_t count = work->count < BATCH ? work->count : BATCH;
  if (count > s->queue.count) count = s->queue.count;
  fx_chunk *chunk = NULL;
  uint32_t at = 0;
  for (uint32_t i = 0; i < count; i++) ops[i] = fx_queue_next(&s->queue, &chunk, &at);
  uint64_t seq = atomic_load_explicit(&s->executed_seq, memory_order_relaxed) + count;
  bool last = count == work->count || count == 0;
  bool sample = (work->flags & FLEXNPU_DECISION_FLAG_SAMPLE) != 0 && count == 1 && last;
  bool mark = last && (work->flags & (FLEXNPU_DECISION_FLAG_MARK | FLEXNPU_DECISION_FLAG_SAMPLE)) != 0;
  fx_marker *before = NULL, *behind = NULL;
  if (s->ending) {
    skip_operators(ops, count);
    finish(d, s, ops, count);
    work->count = last ? 0 : work->count - count;
    return;
  }
  fx_lock_give(&d->lock);
  enter_context(borrow, s->context);
  if (sample) before = fx_marker_record(s, seq - 1);
  run_operators(s, ops, count);
  uint32_t task = fx_last_task();
  if (mark) behind = fx_marker_record(s, seq);
  fx_lock_take(&d->lock);
  if (before != NULL) {
    before->start_of_sample = true;
    fx_marker_append(s, before);
  }
  s->task = task;
  finish(d, s, ops, count);
  if (behind != NULL) fx_marker_append(s, behind);
  work->count = last ? 0 : work->count - count;
}

static void mark_behind(fx_device *d, fx_stream *s, fx_borrow *borrow) {
  if (s->ending) return;
  uint64_t seq = atomic_load_explicit(&s->executed_seq, memory_order_relaxed);
  fx_lock_give(&d->lock);
  enter_context(borrow, s->context);
  fx_marker *m = fx_marker_record(s, seq);
  fx_lock_take(&d->lock);
  if (m != NULL) fx_marker_append(s, m);
}

static void give_credit(fx_stream *s, uint32_t grant) {
  if (!s->grant_pending || grant != s->grants || s->ending) return; /* taken back in the meantime */
  if (fx_stage_give_credit(s, s->granted)) {
    s->grant_pending = false;
    return;
  }
  (void)fx_stage_collect(s); /* what was staged meanwhile has to ask, and ends the grant by that */
  fx_device_flush(s->device);
}

typedef struct fx_oldest {
  fx_stream *stream;
  uint64_t order;
} fx_oldest;

static void find_oldest(fx_stream *s, void *with) {
  fx_oldest *oldest = with;
  fx_op *op = fx_queue_front(&s->queue);
  if (op == NULL || (oldest->stream != NULL && op->order > oldest->order)) return;
  oldest->stream = s;
  oldest->order = op->order;
}

static void free_pass(fx_stream *s, void *with) {
  bool *all = with;
  s->granted = 0;
  s->grant_pending = false;
  if (!fx_stage_give_credit(s, FX_FREE_PASS)) *all = false;
}

/* Without a core: everything that waits goes in the order of issue, then every stream has a free pass. */
static void pass_everything(fx_device *d, fx_borrow *borrow) {
  for (bool all = false; !all;) {
    (void)fx_stage_collect_all(d);
    for (;;) {
      fx_oldest oldest = {0};
      fx_stream_each(d, find_oldest, &oldest);
      if (oldest.stream == NULL) break;
      fx_work work = {.stream = oldest.stream, .kind = FX_WORK_OPERATORS, .count = 1};
      carry_out(d, &work, borrow);
    }
    all = true;
    fx_stream_each(d, free_pass, &all); /* not where something was staged meanwhile */
  }
}

/* What other threads staged meanwhile is asked for by this one, whose processor's cache has what the core knows. */
static bool decide_more(fx_device *d, const fx_borrow *borrow, uint64_t until_ns) {
  if (d->last_time_ns > until_ns || atomic_load_explicit(&d->staged, memory_order_relaxed) == NULL) return false;
  (void)fx_stage_collect_all(d);
  fx_device_flush(d);
  if (borrow->known) fx_completion_look_in_passing(d, borrow->current);
  return d->work_head != d->work_tail;
}

void fx_execute(fx_device *d) {
  if (atomic_load_explicit(&d->executing, memory_order_relaxed)) return;
  atomic_store_explicit(&d->executing, true, memory_order_relaxed);
  fx_borrow borrow = {0};
  uint64_t until_ns = d->last_time_ns + FOR_OTHERS_NS;
  while ((d->work_head != d->work_tail || decide_more(d, &borrow, until_ns)) && !d->failed) {
    fx_work work = d->work[d->work_head & (d->work_size - 1)];
    d->executing_on = work.stream;
    switch (work.kind) {
      case FX_WORK_NOTHING: break;
      case FX_WORK_OPERATORS:
        while (work.count > 0 && !d->failed) carry_out(d, &work, &borrow);
        break;
      case FX_WORK_MARK: mark_behind(d, work.stream, &borrow); break;
      case FX_WORK_CREDIT: give_credit(work.stream, work.count); break;
    }
    d->work_head++; /* only the executor takes from the front; the ring may have moved meanwhile, its order has not */
  }
  d->executing_on = NULL;
  if (d->failed) {
    d->work_head = d->work_tail;
    pass_everything(d, &borrow);
  }
  atomic_store_explicit(&d->executing, false, memory_order_seq_cst);
  if (borrow.known && borrow.current != borrow.own) {
    fx_lock_give(&d->lock);
    leave_context(&borrow);
    fx_lock_take(&d->lock);
  }
}

void fx_execute_all(fx_device *d) {
  fx_execute(d);
  while (atomic_load_explicit(&d->executing, memory_order_relaxed) || d->work_head != d->work_tail) {
    struct timespec moment = {.tv_nsec = 20000};
    fx_lock_give(&d->lock);
    (void)nanosleep(&moment, NULL);
    fx_lock_take(&d->lock);
    fx_execute(d);
  }
}

void fx_execute_discard(fx_device *d, const fx_stream *s) {
  for (uint32_t at = d->work_head; at != d->work_tail; at++) {
    fx_work *work = &d->work[at & (d->work_size - 1)];
    if (work->stream == s) *work = (fx_work){.kind = FX_WORK_NOTHING};
  }
}

static bool hands_over(const fx_device *d, const fx_stream *s) {
  return d->executing_on == s || (d->failed && atomic_load_explicit(&d->executing, memory_order_relaxed));
}

static void pause_for_hand_over(fx_device *d) {
  struct timespec moment = {.tv_nsec = 20000};
  fx_lock_give(&d->lock);
  (void)nanosleep(&moment, NULL);
  fx_lock_take(&d->lock);
}

void fx_execute_forget(fx_device *d, const fx_stream *s) {
  fx_execute_discard(d, s);
  while (hands_over(d, s)) pause_for_hand_over(d);
}

void fx_execute_leave(fx_device *d, const fx_stream *s) {
  for (uint32_t pauses = 0; hands_over(d, s) && pauses < LEAVE_PAUSES; pauses++) pause_for_hand_over(d);
}
