/* What the forms of copies share: where each side lies, and pieces in the data area. */
#ifndef FX_REMOTE_COPY_H
#define FX_REMOTE_COPY_H

#include <stdbool.h>
#include <stddef.h>

#include "acl/acl.h"

/* One side of a copy: so many bytes there. */
typedef struct fx_side {
  const void *address;
  size_t bytes;
} fx_side;

/*
 * The direction of a copy. AscendCL takes it from the addresses and not from the kind; so it is here, except that what the
 * kind calls device memory and this process could not touch stays that: the daemon says that it is none.
 */
aclrtMemcpyKind fx_copy_direction(fx_side to, fx_side from, aclrtMemcpyKind kind);

/* Whether the host's side of it is memory that the daemon does not see. */
bool fx_copy_is_pageable(fx_side to, fx_side from, aclrtMemcpyKind direction);

/* An error, kept, where the device's side is not all memory that we hold. */
aclError fx_copy_check(fx_side to, fx_side from, aclrtMemcpyKind direction);

#endif
