/* Clients by number; see executor/clients.c. */
#ifndef FX_EXECUTOR_CLIENTS_H
#define FX_EXECUTOR_CLIENTS_H

#include "executor/executor.h"

fxd_client *fxd_client_of(uint32_t number);

/* ---- pins.c ---- */
/* A twin of the client is in a call; no memory that it may use goes until it ends. */
void fxd_work_begins(fxd_client *c);
void fxd_work_ends(fxd_client *c);
/* The address here of the client's pinned memory; NULL where it is none. */
void *fxd_pinned(fxd_client *c, uint64_t address, uint64_t bytes);
/* All of it goes; nothing of the client is in a call. */
void fxd_pins_end(fxd_client *c);

/* The longest time of the kind that a client has asked for. */
uint64_t fxd_longest_timeout(fxd_timeout kind);

#endif
