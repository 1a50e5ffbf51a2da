/*
 * Where a call of the runtime (rt*) comes from. AscendCL calls the runtime by the same names as everybody else; a call of
 * its own belongs to one of AscendCL that was seen.
 */
#ifndef FX_ORIGIN_H
#define FX_ORIGIN_H

#include <stdbool.h>

#include "boot/counters.h"

/* Whether the code at the address is AscendCL's, the runtime's or FlexNPU's. */
bool fx_called_from_below(const void *address);

/* The same for the caller of the function that asks. */
#define FX_FROM_BELOW() FX_UNLIKELY(fx_called_from_below(__builtin_return_address(0)))

#endif
