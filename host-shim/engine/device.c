/*
 * Devices: how one begins (topology, tenant, policy as the first events of its log), how events reach the core, and how
 * decisions become work. A fault of the core never stops the program: the device goes on without it.
 */
#include "engine/device.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "boot/config.h"
#include "boot/real.h"
#include "real_table.h"

_Atomic bool fx_many_devices;

static fx_device *_Atomic devices[FLEXNPU_MAX_DEVICES];
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool forked; /* a child has no threads and no device of its own: it passes everything through */

static void in_child(void) {
  atomic_store(&forked, true);
  atomic_fetch_add(&fx_stream_epoch, 1); /* streams that the thread remembers have a device, which is not the child's */
}

static uint32_t chip_of(const char *soc) {
  static const struct {
    const char *name;
    uint32_t chip;
  } chips[] = {{"Ascend910B1", FLEXNPU_CHIP_ASCEND_910B1}, {"Ascend910B2", FLEXNPU_CHIP_ASCEND_910B2},
               {"Ascend910B3", FLEXNPU_CHIP_ASCEND_910B3}, {"Ascend910B4", FLEXNPU_CHIP_ASCEND_910B4},
               /* The A3 dies answer Ascend910_93xx to aclrtGetSocName. */
               {"Ascend910_93", FLEXNPU_CHIP_ASCEND_910C}, {"Ascend910C", FLEXNPU_CHIP_ASCEND_910C}};
  for (size_t i = 0; soc != NULL && i < sizeof chips / sizeof *chips; i++)
    if (strncmp(soc, chips[i].name, strlen(chips[i].name)) == 0) return chips[i].chip;
  return FLEXNPU_CHIP_UNKNOWN;
}

static uint32_t device_figure(int32_t number, aclrtDevAttr attribute) {
  int64_t value = 0;
  if (fx_real.aclrtGetDeviceInfo((uint32_t)number, attribute, &value) != ACL_SUCCESS || value < 0) return 0;
  return (uint32_t)value;
}

static void begin_log(fx_device *d) {
  const fx_config *config = fx_config_get();
  size_t free_bytes = 0, total_bytes = 0;
  (void)fx_real.aclrtGetMemInfo(ACL_HBM_MEM, &free_bytes, &total_bytes);
  d->hbm_bytes = total_bytes > 0 ? total_bytes : UINT64_MAX;
  flexnpu_event *e = fx_device_event(d, FLEXNPU_EVENT_DEVICE_ADD, FLEXNPU_NONE);
  e->device_add.chip = chip_of(fx_real.aclrtGetSocName());
  e->device_add.cube_cores = device_figure(d->number, ACL_DEV_ATTR_CUBE_CORE_NUM);
  e->device_add.vector_cores = device_figure(d->number, ACL_DEV_ATTR_VECTOR_CORE_NUM);
  e->device_add.hbm_bytes = total_bytes;
  fx_device_feed(d);
  e = fx_device_event(d, FLEXNPU_EVENT_TENANT_SET, FLEXNPU_NONE);
  e->tenant_set.weight = 1000;
  fx_device_feed(d);
  fx_device_event(d, FLEXNPU_EVENT_VNPU_ADD, FLEXNPU_NONE);
  fx_device_feed(d);
  e = fx_device_event(d, FLEXNPU_EVENT_POLICY_SET, FLEXNPU_NONE);
  e->policy_set.policy = config->policy;
  e->policy_set.p0 = config->parameters[0];
  e->policy_set.p1 = config->parameters[1];
  e->policy_set.p2 = config->parameters[2];
  e->policy_set.p3 = config->parameters[3];
  fx_device_feed(d);
  if (config->role != FLEXNPU_PHASE_UNKNOWN) {
    e = fx_device_event(d, FLEXNPU_EVENT_PHASE_HINT, FLEXNPU_NONE);
    e->phase_hint.phase = config->role;
    e->phase_hint.source = FLEXNPU_PHASE_SOURCE_ROLE;
    fx_device_feed(d);
  }
}

