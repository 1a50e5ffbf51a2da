/* Ranges of addresses that clients reserve, and physical memory; see executor/mappings.c. */
#ifndef FX_EXECUTOR_MAPPINGS_H
#define FX_EXECUTOR_MAPPINGS_H

#include "executor/executor.h"

/* Takes a client's mappings and ranges back: its work is over. */
void fxd_mappings_end(fxd_client *c);

/*
 * The client holds physical memory, once more; `bytes` of it count for its tenant. False where there is no host memory to
 * remember it.
 */
bool fxd_physical_keep(fxd_client *c, aclrtDrvMemHandle physical, uint64_t bytes);
/* Once less, of memory that does not count for it. */
void fxd_physical_forget(fxd_client *c, aclrtDrvMemHandle physical);

#endif
