/*
 * Whether operators come in a burst, told by the processor's own counter: a look at it costs a tenth of a look at the
 * clock, and what it says only decides whether work waits for a few microseconds.
 */
#ifndef FX_BURST_H
#define FX_BURST_H

#include <stdbool.h>
#include <stdint.h>

/* Operators closer together than this are a burst: an application that launches at a real device's pace is none. */
#define FX_BURST_GAP_NS 1000u
/* What is pending waits no longer than this while more keeps coming. */
#define FX_BURST_WAIT_NS 5000u

typedef struct fx_burst {
  uint64_t ticks_first, first_ns; /* counter and clock, read together early on */
  uint64_t ticks_per_1024_ns;     /* 0 while it is not known */
  uint64_t ticks_last;            /* at the newest operator */
  uint64_t ticks_pending;         /* at the oldest pending one */
} fx_burst;

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

/* The clock was read, for whatever reason: measures the counter by it. */
static inline void fx_burst_clock(fx_burst *b, uint64_t now_ns) {
  uint64_t ticks = fx_ticks();
  if (b->first_ns == 0) {
    b->first_ns = now_ns;
    b->ticks_first = ticks;
  } else if (now_ns - b->first_ns > 100000u && b->ticks_per_1024_ns == 0)
    b->ticks_per_1024_ns = ((ticks - b->ticks_first) << 10) / (now_ns - b->first_ns);
}

/* An operator comes, `pending` wait before it; whether it is part of a burst and the oldest has time. */
static inline bool fx_burst_goes_on(fx_burst *b, uint32_t pending) {
  uint64_t ticks = fx_ticks(), rate = b->ticks_per_1024_ns;
  bool close = ticks - b->ticks_last < (rate * FX_BURST_GAP_NS) >> 10;
  b->ticks_last = ticks;
  if (pending == 0) b->ticks_pending = ticks;
  return close && ticks - b->ticks_pending < (rate * FX_BURST_WAIT_NS) >> 10;
}

#endif
