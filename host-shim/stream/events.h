/*
 * AscendCL events that queued operators speak of: the number the core knows them by, and how many operators about them
 * still wait, so that a query or a destruction does not overtake a record that is queued.
 */
#ifndef FX_EVENTS_H
#define FX_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "acl/acl.h"

#define FX_EVENT_BUCKETS 1024

typedef struct fx_event {
  struct fx_event *next;
  aclrtEvent handle;
  uint32_t id;
  uint32_t waiting;         /* queued operators about it */
  uint32_t records_waiting; /* of them, records and resets */
} fx_event;

/* All under the lock of the device. */
typedef struct fx_event_table {
  fx_event *buckets[FX_EVENT_BUCKETS];
  uint32_t *free_ids;
  uint32_t free_count, free_size;
  uint32_t next_id;
} fx_event_table;

/* The event, made where it is new; NULL where there is no number or memory left. */
fx_event *fx_events_get(fx_event_table *t, aclrtEvent handle);

/* The event if a queued operator ever spoke of it, or NULL. */
fx_event *fx_events_find(fx_event_table *t, aclrtEvent handle);

/* Takes the event out of the table; its number may be given again. */
void fx_events_remove(fx_event_table *t, aclrtEvent handle);

#endif
