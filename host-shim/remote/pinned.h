/*
 * Pinned host memory is a file that the daemon maps too: copies with it need no staging. Kernel binaries travel in one.
 */
#ifndef FX_REMOTE_PINNED_H
#define FX_REMOTE_PINNED_H

#include <stdbool.h>
#include <stddef.h>

#include "acl/acl.h"

#define FX_PINNED_PAGE_BYTES 4096u

/* Memory that the daemon maps; NULL and an error kept. */
void *fx_pinned_take(size_t bytes, aclError *error);

/* Gives it back; an error, kept, where it is none of ours. */
aclError fx_pinned_give(void *address);

/*
 * Makes pages that the program has already memory that the daemon maps, with what is in them; nobody else may write there
 * meanwhile. And the end of that: they stay the program's.
 */
aclError fx_pinned_adopt(void *address, size_t bytes);
aclError fx_pinned_leave(void *address);

/* What aclrtMallocHost gave is gone, and with it what was registered of it (remote/registered.c). */
void fx_registered_forget(const void *address, size_t bytes);

/* Whether all of the bytes are pinned. */
bool fx_pinned_holds(const void *address, size_t bytes);

#endif
