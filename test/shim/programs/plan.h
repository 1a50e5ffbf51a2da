/*
 * A random program as data: a list of operators on streams, made from a seed, and the memory that it must leave, computed
 * on the host while the list is made. The list is free of races: its order in the list is one legal order, and any other
 * legal order leaves the same bytes.
 */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "log_kernels.h"

#define PLAN_STREAMS 8
#define PLAN_THREADS 4
#define PLAN_EVENTS 6
#define PLAN_OPS 4096
#define REGION_BYTES 256
#define LIST_MAX 5

typedef enum {
  OP_APPEND, /* by one of the four launch forms */
  OP_LIST,   /* a placeholder with LIST_MAX values at most, by one of two forms */
  OP_MEMSET,
  OP_TO_DEVICE, /* pinned or pageable */
  OP_ON_DEVICE,
  OP_FROM_DEVICE,
  OP_DIGEST,
  OP_RECORD, /* publishes to a slot, then records */
  OP_WAIT,   /* waits, then absorbs the slot of the latest record */
  OP_RESET,
  OP_QUERY,
  OP_SYNC_STREAM,
  OP_SYNC_EVENT,
  OP_KINDS
} op_kind;

/* Ways to launch `append`. */
typedef enum { FORM_DEVICE_ARGS, FORM_DEVICE_ARGS_V2, FORM_HOST_ARGS, FORM_CONFIG, FORMS } launch_form;

typedef struct op {
  op_kind kind;
  launch_form form;
  uint32_t stream, thread, event;
  int32_t after; /* operator whose call must have returned before this one is made; -1 for none */
  int32_t slot;  /* of a record, or of the record a wait is for; -1: nothing to absorb */
  bool pinned;
  uint32_t region; /* 0 or 1; an OP_ON_DEVICE copies from the other one */
  uint64_t value, hbm_bytes;
  uint64_t list[LIST_MAX];
  uint32_t list_count;
} op;

/* What is in device memory, and in the expected copy of it. */
typedef struct arena {
  device_log logs[PLAN_STREAMS];
  uint8_t regions[PLAN_STREAMS][2][REGION_BYTES];
  uint64_t slots[PLAN_OPS];
} arena;

typedef struct plan {
  uint32_t threads, streams, count;
  bool extended_events; /* made by aclrtCreateEventExWithFlag, which take no reset and fewer questions */
  op ops[PLAN_OPS];
  arena expected;
  uint8_t expected_host[PLAN_OPS][REGION_BYTES]; /* what an OP_FROM_DEVICE brings, by number of the operator */
} plan;

/* Makes the plan of a seed with `count` operators. */
void plan_make(plan *p, uint64_t seed, uint32_t count);

/* What an OP_TO_DEVICE carries. */
void plan_pattern(uint8_t *bytes, uint64_t value);

#endif
