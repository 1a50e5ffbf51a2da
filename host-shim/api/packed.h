/* Operators whose record takes copies along of what its arguments point to. */
#ifndef FX_PACKED_H
#define FX_PACKED_H

#include "engine/submit.h"
#include "kernel/pack.h"

/* fx_submit of a packed record, which it ends. */
static inline aclError fx_submit_packed(fx_stream *s, fx_op_meta *meta, fx_pack *pack) {
  aclError error = pack->failed ? ACL_ERROR_BAD_ALLOC : fx_submit(s, meta, pack->data, pack->bytes);
  fx_pack_end(pack);
  return error;
}

#endif
