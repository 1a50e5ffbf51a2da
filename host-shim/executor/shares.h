/*
 * Device memory that clients share by key. All of it is in the daemon's one address space, so an import is the same address
 * and another user of the block: what its exporter frees stays until the last importer closes it.
 */
#ifndef FX_EXECUTOR_SHARES_H
#define FX_EXECUTOR_SHARES_H

#include "executor/executor.h"

/* The keys of a client that goes: nobody imports them any more. On the loop's thread. */
void fxd_shares_end(uint32_t client);
/* What it has imported. */
void fxd_imports_end(fxd_client *c);

#endif
