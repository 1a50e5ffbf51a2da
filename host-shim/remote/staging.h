/*
 * Host data of asynchronous copies in the upper half of a ring's data area. What was put there stays until the streams
 * that read it have come to it: when the room is used up, the thread waits for them, as AscendCL waits at every copy with
 * pageable memory.
 */
#ifndef FX_REMOTE_STAGING_H
#define FX_REMOTE_STAGING_H

#include <stddef.h>
#include <stdint.h>

#include "acl/acl.h"
#include "remote/ring.h"

/* The most that one piece takes. */
#define FX_STAGING_BYTES (FLEXNPU_RING_DATA_BYTES / 2)

/* An address in the data area, as a copy names it. */
static inline void *fx_data_address(size_t offset) { return (void *)(uintptr_t)((uint64_t)FLEXNPU_DATA_TAG << 48 | offset); }

/* Room for a piece of a copy on the stream; where it is, and its offset in the data area. NULL and an error kept. */
uint8_t *fx_staging_take(fx_ring *r, size_t bytes, aclrtStream stream, size_t *offset, aclError *error);

/* Waits for all streams of this thread with data on its way. The first error of theirs. */
aclError fx_staging_settle(void);

/* The stream was synchronized: what only it had on its way is there. */
void fx_staging_synchronized(fx_ring *r, aclrtStream stream);

void fx_staging_free(struct fx_staging *staging);

#endif