static fx_device *make_device(int32_t number) {
  fx_device *d = calloc(1, sizeof *d);
  if (d == NULL) return NULL;
  d->number = number;
  d->recorder.fd = -1;
  d->passthrough = fx_config_get()->policy == FLEXNPU_POLICY_ID_PASSTHROUGH;
  d->work_size = 1024;
  d->work = calloc(d->work_size, sizeof *d->work);
  if (d->work == NULL || !fx_core_start(&d->core)) {
    free(d->work);
    free(d);
    return NULL;
  }
  struct timespec wall;
  clock_gettime(CLOCK_REALTIME, &wall);
  d->epoch_ns = fx_now_ns();
  fx_recorder_open(&d->recorder, number, (uint64_t)wall.tv_sec * 1000000000u + (uint64_t)wall.tv_nsec);
  fx_lock_take(&d->lock);
  begin_log(d);
  fx_lock_give(&d->lock);
  return d;
}

fx_device *fx_device_peek(int32_t number) {
  if (number < 0 || number >= (int32_t)FLEXNPU_MAX_DEVICES || atomic_load(&forked)) return NULL;
  return atomic_load_explicit(&devices[number], memory_order_acquire);
}

fx_device *fx_device_get(int32_t number) {
  if (fx_config_get()->daemon_path != NULL) return NULL; /* the daemon schedules */
  static bool tried[FLEXNPU_MAX_DEVICES];
  static bool fork_seen;
  fx_device *d = fx_device_peek(number);
  if (d != NULL || number < 0 || number >= (int32_t)FLEXNPU_MAX_DEVICES || atomic_load(&forked)) return d;
  pthread_mutex_lock(&making);
  d = atomic_load_explicit(&devices[number], memory_order_acquire);
  if (d == NULL && !tried[number]) {
    tried[number] = true; /* a core that cannot start is a fault once, not at every call */
    if (!fork_seen) (void)pthread_atfork(NULL, NULL, in_child);
    fork_seen = true;
    for (int32_t i = 0; i < (int32_t)FLEXNPU_MAX_DEVICES; i++)
      if (atomic_load(&devices[i]) != NULL) atomic_store(&fx_many_devices, true);
    d = make_device(number);
    atomic_store_explicit(&devices[number], d, memory_order_release);
  }
  pthread_mutex_unlock(&making);
  return d;
}

fx_device *fx_device_current(void) {
  int32_t number = -1;
  if (fx_config_get()->daemon_path != NULL) return NULL;
  return fx_real.aclrtGetDevice(&number) == ACL_SUCCESS ? fx_device_get(number) : NULL;
}

void fx_device_each(void (*visit)(fx_device *d, void *with), void *with) {
  for (int32_t i = 0; i < (int32_t)FLEXNPU_MAX_DEVICES; i++) {
    fx_device *d = fx_device_peek(i);
    if (d != NULL) visit(d, with);
  }
}

static uint64_t event_time(fx_device *d) {
  uint64_t now = fx_now_ns();
  fx_ticks_measure(&d->ticks, now);
  now -= d->epoch_ns;
  if (now > d->last_time_ns) d->last_time_ns = now; /* threads read the clock before the lock in any order */
  return d->last_time_ns;
}

static flexnpu_event *slot(fx_device *d, uint32_t kind, uint32_t stream) {
  flexnpu_event *e = d->core.inbox + d->pending;
  memset(e, 0, sizeof *e);
  e->kind = (uint16_t)kind;
  e->stream = stream;
  return e;
}

flexnpu_event *fx_device_event(fx_device *d, uint32_t kind, uint32_t stream) {
  flexnpu_event *e = slot(d, kind, stream);
  e->time_ns = event_time(d);
  return e;
}

