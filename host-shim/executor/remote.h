/* What the generated part of serving calls uses besides executor.h. */
#ifndef FX_EXECUTOR_REMOTE_H
#define FX_EXECUTOR_REMOTE_H

#include <string.h>

#include "executor/executor.h"

/* The next argument, not taken yet. */
static inline uint64_t fxd_peek(const fxd_call *c) {
  uint64_t word = 0;
  if (c->end - c->at >= 8) memcpy(&word, c->at, sizeof word);
  return word;
}

static inline uint64_t fxd_float_word(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* Puts the daemon's address in place of the client's host memory; the direction says which side that is. */
aclError fxd_copy_address(fxd_ring *r, aclrtMemcpyKind kind, uint64_t bytes, uint64_t room, void **to, const void **from);

#endif
