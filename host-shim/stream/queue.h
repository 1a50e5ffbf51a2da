/*
 * Operators that wait in their stream, with their arguments: a list of chunks, so that an operator never moves while it
 * is being handed to the real library, and an empty stream costs nothing.
 */
#ifndef FX_QUEUE_H
#define FX_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/acl.h"

/* Arguments up to this size are kept in the operator itself; it holds a launch with a dozen arguments. */
#define FX_OP_INLINE_BYTES 200
#define FX_CHUNK_OPS 32
/* Operators that may wait in one stream; beyond it, issuing waits, as a real stream of that depth does. */
#define FX_QUEUE_LIMIT 1024

typedef struct fx_op {
  uint32_t api;        /* whose record the arguments are */
  uint32_t args_bytes;
  uint64_t order;      /* number over all streams of the device, for handing over in order of issue */
  void *event;         /* the AscendCL event it is about, or NULL */
  void *heap;          /* arguments that do not fit inline, freed with it */
  aclError *answer;    /* where a caller waits for what the real library says, or NULL */
  _Alignas(16) uint8_t args[FX_OP_INLINE_BYTES];
} fx_op;

typedef struct fx_chunk {
  struct fx_chunk *next;
  fx_op ops[FX_CHUNK_OPS];
} fx_chunk;

typedef struct fx_queue {
  fx_chunk *first, *last, *spare;
  uint32_t head, tail; /* position in first, and in last */
  uint32_t count;
} fx_queue;

/* A new operator at the end with room for its arguments (fx_op_args), or NULL where there is no memory. */
fx_op *fx_queue_push(fx_queue *q, size_t args_bytes);

/* The operator at the front; NULL where it is empty. */
fx_op *fx_queue_front(fx_queue *q);

/* Walks from the front without taking anything out: `*chunk` starts as NULL; as many steps as there are operators. */
fx_op *fx_queue_next(fx_queue *q, fx_chunk **chunk, uint32_t *at);

/* Frees the front operator. */
void fx_queue_pop(fx_queue *q);

/* Frees everything. */
void fx_queue_clear(fx_queue *q);

static inline void *fx_op_args(fx_op *op) { return op->heap != NULL ? op->heap : op->args; }

#endif
