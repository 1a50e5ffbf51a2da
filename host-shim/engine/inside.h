/*
 * Whether a thread is inside of a call that calls AscendCL itself (a collective, a model, an operator by name). What such
 * a call issues is part of it: it is neither queued nor waited for, since the thread may be the one that empties the queue.
 */
#ifndef FX_INSIDE_H
#define FX_INSIDE_H

#include "boot/counters.h"

extern FX_TLS int fx_inside; /* how many such calls deep */
extern FX_TLS int fx_code;   /* code of the latest function with codes of its own (HCCL) that the thread ran */

#endif
