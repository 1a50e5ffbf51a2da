/*
 * Whether operators come in a burst, told by the processor's own counter: a look at it costs a tenth of a look at the
 * clock, and what it says only decides whether work waits for a few microseconds.
 */
#ifndef FX_BURST_H
#define FX_BURST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "boot/counters.h"

/* Operators closer together than this are a burst: an application that launches at a real device's pace is none. */
#define FX_BURST_GAP_NS 1000u
/* What waits does so no longer than this while more keeps coming. */
#define FX_BURST_WAIT_NS 5000u

/* What a stream's operators say of it. */
typedef struct fx_burst {
  uint64_t ticks_last;   /* at the newest operator */
  uint64_t ticks_oldest; /* at the oldest that waits */
} fx_burst;

/* The counter against the clock. */
typedef struct fx_ticks_rate {
  uint64_t ticks_first, first_ns;       /* read together, early on */
  _Atomic uint64_t ticks_per_1024_ns; /* 0 while it is not known: then nothing is a burst */
} fx_ticks_rate;

/* The counter; 0 always where there is none that can be used. */
static inline uint64_t fx_ticks(void) {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
  uint64_t ticks;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
#else
  return 0;
#endif
}

/* The clock was read, for whatever reason: measures the counter by it, once. */
static inline void fx_ticks_measure(fx_ticks_rate *r, uint64_t now_ns) {
  if (atomic_load_explicit(&r->ticks_per_1024_ns, memory_order_relaxed) != 0) return;
  uint64_t ticks = fx_ticks();
  if (r->first_ns == 0) {
    r->first_ns = now_ns;
    r->ticks_first = ticks;
  } else if (now_ns - r->first_ns > 100000u) {
    uint64_t rate = ((ticks - r->ticks_first) << 10) / (now_ns - r->first_ns);
    atomic_store_explicit(&r->ticks_per_1024_ns, rate, memory_order_relaxed);
  }
}

/* The counter when the calling thread was last let go on by us: what we took of its time says nothing of its pace. */
extern FX_TLS uint64_t fx_burst_returned;

/* An operator comes, `waiting` before it; whether it is part of a burst and the oldest has time. */
static inline bool fx_burst_goes_on(fx_burst *b, const fx_ticks_rate *r, uint32_t waiting) {
  uint64_t ticks = fx_ticks(), rate = atomic_load_explicit(&r->ticks_per_1024_ns, memory_order_relaxed);
  uint64_t last = b->ticks_last > fx_burst_returned ? b->ticks_last : fx_burst_returned;
  bool close = ticks - last < (rate * FX_BURST_GAP_NS) >> 10;
  b->ticks_last = ticks;
  if (waiting == 0) b->ticks_oldest = ticks;
  return close && ticks - b->ticks_oldest < (rate * FX_BURST_WAIT_NS) >> 10;
}

#endif
