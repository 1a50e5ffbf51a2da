/*
 * The tasks of a captured graph one by one: what they are, other parameters for them, leaving them out; and functions that
 * hear of a graph's end. What is changed counts from aclmdlRIUpdate on.
 *
 * A graph is captured into one list, whatever streams it came from: that list is the graph's one stream here. Records and
 * waits within the capture only gave the list its order and are no tasks of it.
 */
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "graph.h"
#include "memory.h"

/* What a handle of a task stands for: a place in the graph. */
typedef struct sim_graph_task {
  uint32_t node;
  sim_task *next; /* what takes its place, NULL: nothing does */
} sim_graph_task;

typedef struct sim_graph_listener {
  struct sim_graph_listener *next;
  aclrtCallback function;
  void *data;
} sim_graph_listener;

void sim_graph_tasks_free(sim_graph *graph) {
  for (uint32_t i = 0; graph->tasks != NULL && i < graph->node_count; i++)
    if (graph->tasks[i].next != NULL) sim_task_give(graph->tasks[i].next);
  free(graph->tasks);
  while (graph->listeners != NULL) {
    sim_graph_listener *listener = graph->listeners;
    graph->listeners = listener->next;
    free(listener);
  }
}

static void nothing(sim_stream *stream, const sim_task *task) {
  (void)stream;
  (void)task;
}

/* ---- handles: a graph's stream is known by the address of its mode, a task by its entry ---- */

static sim_graph *captured(aclmdlRI handle, aclError *error) {
  sim_graph *graph = sim_graph_of(handle, error);
  if (graph == NULL || !graph->built) return graph;
  *error = sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "the tasks of graphs built of streams are not simulated");
  return NULL;
}

static bool has_stream(const sim_graph *graph, const void *handle) { return handle == (const void *)&graph->mode; }

static bool has_task(const sim_graph *graph, const void *handle) {
  uintptr_t at = (uintptr_t)handle, first = (uintptr_t)graph->tasks;
  return graph->tasks != NULL && at >= first && at < first + graph->node_count * sizeof *graph->tasks && (at - first) % sizeof *graph->tasks == 0;
}

static sim_graph *graph_with(bool (*has)(const sim_graph *graph, const void *handle), const void *handle) {
  for (uint32_t i = 0; i < sim_graphs.touched; i++) {
    sim_graph *graph = sim_slab_at(&sim_graphs, i);
    if (graph->slot.live && graph->state == SIM_GRAPH_READY && !graph->branch && !graph->built && has(graph, handle)) return graph;
  }
  return NULL;
}

static sim_graph *graph_of_task(const void *handle, aclError *error) {
  sim_graph *graph = graph_with(has_task, handle);
  *error = graph != NULL ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is no task of a graph", handle);
  return graph;
}

static aclError list_tasks(sim_graph *graph) {
  if (graph->tasks != NULL || graph->node_count == 0) return ACL_SUCCESS;
  graph->tasks = calloc(graph->node_count, sizeof *graph->tasks);
  if (graph->tasks == NULL) return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for the tasks of a graph");
  for (uint32_t i = 0; i < graph->node_count; i++) graph->tasks[i].node = i;
  return ACL_SUCCESS;
}

/* As many of them as there is room for, NULL in the places behind them. */
static aclError give(void **places, uint32_t *room, uint32_t count, void *first, size_t apart) {
  uint32_t given = *room < count ? *room : count;
  for (uint32_t i = 0; i < *room; i++) places[i] = i < given ? (char *)first + i * apart : NULL;
  *room = given;
  return given == count ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_INSUFFICIENT_INPUT_ARRAY, "there are %u of them, and room for %u", count, given);
}

aclError sim_aclmdlRIGetStreams(aclmdlRI handle, aclrtStream *streams, uint32_t *count) {
  sim_engine_lock();
  aclError error;
  sim_graph *graph = captured(handle, &error);
  if (graph != NULL && streams == NULL) *count = 1;
  else if (graph != NULL) error = give(streams, count, 1, &graph->mode, 0);
  sim_engine_unlock();
  return error;
}

