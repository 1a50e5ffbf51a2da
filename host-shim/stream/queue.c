/*
 * The chunked queue. One chunk is kept aside when it empties, so that a stream in steady state allocates nothing.
 */
#include "stream/queue.h"

#include <stdlib.h>

fx_op *fx_queue_push(fx_queue *q, size_t args_bytes) {
  if (q->last == NULL || q->tail == FX_CHUNK_OPS) {
    fx_chunk *chunk = q->spare;
    if (chunk != NULL) q->spare = NULL;
    else chunk = malloc(sizeof *chunk);
    if (chunk == NULL) return NULL;
    chunk->next = NULL;
    if (q->last != NULL) q->last->next = chunk;
    else {
      q->first = chunk;
      q->head = 0;
    }
    q->last = chunk;
    q->tail = 0;
  }
  fx_op *op = &q->last->ops[q->tail];
  op->heap = NULL;
  op->answer = NULL;
  if (args_bytes > FX_OP_INLINE_BYTES) {
    op->heap = malloc(args_bytes);
    if (op->heap == NULL) return NULL; /* the slot is taken by the next push */
  }
  op->args_bytes = (uint32_t)args_bytes;
  q->tail++;
  q->count++;
  return op;
}

fx_op *fx_queue_front(fx_queue *q) { return q->count == 0 ? NULL : &q->first->ops[q->head]; }

fx_op *fx_queue_next(fx_queue *q, fx_chunk **chunk, uint32_t *at) {
  if (*chunk == NULL) {
    *chunk = q->first;
    *at = q->head;
  }
  if (*at == FX_CHUNK_OPS) {
    *chunk = (*chunk)->next;
    *at = 0;
  }
  return &(*chunk)->ops[(*at)++];
}

void fx_queue_pop(fx_queue *q) {
  fx_op *op = &q->first->ops[q->head];
  if (op->heap != NULL) free(op->heap); /* hardly any: not a call for each */
  op->heap = NULL;
  q->head++;
  q->count--;
  if (q->count == 0 && q->first == q->last) {
    /* The chunk starts over; the stream goes on without an allocation. */
    q->head = 0;
    q->tail = 0;
    return;
  }
  if (q->head < FX_CHUNK_OPS) return;
  fx_chunk *empty = q->first;
  q->first = empty->next;
  q->head = 0;
  if (q->first == NULL) q->last = NULL;
  if (q->spare == NULL) q->spare = empty;
  else free(empty);
}

void fx_queue_clear(fx_queue *q) {
  while (q->count > 0) fx_queue_pop(q);
  free(q->first);
  free(q->spare);
  *q = (fx_queue){0};
}
