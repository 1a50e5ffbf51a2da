/*
 * How many cores the program may plan for. A limit is a hint for who plans the blocks of a kernel, which is done in the
 * client: what the process sets is the process's own, and stays here; what a stream has, the daemon's library keeps, too.
 */
#ifndef FX_REMOTE_LIMITS_H
#define FX_REMOTE_LIMITS_H

#include <stdatomic.h>
#include <stdint.h>

#include "acl/acl.h"

#define FX_LIMIT_TYPES 2

/* Of the process, by type, 0: none set. */
extern _Atomic uint32_t fx_limits[FX_LIMIT_TYPES];

/* Errors, kept, where it is no kind of core, or not the client's device. */
aclError fx_limit_check_type(aclrtDevResLimitType type);
aclError fx_limit_check_device(int32_t device);

/* What was set for the stream, 0 for nothing. */
uint32_t fx_limit_of(aclrtStream stream, aclrtDevResLimitType type);

#endif