aclError sim_aclmdlRIGetTasksByStream(aclrtStream stream, aclmdlRITask *tasks, uint32_t *count) {
  sim_engine_lock();
  sim_graph *graph = graph_with(has_stream, stream);
  aclError error = graph != NULL ? list_tasks(graph) : sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is no stream of a graph", stream);
  if (error == ACL_SUCCESS && tasks == NULL) *count = graph->node_count;
  else if (error == ACL_SUCCESS) error = give(tasks, count, graph->node_count, graph->tasks, sizeof *graph->tasks);
  sim_engine_unlock();
  return error;
}

/* ---- what they are ---- */

static aclmdlRITaskType type_of(const sim_task *task) {
  switch (task->kind) {
    case SIM_TASK_KERNEL: return ACL_MODEL_RI_TASK_KERNEL;
    case SIM_TASK_OUTSIDE: return task->u.outside.records ? ACL_MODEL_RI_TASK_EVENT_RECORD : ACL_MODEL_RI_TASK_EVENT_WAIT;
    /* Without a signal it is a value in memory; with one, an event (or notify) that others record or wait for, too. */
    case SIM_TASK_RAISE: return task->u.signal.signal == NULL ? ACL_MODEL_RI_TASK_VALUE_WRITE : ACL_MODEL_RI_TASK_DEFAULT;
    case SIM_TASK_AWAIT: return task->u.signal.signal == NULL ? ACL_MODEL_RI_TASK_VALUE_WAIT : ACL_MODEL_RI_TASK_DEFAULT;
    default: return ACL_MODEL_RI_TASK_DEFAULT;
  }
}

static void say(const sim_graph *graph, uint32_t node, aclmdlRITaskParams *params) {
  const sim_task *task = graph->nodes[node];
  memset(params, 0, sizeof *params);
  params->type = type_of(task);
  if (params->type == ACL_MODEL_RI_TASK_KERNEL) {
    params->taskGrp = sim_group_of(graph, node);
    params->kernelTaskParams = (aclmdlRIKernelTaskParams){.funcHandle = task->u.kernel.function, .args = (void *)(uintptr_t)task->u.kernel.args,
                                                          .argsSize = task->u.kernel.args_bytes, .numBlocks = task->u.kernel.blocks};
  } else if (params->type == ACL_MODEL_RI_TASK_VALUE_WRITE) {
    params->valueWriteTaskParams = (aclmdlRIValueWriteTaskParams){task->u.signal.address, task->u.signal.value};
  } else if (params->type == ACL_MODEL_RI_TASK_VALUE_WAIT) {
    params->valueWaitTaskParams = (aclmdlRIValueWaitTaskParams){task->u.signal.address, task->u.signal.value, task->u.signal.mode};
  } else {
    uint32_t flags = 0;
    aclrtEvent event = sim_outside_event(graph, node, &flags);
    if (params->type == ACL_MODEL_RI_TASK_EVENT_RECORD) params->eventRecordTaskParams = (aclmdlRIEventRecordTaskParams){event, flags, ACL_EVENT_RECORD_EXTERNAL};
    else params->eventWaitTaskParams = (aclmdlRIEventWaitTaskParams){event, flags, ACL_EVENT_WAIT_EXTERNAL};
  }
}

aclError sim_aclmdlRITaskGetType(aclmdlRITask handle, aclmdlRITaskType *type) {
  sim_engine_lock();
  aclError error;
  const sim_graph *graph = graph_of_task(handle, &error);
  if (graph != NULL) *type = type_of(graph->nodes[((sim_graph_task *)handle)->node]);
  sim_engine_unlock();
  return error;
}

aclError sim_aclmdlRITaskGetSeqId(aclmdlRITask handle, uint32_t *id) {
  sim_engine_lock();
  aclError error;
  if (graph_of_task(handle, &error) != NULL) *id = ((sim_graph_task *)handle)->node;
  sim_engine_unlock();
  return error;
}

