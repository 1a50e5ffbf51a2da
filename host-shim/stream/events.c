/* The table of events: chained buckets by handle, numbers from a free list. */
#include "stream/events.h"

#include <stdlib.h>

#include "records.h"

static fx_event **bucket_of(fx_event_table *t, aclrtEvent handle) {
  uint64_t hash = ((uint64_t)(uintptr_t)handle >> 4) * 0x9e3779b97f4a7c15u;
  return &t->buckets[hash >> 54];
}

fx_event *fx_events_find(fx_event_table *t, aclrtEvent handle) {
  for (fx_event *e = *bucket_of(t, handle); e != NULL; e = e->next)
    if (e->handle == handle) return e;
  return NULL;
}

fx_event *fx_events_get(fx_event_table *t, aclrtEvent handle) {
  fx_event *e = fx_events_find(t, handle);
  if (e != NULL) return e;
  if (t->free_count == 0 && t->next_id == FLEXNPU_MAX_SYNC_OBJECTS) return NULL;
  e = calloc(1, sizeof *e);
  if (e == NULL) return NULL;
  e->handle = handle;
  e->id = t->free_count > 0 ? t->free_ids[--t->free_count] : t->next_id++;
  fx_event **bucket = bucket_of(t, handle);
  e->next = *bucket;
  *bucket = e;
  return e;
}

void fx_events_remove(fx_event_table *t, aclrtEvent handle) {
  for (fx_event **at = bucket_of(t, handle); *at != NULL; at = &(*at)->next) {
    fx_event *e = *at;
    if (e->handle != handle) continue;
    if (t->free_count == t->free_size) {
      uint32_t size = t->free_size == 0 ? 64 : t->free_size * 2;
      uint32_t *ids = realloc(t->free_ids, size * sizeof *ids);
      if (ids != NULL) {
        t->free_ids = ids;
        t->free_size = size;
      }
    }
    if (t->free_count < t->free_size) t->free_ids[t->free_count++] = e->id;
    *at = e->next;
    free(e);
    return;
  }
}
