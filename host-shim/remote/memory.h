/*
 * What the process holds of device memory, by address: so that a copy of kind ACL_MEMCPY_DEFAULT knows its direction, and
 * an asynchronous function says at once that an address is wrong. The daemon trusts none of it and checks by itself.
 */
#ifndef FX_REMOTE_MEMORY_H
#define FX_REMOTE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Whether all of the bytes are memory that the daemon gave us. */
bool fx_device_memory_holds(const void *address, size_t bytes);

#endif
