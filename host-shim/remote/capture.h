/* Captures, and what they forbid. */
#ifndef FX_REMOTE_CAPTURE_H
#define FX_REMOTE_CAPTURE_H

#include "acl/acl.h"

/* An error, kept, where the stream is being captured and `what` cannot be. */
aclError fx_capture_refuse(aclrtStream stream, aclError with, const char *what);

/* So many captures of the mode more; the thread's own. */
void fx_capture_count(aclmdlRICaptureMode mode, int by);

/* An error, kept, where a capture forbids the thread synchronous work (aclmdlRICaptureMode). */
aclError fx_capture_check(const char *what);

/* An error, kept, where it is no graph that was captured and lives. */
aclError fx_graph_check(aclmdlRI graph);

/* The daemon has ended the graph: who wants to hear of it does (remote/graph_ends.c). */
void fx_graph_ended(aclmdlRI graph);

#endif
