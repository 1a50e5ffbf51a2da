/*
 * The record of a held launch: its fixed arguments, then copies of what they point to. The application may reuse its
 * memory as soon as the call returns, so nothing of it is kept by reference.
 */
#ifndef FX_PACK_H
#define FX_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "acl/acl.h"

/* Most launches fit here; larger ones take memory of malloc. */
#define FX_PACK_STACK_BYTES 1024

typedef struct fx_pack {
  uint8_t *data;
  size_t bytes, room;
  bool failed; /* no memory */
  _Alignas(16) uint8_t stack[FX_PACK_STACK_BYTES];
} fx_pack;

static inline void fx_pack_begin(fx_pack *p) {
  p->data = p->stack;
  p->bytes = 0;
  p->room = sizeof p->stack;
  p->failed = false;
}

/* Makes room for so many bytes more; false where there is no memory. */
bool fx_pack_grow(fx_pack *p, size_t bytes);

/* Adds a copy, 8-byte aligned; returns its offset. */
static inline size_t fx_pack_add(fx_pack *p, const void *data, size_t bytes) {
  size_t offset = p->bytes, padded = (bytes + 7u) & ~(size_t)7u;
  if (padded > p->room - offset && !fx_pack_grow(p, padded)) return offset;
  if (bytes > 0) memcpy(p->data + offset, data, bytes);
  p->bytes = offset + padded;
  return offset;
}

/* Adds a launch configuration (NULL is one too). */
static inline void fx_pack_add_config(fx_pack *p, const aclrtLaunchKernelCfg *cfg) {
  uint64_t attributes = cfg != NULL ? cfg->numAttrs + 1u : 0; /* 0 is no configuration, 1 an empty one */
  (void)fx_pack_add(p, &attributes, sizeof attributes);
  if (cfg != NULL && cfg->numAttrs > 0) (void)fx_pack_add(p, cfg->attrs, cfg->numAttrs * sizeof *cfg->attrs);
}

void fx_pack_end(fx_pack *p);

/* Reads a record in the order in which it was packed. */
typedef struct fx_unpack {
  uint8_t *at;
} fx_unpack;

static inline void *fx_unpack_next(fx_unpack *u, size_t bytes) {
  void *data = u->at;
  u->at += (bytes + 7u) & ~(size_t)7u;
  return data;
}

/* The configuration, rebuilt in `into`; NULL where the launch had none. */
aclrtLaunchKernelCfg *fx_unpack_config(fx_unpack *u, aclrtLaunchKernelCfg *into);

#endif
