/*
 * Graphs that are built of streams. What is issued on a persistent stream is kept; a graph binds such streams, and a run
 * begins with its head streams. Others run where a stream activates them or jumps to them, as a value in device memory
 * says. Here the streams of a run run one after another, in the order in which they became active.
 */
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "graph.h"
#include "labels.h"
#include "machine.h"
#include "memory.h"

/* A stream of a graph. */
typedef struct sim_bound {
  struct sim_bound *next; /* in the order of binding */
  sim_graph *program;     /* what the stream keeps */
  bool head;
} sim_bound;

/* Where a run of such a graph is: goes with its task. */
typedef struct sim_tour {
  bool begun, over;
  uint32_t first, count, room; /* streams that are active and have not begun */
  sim_graph *programs[];
} sim_tour;

/* ---- persistent streams ---- */

aclError sim_build_keep(sim_stream *stream, sim_task *task) {
  if (sim_graph_holds(task)) return sim_graph_append(stream->kept, task);
  sim_task_give(task);
  return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "events and graphs on persistent streams are not simulated");
}

aclError sim_build_open(sim_stream *stream) {
  aclError error = ACL_SUCCESS;
  stream->kept = sim_graph_create(stream->device, SIM_GRAPH_OPEN, 1 /* the stream's */, &error);
  if (stream->kept != NULL) stream->kept->branches = true;
  return error;
}

void sim_build_leave(sim_stream *stream) {
  if (stream->kept == NULL) return;
  sim_graph_release(stream->kept);
  stream->kept = NULL;
}

static aclError not_persistent(const sim_stream *stream) {
  return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "stream %d is not persistent", stream->id);
}

/* The graph that binds what a persistent stream keeps, or NULL. */
static sim_graph *binding(const sim_graph *program) {
  for (uint32_t i = 0; program != NULL && i < sim_graphs.touched; i++) {
    sim_graph *graph = sim_slab_at(&sim_graphs, i);
    if (!graph->slot.live || graph->state == SIM_GRAPH_INVALIDATED) continue;
    for (const sim_bound *bound = graph->bound; bound != NULL; bound = bound->next)
      if (bound->program == program) return graph;
  }
  return NULL;
}

bool sim_build_bound(const sim_stream *stream) { return binding(stream->kept) != NULL; }

aclError sim_aclrtPersistentTaskClean(aclrtStream handle) {
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL && stream->kept == NULL) {
    error = not_persistent(stream);
  } else if (stream != NULL && binding(stream->kept) != NULL) {
    error = sim_fail(ACL_ERROR_RT_STREAM_MODEL, "stream %d is bound to a graph", stream->id);
  } else if (stream != NULL) {
    sim_graph *kept = stream->kept;
    error = sim_build_open(stream);
    if (error == ACL_SUCCESS) sim_graph_release(kept);
    else stream->kept = kept;
  }
  sim_engine_unlock();
  return error;
}

/* ---- building ---- */

aclError sim_aclmdlRIBuildBegin(aclmdlRI *handle, uint32_t flag) {
  if (flag != 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "flag %u: expected 0", flag);
  const sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  if (sim_shared != NULL) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "on a machine that processes share no graph is built");
  sim_engine_lock();
  aclError error = ACL_SUCCESS;
  sim_graph *graph = sim_graph_create(context->device, SIM_GRAPH_OPEN, 1 /* the handle's */, &error);
  if (graph != NULL) {
    graph->built = graph->branches = true;
    *handle = graph;
  }
  sim_engine_unlock();
  return error;
}

/* A graph that is being built, or was. */
static sim_graph *built_graph(aclmdlRI handle, bool building, aclError *error) {
  sim_graph *graph = sim_slab_find(&sim_graphs, handle);
  bool good = graph != NULL && graph->built && (graph->state == SIM_GRAPH_OPEN || (!building && graph->state == SIM_GRAPH_READY));
  if (!good) *error = sim_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is no graph that is %s of streams", handle, building ? "being built" : "built");
  return good ? graph : NULL;
}