static void push_work(fx_device *d, fx_stream *s, fx_work_kind kind, uint32_t count, uint8_t flags) {
  if (d->work_tail - d->work_head == d->work_size) {
    fx_work *larger = malloc(2u * d->work_size * sizeof *larger);
    if (larger == NULL) {
      fx_device_fail(d, "no memory for decided work");
      return;
    }
    for (uint32_t i = 0; i < d->work_size; i++) larger[i] = d->work[(d->work_head + i) & (d->work_size - 1)];
    free(d->work);
    d->work = larger;
    d->work_head = 0;
    d->work_tail = d->work_size;
    d->work_size *= 2;
  }
  d->work[d->work_tail++ & (d->work_size - 1)] = (fx_work){.stream = s, .kind = kind, .count = count, .flags = flags};
}

/* Ends the grant of a stream; how many operators it was used for. */
static uint64_t end_grant(fx_stream *s) {
  int64_t granted = s->granted;
  if (granted == 0) return 0; /* a free pass is no grant */
  s->granted = 0;
  atomic_fetch_sub_explicit(&s->device->grants, 1, memory_order_relaxed);
  if (s->grant_pending) { /* the threads never had it */
    s->grant_pending = false;
    return 0;
  }
  int64_t left = atomic_exchange_explicit(&s->credit, 0, memory_order_acq_rel);
  return (uint64_t)(granted - (left > 0 ? left : 0));
}

static void feed_credit_used(fx_stream *s) {
  fx_device *d = s->device;
  uint64_t used = end_grant(s);
  s->seq += used;
  s->decided_seq += used;
  atomic_fetch_add_explicit(&s->executed_seq, used, memory_order_release);
  d->live += (uint32_t)used;
  if (used > 0 && !s->ending) push_work(d, s, FX_WORK_MARK, (uint32_t)used, 0);
  flexnpu_event *e = fx_device_event(d, FLEXNPU_EVENT_CREDIT_USED, s->id);
  e->credit_used.count = used;
}

static void fault(fx_device *d, const flexnpu_event *event, const flexnpu_decision *decision) {
  fx_fault("device %d: the core refused event kind %u (fault %u) of stream %u", d->number, event->kind, decision->count,
           event->stream);
  if (event->kind == FLEXNPU_EVENT_OP_SUBMIT || event->kind == FLEXNPU_EVENT_STREAM_ADD)
    fx_device_fail(d, "the core refused an operator or a stream");
}

/* One decision becomes work. A REVOKE is noted: the event that answers it comes after all decisions of this one. */
static void apply(fx_device *d, const flexnpu_event *event, const flexnpu_decision *decision) {
  fx_stream *s = decision->stream < FLEXNPU_MAX_STREAMS ? d->by_id[decision->stream] : NULL;
  switch (decision->kind) {
    case FLEXNPU_DECISION_DISPATCH:
      if (s == NULL) break;
      if ((decision->flags & FLEXNPU_DECISION_FLAG_CREDIT) != 0) {
        if (s->granted == 0) atomic_fetch_add_explicit(&d->grants, 1, memory_order_relaxed);
        s->granted = decision->count;
        s->grant_pending = true;
        push_work(d, s, FX_WORK_CREDIT, ++s->grants, 0);
      } else if (decision->count == 0) {
        push_work(d, s, FX_WORK_MARK, 0, decision->flags);
      } else {
        s->decided_seq += decision->count;
        push_work(d, s, FX_WORK_OPERATORS, decision->count, decision->flags);
      }
      break;
    case FLEXNPU_DECISION_REVOKE:
      if (s != NULL && d->revoked_count < FLEXNPU_MAX_STREAMS) d->revoked[d->revoked_count++] = s->id;
      break;
    case FLEXNPU_DECISION_PHASE:
      if (s != NULL) s->phase = decision->count;
      break;
    case FLEXNPU_DECISION_ADMIT: d->admitted = true; break;
    case FLEXNPU_DECISION_DENY: d->admitted = false; break;
    case FLEXNPU_DECISION_FAULT: fault(d, event, decision); break;
    default: break; /* HOLD, SHARE, THROTTLE: nothing to carry out */
  }
}

