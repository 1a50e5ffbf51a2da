/* Graphs of a client, and what belongs to one: its conditions, and the graphs of their branches. */
#ifndef FX_EXECUTOR_GRAPHS_H
#define FX_EXECUTOR_GRAPHS_H

#include "executor/executor.h"

/* The handle of a graph; 0 where there is no room for one. */
uint64_t fxd_graph_handle(const fxd_client *client, aclmdlRI graph);

/* The graph has ended: so have its parts. Handles of them, and what the client may name of theirs. */
void fxd_graph_parts_end(fxd_client *c, uint64_t graph);

/* The client has gone. Before its graphs are ended: what is a part of one is not ended by itself. */
void fxd_parts_forget(fxd_client *c);

#endif
