/*
 * Slow paths of the device lock, and sleeping on progress. Spins briefly first: holders do only short work.
 */
#include "engine/lock.h"

#include <linux/futex.h>
#include <limits.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A few microseconds: what is done under the lock takes less, nearly always. */
#define SPINS 400
/* A patient taker sleeps so long before its second try, twice as long before each further one, and then asks to be woken. */
#define PATIENT_SLEEP_NS 5000
#define PATIENT_TRIES 6

static void pause_cpu(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static long futex(atomic_uint *word, int operation, unsigned value, const struct timespec *timeout) {
  return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, timeout, NULL, FUTEX_BITSET_MATCH_ANY);
}

static bool spin(atomic_uint *word) {
  for (int i = 0; i < SPINS; i++) {
    unsigned expected = 0;
    if (atomic_load_explicit(word, memory_order_relaxed) == 0 &&
        atomic_compare_exchange_weak_explicit(word, &expected, 1, memory_order_acquire, memory_order_relaxed))
      return true;
    pause_cpu();
  }
  return false;
}

void fx_brief_slow(fx_brief_lock *lock) {
  while (!spin(&lock->word)) {
    struct timespec pause = {.tv_nsec = PATIENT_SLEEP_NS};
    (void)nanosleep(&pause, NULL);
  }
}

void fx_lock_slow(fx_lock *lock) {
  if (spin(&lock->word)) return;
  while (atomic_exchange_explicit(&lock->word, 2, memory_order_acquire) != 0) futex(&lock->word, FUTEX_WAIT, 2, NULL);
}

void fx_lock_take_patiently(fx_lock *lock) {
  for (int i = 0; i < PATIENT_TRIES; i++) {
    if (fx_lock_try(lock)) return;
    struct timespec pause = {.tv_nsec = PATIENT_SLEEP_NS << i};
    (void)nanosleep(&pause, NULL);
  }
  fx_lock_take(lock);
}

void fx_lock_wake(fx_lock *lock) { futex(&lock->word, FUTEX_WAKE, 1, NULL); }

void fx_progress_wait(fx_progress *p, unsigned seen, uint64_t deadline_ns) {
  struct timespec until = {.tv_sec = (time_t)(deadline_ns / 1000000000u), .tv_nsec = (long)(deadline_ns % 1000000000u)};
  atomic_fetch_add_explicit(&p->waiters, 1, memory_order_seq_cst);
  if (atomic_load_explicit(&p->count, memory_order_seq_cst) == seen)
    /* WAIT_BITSET takes an absolute time of CLOCK_MONOTONIC. */
    futex(&p->count, FUTEX_WAIT_BITSET, seen, deadline_ns == 0 ? NULL : &until);
  atomic_fetch_sub_explicit(&p->waiters, 1, memory_order_seq_cst);
}

void fx_progress_note(fx_progress *p) {
  atomic_fetch_add_explicit(&p->count, 1, memory_order_seq_cst);
  if (atomic_load_explicit(&p->waiters, memory_order_seq_cst) > 0) futex(&p->count, FUTEX_WAKE, INT_MAX, NULL);
}

uint64_t fx_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
