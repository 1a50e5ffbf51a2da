/* Ranges of addresses that clients reserve; see executor/mappings.c. */
#ifndef FX_EXECUTOR_MAPPINGS_H
#define FX_EXECUTOR_MAPPINGS_H

#include "executor/executor.h"

/* Takes a client's mappings and ranges back: its work is over. */
void fxd_mappings_end(fxd_client *c);

#endif
