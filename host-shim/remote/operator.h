/*
 * An asynchronous operator: the record of it and its arguments, written straight into the ring. Nobody answers it; what
 * goes wrong later is said by the next synchronization of its stream.
 */
#ifndef FX_REMOTE_OPERATOR_H
#define FX_REMOTE_OPERATOR_H

#include <stdatomic.h>
#include <string.h>

#include "acl/acl.h"
#include "remote/ring.h"

typedef struct fx_operator {
  uint32_t api;
  uint32_t op_class;
  uint32_t stream;      /* core numbers */
  uint32_t sync_object; /* or NONE */
  uint64_t key;         /* of a kernel, else 0; so with blocks and evidence */
  uint32_t blocks;
  uint32_t args_bytes;
  uint32_t evidence;
  uint64_t bytes;       /* copied or set */
  fx_ring *ring;
  uint8_t *args, *at;   /* the record's arguments, and where the next go */
  uint32_t position;
} fx_operator;

/* Waits for room for the record and this many bytes of arguments (rounded up each to 8). */
aclError fx_operator_open(fx_operator *o, size_t bytes);

/* Adds a copy, 8-byte aligned, as fx_pack_add does. */
static inline void fx_operator_put(fx_operator *o, const void *data, size_t bytes) {
  if (bytes > 0) memcpy(o->at, data, bytes);
  o->at += (bytes + 7u) & ~(size_t)7u;
}

/* The same without the copy: where to write them. */
static inline void *fx_operator_place(fx_operator *o, size_t bytes) {
  void *place = o->at;
  o->at += (bytes + 7u) & ~(size_t)7u;
  return place;
}

aclError fx_operator_submit(fx_operator *o);

/*
 * Captures and updates of graphs that the process has begun: meanwhile every operator is answered, as no synchronization
 * could say what was wrong with one that does not run.
 */
extern _Atomic int fx_operators_answered;

/* The same, and what is wrong with it, where the daemon hands it over soon: for what nobody calls in numbers. */
aclError fx_operator_answered(fx_operator *o);

#endif
