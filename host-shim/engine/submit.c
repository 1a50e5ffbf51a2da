/* The slow path and the drains; engine/submit.h says what they promise. */
#include "engine/submit.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "engine/inside.h"
#include "engine/verdict.h"
#include "kernel/functions.h"
#include "real_table.h"

FX_TLS uint64_t fx_burst_returned;

/* Looks for room in a stage before the thread sleeps, and how often and long it does. */
#define STAGE_YIELDS 32
#define STAGE_SLEEPS 8
#define STAGE_SLEEP_NS 100000u

/* How long one wait for room lasts before it looks again. */
#define ROOM_NS 100000000u

static bool queue_full(const fx_stream *s) { return s->queue.count >= FX_QUEUE_LIMIT; }

static bool full(const fx_stream *s) { return queue_full(s) || s->device->live >= FX_LIVE_LIMIT; }

/* What is staged or pending waits no longer. Without a core nobody else may come by to empty the queue. */
static void hurry(fx_device *d) {
  (void)fx_stage_collect_all(d);
  fx_device_flush(d);
  fx_execute(d);
  fx_completion_wake(d);
}

void fx_submit_staged(fx_device *d) {
  /* Twice: what comes during the second is seen by its own thread, which finds the lock free. */
  for (int i = 0; i < 2; i++) {
    if (atomic_load_explicit(&d->staged, memory_order_seq_cst) == NULL || fx_device_attended(d) || !fx_lock_try(&d->lock)) return;
    hurry(d);
    fx_lock_give(&d->lock);
  }
}

void fx_submit_leave(fx_device *d) {
  fx_lock_give(&d->lock);
  fx_submit_staged(d);
}

/*
 * Stages the operator once the thread at the core has emptied the stream's stage: one thread asks the core for all, and the
 * others do not take it out of its processor's cache. False where it has to ask, or nobody comes for a while.
 */
static bool stage_later(fx_stream *s, const fx_op_meta *meta, const void *args, size_t bytes) {
  fx_device *d = s->device;
  for (int sleeps = 0; sleeps < STAGE_SLEEPS && fx_stage_full(s) && fx_device_attended(d); sleeps++) {
    unsigned seen = fx_progress_read(&d->collected);
    for (int i = 0; i < STAGE_YIELDS && fx_progress_read(&d->collected) == seen; i++) (void)sched_yield();
    if (fx_stage_full(s)) fx_progress_wait(&d->collected, seen, fx_now_ns() + STAGE_SLEEP_NS);
    fx_burst_returned = fx_ticks();
    if (fx_stage_add(s, meta, args, bytes)) return true;
  }
  return false;
}

/* Whether the stream is still the one, and holds still what, it did when the caller began. */
static bool lives(const fx_stream *s, uint64_t life) {
  return atomic_load_explicit(&s->life, memory_order_acquire) == life;
}

/*
 * Waits, giving the lock meanwhile, until what is staged of the stream is queued and one more operator has room; false
 * where another thread ended what the stream held.
 */
static bool wait_for_room(fx_stream *s) {
  fx_device *d = s->device;
  uint64_t life = atomic_load_explicit(&s->life, memory_order_relaxed);
  while ((!fx_stage_collect(s) || full(s) || d->draining) && !d->failed) {
    /* A thread that fills its queue faster than it empties sleeps until half of it is gone, not for every operator. */
    fx_progress *moves = queue_full(s) && !d->draining ? &d->room : &d->progress;
    unsigned seen = fx_progress_read(moves);
    fx_device_flush(d);
    fx_execute(d);
    fx_completion_look_in_passing(d, s->context);
    fx_completion_wake(d);
    fx_lock_give(&d->lock);
    fx_progress_wait(moves, seen, fx_now_ns() + ROOM_NS);
    fx_lock_take(&d->lock);
    if (!lives(s, life)) return false;
  }
  return true;
}

void fx_describe(flexnpu_event *e, const fx_op_meta *meta) {
  e->op_submit.op_class = (uint16_t)meta->op_class;
  e->op_submit.api = (uint16_t)meta->api;
  e->op_submit.sync_object = FLEXNPU_NONE;
  e->op_submit.blocks = meta->blocks;
  e->op_submit.args_bytes = meta->args_bytes;
  e->op_submit.bytes = meta->bytes;
  if (meta->function == NULL) return;
  const fx_function *function = meta->known != NULL ? meta->known : fx_function_of(meta->function);
  if (function == NULL) return;
  e->op_submit.key = function->key;
  e->op_submit.evidence = function->evidence;
}

/* The kernel's name goes into the recording before the first event that speaks of it. */
static void name_kernel(fx_device *d, aclrtFuncHandle handle) {
  if (!fx_recorder_on(&d->recorder) || handle == NULL) return;
  const fx_function *function = fx_function_of(handle);
  if (function != NULL && fx_function_first_use(function, d->number))
    fx_recorder_name(&d->recorder, &d->core, FLEXNPU_NAME_KERNEL, function->key, function->name);
}

