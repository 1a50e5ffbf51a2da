/*
 * Streams: which of them live (remote/live.h), and the default stream of the thread's current context, for which the
 * daemon is asked once, and again after a device or a context has changed in any thread.
 */
#ifndef FX_REMOTE_STREAMS_H
#define FX_REMOTE_STREAMS_H

#include <stdbool.h>

#include "acl/acl.h"

/* Puts its handle in; an error is kept for the thread. */
aclError fx_default_stream(aclrtStream *stream);

/* Devices or contexts have changed: what threads know of default streams is asked anew. */
void fx_default_stream_forget(void);

/* A device or a context has ended, and streams with it: the next operator on a stream asks whether it still lives. */
void fx_streams_doubt(void);

/* Whether the thread has a current context; ACL_ERROR_RT_CONTEXT_NULL, kept, where it has none. */
aclError fx_context_check(void);

/* The stream of an asynchronous function, NULL resolved; an error, kept, where it is none that lives. */
aclError fx_stream_resolve(aclrtStream *stream);

#endif