aclError sim_aclmdlRITaskGetParams(aclmdlRITask handle, aclmdlRITaskParams *params) {
  sim_engine_lock();
  aclError error;
  const sim_graph *graph = graph_of_task(handle, &error);
  uint32_t node = graph != NULL ? ((sim_graph_task *)handle)->node : 0;
  if (graph != NULL && type_of(graph->nodes[node]) == ACL_MODEL_RI_TASK_DEFAULT) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a task of another kind says no parameters");
  } else if (graph != NULL) {
    say(graph, node, params);
  }
  sim_engine_unlock();
  return error;
}

/* ---- other parameters ---- */

static sim_graph *to_change(const void *handle, aclError *error) {
  sim_graph *graph = graph_of_task(handle, error);
  if (graph == NULL || graph->runs == 0) return graph;
  *error = sim_fail(ACL_ERROR_RT_MODEL_UPDATE_FAILED, "a run of the graph has not come to its end");
  return NULL;
}

/* What is NULL has said its error. */
static sim_task *other_kernel(const sim_task *old, const aclmdlRITaskParams *params, aclError *error) {
  const aclmdlRIKernelTaskParams *p = &params->kernelTaskParams;
  sim_function *function = sim_function_of(p->funcHandle);
  if (function == NULL) {
    *error = ACL_ERROR_RT_INVALID_HANDLE;
    return NULL;
  }
  bool own = p->args == old->u.kernel.args && p->argsSize <= old->u.kernel.args_bytes && !old->u.kernel.on_device;
  bool on_device = p->isHostArgs == 0 && !own;
  if (params->taskGrp != NULL) *error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a task of a group is changed with its group");
  else if (p->args == NULL || p->argsSize == 0) *error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a kernel without arguments");
  else if (p->numBlocks == 0) *error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a kernel of 0 blocks");
  else if (on_device && sim_memory_place(p->args, p->argsSize) != SIM_PLACE_DEVICE) *error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes of arguments at %p are not all device memory", p->argsSize, p->args);
  if (*error != ACL_SUCCESS) return NULL;
  return sim_launch_task(function, p->numBlocks, p->args, p->argsSize, on_device, error);
}

static sim_task *other_value(const sim_task *old, void *address, uint64_t value, uint32_t mode, aclError *error) {
  *error = sim_value_check(address);
  if (*error == ACL_SUCCESS && mode > ACL_STREAM_WAIT_VALUE_NOR) *error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "flag %u: expected 0 to 3", mode);
  sim_task *task = *error == ACL_SUCCESS ? sim_task_take(old->kind) : NULL;
  if (task == NULL) {
    if (*error == ACL_SUCCESS) *error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a task");
    return NULL;
  }
  task->u.signal.address = address;
  task->u.signal.value = value;
  task->u.signal.mode = mode;
  return task;
}

static sim_task *other(const sim_task *old, const aclmdlRITaskParams *params, aclError *error) {
  if (params->type != type_of(old)) {
    *error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the task is of kind %d, not %d", (int)type_of(old), (int)params->type);
    return NULL;
  }
  switch (params->type) {
    case ACL_MODEL_RI_TASK_KERNEL: return other_kernel(old, params, error);
    case ACL_MODEL_RI_TASK_VALUE_WRITE: return other_value(old, params->valueWriteTaskParams.devAddr, params->valueWriteTaskParams.value, 0, error);
    case ACL_MODEL_RI_TASK_VALUE_WAIT:
      return other_value(old, params->valueWaitTaskParams.devAddr, params->valueWaitTaskParams.value, params->valueWaitTaskParams.flag, error);
    default: *error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "tasks of kind %d cannot be changed", (int)params->type); return NULL;
  }
}

static void put_next(sim_graph_task *at, sim_task *task) {
  if (at->next != NULL) sim_task_give(at->next);
  at->next = task;
}

