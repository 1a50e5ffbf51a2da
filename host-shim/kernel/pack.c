/* Packing and unpacking; see kernel/pack.h. */
#include "kernel/pack.h"

#include <stdlib.h>

static size_t aligned(size_t bytes) { return (bytes + 7u) & ~(size_t)7u; }

bool fx_pack_grow(fx_pack *p, size_t bytes) {
  size_t end = p->bytes + bytes, room = p->room * 2 > end ? p->room * 2 : end;
  uint8_t *larger = malloc(room);
  if (larger == NULL) {
    p->failed = true;
    return false;
  }
  memcpy(larger, p->data, p->bytes);
  if (p->data != p->stack) free(p->data);
  p->data = larger;
  p->room = room;
  return true;
}

void fx_pack_add_config(fx_pack *p, const aclrtLaunchKernelCfg *cfg) {
  uint64_t attributes = cfg != NULL ? cfg->numAttrs + 1u : 0; /* 0 is no configuration, 1 an empty one */
  (void)fx_pack_add(p, &attributes, sizeof attributes);
  if (cfg != NULL && cfg->numAttrs > 0) (void)fx_pack_add(p, cfg->attrs, cfg->numAttrs * sizeof *cfg->attrs);
}

void fx_pack_end(fx_pack *p) {
  if (p->data != p->stack) free(p->data);
}

void *fx_unpack_next(fx_unpack *u, size_t bytes) {
  void *data = u->at;
  u->at += aligned(bytes);
  return data;
}

aclrtLaunchKernelCfg *fx_unpack_config(fx_unpack *u, aclrtLaunchKernelCfg *into) {
  uint64_t attributes = *(const uint64_t *)fx_unpack_next(u, sizeof attributes);
  if (attributes == 0) return NULL;
  into->numAttrs = attributes - 1;
  into->attrs = into->numAttrs > 0 ? fx_unpack_next(u, into->numAttrs * sizeof *into->attrs) : NULL;
  return into;
}
