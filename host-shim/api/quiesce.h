/*
 * Calls that may end a context, a device or AscendCL itself: before, everything comes to rest; after, FlexNPU forgets
 * the streams that are gone. Devices and AscendCL count references, so only the real library knows which those are.
 */
#ifndef FX_QUIESCE_H
#define FX_QUIESCE_H

#include "engine/device.h"

/* Before the call: hands over what is queued on the device (NULL: on all), waits for our markers, gives their events back. */
void fx_ending_begin(fx_device *d);

/* After the call: forgets the streams of the device (NULL: of all) whose context is gone. */
void fx_ending_end(fx_device *d);

#endif
