/*
 * Waiting for the device. A waiter leads when nobody else does: it plays what is due, works out the earliest time at
 * which its condition can hold, and sleeps until then on the host's clock, so a long queue costs few wake-ups and a
 * short one is seen at once. Near the end it spins, at most 20 us a wait.
 */
#include "engine.h"
#include "machine.h"

#include <errno.h>
#include <sys/prctl.h>
#include <time.h>

#define SPIN_BUDGET_NS 20000u
/* A sleeper that found another leader looks again after this time even if nobody signals. */
#define FOLLOW_NS 50000u
/* At SIM_PACE_MAX nothing more can happen until another thread submits. */
#define STALLED_NS 1000000u

static uint64_t host_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* What a sleeper on a shared machine has to have seen, so that it misses nothing that happens after. */
static uint32_t seen_now(void) { return sim_shared != NULL ? sim_member_word() : 0; }

/* Sleeps on the waiter's condition until `deadline_ns` of the host's clock. Lock held, released meanwhile. */
static void sleep_until(sim_waiter *waiter, uint64_t deadline_ns, uint32_t seen) {
  /* The kernel may round a sleep up by the thread's timer slack, 50 us by default: too coarse for kernels of 10 us. */
  int slack = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
  if (slack > 1) prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  struct timespec deadline = {.tv_sec = (time_t)(deadline_ns / 1000000000u), .tv_nsec = (long)(deadline_ns % 1000000000u)};
  if (sim_shared != NULL) {
    sim_engine_unlock();
    sim_member_sleep(seen, deadline_ns);
    sim_engine_lock();
  } else {
    pthread_cond_timedwait(&waiter->wake, &sim_engine.lock, &deadline);
  }
  if (slack > 1) prctl(PR_SET_TIMERSLACK, (unsigned long)slack, 0, 0, 0);
}

static void spin_until(uint64_t deadline_ns) {
  sim_engine_unlock();
  while (host_ns() < deadline_ns) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
  }
  sim_engine_lock();
}

/* The earliest device time at which the waiter's condition can hold, from the present one. */
static uint64_t earliest_end(const sim_waiter *waiter, uint64_t now_ns) {
  uint64_t earliest = sim_engine_next();
  if (waiter->stream != NULL) {
    uint64_t left = waiter->floor_target_ns - waiter->stream->floor_completed_ns;
    /* What runs now may have its floor behind it. */
    if (left <= (uint64_t)INT64_MAX && left > SIM_FLOOR_EAGER_NS) {
      uint64_t floor = now_ns + left - SIM_FLOOR_EAGER_NS;
      if (floor > earliest) earliest = floor;
    }
  }
  return earliest;
}

static void enlist(sim_waiter *waiter) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&waiter->wake, &attributes);
  pthread_condattr_destroy(&attributes);
  waiter->next = sim_engine.waiters;
  sim_engine.waiters = waiter;
}

static void delist(sim_waiter *waiter) {
  sim_waiter **link = &sim_engine.waiters;
  while (*link != waiter) link = &(*link)->next;
  *link = waiter->next;
  pthread_cond_destroy(&waiter->wake);
}

void sim_engine_wake(sim_waiter *waiter) {
  if (sim_shared != NULL) sim_member_wake();
  else pthread_cond_signal(&waiter->wake);
}

void sim_engine_wake_waiters(void) {
  for (sim_waiter *waiter = sim_engine.waiters; waiter != NULL; waiter = waiter->next) {
    if (!waiter->awake && sim_waiter_satisfied(waiter)) sim_engine_wake(waiter);
  }
}

/* At SIM_PACE_MAX device time jumps: play until the condition holds or device time passes the deadline. */
static bool wait_virtual(sim_waiter *waiter, int64_t timeout_ms) {
  uint64_t deadline = timeout_ms < 0 ? SIM_NEVER - 1 : sim_engine.played_ns + (uint64_t)timeout_ms * 1000000u;
  uint64_t host_deadline = timeout_ms < 0 ? SIM_NEVER : host_ns() + (uint64_t)timeout_ms * 1000000u;
  for (;;) {
    uint32_t seen = seen_now();
    waiter->awake = true;
    bool led = sim_engine_play(deadline, waiter, SIM_NEVER);
    if (sim_waiter_satisfied(waiter)) return true;
    uint64_t next = sim_engine_next(); /* asked once: other processes of the machine change it meanwhile */
    if (led && !sim_engine.blocked && next > deadline && next != SIM_NEVER) return false;
    uint64_t now = host_ns();
    if (now >= host_deadline) return false;
    waiter->wants_lead = !led;
    waiter->awake = false;
    sleep_until(waiter, now + (led ? STALLED_NS : FOLLOW_NS), seen);
    waiter->wants_lead = false;
  }
}

static bool wait_clock(sim_waiter *waiter, int64_t timeout_ms) {
  uint64_t host_deadline = timeout_ms < 0 ? SIM_NEVER : host_ns() + (uint64_t)timeout_ms * 1000000u;
  uint64_t spin_left = SPIN_BUDGET_NS;
  for (;;) {
    uint64_t now = sim_engine_now();
    uint32_t seen = seen_now();
    waiter->awake = true;
    bool led = sim_engine_play(now, waiter, SIM_NEVER);
    if (sim_waiter_satisfied(waiter)) return true;
    uint64_t host_now = host_ns();
    if (host_now >= host_deadline) return false;
    uint64_t wake = host_now + FOLLOW_NS;
    if (led && sim_engine.blocked) {
      wake = host_now + STALLED_NS; /* who has to act first wakes this process then */
    } else if (led) {
      uint64_t end = earliest_end(waiter, now);
      now = sim_engine_now();
      uint64_t ahead = end == SIM_NEVER ? STALLED_NS : end > now ? end - now : 0;
      double host_ahead = (double)ahead / sim_configuration.speed;
      /* An hour is as good as for ever, and no overflow. */
      uint64_t host_span = host_ahead > 3.6e12 ? 3600000000000u : (uint64_t)host_ahead;
      if (host_span <= spin_left) {
        spin_left -= host_span;
        spin_until(host_now + host_span);
        continue;
      }
      wake = host_now + host_span;
    }
    waiter->wants_lead = !led;
    waiter->awake = false;
    sleep_until(waiter, wake < host_deadline ? wake : host_deadline, seen);
    waiter->wants_lead = false;
  }
}

bool sim_engine_wait(sim_waiter *waiter, int64_t timeout_ms) {
  if (sim_waiter_satisfied(waiter)) return true;
  enlist(waiter);
  bool satisfied = sim_configuration.pace == SIM_PACE_CLOCK ? wait_clock(waiter, timeout_ms) : wait_virtual(waiter, timeout_ms);
  delist(waiter);
  return satisfied;
}

bool sim_engine_wait_stream(sim_stream *stream, int64_t timeout_ms) {
  sim_waiter waiter = {.stream = stream,
                       .serial = stream->serial,
                       .target = stream->submitted,
                       .floor_target_ns = stream->floor_submitted_ns};
  return sim_engine_wait(&waiter, timeout_ms);
}

bool sim_engine_wait_record(sim_record *record, int64_t timeout_ms) {
  sim_waiter waiter = {.record = record};
  record->references++;
  bool done = sim_engine_wait(&waiter, timeout_ms);
  sim_record_release(record);
  return done;
}

void sim_engine_poll(void) {
  if (sim_configuration.pace == SIM_PACE_MAX) {
    sim_engine_play(SIM_NEVER - 1, NULL, 1);
  } else {
    sim_engine_play(sim_engine_now(), NULL, SIM_NEVER);
  }
}
