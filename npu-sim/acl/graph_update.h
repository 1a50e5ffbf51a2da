/* Groups of a graph's tasks that streams replace. Engine lock held, for all. */
#ifndef NPU_SIM_GRAPH_UPDATE_H
#define NPU_SIM_GRAPH_UPDATE_H

#include "sim.h"

/* The node that a stream captured last belongs to the group that it captures. */
aclError sim_group_note(sim_stream *stream, uint32_t node);
/* A task of a stream that replaces a group. Takes the task in any case. */
aclError sim_group_replace(sim_stream *stream, sim_task *task);
void sim_groups_free(sim_graph *graph);
/* The stream ends. */
void sim_group_leave(sim_stream *stream);

#endif
