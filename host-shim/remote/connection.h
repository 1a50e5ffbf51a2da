/*
 * The connection to the daemon: one a process, made at its first AscendCL call. It carries the few messages of
 * docs/daemon.md, each answered by one line, and its end is the daemon's end: from then on every call fails at once.
 */
#ifndef FX_REMOTE_CONNECTION_H
#define FX_REMOTE_CONNECTION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "acl/acl.h"
#include "remote/json.h"

/* Set once the daemon is gone; never taken back. */
extern _Atomic bool fx_connection_lost;

/* Connects at the first call; the error that every AscendCL call gets where there is no daemon (kept for the thread). */
aclError fx_connection_open(void);

/* Sends a line (with its end) and reads the answer. An error is kept for the thread: the refusal, or a lost daemon. */
aclError fx_connection_request(const char *line, fx_json *reply);

/* Looks whether the daemon has closed the connection; false from then on. */
bool fx_connection_alive(void);

/* The daemon has said that it answers no more. */
void fx_connection_lose(void);

/* The error of a call after the daemon was lost, kept for the thread. */
aclError fx_connection_error(void);

/*
 * Makes a file in shared memory that is this process's own, of that size, mapped; its first `allocated` bytes are there.
 * NULL, and an error kept, where there is no room. The open file goes to `kept`, if that is not NULL.
 */
void *fx_connection_share(uint64_t bytes, uint64_t allocated, char *path, size_t path_room, int *kept, aclError *error);

/* Wakes the daemon if it sleeps. Either the daemon sees what was published before, or we see it asleep. */
void fx_connection_ring_bell(void);

/* Whether publishing has to be sequentially consistent for that. */
extern bool fx_connection_fences;

/* What the daemon said when it welcomed us; 0 and "" before. */
uint32_t fx_connection_device_count(void);
const char *fx_connection_soc(void);

#endif