/* Runs the core on what is pending and `more` events behind it. */
static void run_events(fx_device *d, uint32_t more) {
  uint32_t waited = d->pending, events = waited + more;
  const flexnpu_event *first = d->core.inbox;
  uint64_t time_ns = more > 0 ? first[waited].time_ns : event_time(d);
  for (uint32_t i = 0; i < waited; i++) d->core.inbox[i].time_ns = time_ns; /* the core sees them together */
  d->pending = 0;
  int count = fx_core_run(&d->core, events);
  if (count < 0 || count > (int)FLEXNPU_OUTBOX_RECORDS) {
    fx_device_fail(d, "the core stopped");
    return;
  }
  const flexnpu_decision *decisions = d->core.outbox; /* nothing below runs the core */
  fx_recorder_take(&d->recorder, &d->core, first, events, decisions, (uint32_t)count);
  for (int i = 0; i < count; i++) {
    uint64_t number = decisions[i].event_seq - d->events_fed - 1;
    apply(d, &first[number < events ? number : 0], &decisions[i]);
  }
  d->events_fed += events;
}

static void feed(fx_device *d, uint32_t more) {
  if (!d->failed) run_events(d, more);
  while (d->revoked_count > 0 && !d->failed) {
    fx_stream *s = d->by_id[d->revoked[--d->revoked_count]];
    if (s == NULL || s->granted == 0) continue;
    feed_credit_used(s);
    run_events(d, 1);
  }
}

void fx_device_feed(fx_device *d) { feed(d, 1); }

void fx_device_flush(fx_device *d) {
  if (d->pending > 0) feed(d, 0);
}

flexnpu_event *fx_device_enqueue(fx_device *d, fx_stream *s, fx_op *op) {
  if (d->pending + 1 == FX_CORE_EVENTS) { /* one more is kept for an event behind them */
    fx_device_flush(d);
    fx_device_settle_credit(s); /* that may have found the stream alone, and given it credit ahead of this one */
  }
  op->order = ++d->orders;
  s->seq++;
  d->live++;
  flexnpu_event *e = slot(d, FLEXNPU_EVENT_OP_SUBMIT, s->id);
  e->op_submit.op_seq = s->seq;
  if (d->failed) return e;
  if (d->pending++ > 0) e[-1].flags = FLEXNPU_EVENT_FLAG_MORE;
  return e;
}

void fx_device_settle_credit(fx_stream *s) {
  if (s->granted == 0) return;
  feed_credit_used(s);
  fx_device_feed(s->device);
}

static void take_credit(fx_stream *s, void *with) {
  (void)with;
  s->granted = 0;
  s->grant_pending = false;
  atomic_store_explicit(&s->credit, 0, memory_order_release);
}

void fx_device_fail(fx_device *d, const char *why) {
  if (d->failed) return;
  d->failed = true;
  atomic_store(&d->unstaged, true);
  d->pending = 0; /* they are queued, and go with the rest */
  /* A stream with credit would overtake what is queued on others; it gets a free pass once nothing is. */
  if (!d->bypass) fx_stream_each(d, take_credit, NULL);
  fx_fault("device %d is not scheduled any more, operators pass through: %s", d->number, why);
  fx_completion_wake(d);
}

void fx_device_close(fx_device *d) {
  fx_lock_take(&d->lock);
  bool started = d->completion_started;
  d->completion_stop = true;
  d->completion_started = false;
  if (started) fx_progress_note(&d->completion_wake);
  fx_lock_give(&d->lock);
  if (started) pthread_join(d->completion, NULL);
  fx_lock_take(&d->lock);
  (void)fx_stage_collect_all(d);
  fx_device_flush(d);
  fx_recorder_close(&d->recorder, &d->core);
  fx_lock_give(&d->lock);
}