static bool holds_stream(uint32_t op_class) {
  return op_class == FLEXNPU_OP_CLASS_EVENT_WAIT || op_class == FLEXNPU_OP_CLASS_NOTIFY_WAIT ||
         op_class == FLEXNPU_OP_CLASS_CALLBACK_BLOCK;
}

/*
 * Whether the caller waits until the operator is handed over, to hear at once what the real library says of it: it does
 * where it is not known to be right, but not behind an operator for which the program itself may have to do something
 * first. Under the lock.
 */
static bool hears(fx_stream *s, fx_verdict verdict) {
  if (verdict == FX_VERDICT_RIGHT) return false;
  if (s->barrier_seq > s->reported_seq) fx_marker_report(s, false, 0); /* it may be over */
  return s->barrier_seq <= s->reported_seq;
}

/* Waits until the operator is handed over, or dropped. */
static void wait_until_handed(fx_stream *s, uint64_t seq, uint64_t life) {
  fx_device *d = s->device;
  for (;;) {
    unsigned seen = fx_progress_read(&d->progress);
    if (!lives(s, life) || atomic_load_explicit(&s->executed_seq, memory_order_acquire) >= seq) return;
    fx_device_await(d, &d->progress, seen, 0);
  }
}

/* Operators of the stream wait: later ones may be staged. Under the lock; without memory they go one by one. */
static void may_stage(fx_stream *s) {
  if (atomic_load_explicit(&s->stage, memory_order_relaxed) != NULL) return;
  fx_stage *g = aligned_alloc(64, (sizeof *g + 63u) / 64u * 64u);
  if (g == NULL) return;
  memset(g, 0, sizeof *g);
  atomic_store_explicit(&s->stage, g, memory_order_release);
}

/* Where the thread's last operator went that had to ask. */
static FX_TLS struct {
  fx_stream *stream;
  uint64_t life;
} asked;

static void note_asked(fx_stream *s) {
  asked.stream = s;
  asked.life = atomic_load_explicit(&s->life, memory_order_relaxed);
}

bool fx_queued_task(uint32_t *task) {
  fx_stream *s = asked.stream;
  if (s == NULL || atomic_load(&s->life) != asked.life) return false;
  fx_drain(s);
  fx_device *d = s->device;
  fx_lock_take(&d->lock);
  int64_t credit = atomic_load(&s->credit);
  bool unused = s->granted == 0 || s->grant_pending ? credit <= 0 : credit == s->granted; /* since, on credit */
  bool same = atomic_load(&s->life) == asked.life;
  if (unused && same) *task = s->task;
  fx_lock_give(&d->lock);
  return unused && same;
}

aclError fx_submit(fx_stream *s, fx_op_meta *meta, const void *args, size_t bytes) {
  fx_device *d = s->device;
  if (d == NULL || fx_inside > 0 || atomic_load_explicit(&s->direct, memory_order_relaxed)) {
    asked.stream = NULL;
    return fx_exec[meta->api](args);
  }
  fx_verdict verdict = d->passthrough ? FX_VERDICT_UNKNOWN : fx_verdict_of(d, meta, args);
  if (verdict == FX_VERDICT_WRONG) {
    fx_drain(s);
    return fx_exec[meta->api](args);
  }
  note_asked(s);
  if (verdict == FX_VERDICT_RIGHT && (fx_stage_add(s, meta, args, bytes) || stage_later(s, meta, args, bytes))) return ACL_SUCCESS;
  fx_lock_take(&d->lock);
  if (!wait_for_room(s)) {
    fx_lock_give(&d->lock);
    return fx_exec[meta->api](args); /* issued while the stream was being ended: the real library says what that means */
  }
  /* Not beside queued operators, of other streams either: an event may tie this one to them. */
  if ((d->bypass || d->failed) && atomic_load_explicit(&d->queued, memory_order_relaxed) == 0) {
    fx_lock_give(&d->lock);
    return fx_exec[meta->api](args);
  }
  fx_event *event = meta->event != NULL ? fx_events_get(&d->events, meta->event) : NULL;
  fx_op *op = meta->event != NULL && event == NULL ? NULL : fx_queue_push(&s->queue, bytes);
  if (op == NULL) { /* no memory: this operator goes by itself, behind what is queued */
    fx_lock_give(&d->lock);
    fx_fault("device %d: no memory to queue an operator", d->number);
    fx_drain_device(d);
    return fx_exec[meta->api](args);
  }
  aclError answer = ACL_SUCCESS;
  bool hear = hears(s, verdict);
  op->api = meta->api;
  op->event = meta->event;
  if (hear) op->answer = &answer;
  memcpy(fx_op_args(op), args, bytes);
  if (event != NULL) {
    event->waiting++;
    if (meta->op_class != FLEXNPU_OP_CLASS_EVENT_WAIT) event->records_waiting++;
  }
  fx_device_settle_credit(s);
  name_kernel(d, meta->function);
  atomic_fetch_add_explicit(&d->queued, 1, memory_order_relaxed);
  flexnpu_event *e = fx_device_enqueue(d, s, op);
  fx_describe(e, meta);
  if (event != NULL) e->op_submit.sync_object = event->id;
  uint64_t seq = s->seq, life = atomic_load_explicit(&s->life, memory_order_relaxed);
  if (holds_stream(meta->op_class)) s->barrier_seq = seq;
  hurry(d);
  fx_completion_look_in_passing(d, s->context);
  may_stage(s);
  fx_submit_leave(d);
  fx_burst_returned = fx_ticks();
  /*
   * Under passthrough other streams have credit, and an event may tie one of their next operators to this one: it is
   * handed over before the caller goes on, though another thread may be at it.
   */
  if (hear) wait_until_handed(s, seq, life);
  else if (d->passthrough) wait_until_handed(s, seq, life);
  /* A core knows its own device only: an event that another device may wait for or record is not left queued. */
  if (event != NULL && atomic_load_explicit(&fx_many_devices, memory_order_relaxed)) (void)fx_drain_event(meta->event, 0);
  return answer;
}

