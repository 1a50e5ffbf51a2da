/*
 * The lock of a device and the counter that waiters sleep on: futex words, smaller and shorter than a pthread mutex
 * with a condition. Every entry into the core is under the lock; no call of the real library is.
 */
#ifndef FX_LOCK_H
#define FX_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* 0 free, 1 held, 2 held and someone sleeps. */
typedef struct fx_lock {
  atomic_uint word;
} fx_lock;

void fx_lock_slow(fx_lock *lock);
void fx_lock_wake(fx_lock *lock);

/*
 * Takes the lock as one who has time: looks again after a short sleep instead of asking to be woken, so that a thread
 * that launches operators does not pay for a system call when it gives the lock. Asks after some tries, not to starve.
 */
void fx_lock_take_patiently(fx_lock *lock);

/* Takes it if it is free. */
static inline bool fx_lock_try(fx_lock *lock) {
  unsigned expected = 0;
  return atomic_compare_exchange_strong_explicit(&lock->word, &expected, 1, memory_order_acquire, memory_order_relaxed);
}

static inline void fx_lock_take(fx_lock *lock) {
  if (!fx_lock_try(lock)) fx_lock_slow(lock);
}

/* Whether somebody holds it at this moment. Ordered with what was stored before, as giving it is. */
static inline bool fx_lock_held(fx_lock *lock) { return atomic_load_explicit(&lock->word, memory_order_seq_cst) != 0; }

static inline void fx_lock_give(fx_lock *lock) {
  if (atomic_exchange_explicit(&lock->word, 0, memory_order_seq_cst) == 2) fx_lock_wake(lock);
}

/*
 * A lock for sections of some ten instructions: giving it is a plain store, since nobody asks to be woken. Who finds it
 * held spins, then sleeps for moments, so that a holder that lost its processor gets on whatever its priority.
 */
typedef struct fx_brief_lock {
  atomic_uint word;
} fx_brief_lock;

void fx_brief_slow(fx_brief_lock *lock);

static inline void fx_brief_take(fx_brief_lock *lock) {
  unsigned expected = 0;
  if (!atomic_compare_exchange_strong_explicit(&lock->word, &expected, 1, memory_order_acquire, memory_order_relaxed))
    fx_brief_slow(lock);
}

static inline void fx_brief_give(fx_brief_lock *lock) {
  atomic_store_explicit(&lock->word, 0, memory_order_release);
}

/* Counts progress; a waiter reads it, checks its condition, and sleeps until it changes. */
typedef struct fx_progress {
  atomic_uint count;
  atomic_uint waiters;
} fx_progress;

/* The count to give to fx_progress_wait; read it before checking the condition. */
static inline unsigned fx_progress_read(fx_progress *p) { return atomic_load_explicit(&p->count, memory_order_acquire); }

/* Sleeps until the count is not `seen` any more, or until deadline_ns (CLOCK_MONOTONIC; 0 is none). */
void fx_progress_wait(fx_progress *p, unsigned seen, uint64_t deadline_ns);

/* Something moved: wakes all who wait. */
void fx_progress_note(fx_progress *p);

/* The line is about to be written: what another processor has of it comes here meanwhile. Any address may be given. */
static inline void fx_fetch_to_write(const void *line) {
#if defined(__x86_64__)
  __asm__ volatile("prefetchw %0" : : "m"(*(const char *)line)); /* the compiler takes it for newer processors only; old ones ignore it */
#else
  __builtin_prefetch(line, 1);
#endif
}

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t fx_now_ns(void);

#endif
