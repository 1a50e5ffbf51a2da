/*
 * The completion thread of a device: sees markers pass, tells the core, carries out what follows, and keeps the core's
 * time. It polls while markers are under way and sleeps otherwise, so that an idle process costs nothing.
 */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>

#include "engine/submit.h"
#include "real_table.h"

/* Between two looks at the markers; several are under way at a time, so the device does not wait for a look. */
#define POLL_NS 20000
/* Where submitting threads look in passing, it looks itself this often: for other contexts' streams, and the recording. */
#define OWN_LOOK_NS 10000000u
/* It goes on looking, at longer intervals, for this long after the last marker: waking it costs the application more. */
#define LINGER_NS 5000000u
#define LINGER_POLL_NS 100000
/* How long a recorded event may stay in memory before it is written. */
#define FLUSH_NS 200000000u

static void enter(aclrtContext *current, aclrtContext wanted) {
  if (*current == wanted || wanted == NULL) return;
  if (fx_real.aclrtSetCurrentContext(wanted) == ACL_SUCCESS) *current = wanted;
}

/* Looks at every stream with markers once. Gives the lock between streams, so that no launch waits for all of it. */
static void report_markers(fx_device *d, aclrtContext *context) {
  uint32_t left = 0;
  for (fx_stream *s = d->active; s != NULL; s = s->active_next) left++;
  for (; left > 0 && d->active != NULL; left--) {
    fx_stream *s = d->active; /* taken from the front, put back at the end: the list may change while the lock is given */
    d->active = s->active_next;
    s->active_next = NULL;
    s->active = false;
    enter(context, s->context);
    fx_marker_report(s, false, 0);
    if (s->markers.first != NULL) {
      fx_stream **end = &d->active;
      while (*end != NULL) end = &(*end)->active_next;
      *end = s;
      s->active = true;
    }
    fx_execute(d);
    fx_lock_give(&d->lock);
    fx_lock_take_patiently(&d->lock);
  }
}

/* Whether every stream with markers belongs to the context. */
static bool all_of(const fx_device *d, aclrtContext context) {
  for (const fx_stream *s = d->active; s != NULL; s = s->active_next)
    if (s->context != context) return false;
  return true;
}

static uint64_t next_wake_ns(fx_device *d) {
  return d->failed || !d->core.running ? UINT64_MAX : fx_core_next_wake_ns(&d->core);
}

static bool recording_waits(const fx_device *d) {
  return fx_recorder_on(&d->recorder) && (d->recorder.event_count > 0 || d->recorder.decision_count > 0);
}

static void tick_if_due(fx_device *d, uint64_t now) {
  if (next_wake_ns(d) > now - d->epoch_ns) return;
  fx_device_event(d, FLEXNPU_EVENT_TICK, FLEXNPU_NONE);
  fx_device_feed(d);
}

void fx_completion_look_in_passing(fx_device *d, aclrtContext context) {
  uint64_t now = d->epoch_ns + d->last_time_ns; /* that of the event that was just fed */
  if (now - atomic_load_explicit(&d->looked_at_ns, memory_order_relaxed) < POLL_NS) return;
  bool staged = atomic_load_explicit(&d->staged, memory_order_relaxed) != NULL;
  if ((d->active == NULL && !staged) || !all_of(d, context)) return;
  (void)fx_stage_collect_all(d);
  fx_device_flush(d);
  fx_stream **end = &d->active;
  for (fx_stream *s; (s = *end) != NULL;) {
    fx_marker_report(s, false, 0);
    if (s->markers.first != NULL) {
      end = &s->active_next;
      continue;
    }
    *end = s->active_next;
    s->active = false;
  }
  tick_if_due(d, now);
  fx_execute(d);
  d->lingers_until_ns = now + LINGER_NS;
  atomic_store_explicit(&d->looked_at_ns, now, memory_order_relaxed);
}

/* One look, under the lock. The CLOCK_MONOTONIC time until which nothing is due, UINT64_MAX for none, 0 to poll. */
static uint64_t look(fx_device *d, aclrtContext *context) {
  (void)fx_stage_collect_all(d);
  fx_device_flush(d);
  report_markers(d, context);
  uint64_t now = fx_now_ns();
  tick_if_due(d, now);
  fx_execute(d);
  if (recording_waits(d) && now - d->recorder.last_flush_ns > FLUSH_NS) {
    fx_recorder_flush(&d->recorder, &d->core);
    d->recorder.last_flush_ns = now;
  }
  if (d->active != NULL) {
    d->lingers_until_ns = now + LINGER_NS;
    return 0;
  }
  if (now < d->lingers_until_ns) return 0;
  uint64_t wake = next_wake_ns(d);
  uint64_t until = wake == UINT64_MAX ? UINT64_MAX : d->epoch_ns + wake;
  if (recording_waits(d) && d->recorder.last_flush_ns + FLUSH_NS < until) until = d->recorder.last_flush_ns + FLUSH_NS;
  return until;
}

/* Sleeps until the next look: for so long, and on as long as submitting threads look and none begins to wait for it. */
static void doze(fx_device *d, unsigned seen, uint64_t poll_ns) {
  uint64_t now = fx_now_ns(), own = now + OWN_LOOK_NS;
  do {
    fx_progress_wait(&d->completion_wake, seen, now + poll_ns);
    if (fx_progress_read(&d->completion_wake) != seen) return;
    now = fx_now_ns();
    poll_ns = LINGER_POLL_NS;
  } while (now < own && now < atomic_load_explicit(&d->looked_at_ns, memory_order_relaxed) + LINGER_POLL_NS);
}

static void *completion_main(void *argument) {
  fx_device *d = argument;
  aclrtContext context = NULL;
  (void)prctl(PR_SET_NAME, "flexnpu", 0, 0, 0);
  (void)prctl(PR_SET_TIMERSLACK, 1000, 0, 0, 0);
  for (;;) {
    fx_lock_take_patiently(&d->lock);
    unsigned seen = fx_progress_read(&d->completion_wake); /* before the look, which gives the lock: stop may come in it */
    if (d->completion_stop) break;
    uint64_t until = look(d, &context);
    bool lingers = d->active == NULL;
    atomic_store(&d->asleep_until_ns, until);
    atomic_store(&d->polls, until == 0);
    fx_submit_leave(d);
    if (until == 0) {
      doze(d, seen, lingers ? LINGER_POLL_NS : POLL_NS);
    } else {
      context = NULL; /* it may be gone when this thread wakes */
      fx_progress_wait(&d->completion_wake, seen, until == UINT64_MAX ? 0 : until);
    }
  }
  fx_lock_give(&d->lock);
  return NULL;
}

static void start(fx_device *d) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the application's */
  int error = pthread_create(&d->completion, NULL, completion_main, d);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (error == 0) d->completion_started = true;
  else fx_device_fail(d, "no thread to see completions");
}

void fx_completion_wake(fx_device *d) {
  if (d->completion_stop) return;
  if (!d->completion_started) {
    bool needed = d->active != NULL || fx_device_waits(d) || next_wake_ns(d) != UINT64_MAX ||
                  fx_recorder_on(&d->recorder);
    if (needed && !d->failed) start(d);
    return;
  }
  uint64_t until = atomic_load_explicit(&d->asleep_until_ns, memory_order_relaxed);
  if (until == 0) return; /* polling: it comes round by itself */
  uint64_t wake = next_wake_ns(d);
  if (d->active != NULL || d->failed || recording_waits(d) || (wake != UINT64_MAX && d->epoch_ns + wake < until)) {
    atomic_store(&d->asleep_until_ns, 0);
    fx_progress_note(&d->completion_wake);
  }
}
