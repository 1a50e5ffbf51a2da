/*
 * Conditional tasks: nodes of a graph that lead to one of several branches, by a value in device memory that kernels and
 * copies write. Branches are graphs that belong to the one whose node leads to them.
 */
#include <stdlib.h>

#include "engine.h"
#include "graph.h"
#include "machine.h"
#include "memory.h"

typedef struct sim_condition {
  struct sim_condition *next; /* of the graph */
  uint64_t *value;            /* device memory; NULL once the device is gone */
  uint64_t initial;
} sim_condition;

/* What a conditional task decides by; goes with the task. */
typedef struct sim_choice {
  const sim_condition *condition;
  aclmdlRICondTaskType type;
  uint32_t count;
  sim_graph *branches[];
} sim_choice;

/* The condition of a handle, of any live graph. */
static sim_condition *condition_of(const void *handle, const sim_graph **of, aclError *error) {
  for (uint32_t i = 0; i < sim_graphs.touched; i++) {
    const sim_graph *graph = sim_slab_at(&sim_graphs, i);
    if (!graph->slot.live) continue;
    for (sim_condition *condition = graph->conditions; condition != NULL; condition = condition->next) {
      if (condition != handle) continue;
      *of = graph;
      return condition;
    }
  }
  *error = sim_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is no condition", handle);
  return NULL;
}

/* ---- conditions ---- */

static void assign(sim_stream *stream, const sim_task *task) {
  (void)stream;
  const sim_condition *condition = task->u.apply.argument;
  if (condition->value != NULL) *condition->value = condition->initial;
}

/* Where the run comes by here the condition begins anew: before anything captured that can know its address. */
static aclError assign_at_begin(sim_graph *graph, sim_condition *condition) {
  sim_task *task = sim_task_take(SIM_TASK_APPLY);
  if (task == NULL) return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a task");
  task->u.apply.function = assign;
  task->u.apply.argument = condition;
  return sim_graph_append(graph, task);
}

static aclError add_condition(sim_graph *graph, uint32_t initial, bool assigns, aclmdlRICondHandle *handle) {
  sim_condition *condition = calloc(1, sizeof *condition);
  if (condition == NULL) return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a condition");
  void *value = NULL;
  aclError error = sim_aclrtMalloc(&value, sizeof *condition->value, ACL_MEM_MALLOC_NORMAL_ONLY);
  if (error != ACL_SUCCESS) {
    free(condition);
    return error;
  }
  condition->value = value;
  condition->initial = initial;
  *condition->value = initial;
  condition->next = graph->conditions;
  graph->conditions = condition;
  *handle = condition;
  return assigns ? assign_at_begin(graph, condition) : ACL_SUCCESS;
}

aclError sim_aclmdlRICondHandleCreate(aclmdlRI handle, uint32_t initial, aclmdlRICondHandleFlag flag, aclmdlRICondHandle *condition) {
  if (flag != 0 && flag != ACL_MODEL_RI_COND_HANDLE_ASSIGN_DEFAULT) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "flag %d is not known", (int)flag);
  const sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  sim_engine_lock();
  aclError error;
  sim_graph *graph = sim_slab_find(&sim_graphs, handle);
  if (graph == NULL || graph->state != SIM_GRAPH_CAPTURING) {
    error = sim_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is no graph that is being captured", handle);
  } else if (graph->device != context->device) {
    error = sim_fail(ACL_ERROR_RT_MODEL_CONTEXT, "the graph is of device %u", graph->device->index);
  } else {
    error = add_condition(graph, initial, flag != 0, condition);
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclmdlRICondHandleGetCondPtr(aclmdlRICondHandle handle, uint64_t **pointer) {
  sim_engine_lock();
  aclError error = ACL_SUCCESS;
  const sim_graph *graph;
  const sim_condition *condition = condition_of(handle, &graph, &error);
  if (condition != NULL) *pointer = condition->value;
  sim_engine_unlock();
  return error;
}

/* ---- conditional tasks ---- */

static void choose(sim_stream *stream, const sim_task *task) {
  const sim_choice *choice = task->u.branch.argument;
  uint64_t value = choice->condition->value != NULL ? *choice->condition->value : 0;
  uint64_t branch = choice->type == ACL_MODEL_RI_COND_TYPE_SWITCH ? value : value != 0 ? 0 : choice->type == ACL_MODEL_RI_COND_TYPE_IF ? 1 : choice->count;
  if (branch >= choice->count) {
    stream->graph_node++;
    return;
  }
  stream->graph_at = choice->branches[branch];
  stream->graph_node = 0;
}

bool sim_branch_return(sim_stream *stream) {
  const sim_graph *here = sim_graph_here(stream);
  if (here->parent == NULL) return false;
  stream->graph_at = here->parent;
  stream->graph_node = here->parent_node + (here->repeats ? 0 : 1);
  return true;
}

static aclError check(aclmdlRICondTaskParams params, uint32_t flags) {
  if (flags != 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "flags %u: expected 0", flags);
  if (params.modelRIArray == NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "no place for the branches");
  uint32_t most = params.type == ACL_MODEL_RI_COND_TYPE_IF ? 2 : params.type == ACL_MODEL_RI_COND_TYPE_WHILE ? 1 : UINT32_MAX;
  if ((int)params.type < ACL_MODEL_RI_COND_TYPE_IF || (int)params.type > ACL_MODEL_RI_COND_TYPE_SWITCH) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "conditional task %d is not known", (int)params.type);
  }
  if (params.size == 0 || params.size > most) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%u branches: expected 1 to %u", params.size, most);
  if (sim_shared != NULL) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "on a machine that processes share no graph has branches");
  return ACL_SUCCESS;
}

