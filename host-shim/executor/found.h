/* Reports to the daemon; see executor/found.c. */
#ifndef FX_EXECUTOR_FOUND_H
#define FX_EXECUTOR_FOUND_H

#include "executor/executor.h"

/* Reports that still fit: markers are looked at only while there is room for what they say. */
uint32_t fxd_found_room(void);
/* Puts everything where the daemon reads it. */
void fxd_found_show(void);

#endif
