/* Groups of collectives. */
#ifndef FX_COLLECTIVE_H
#define FX_COLLECTIVE_H

#include <stdbool.h>

/* Whether the thread is between HcclGroupStart and HcclGroupEnd: then HCCL keeps its collectives until the end. */
bool fx_collective_grouped(void);

#endif
