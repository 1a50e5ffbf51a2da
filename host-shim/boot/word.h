/*
 * A word in shared memory that one side counts up and the other waits for. Nothing of what the other side writes is
 * trusted to come: every wait ends after a while, and who waits looks whether the other is still there.
 */
#ifndef FX_BOOT_WORD_H
#define FX_BOOT_WORD_H

#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

typedef struct fx_word {
  _Atomic uint32_t *count;
  _Atomic uint32_t *waiter; /* 1 while the other side sleeps on it */
} fx_word;

static inline void fx_word_set(fx_word w, uint32_t count) {
  atomic_store(w.count, count);
  if (atomic_load(w.waiter) != 0) (void)syscall(SYS_futex, w.count, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Waits until it is not `seen` any more: looks often at first, then sleeps, 5 ms at most. */
static inline void fx_word_wait(fx_word w, uint32_t seen) {
  for (int look = 0; look < 2000; look++) {
    if (atomic_load_explicit(w.count, memory_order_acquire) != seen) return;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
  }
  struct timespec limit = {.tv_nsec = 5000000};
  atomic_store(w.waiter, 1);
  (void)syscall(SYS_futex, w.count, FUTEX_WAIT, seen, &limit, NULL, 0);
  atomic_store(w.waiter, 0);
}

#endif