static aclError bind(sim_graph *graph, const sim_stream *stream, bool head) {
  if (stream->kept == NULL) return not_persistent(stream);
  if (graph->device != stream->device) return sim_fail(ACL_ERROR_RT_MODEL_CONTEXT, "the graph is of device %u", graph->device->index);
  if (binding(stream->kept) != NULL) return sim_fail(ACL_ERROR_RT_STREAM_MODEL, "stream %d is bound to a graph already", stream->id);
  sim_bound *bound = malloc(sizeof *bound);
  if (bound == NULL) return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory to bind a stream");
  *bound = (sim_bound){.program = stream->kept, .head = head};
  bound->program->references++;
  sim_bound **end = &graph->bound;
  while (*end != NULL) end = &(*end)->next;
  *end = bound;
  return ACL_SUCCESS;
}

aclError sim_aclmdlRIBindStream(aclmdlRI handle, aclrtStream stream_handle, uint32_t flag) {
  if (flag != ACL_MODEL_STREAM_FLAG_HEAD && flag != ACL_MODEL_STREAM_FLAG_DEFAULT) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "flag %u is not known", flag);
  sim_engine_lock();
  aclError error;
  const sim_stream *stream = sim_stream_of(stream_handle, &error);
  sim_graph *graph = stream != NULL ? built_graph(handle, true, &error) : NULL;
  if (graph != NULL) error = bind(graph, stream, flag == ACL_MODEL_STREAM_FLAG_HEAD);
  sim_engine_unlock();
  return error;
}

static aclError unbind(sim_graph *graph, const sim_stream *stream) {
  if (graph->references > 1) return sim_fail(ACL_ERROR_RT_MODEL_RUNNING, "a run of the graph has not come to its end");
  for (sim_bound **link = &graph->bound; *link != NULL; link = &(*link)->next) {
    sim_bound *bound = *link;
    if (bound->program != stream->kept) continue;
    *link = bound->next;
    sim_graph_release(bound->program);
    free(bound);
    return ACL_SUCCESS;
  }
  return sim_fail(ACL_ERROR_RT_STREAM_MODEL, "stream %d is not bound to the graph", stream->id);
}

aclError sim_aclmdlRIUnbindStream(aclmdlRI handle, aclrtStream stream_handle) {
  sim_engine_lock();
  aclError error;
  const sim_stream *stream = sim_stream_of(stream_handle, &error);
  sim_graph *graph = stream != NULL ? built_graph(handle, false, &error) : NULL;
  if (graph != NULL) error = unbind(graph, stream);
  sim_engine_unlock();
  return error;
}

aclError sim_aclmdlRIBuildEnd(aclmdlRI handle, void *reserved) {
  if (reserved != NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the reserved argument is to be NULL");
  sim_engine_lock();
  aclError error = ACL_SUCCESS;
  sim_graph *graph = built_graph(handle, true, &error);
  if (graph != NULL && !graph->ends) error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "no stream of the graph has its end (aclmdlRIEndTask)");
  else if (graph != NULL) graph->state = SIM_GRAPH_READY;
  sim_engine_unlock();
  return error;
}

void sim_build_free(sim_graph *graph) {
  while (graph->bound != NULL) {
    sim_bound *bound = graph->bound;
    graph->bound = bound->next;
    sim_graph_release(bound->program);
    free(bound);
  }
}

/* ---- runs ---- */

static sim_tour *tour_of(const sim_stream *stream) { return stream->head->extra; }

static void activate(sim_stream *stream, sim_graph *program) {
  sim_tour *tour = tour_of(stream);
  if (tour->first + tour->count == tour->room) {
    uint32_t room = tour->room + tour->count + 8;
    sim_tour *larger = realloc(tour, sizeof *tour + room * sizeof *tour->programs);
    if (larger == NULL) {
      sim_stream_fail(stream, ACL_ERROR_RT_MEMORY_ALLOCATION);
      return;
    }
    larger->room = room;
    stream->head->extra = tour = larger;
  }
  tour->programs[tour->first + tour->count++] = program;
}

aclError sim_build_prepare(sim_task *task) {
  task->extra = calloc(1, sizeof(sim_tour));
  return task->extra != NULL ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a run of a graph");
}

bool sim_build_return(sim_stream *stream) {
  const sim_graph *graph = stream->head->u.graph;
  if (!graph->built) return false;
  if (!tour_of(stream)->begun) {
    tour_of(stream)->begun = true;
    for (const sim_bound *bound = graph->bound; bound != NULL; bound = bound->next)
      if (bound->head) activate(stream, bound->program);
  }
  sim_tour *tour = tour_of(stream);
  if (tour->over || tour->count == 0) return false;
  stream->graph_at = tour->programs[tour->first++];
  stream->graph_node = 0;
  if (--tour->count == 0) tour->first = 0;
  return true;
}

