/*
 * Address ranges by their start: what was allocated on a device (to give its size back to the quota), and which host
 * memory is pinned (only a copy with pinned memory is asynchronous).
 */
#ifndef FX_RANGES_H
#define FX_RANGES_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct fx_range {
  uintptr_t start;
  size_t bytes;
  int32_t device;
} fx_range;

/* Sorted by start, not overlapping. */
typedef struct fx_ranges {
  pthread_rwlock_t lock;
  fx_range *ranges;
  size_t count, size;
} fx_ranges;

#define FX_RANGES_INIT {.lock = PTHREAD_RWLOCK_INITIALIZER}

/* False where there is no memory to remember it. */
bool fx_ranges_add(fx_ranges *r, const void *start, size_t bytes, int32_t device);

/* Takes out the range that begins at `start`; false where there is none. */
bool fx_ranges_take(fx_ranges *r, const void *start, fx_range *taken);

/* Whether some range holds all of the bytes. */
bool fx_ranges_hold(fx_ranges *r, const void *start, size_t bytes);

/* Takes out all ranges that begin in those bytes. */
void fx_ranges_clear(fx_ranges *r, const void *start, size_t bytes);

/* Whether some range has one of the bytes. */
bool fx_ranges_touch(fx_ranges *r, const void *start, size_t bytes);

/* The range that the address lies in. */
bool fx_ranges_find(fx_ranges *r, const void *address, fx_range *found);

#endif
