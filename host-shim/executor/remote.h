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
/* Both sides of a copy: so many bytes each. */
aclError fxd_copy_sides(fxd_ring *r, aclrtMemcpyKind kind, uint64_t to_bytes, void **to, uint64_t from_bytes, const void **from);
aclError fxd_copy_address(fxd_ring *r, aclrtMemcpyKind kind, uint64_t bytes, uint64_t room, void **to, const void **from);

/* What a task of random numbers reads and writes; an error where it is not all the client's. */
aclError fxd_random_address(fxd_client *c, const aclrtRandomNumTaskInfo *info);

/* Rows: addresses, and how far they are apart. */
typedef struct fxd_rows {
  void **to;
  uint64_t to_pitch;
  const void **from;
  uint64_t from_pitch;
} fxd_rows;

aclError fxd_rows_address(fxd_ring *r, aclrtMemcpyKind kind, uint64_t width, uint64_t height, const fxd_rows *rows);

/* Whether the description of a copy, or of a prefetch, is in the client's memory; what it says is the device's to read. */
aclError fxd_description(fxd_client *c, const void *description, aclrtMemcpyKind kind);
aclError fxd_prefetch(fxd_client *c, const void *description);

#endif
