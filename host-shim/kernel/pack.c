/* Packing and unpacking; see kernel/pack.h. */
#include "kernel/pack.h"

#include <stdlib.h>

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

void fx_pack_end(fx_pack *p) {
  if (p->data != p->stack) free(p->data);
}

aclrtLaunchKernelCfg *fx_unpack_config(fx_unpack *u, aclrtLaunchKernelCfg *into) {
  uint64_t attributes = *(const uint64_t *)fx_unpack_next(u, sizeof attributes);
  if (attributes == 0) return NULL;
  into->numAttrs = attributes - 1;
  into->attrs = into->numAttrs > 0 ? fx_unpack_next(u, into->numAttrs * sizeof *into->attrs) : NULL;
  return into;
}
