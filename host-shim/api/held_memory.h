/* What every function that takes or gives memory does besides: asks the core, and notes what is whose. */
#ifndef FX_HELD_MEMORY_H
#define FX_HELD_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/device.h"

/* An answer of the core to a request for device memory. */
typedef struct fx_admission {
  fx_device *device; /* NULL: nobody to ask */
  size_t bytes;
  bool refused;
} fx_admission;

/* Asks for memory of the current device. */
fx_admission fx_memory_ask(size_t bytes);

/* After the real call: notes the memory, or tells the core that there is none after all. Returns the error. */
aclError fx_memory_took(const fx_admission *a, void *address, aclError error);

/* Tells the core that so much of a device's memory is free again. */
void fx_memory_returned(int32_t device, size_t bytes);

/* Whether all of it is device memory that was taken here and not given back. */
bool fx_device_memory_known(const void *start, size_t bytes);

/* Gives device memory back by the real call, after whatever is queued. */
aclError fx_memory_give(void *address, aclError (*real)(void *));

/* The same for pinned host memory, for which nobody is asked. */
void fx_host_memory_took(void *address, size_t bytes);
void fx_host_memory_registered(void *address, size_t bytes);
aclError fx_host_memory_give(void *address, aclError (*real)(void *));

#endif
