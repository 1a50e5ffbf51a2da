/*
 * Operators on credit, straight from their ring: while a stream has credit there is nothing to decide, so the executor
 * takes what its thread issues, record by record, for as long as they are operators of that stream that need no more than
 * to be handed over. The loop learns how many they were. Everything else stays in the ring for the loop.
 */
#include <string.h>

#include "api.h"
#include "executor/executor.h"
#include "executor/serve.h"
#include "real_table.h"

/* Places are given back every so many operators, so that the client does not wait for all of them. */
#define RELEASE_EVERY 64u

static uint32_t next_ticket(uint32_t ticket) { return ticket == UINT32_MAX ? 1 : ticket + 1; }

/* Whether it is an operator of the stream that names nothing but its stream, and is the client's next. */
static bool takes(const flexnpu_event *e, const flexnpu_ring_record *r, uint32_t stream, uint32_t ticket) {
  if (e->kind != FLEXNPU_EVENT_OP_SUBMIT || e->stream != stream || r->ticket != ticket) return false;
  if (e->op_submit.sync_object != FLEXNPU_NONE || r->args_length > FLEXNPU_RING_ARGS_BYTES) return false;
  switch (e->op_submit.op_class) {
    case FLEXNPU_OP_CLASS_KERNEL:
    case FLEXNPU_OP_CLASS_COPY_H2D:
    case FLEXNPU_OP_CLASS_COPY_D2H:
    case FLEXNPU_OP_CLASS_COPY_D2D:
    case FLEXNPU_OP_CLASS_MEMSET:
    case FLEXNPU_OP_CLASS_GRAPH: break;
    default: return false;
  }
  uint32_t api = e->op_submit.api;
  return api < FX_API_COUNT && fx_exec[api] != NULL && !fxd_is_callback(api);
}

static void release(flexnpu_ring_header *h, uint32_t taken, uint32_t args_end) {
  __atomic_store_n(&h->args_done, args_end, __ATOMIC_RELAXED);
  __atomic_store_n(&h->tail, taken, __ATOMIC_RELEASE);
}

/* `taken` is the number of the first record, counted on and on; how many are handed over is written to out. */
void fxd_take_run(uint32_t stream, uint32_t ring, uint32_t taken, uint32_t ticket, uint32_t most, uint32_t *out) {
  *out = 0;
  fxd_ring *r = ring < FXD_MAX_RINGS ? fxd_ring_of(ring << 16) : NULL;
  if (r == NULL || stream >= FLEXNPU_MAX_STREAMS) return;
  flexnpu_ring_header *h = (flexnpu_ring_header *)(void *)r->memory;
  bool live = fxd_enter_stream(stream);
  uint32_t count = 0, released = 0, args_end = 0, head = taken;
  while (count < most) {
    uint32_t slot = (taken + count) & (FLEXNPU_RING_RECORDS - 1);
    if (head == taken + count) {
      head = __atomic_load_n(&h->head, __ATOMIC_ACQUIRE);
      if (head - (taken + count) - 1 >= FLEXNPU_RING_RECORDS) break; /* none, or more than fit: the loop says so */
    }
    fxd_fetch(r, slot);
    flexnpu_event record;
    flexnpu_ring_record head_of;
    memcpy(&record, r->memory + FLEXNPU_RING_RECORDS_AT + (size_t)slot * FLEXNPU_RING_RECORD_BYTES, sizeof record);
    memcpy(&head_of, &record, sizeof head_of);
    if (!takes(&record, &head_of, stream, ticket)) break;
    fxd_hand_over_one(stream, ring << 16 | slot, live);
    args_end = head_of.args_at + head_of.args_length;
    ticket = next_ticket(ticket);
    if (++count - released < RELEASE_EVERY) continue;
    release(h, taken + count, args_end);
    released = count;
  }
  if (count > released) release(h, taken + count, args_end);
  *out = count;
}
