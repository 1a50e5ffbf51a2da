/*
 * Virtual handles (spec/ring.ts): a tag, a kind, a generation and an index, so that what is none of ours is seen without
 * asking the daemon. Whether one is still alive only the daemon knows.
 */
#ifndef FX_REMOTE_HANDLES_H
#define FX_REMOTE_HANDLES_H

#include <stdbool.h>
#include <stdint.h>

#include "remote/error.h"
#include "records.h"
#include "ring_layout.h"

/* Whether it looks like a handle of the kind (FLEXNPU_HANDLE_*). */
static inline bool fx_handle_is(const void *handle, uint32_t kind) {
  uint64_t top = (uint64_t)(uintptr_t)handle >> (FLEXNPU_HANDLE_INDEX_BITS + FLEXNPU_HANDLE_GENERATION_BITS);
  return top == ((uint64_t)FLEXNPU_HANDLE_TAG << 8 | kind);
}

static inline uint32_t fx_handle_index(const void *handle) {
  return (uint32_t)(uintptr_t)handle & ((1u << FLEXNPU_HANDLE_INDEX_BITS) - 1);
}

/* The core's number of a stream or an event: the index of its handle; NONE for what is no handle. */
static inline uint32_t fx_handle_number(const void *handle) {
  if (!fx_handle_is(handle, FLEXNPU_HANDLE_STREAM) && !fx_handle_is(handle, FLEXNPU_HANDLE_EVENT) &&
      !fx_handle_is(handle, FLEXNPU_HANDLE_NOTIFY) && !fx_handle_is(handle, FLEXNPU_HANDLE_CNT_NOTIFY))
    return FLEXNPU_NONE;
  return fx_handle_index(handle);
}

#endif
