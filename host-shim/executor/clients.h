/* Clients by number; see executor/clients.c. */
#ifndef FX_EXECUTOR_CLIENTS_H
#define FX_EXECUTOR_CLIENTS_H

#include "executor/executor.h"

fxd_client *fxd_client_of(uint32_t number);

/* Notes device memory of a client, and takes it out; its bytes, 0 where it is not the client's. */
bool fxd_block_add(fxd_client *c, void *address, uint64_t bytes);
uint64_t fxd_block_take(fxd_client *c, const void *address);

#endif
