/*
 * Files of clients that are mapped here. A client that makes such a file shorter takes its pages away: who touches one
 * gets SIGBUS, wherever in the daemon that is. A page of zeros takes its place then, for the rest of the mapping's life,
 * and the client is reported, to be expelled. Everybody else's SIGBUS is handled as before.
 */
#ifndef FX_EXECUTOR_MAPPED_H
#define FX_EXECUTOR_MAPPED_H

#include <stdint.h>

/* Maps `bytes` of a file of the user's for a client; NULL and errno. */
uint8_t *fxd_map_file(const char *path, uint32_t uid, uint64_t bytes, uint32_t client);
void fxd_unmap_file(uint8_t *memory, uint64_t bytes);

/* Reports the clients whose files lost pages since. */
void fxd_mapped_report(void);

#endif