aclError sim_aclmdlRITaskSetParams(aclmdlRITask handle, aclmdlRITaskParams *params) {
  sim_engine_lock();
  aclError error;
  const sim_graph *graph = to_change(handle, &error);
  sim_graph_task *at = handle;
  sim_task *task = graph != NULL ? other(graph->nodes[at->node], params, &error) : NULL;
  if (task != NULL) put_next(at, task);
  sim_engine_unlock();
  return error;
}

aclError sim_aclmdlRITaskDisable(aclmdlRITask handle) {
  sim_engine_lock();
  aclError error;
  const sim_graph *graph = to_change(handle, &error);
  sim_graph_task *at = handle;
  const sim_task *old = graph != NULL ? graph->nodes[at->node] : NULL;
  sim_task *task = NULL;
  if (old != NULL && type_of(old) == ACL_MODEL_RI_TASK_DEFAULT) error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a task of another kind cannot be left out");
  else if (old != NULL && old->kind == SIM_TASK_OUTSIDE) error = sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "leaving out a task about an event is not simulated");
  else if (old != NULL && (task = sim_task_take(SIM_TASK_APPLY)) == NULL) error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a task");
  if (task != NULL) {
    task->u.apply.function = nothing;
    put_next(at, task);
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclmdlRIUpdate(aclmdlRI handle) {
  sim_engine_lock();
  aclError error;
  sim_graph *graph = captured(handle, &error);
  if (graph != NULL && graph->runs > 0) {
    error = sim_fail(ACL_ERROR_RT_MODEL_UPDATE_FAILED, "a run of the graph has not come to its end");
    graph = NULL;
  }
  for (uint32_t i = 0; graph != NULL && graph->tasks != NULL && i < graph->node_count; i++) {
    sim_task *next = graph->tasks[i].next, *old = graph->nodes[i];
    if (next == NULL) continue;
    graph->timed_count += (sim_task_is_timed(next) ? 1u : 0u) - (sim_task_is_timed(old) ? 1u : 0u);
    graph->nodes[i] = next;
    graph->tasks[i].next = NULL;
    sim_task_give(old);
  }
  sim_engine_unlock();
  return error;
}

/* ---- the graph's end ---- */

static sim_graph_listener **find_listener(sim_graph *graph, aclrtCallback function) {
  sim_graph_listener **at = &graph->listeners;
  while (*at != NULL && (*at)->function != function) at = &(*at)->next;
  return at;
}

aclError sim_aclmdlRIDestroyRegisterCallback(aclmdlRI handle, aclrtCallback function, void *data) {
  sim_engine_lock();
  aclError error;
  sim_graph *graph = sim_graph_of(handle, &error);
  sim_graph_listener **end = graph != NULL ? find_listener(graph, function) : NULL;
  sim_graph_listener *listener = end != NULL && *end == NULL ? calloc(1, sizeof *listener) : NULL;
  if (end != NULL && *end != NULL) error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the function hears of the graph's end already");
  else if (end != NULL && listener == NULL) error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a function");
  if (listener != NULL) {
    *listener = (sim_graph_listener){.function = function, .data = data};
    *end = listener;
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclmdlRIDestroyUnregisterCallback(aclmdlRI handle, aclrtCallback function) {
  sim_engine_lock();
  aclError error;
  sim_graph *graph = sim_graph_of(handle, &error);
  sim_graph_listener **at = graph != NULL ? find_listener(graph, function) : NULL;
  if (at != NULL && *at == NULL) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the function does not hear of the graph's end");
  } else if (at != NULL) {
    sim_graph_listener *listener = *at;
    *at = listener->next;
    free(listener);
  }
  sim_engine_unlock();
  return error;
}

sim_graph_listener *sim_graph_take_listeners(sim_graph *graph) {
  sim_graph_listener *first = graph->listeners;
  graph->listeners = NULL;
  return first;
}

void sim_graph_tell(sim_graph_listener *listener) {
  while (listener != NULL) {
    sim_graph_listener *next = listener->next;
    listener->function(listener->data);
    free(listener);
    listener = next;
  }
}