/* ---- what streams of a graph do to one another ---- */

/* Goes with the task. */
typedef struct sim_switch {
  const void *left, *right;
  aclrtCondition condition;
  bool wide;
  sim_graph *program;
  /* to a label: */
  uint32_t count;
  sim_label *labels[];
} sim_switch;

/* A node of the stream's that says where the run goes on; `room`: labels that it names. */
static sim_task *branch_task(void (*go)(sim_stream *stream, const sim_task *task), uint32_t room) {
  sim_task *task = sim_task_take(SIM_TASK_BRANCH);
  sim_switch *to = calloc(1, sizeof *to + room * sizeof *to->labels);
  if (task != NULL) task->extra = to;
  if (task == NULL || to == NULL) {
    if (task != NULL) sim_task_give(task);
    else free(to);
    sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a task");
    return NULL;
  }
  task->u.branch.go = go;
  task->u.branch.argument = to;
  return task;
}

/* The stream of a handle, if it is bound to a graph that is being built. */
static sim_stream *bound_stream(aclrtStream handle, sim_graph **graph, aclError *error) {
  sim_stream *stream = sim_stream_of(handle, error);
  if (stream == NULL) return NULL;
  *graph = binding(stream->kept);
  if (*graph != NULL) return stream;
  *error = sim_fail(ACL_ERROR_RT_STREAM_MODEL, "stream %d is not bound to a graph", stream->id);
  return NULL;
}

static void end_run(sim_stream *stream, const sim_task *task) {
  (void)task;
  tour_of(stream)->over = true;
  stream->graph_node = sim_graph_here(stream)->node_count;
}

aclError sim_aclmdlRIEndTask(aclmdlRI handle, aclrtStream stream_handle) {
  sim_engine_lock();
  aclError error;
  sim_graph *bound_to = NULL;
  sim_stream *stream = bound_stream(stream_handle, &bound_to, &error);
  sim_graph *graph = stream != NULL ? built_graph(handle, true, &error) : NULL;
  if (graph != NULL && graph != bound_to) {
    error = sim_fail(ACL_ERROR_RT_STREAM_MODEL, "stream %d is not bound to the graph", stream->id);
  } else if (graph != NULL) {
    sim_task *task = branch_task(end_run, 0);
    error = task != NULL ? sim_build_keep(stream, task) : ACL_ERROR_RT_MEMORY_ALLOCATION;
    if (error == ACL_SUCCESS) graph->ends = true;
  }
  sim_engine_unlock();
  return error;
}

static void go_active(sim_stream *stream, const sim_task *task) {
  activate(stream, ((const sim_switch *)task->u.branch.argument)->program);
  stream->graph_node++;
}

/* Two streams of one graph: what `other` keeps, and the task that leads there. */
static aclError lead_to(aclrtStream other_handle, aclrtStream handle, sim_task *task) {
  aclError error;
  sim_graph *graph = NULL, *other_graph = NULL;
  sim_stream *stream = bound_stream(handle, &graph, &error);
  const sim_stream *other = stream != NULL ? bound_stream(other_handle, &other_graph, &error) : NULL;
  if (other != NULL && graph == other_graph) {
    ((sim_switch *)task->u.branch.argument)->program = other->kept;
    return sim_build_keep(stream, task);
  }
  sim_task_give(task);
  return other == NULL ? error : sim_fail(ACL_ERROR_RT_STREAM_MODEL, "streams %d and %d are of two graphs", stream->id, other->id);
}

aclError sim_aclrtActiveStream(aclrtStream active, aclrtStream handle) {
  sim_engine_lock();
  sim_task *task = branch_task(go_active, 0);
  aclError error = task != NULL ? lead_to(active, handle, task) : ACL_ERROR_RT_MEMORY_ALLOCATION;
  sim_engine_unlock();
  return error;
}

static bool compares(const sim_switch *s) {
  int64_t left, right;
  if (s->wide) {
    memcpy(&left, s->left, sizeof left);
    memcpy(&right, s->right, sizeof right);
  } else {
    int32_t narrow;
    memcpy(&narrow, s->left, sizeof narrow);
    left = narrow;
    memcpy(&narrow, s->right, sizeof narrow);
    right = narrow;
  }
  switch (s->condition) {
    case ACL_RT_EQUAL:
      return left == right;
    case ACL_RT_NOT_EQUAL:
      return left != right;
    case ACL_RT_GREATER:
      return left > right;
    case ACL_RT_GREATER_OR_EQUAL:
      return left >= right;
    case ACL_RT_LESS:
      return left < right;
    default:
      return left <= right;
  }
}

