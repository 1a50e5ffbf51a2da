/* What the parts that serve calls give one another. */
#ifndef FX_EXECUTOR_SERVE_H
#define FX_EXECUTOR_SERVE_H

#include "executor/executor.h"

/* Answers the call in a place with an error or words; reads the call's number out of its record. */
void fxd_answer(uint32_t place, aclError error, const uint32_t *words, uint32_t count);

/* Captures that are going on; the loop's thread's. */
extern int fxd_captures;
void fxd_captures_change(fxd_client *client, int by);

/* What is handed over to the stream from here on does not run (it replaces operators of a graph, or is kept for one), or does. */
void fxd_stream_set_aside(uint32_t number, bool aside);

/* Before the call that ends a context, on the loop's thread. */
void fxd_context_leave(fxd_call *c);
/* The real call; no thread takes the context for entered any more. */
aclError fxd_context_destroy(aclrtContext context);

/* Ends a stream that is in the context; whether it was the client's. */
bool fxd_stream_end_in(uint32_t number, aclrtContext context, uint32_t client);
bool fxd_handle_end_stream(uint32_t number, uint32_t client);
void fxd_markers_forget(aclrtContext context);
aclrtContext fxd_stream_context(uint32_t number);

#endif
