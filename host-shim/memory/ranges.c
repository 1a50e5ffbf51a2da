/* A sorted array with binary search: ranges are few and long-lived (frameworks pool), look-ups are many. */
#include "memory/ranges.h"

#include <stdlib.h>
#include <string.h>

/* Index of the first range that begins after `start`. */
static size_t after(const fx_ranges *r, uintptr_t start) {
  size_t low = 0, high = r->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (r->ranges[middle].start <= start) low = middle + 1;
    else high = middle;
  }
  return low;
}

bool fx_ranges_add(fx_ranges *r, const void *start, size_t bytes, int32_t device) {
  pthread_rwlock_wrlock(&r->lock);
  if (r->count == r->size) {
    size_t size = r->size == 0 ? 64 : r->size * 2;
    fx_range *ranges = realloc(r->ranges, size * sizeof *ranges);
    if (ranges == NULL) {
      pthread_rwlock_unlock(&r->lock);
      return false;
    }
    r->ranges = ranges;
    r->size = size;
  }
  size_t at = after(r, (uintptr_t)start);
  memmove(&r->ranges[at + 1], &r->ranges[at], (r->count - at) * sizeof *r->ranges);
  r->ranges[at] = (fx_range){.start = (uintptr_t)start, .bytes = bytes, .device = device};
  r->count++;
  pthread_rwlock_unlock(&r->lock);
  return true;
}

bool fx_ranges_take(fx_ranges *r, const void *start, fx_range *taken) {
  pthread_rwlock_wrlock(&r->lock);
  size_t at = after(r, (uintptr_t)start);
  bool found = at > 0 && r->ranges[at - 1].start == (uintptr_t)start;
  if (found) {
    *taken = r->ranges[at - 1];
    memmove(&r->ranges[at - 1], &r->ranges[at], (r->count - at) * sizeof *r->ranges);
    r->count--;
  }
  pthread_rwlock_unlock(&r->lock);
  return found;
}

bool fx_ranges_hold(fx_ranges *r, const void *start, size_t bytes) {
  pthread_rwlock_rdlock(&r->lock);
  size_t at = after(r, (uintptr_t)start);
  /* Not by their ends: an address near the last wraps. */
  const fx_range *below = at > 0 ? &r->ranges[at - 1] : NULL;
  bool held = below != NULL && (uintptr_t)start - below->start <= below->bytes && bytes <= below->bytes - ((uintptr_t)start - below->start);
  pthread_rwlock_unlock(&r->lock);
  return held;
}

void fx_ranges_clear(fx_ranges *r, const void *start, size_t bytes) {
  pthread_rwlock_wrlock(&r->lock);
  size_t from = after(r, (uintptr_t)start), to = from;
  if (from > 0 && r->ranges[from - 1].start == (uintptr_t)start) from--;
  while (to < r->count && r->ranges[to].start - (uintptr_t)start < bytes) to++;
  if (to > from) memmove(&r->ranges[from], &r->ranges[to], (r->count - to) * sizeof *r->ranges);
  r->count -= to - from;
  pthread_rwlock_unlock(&r->lock);
}

bool fx_ranges_touch(fx_ranges *r, const void *start, size_t bytes) {
  pthread_rwlock_rdlock(&r->lock);
  size_t at = after(r, (uintptr_t)start);
  bool touched = (at > 0 && (uintptr_t)start - r->ranges[at - 1].start < r->ranges[at - 1].bytes) ||
                 (at < r->count && r->ranges[at].start - (uintptr_t)start < bytes);
  pthread_rwlock_unlock(&r->lock);
  return touched;
}

bool fx_ranges_find(fx_ranges *r, const void *address, fx_range *found) {
  pthread_rwlock_rdlock(&r->lock);
  size_t at = after(r, (uintptr_t)address);
  bool inside = at > 0 && (uintptr_t)address - r->ranges[at - 1].start < r->ranges[at - 1].bytes;
  if (inside) *found = r->ranges[at - 1];
  pthread_rwlock_unlock(&r->lock);
  return inside;
}