/* Whatever is staged of the stream gets its place in the queue, however long that takes. Gives the lock meanwhile. */
static void collect_for_sure(fx_stream *s, uint64_t life) {
  fx_device *d = s->device;
  while (lives(s, life) && !fx_stage_collect(s)) {
    unsigned seen = fx_progress_read(&d->progress);
    hurry(d);
    fx_lock_give(&d->lock);
    fx_device_await(d, &d->progress, seen, fx_now_ns() + ROOM_NS);
    fx_lock_take(&d->lock);
  }
}

void fx_drain(fx_stream *s) {
  fx_device *d = s->device;
  if (d == NULL || fx_inside > 0 || !fx_device_waits(d)) return;
  fx_lock_take(&d->lock);
  uint64_t life = atomic_load_explicit(&s->life, memory_order_relaxed);
  collect_for_sure(s, life);
  uint64_t target = s->seq;
  hurry(d);
  fx_lock_give(&d->lock);
  wait_until_handed(s, target, life);
}

typedef struct fx_oldest {
  uint64_t order;
} fx_oldest;

static void find_oldest(fx_stream *s, void *with) {
  fx_oldest *oldest = with;
  fx_op *op = fx_queue_front(&s->queue);
  if (op != NULL && op->order < oldest->order) oldest->order = op->order;
}

void fx_drain_device(fx_device *d) {
  if (fx_inside > 0 || !fx_device_waits(d)) return;
  fx_lock_take(&d->lock);
  uint64_t target = 0;
  for (bool all = false;;) {
    unsigned seen = fx_progress_read(&d->progress);
    if (!all) {
      all = fx_stage_collect_all(d); /* what is staged gets its place first */
      target = d->orders;
    }
    fx_oldest oldest = {.order = UINT64_MAX};
    fx_stream_each(d, find_oldest, &oldest);
    if (all && oldest.order > target) break;
    hurry(d);
    fx_lock_give(&d->lock);
    fx_device_await(d, &d->progress, seen, 0);
    fx_lock_take(&d->lock);
  }
  fx_lock_give(&d->lock);
}

static void drain_one(fx_device *d, void *with) {
  (void)with;
  fx_drain_device(d);
}

void fx_drain_all(void) { fx_device_each(drain_one, NULL); }

typedef struct fx_event_drain {
  aclrtEvent event;
  uint64_t deadline_ns;
  bool in_time;
} fx_event_drain;

static void drain_event_on(fx_device *d, void *with) {
  fx_event_drain *what = with;
  if (fx_inside > 0 || !fx_device_waits(d)) return;
  fx_lock_take(&d->lock);
  for (;;) {
    unsigned seen = fx_progress_read(&d->progress);
    fx_event *event = fx_events_find(&d->events, what->event);
    if (event == NULL || event->waiting == 0) break;
    if (what->deadline_ns != 0 && fx_now_ns() >= what->deadline_ns) {
      what->in_time = false;
      break;
    }
    hurry(d);
    fx_lock_give(&d->lock);
    fx_device_await(d, &d->progress, seen, what->deadline_ns);
    fx_lock_take(&d->lock);
  }
  fx_lock_give(&d->lock);
}

bool fx_drain_event(aclrtEvent event, uint64_t deadline_ns) {
  fx_event_drain what = {.event = event, .deadline_ns = deadline_ns, .in_time = true};
  fx_device_each(drain_event_on, &what);
  return what.in_time;
}
