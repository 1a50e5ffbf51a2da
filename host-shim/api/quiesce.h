/* Bringing a device to rest before its context, or AscendCL itself, may end. */
#ifndef FX_QUIESCE_H
#define FX_QUIESCE_H

#include "engine/device.h"

/*
 * Hands over what is queued, waits for our markers, and gives their events back. Streams stay known: the context may
 * live on (devices and AscendCL count references).
 */
void fx_quiesce(fx_device *d);

/* The same for every device. */
void fx_quiesce_all(void);

#endif
