/*
 * Graphs: operators that were captured or built, in order, to be run on a stream again and again. A run stands at a node
 * of the graph or, where a node led there, of a branch, which is a graph itself.
 */
#ifndef NPU_SIM_GRAPH_H
#define NPU_SIM_GRAPH_H

#include "sim.h"

/*
 * CAPTURING until the capture ends; OPEN while it is built, or a branch that nothing was captured into yet; then READY,
 * or INVALIDATED: ended, or what was captured is no graph.
 */
typedef enum { SIM_GRAPH_CAPTURING, SIM_GRAPH_INVALIDATED, SIM_GRAPH_READY, SIM_GRAPH_OPEN } sim_graph_state;

struct sim_graph {
  sim_slot slot;
  sim_graph_state state;
  uint32_t references;       /* the handle, queued runs, captured events */
  uint32_t runs;             /* that are queued and not over */
  aclmdlRICaptureMode mode;
  pthread_t thread;          /* that began the capture */
  sim_device *device;
  sim_stream *origin;
  sim_task **nodes;
  uint32_t node_count, node_room;
  char *name;                /* aclmdlRISetName, or NULL */
  struct sim_task_group *groups; /* tasks that can be updated */
  struct sim_graph_task *tasks; /* one a node, once somebody asked for them, graph_tasks.c */
  struct sim_graph_listener *listeners; /* who hears of its end */
  uint32_t timed_count;      /* nodes that take time */
  bool branches;             /* which of them run is known only then */
  /* A branch, graph_branch.c: */
  bool branch;
  sim_graph *parent;         /* whose node `parent_node` leads here; NULL: none (any more) */
  uint32_t parent_node;
  bool repeats;              /* behind its end, that node again; else the one behind it */
  /* Of those with branches: */
  sim_graph *first_branch, *next_branch; /* of a parent, in the order of their nodes */
  struct sim_condition *conditions;
  /* Built of streams, graph_build.c: */
  bool built;
  bool ends;                 /* aclmdlRIEndTask was called */
  struct sim_bound *bound;
  struct sim_outside *outside; /* nodes about events outside, graph_outside.c */
  uint32_t outside_count;
};

/* ---- graph.c ---- */

/* Adds a task to the stream's capture. Takes the task in any case. Engine lock held. */
aclError sim_graph_capture_task(sim_stream *stream, sim_task *task);
aclError sim_graph_capture_record(sim_stream *stream, sim_event *event);
/* `*captured` says whether the wait belongs to a capture; if not, it is an ordinary one. */
aclError sim_graph_capture_wait(sim_stream *stream, sim_event *event, bool *captured);
bool sim_event_capturing(const sim_event *event);
void sim_event_leave_capture(sim_event *event);
void sim_graph_release(sim_graph *graph);
/* The live graph of a handle that was captured to its end, or NULL with `*error`. */
sim_graph *sim_graph_of(aclmdlRI handle, aclError *error);

void sim_graph_leave(sim_stream *stream);
/* 107030 where a capture of the calling thread, or a global one of any thread, forbids synchronous copies. */
aclError sim_graph_check_synchronous(const char *what);
/* A new graph that `references` of others hold, or NULL with `*error`. */
sim_graph *sim_graph_create(sim_device *device, sim_graph_state state, uint32_t references, aclError *error);
/* Whether graphs hold tasks of its kind: those about events only order others, and their order is kept already. */
bool sim_graph_holds(const sim_task *task);
/* Appends a task that is not to run now; takes it in any case. */
aclError sim_graph_append(sim_graph *graph, sim_task *task);

/* The graph, or branch, and its node at which the run at the stream's head stands. */
static inline const sim_graph *sim_graph_here(const sim_stream *stream) {
  return stream->graph_at != NULL ? stream->graph_at : stream->head->u.graph;
}
/* What stands for the node in that run. */
const sim_task *sim_outside_operator(const sim_task *run, const sim_task *node);
static inline const sim_task *sim_graph_operator(const sim_task *run, const sim_task *node) {
  return node->kind == SIM_TASK_OUTSIDE ? sim_outside_operator(run, node) : node;
}
static inline const sim_task *sim_graph_node(const sim_stream *stream) {
  return sim_graph_operator(stream->head, sim_graph_here(stream)->nodes[stream->graph_node]);
}

/* ---- graph_tasks.c ---- */

void sim_graph_tasks_free(sim_graph *graph);
/* Who is to hear of the graph's end, which is told without the lock. */
struct sim_graph_listener *sim_graph_take_listeners(sim_graph *graph);
void sim_graph_tell(struct sim_graph_listener *first);

/* ---- graph_branch.c ---- */

/* A run is at the end of its graph or branch: whether it goes on elsewhere. */
bool sim_branch_return(sim_stream *stream);
/* Whether every branch was captured to its end. */
bool sim_branches_ready(const sim_graph *graph);
void sim_branches_free(sim_graph *graph);
/* The device's memory goes. */
void sim_branches_forget(const sim_device *device);

/* ---- graph_outside.c ---- */

/* A record of the event (else a wait for it) becomes a node of the graph that the stream captures. Lock not held. */
aclError sim_outside_capture(aclrtEvent event, aclrtStream stream, bool records);
/* An event is used in this way now: 107000 where it was used in another before. */
aclError sim_event_use(sim_event_use_kind *before, sim_event_use_kind now);
/* Readies the task of a run: its records are the events' latest from here on. */
aclError sim_outside_prepare(sim_task *run);
void sim_outside_give(sim_task *run);
/* What is queued on the stream will not run: who waits for records of its graphs goes on. */
void sim_outside_drop(const sim_stream *stream);
/* The event ends. */
void sim_outside_forget(sim_event *event);
void sim_outside_free(sim_graph *graph);
/* The event of such a node, NULL where it has ended, and the flags that it was created with. */
aclrtEvent sim_outside_event(const sim_graph *graph, uint32_t node, uint32_t *flags);

/* The group that the node is replaced with, or NULL; graph_update.c. */
aclrtTaskGrp sim_group_of(const sim_graph *graph, uint32_t node);

/* ---- graph_build.c ---- */

/* The same for a graph built of streams: whether another of them is to run. */
bool sim_build_return(sim_stream *stream);
/* Readies the task of a run. */
aclError sim_build_prepare(sim_task *task);
void sim_build_free(sim_graph *graph);
/* Makes a stream persistent. */
aclError sim_build_open(sim_stream *stream);
/* What is issued on such a stream is kept; takes the task in any case. */
aclError sim_build_keep(sim_stream *stream, sim_task *task);
/* Whether a graph binds what the stream keeps. */
bool sim_build_bound(const sim_stream *stream);
/* The stream ends. */
void sim_build_leave(sim_stream *stream);

#endif