static void go_switch(sim_stream *stream, const sim_task *task) {
  const sim_switch *to = task->u.branch.argument;
  if (!compares(to)) {
    stream->graph_node++;
    return;
  }
  stream->graph_at = to->program;
  stream->graph_node = 0;
}

aclError sim_aclrtSwitchStream(void *left, aclrtCondition condition, void *right, aclrtCompareDataType type, aclrtStream true_stream,
                               aclrtStream false_stream, aclrtStream handle) {
  if ((int)condition < ACL_RT_EQUAL || (int)condition > ACL_RT_LESS_OR_EQUAL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "condition %d is not known", (int)condition);
  if (type != ACL_RT_SWITCH_INT32 && type != ACL_RT_SWITCH_INT64) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "type of values %d is not known", (int)type);
  if (false_stream != NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the stream for where it does not hold is reserved, and to be NULL");
  size_t bytes = type == ACL_RT_SWITCH_INT64 ? sizeof(int64_t) : sizeof(int32_t);
  if (sim_memory_place(left, bytes) != SIM_PLACE_DEVICE || sim_memory_place(right, bytes) != SIM_PLACE_DEVICE) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the values are not in device memory");
  }
  sim_engine_lock();
  sim_task *task = branch_task(go_switch, 0);
  aclError error = ACL_ERROR_RT_MEMORY_ALLOCATION;
  if (task != NULL) {
    sim_switch *to = task->u.branch.argument;
    to->left = left;
    to->right = right;
    to->condition = condition;
    to->wide = type == ACL_RT_SWITCH_INT64;
    task->u.branch.takes_time = true;
    error = lead_to(true_stream, handle, task);
  }
  sim_engine_unlock();
  return error;
}

/* ---- labels ---- */

aclError sim_aclrtSetLabel(aclrtLabel label_handle, aclrtStream handle) {
  sim_engine_lock();
  aclError error;
  sim_graph *graph = NULL;
  const sim_stream *stream = bound_stream(handle, &graph, &error);
  sim_label *label = stream != NULL ? sim_label_of(label_handle, &error) : NULL;
  if (label != NULL && label->set) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the label is set already");
  } else if (label != NULL) {
    label->set = true;
    label->program = stream->kept;
    label->program->references++;
    label->node = stream->kept->node_count;
  }
  sim_engine_unlock();
  return error;
}

static void go_label(sim_stream *stream, const sim_task *task) {
  const sim_switch *to = task->u.branch.argument;
  uint32_t index;
  memcpy(&index, to->left, sizeof index);
  const sim_label *label = to->labels[index < to->count ? index : to->count - 1];
  const sim_graph *graph = stream->head->u.graph;
  if (!label->set || binding(label->program) != graph) {
    sim_stream_fail(stream, ACL_ERROR_RT_LABEL_CONTEXT);
    tour_of(stream)->over = true;
    stream->graph_node = sim_graph_here(stream)->node_count;
    return;
  }
  stream->graph_at = label->program;
  stream->graph_node = label->node;
}

aclError sim_aclrtSwitchLabelByIndex(void *index, uint32_t count, aclrtLabelList list_handle, aclrtStream handle) {
  if (sim_memory_place(index, sizeof(uint32_t)) != SIM_PLACE_DEVICE) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the index is not in device memory");
  sim_engine_lock();
  aclError error;
  sim_graph *graph = NULL;
  sim_stream *stream = bound_stream(handle, &graph, &error);
  const sim_label_list *list = stream != NULL ? sim_label_list_of(list_handle, &error) : NULL;
  if (list != NULL && (count == 0 || count > list->count)) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%u labels of a list of %u", count, list->count);
  } else if (list != NULL) {
    sim_task *task = branch_task(go_label, count);
    if (task == NULL) {
      error = ACL_ERROR_RT_MEMORY_ALLOCATION;
    } else {
      sim_switch *to = task->u.branch.argument;
      to->left = index;
      to->count = count;
      for (uint32_t i = 0; i < count; i++) to->labels[i] = list->labels[i];
      task->u.branch.takes_time = true;
      error = sim_build_keep(stream, task);
    }
  }
  sim_engine_unlock();
  return error;
}
