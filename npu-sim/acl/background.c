/* The thread of background.h. While work is queued it looks every millisecond; after a quiet time it sleeps for good. */
#include "background.h"

#include <signal.h>
#include <time.h>

#include "engine.h"
#include "machine.h"

/* At the clock's pace: how late work that nobody asks about may be seen. */
#define LOOK_EVERY_NS 1000000u
/* At SIM_PACE_MAX it only helps a program that polls memory: late enough not to race with one that is submitting. */
#define LOOK_EVERY_MAX_NS 20000000u
/* Looks without work before it sleeps until the next submission. */
#define QUIET_LOOKS 50u

static pthread_cond_t wake;

/* On a shared machine the thread also answers other processes, who may wait for this one, and buries dead ones. */
#define BURY_EVERY_NS 50000000u

static void *run_shared(void *unused) {
  (void)unused;
  sim_machine_live();
  uint64_t played = 0, buried_ns = 0;
  uint32_t quiet = 0;
  uint64_t every = sim_configuration.pace == SIM_PACE_MAX ? LOOK_EVERY_MAX_NS : LOOK_EVERY_NS;
  for (;;) {
    uint32_t seen = sim_member_word();
    sim_engine_lock();
    bool idle = sim_engine_next() == SIM_NEVER;
    quiet = idle ? quiet + 1 : 0;
    if (sim_configuration.pace == SIM_PACE_CLOCK) {
      if (!idle) sim_engine_play(sim_engine_now(), NULL, SIM_NEVER);
    } else {
      /* As fast as possible: others' questions are answered at once, this process's own work goes on by itself only
       * when nobody has moved the machine since the last look. */
      bool stands = !idle && sim_engine_now() == played;
      sim_engine_play(stands ? SIM_NEVER - 1 : sim_engine_now(), NULL, SIM_NEVER);
    }
    played = sim_engine_now();
    bool asleep = quiet > QUIET_LOOKS;
    sim_engine.background_asleep = asleep;
    sim_engine_unlock();
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t now_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    if (now_ns - buried_ns >= BURY_EVERY_NS) {
      /* Busy or not: a dead process's kernels would go on taking from everybody. */
      sim_machine_lock();
      sim_machine_bury();
      sim_machine_unlock();
      buried_ns = now_ns;
    }
    sim_member_sleep(seen, now_ns + (asleep ? BURY_EVERY_NS : every));
  }
  return NULL;
}

static void *run(void *unused) {
  (void)unused;
  uint32_t quiet = 0;
  uint64_t played = 0;
  uint64_t every = sim_configuration.pace == SIM_PACE_MAX ? LOOK_EVERY_MAX_NS : LOOK_EVERY_NS;
  sim_engine_lock();
  for (;;) {
    if (sim_engine_next() == SIM_NEVER && ++quiet > QUIET_LOOKS) {
      sim_engine.background_asleep = true;
      while (sim_engine.background_asleep) pthread_cond_wait(&wake, &sim_engine.lock);
      quiet = 0;
    } else {
      struct timespec until;
      clock_gettime(CLOCK_MONOTONIC, &until);
      uint64_t nanoseconds = (uint64_t)until.tv_nsec + every;
      until.tv_sec += (time_t)(nanoseconds / 1000000000u);
      until.tv_nsec = (long)(nanoseconds % 1000000000u);
      pthread_cond_timedwait(&wake, &sim_engine.lock, &until);
    }
    if (sim_engine_next() == SIM_NEVER) continue;
    quiet = 0;
    if (sim_configuration.pace == SIM_PACE_CLOCK) {
      sim_engine_play(sim_engine_now(), NULL, SIM_NEVER);
    } else if (sim_engine.played_ns == played) {
      sim_engine_play(SIM_NEVER - 1, NULL, SIM_NEVER); /* nobody has moved the device since the last look */
    }
    played = sim_engine.played_ns;
  }
  return NULL;
}

aclError sim_background_start(void) {
  if (sim_configuration.pace == SIM_PACE_NULL && sim_shared == NULL) return ACL_SUCCESS;
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&wake, &attributes);
  pthread_condattr_destroy(&attributes);
  /* Signals of the program are not for this thread. */
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  int failure = pthread_create(&thread, NULL, sim_shared != NULL ? run_shared : run, NULL);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (failure != 0) return sim_fail(ACL_ERROR_RT_INTERNAL_ERROR, "cannot start the device thread: error %d", failure);
  pthread_setname_np(thread, "npu-sim");
  pthread_detach(thread);
  return ACL_SUCCESS;
}

void sim_background_wake(void) {
  sim_engine.background_asleep = false;
  if (sim_shared != NULL) sim_member_wake();
  else pthread_cond_signal(&wake);
}
