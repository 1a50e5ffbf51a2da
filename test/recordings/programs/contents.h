/* What the recorded programs copy to the device, and what they say of memory. */
#ifndef CONTENTS_H
#define CONTENTS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "acl/acl.h"

/* Bytes that differ from line to line. */
static inline void contents_make(char *to, size_t bytes, uint64_t line) {
  uint64_t word = line * 0x9e3779b97f4a7c15u;
  for (size_t at = 0; at < bytes; at += sizeof word, word = word * 0xd1342543de82ef95u + 1)
    memcpy(to + at, &word, bytes - at < sizeof word ? bytes - at : sizeof word);
}

/* The digest of memory, which is copied here first where it is the device's. */
static inline aclError contents_digest(const char *memory, size_t bytes, aclrtMemcpyKind kind, uint64_t *digest) {
  char *here = malloc(bytes);
  if (here == NULL) return ACL_ERROR_BAD_ALLOC;
  aclError error = ACL_SUCCESS;
  if (kind == ACL_MEMCPY_DEVICE_TO_HOST) error = aclrtMemcpy(here, bytes, memory, bytes, kind);
  else memcpy(here, memory, bytes);
  *digest = bytes;
  for (size_t at = 0; error == ACL_SUCCESS && at < bytes; at += 8) {
    uint64_t word = 0;
    memcpy(&word, here + at, bytes - at < 8 ? bytes - at : 8);
    *digest = (*digest ^ word) * 0x100000001b3u + 1;
  }
  free(here);
  return error;
}

#endif
