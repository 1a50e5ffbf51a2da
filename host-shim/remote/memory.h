/*
 * What the process holds of device memory, by address: so that a copy of kind ACL_MEMCPY_DEFAULT knows its direction.
 * The daemon checks addresses itself; this is only to name the direction.
 */
#ifndef FX_REMOTE_MEMORY_H
#define FX_REMOTE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Whether all of the bytes are memory that the daemon gave us. */
bool fx_device_memory_holds(const void *address, size_t bytes);

#endif
