/* Making a plan and its expected result; see plan.h. */
#include "plan.h"

#include <string.h>

static uint64_t next_random(uint64_t *state) {
  /* splitmix64 */
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static uint32_t below(uint64_t *state, uint32_t bound) { return (uint32_t)(next_random(state) % bound); }

void plan_pattern(uint8_t *bytes, uint64_t value) {
  for (uint32_t i = 0; i < REGION_BYTES; i++) bytes[i] = (uint8_t)(value >> (i % 8 * 8)) ^ (uint8_t)i;
}

/* Share of each kind in a hundred and something. */
static const uint8_t weights[OP_KINDS] = {
    [OP_APPEND] = 40, [OP_LIST] = 12, [OP_MEMSET] = 6, [OP_TO_DEVICE] = 8, [OP_ON_DEVICE] = 4,
    [OP_FROM_DEVICE] = 5, [OP_DIGEST] = 8, [OP_RECORD] = 10, [OP_WAIT] = 12, [OP_RESET] = 2,
    [OP_QUERY] = 4, [OP_SYNC_STREAM] = 1, [OP_SYNC_EVENT] = 1};

static op_kind draw_kind(uint64_t *state) {
  uint32_t sum = 0;
  for (uint32_t k = 0; k < OP_KINDS; k++) sum += weights[k];
  uint32_t at = below(state, sum), kind = 0;
  while (at >= weights[kind]) at -= weights[kind++];
  return (op_kind)kind;
}

/* What the planner knows of an event. */
typedef struct event_state {
  int32_t touched; /* last operator about it */
  int32_t slot;    /* of its latest record, -1 before the first and after a reset */
} event_state;

static void expect(plan *p, const op *o, uint32_t number) {
  device_log *log = &p->expected.logs[o->stream];
  uint8_t *region = p->expected.regions[o->stream][o->region];
  switch (o->kind) {
    case OP_APPEND: log_append(log, o->value); break;
    case OP_LIST:
      for (uint32_t i = 0; i < o->list_count; i++) log_append(log, o->list[i]);
      break;
    case OP_MEMSET: memset(region, (int)(o->value & 0xff), REGION_BYTES); break;
    case OP_TO_DEVICE: plan_pattern(region, o->value); break;
    case OP_ON_DEVICE: memcpy(region, p->expected.regions[o->stream][1 - o->region], REGION_BYTES); break;
    case OP_FROM_DEVICE: memcpy(p->expected_host[number], region, REGION_BYTES); break;
    case OP_DIGEST: log_append(log, bytes_digest(region, REGION_BYTES)); break;
    case OP_RECORD: p->expected.slots[o->slot] = log->digest; break;
    case OP_WAIT:
      if (o->slot >= 0) log_append(log, p->expected.slots[o->slot]);
      break;
    default: break;
  }
}

void plan_make(plan *p, uint64_t seed, uint32_t count) {
  uint64_t state = seed * 0x2545f4914f6cdd1du + 1;
  memset(p, 0, sizeof *p);
  p->threads = 1 + below(&state, PLAN_THREADS);
  p->streams = p->threads + below(&state, PLAN_STREAMS - p->threads + 1);
  p->extended_events = below(&state, 4) == 0;
  p->count = count < PLAN_OPS ? count : PLAN_OPS;
  /* Some programs are quick bursts, in others operators take about as long as issuing them. */
  uint64_t longest_bytes = below(&state, 3) == 0 ? 1 : 1u << (16 + below(&state, 12));
  event_state events[PLAN_EVENTS];
  for (uint32_t e = 0; e < PLAN_EVENTS; e++) events[e] = (event_state){-1, -1};
  for (uint32_t i = 0; i < p->count; i++) {
    op *o = &p->ops[i];
    *o = (op){.kind = draw_kind(&state), .after = -1, .slot = -1};
    if (o->kind == OP_RESET && p->extended_events) o->kind = OP_APPEND;
    o->stream = below(&state, p->streams);
    o->thread = o->stream % p->threads;
    o->form = (launch_form)below(&state, FORMS);
    o->event = below(&state, PLAN_EVENTS);
    o->pinned = below(&state, 3) != 0;
    o->region = below(&state, 2);
    o->value = next_random(&state);
    o->hbm_bytes = next_random(&state) % longest_bytes;
    o->list_count = 1 + below(&state, LIST_MAX);
    for (uint32_t v = 0; v < LIST_MAX; v++) o->list[v] = next_random(&state);
    if (o->kind == OP_RECORD || o->kind == OP_WAIT || o->kind == OP_RESET || o->kind == OP_QUERY || o->kind == OP_SYNC_EVENT) {
      event_state *e = &events[o->event];
      o->after = e->touched;
      e->touched = (int32_t)i;
      if (o->kind == OP_RECORD) e->slot = (int32_t)i;
      if (o->kind == OP_RESET) e->slot = -1;
      o->slot = e->slot;
    }
    expect(p, o, i);
  }
}
