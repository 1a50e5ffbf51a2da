/*
 * The default stream of the thread's current context: the daemon is asked once, and again after a device or a context has
 * changed in any thread.
 */
#ifndef FX_REMOTE_STREAMS_H
#define FX_REMOTE_STREAMS_H

#include <stdbool.h>

#include "acl/acl.h"

/* Puts its handle in; an error is kept for the thread. */
aclError fx_default_stream(aclrtStream *stream);

/* Devices or contexts have changed: what threads know of default streams is asked anew. */
void fx_default_stream_forget(void);

/* Resolves NULL and looks at the handle's kind, for an asynchronous function. */
aclError fx_stream_resolve(aclrtStream *stream);

#endif