/* A branch of the node that is appended next. */
static sim_graph *add_branch(sim_graph *graph, bool repeats, aclError *error) {
  sim_graph *branch = sim_graph_create(graph->device, SIM_GRAPH_OPEN, 1 /* the parent's */, error);
  if (branch == NULL) return NULL;
  branch->branch = true;
  branch->parent = graph;
  branch->parent_node = graph->node_count;
  branch->repeats = repeats;
  branch->branches = true;
  branch->next_branch = graph->first_branch;
  graph->first_branch = branch;
  return branch;
}

static aclError add_task(sim_stream *stream, const sim_condition *condition, aclmdlRICondTaskParams params) {
  sim_graph *graph = stream->capture;
  aclError error = ACL_SUCCESS;
  sim_task *task = sim_task_take(SIM_TASK_BRANCH);
  sim_choice *choice = malloc(sizeof *choice + params.size * sizeof *choice->branches);
  if (task != NULL) task->extra = choice;
  if (task == NULL || choice == NULL) {
    if (task != NULL) sim_task_give(task);
    else free(choice);
    return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a conditional task");
  }
  *choice = (sim_choice){.condition = condition, .type = params.type, .count = params.size};
  task->u.branch.go = choose;
  task->u.branch.argument = choice;
  task->u.branch.takes_time = true;
  for (uint32_t i = 0; i < params.size; i++) {
    choice->branches[i] = add_branch(graph, params.type == ACL_MODEL_RI_COND_TYPE_WHILE, &error);
    if (error != ACL_SUCCESS) {
      sim_task_give(task);
      return error;
    }
    params.modelRIArray[i] = choice->branches[i];
  }
  graph->branches = true;
  return sim_graph_capture_task(stream, task);
}

aclError sim_aclmdlRIAddCondTask(aclmdlRICondTaskParams params, aclrtStream handle, uint32_t flags) {
  aclError error = check(params, flags);
  if (error != ACL_SUCCESS) return error;
  sim_engine_lock();
  const sim_graph *graph;
  sim_stream *stream = sim_stream_of(handle, &error);
  const sim_condition *condition = stream != NULL ? condition_of(params.handle, &graph, &error) : NULL;
  if (stream != NULL && stream->capture == NULL) {
    error = sim_fail(ACL_ERROR_RT_STREAM_NOT_CAPTURED, "stream %d is not being captured", stream->id);
  } else if (condition != NULL && graph != stream->capture) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the condition is of another graph");
  } else if (condition != NULL) {
    error = add_task(stream, condition, params);
  }
  sim_engine_unlock();
  return error;
}

/* ---- ends ---- */

bool sim_branches_ready(const sim_graph *graph) {
  for (const sim_graph *branch = graph->first_branch; branch != NULL; branch = branch->next_branch) {
    if (branch->state != SIM_GRAPH_READY) return false;
  }
  return true;
}

void sim_branches_free(sim_graph *graph) {
  while (graph->first_branch != NULL) {
    sim_graph *branch = graph->first_branch;
    graph->first_branch = branch->next_branch;
    branch->parent = NULL;
    branch->state = SIM_GRAPH_INVALIDATED;
    sim_graph_release(branch);
  }
  while (graph->conditions != NULL) {
    sim_condition *condition = graph->conditions;
    graph->conditions = condition->next;
    if (condition->value != NULL) (void)sim_aclrtFree(condition->value);
    free(condition);
  }
}

void sim_branches_forget(const sim_device *device) {
  for (uint32_t i = 0; i < sim_graphs.touched; i++) {
    const sim_graph *graph = sim_slab_at(&sim_graphs, i);
    if (!graph->slot.live || graph->device != device) continue;
    for (sim_condition *condition = graph->conditions; condition != NULL; condition = condition->next) condition->value = NULL;
  }
}
