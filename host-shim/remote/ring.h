/*
 * The ring of a thread (spec/ring.ts): made at its first call, given up when it ends. Only its thread writes to it, so
 * publishing takes no lock; one counter of the process gives every record its ticket.
 *
 * Invariant: a record is published only after there was room for it and its arguments, and tickets of a ring rise.
 */
#ifndef FX_REMOTE_RING_H
#define FX_REMOTE_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "acl/acl.h"
#include "boot/counters.h"
#include "records.h"
#include "ring_layout.h"

/* A record: what all have, and the operator's fields. */
typedef union fx_record {
  flexnpu_ring_record ring;
  flexnpu_event event;
} fx_record;

typedef struct fx_ring {
  uint8_t *memory;
  flexnpu_ring_header *header;
  uint32_t head;     /* records published */
  uint32_t args_at;  /* position behind the newest arguments */
  uint32_t call_seq; /* of the newest call */
  uint64_t number;   /* as the daemon calls it */
  int file;          /* open until the data area is used, else -1 */
  struct fx_staging *staging; /* host data of asynchronous copies, remote/staging.h */
} fx_ring;

extern FX_TLS fx_ring *fx_ring_own;

/* Connects and makes the ring of the thread; NULL and an error kept. */
fx_ring *fx_ring_make(aclError *error);

/* The ring of the thread; NULL and an error kept where the daemon is gone, or never was there. */
static inline fx_ring *fx_ring_get(aclError *error) {
  fx_ring *r = fx_ring_own;
  return FX_LIKELY(r != NULL) ? r : fx_ring_make(error);
}

/*
 * Room for a record and `bytes` of arguments, waited for; the place of the arguments and their position. NULL, and an
 * error kept, where the daemon is gone or they never fit.
 */
uint8_t *fx_ring_reserve(fx_ring *r, size_t bytes, uint32_t *position, aclError *error);

/*
 * Where the next record goes, once fx_ring_reserve made room: what is written right there is not read back from stores
 * that wait for their lines.
 */
static inline fx_record *fx_ring_record(fx_ring *r) {
  return (fx_record *)(void *)(r->memory + FLEXNPU_RING_RECORDS_AT) + r->head % FLEXNPU_RING_RECORDS;
}

/* Publishes the record, its place's or a copy of it: gives it its ticket, and wakes the daemon where it sleeps. */
void fx_ring_publish(fx_ring *r, const fx_record *record);

/* Whether the call of that number is answered, and whether the daemon still serves the ring. */
bool fx_ring_answered(fx_ring *r, uint32_t call_seq);
bool fx_ring_served(fx_ring *r);
/* Waits until the call of that number is answered. An error is kept where the daemon is gone. */
aclError fx_ring_wait(fx_ring *r, uint32_t call_seq);

/* The data area, whole; NULL and an error kept where there is no shared memory for it. */
uint8_t *fx_ring_data(fx_ring *r, aclError *error);

/* After fork, in the child: the thread has no ring; the parent's stays as it is. */
void fx_ring_forget(void);

#endif
