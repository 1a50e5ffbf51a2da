/*
 * What the process holds of device memory, by address: so that a copy of kind ACL_MEMCPY_DEFAULT knows its direction, and
 * an asynchronous function says at once that an address is wrong. The daemon trusts none of it and checks by itself.
 */
#ifndef FX_REMOTE_MEMORY_H
#define FX_REMOTE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/acl.h"

/* Memory that came another way than by an allocation; false where there is no host memory to remember it. */
bool fx_device_memory_add(const void *address, size_t bytes);
void fx_device_memory_forget(const void *address);

/* Whether all of the bytes are memory that the daemon gave us. */
bool fx_device_memory_holds(const void *address, size_t bytes);

/* An error, kept, where it is not. */
aclError fx_device_memory_check(const void *address, size_t bytes);

/* The allocation, or range, that the address lies in; false where it is none of ours. */
bool fx_device_memory_find(const void *address, void **base, size_t *bytes);

/* What the process holds of allocated device memory, and the most that it ever did. */
void fx_device_memory_usage(uint64_t *now, uint64_t *peak);

#endif
