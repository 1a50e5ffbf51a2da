/*
 * Errors as a thread sees them in daemon mode: its last code until it asks for it, and the text of its last answer until
 * it is fetched, as AscendCL keeps them.
 */
#ifndef FX_REMOTE_ERROR_H
#define FX_REMOTE_ERROR_H

#include <stddef.h>

#include "acl/acl.h"

/* Keeps the error and its text for the thread; returns the error. */
__attribute__((format(printf, 2, 3))) aclError fx_remote_fail(aclError error, const char *format, ...);

/* The same for an answer of the daemon; an empty text gets a plain sentence. */
aclError fx_remote_answered(aclError error, const char *text, size_t bytes);

/* What has to be given is NULL. */
aclError fx_remote_no_pointer(void);

/* What was passed is no handle of that kind, or none of ours. */
aclError fx_remote_no_handle(const void *handle, const char *kind);

#endif
