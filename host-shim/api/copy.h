/* Which copies may be queued, and the kinds of copies of the runtime below. */
#ifndef FX_COPY_H
#define FX_COPY_H

#include "real_table.h"

/*
 * Whether AscendCL would return from this copy before it is done: both sides are there, and host memory among them is
 * pinned. The sizes are those of the memory that the copy touches.
 */
bool fx_copy_queues(const void *dst, size_t dst_bytes, const void *src, size_t src_bytes, aclrtMemcpyKind kind);

/* The runtime's kind of a copy, as AscendCL counts them. */
static inline aclrtMemcpyKind fx_rt_copy_kind(rtMemcpyKind_t kind) {
  return kind <= RT_MEMCPY_DEVICE_TO_DEVICE ? (aclrtMemcpyKind)kind : ACL_MEMCPY_DEFAULT;
}

#endif
