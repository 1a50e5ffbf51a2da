/*
 * What is done to graphs besides capture and replay: groups of tasks that a stream replaces in its order, the strictness
 * of captures a thread, names, and a description of a graph in a file.
 *
 * A replacement changes a node when its stream comes there, and only the leader runs streams, so no function of the old
 * node runs then. A replay that has begun the node's work ends it with the new arguments.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "graph.h"
#include "graph_update.h"

typedef struct sim_task_group {
  struct sim_task_group *next; /* of the graph */
  sim_graph *graph;
  uint32_t *nodes;             /* places in the graph */
  uint32_t count, room;
  bool ended;
} sim_task_group;

void sim_groups_free(sim_graph *graph) {
  while (graph->groups != NULL) {
    sim_task_group *group = graph->groups;
    graph->groups = group->next;
    free(group->nodes);
    free(group);
  }
}

/* The group of a handle, of any live graph. */
static sim_task_group *group_of(const void *handle, aclError *error) {
  *error = ACL_SUCCESS;
  for (uint32_t i = 0; i < sim_graphs.touched; i++) {
    const sim_graph *graph = sim_slab_at(&sim_graphs, i);
    if (!graph->slot.live) continue;
    for (sim_task_group *group = graph->groups; group != NULL; group = group->next) {
      if (group == handle && group->ended) return group;
    }
  }
  *error = sim_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is no group of tasks", handle);
  return NULL;
}

aclrtTaskGrp sim_group_of(const sim_graph *graph, uint32_t node) {
  for (sim_task_group *group = graph->groups; group != NULL; group = group->next)
    for (uint32_t i = 0; i < group->count; i++)
      if (group->nodes[i] == node) return group;
  return NULL;
}

aclError sim_group_note(sim_stream *stream, uint32_t node) {
  sim_task_group *group = stream->group;
  if (stream->capture->nodes[node]->kind != SIM_TASK_KERNEL) return sim_fail(ACL_ERROR_RT_TASK_TYPE_NOT_SUPPORT, "only kernels can be updated");
  if (group->count == group->room) {
    uint32_t room = group->room == 0 ? 4 : group->room * 2;
    uint32_t *nodes = realloc(group->nodes, room * sizeof *nodes);
    if (nodes == NULL) return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a group of tasks");
    group->nodes = nodes;
    group->room = room;
  }
  group->nodes[group->count++] = node;
  return ACL_SUCCESS;
}

aclError sim_aclmdlRICaptureTaskGrpBegin(aclrtStream handle) {
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL && stream->capture == NULL) {
    error = sim_fail(ACL_ERROR_RT_STREAM_NOT_CAPTURED, "stream %d is not being captured", stream->id);
  } else if (stream != NULL && stream->group != NULL) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a group of tasks has begun on stream %d already", stream->id);
  } else if (stream != NULL) {
    sim_task_group *group = calloc(1, sizeof *group);
    if (group == NULL) {
      error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a group of tasks");
    } else {
      group->graph = stream->capture;
      group->next = stream->capture->groups;
      stream->capture->groups = group;
      stream->group = group;
    }
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclmdlRICaptureTaskGrpEnd(aclrtStream handle, aclrtTaskGrp *group) {
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL && (stream->capture == NULL || stream->group == NULL)) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "no group of tasks has begun on stream %d", stream->id);
  } else if (stream != NULL) {
    stream->group->ended = true;
    *group = stream->group;
    stream->group = NULL;
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclmdlRICaptureTaskUpdateBegin(aclrtStream stream_handle, aclrtTaskGrp handle) {
  sim_engine_lock();
  aclError error;
  sim_task_group *group = group_of(handle, &error);
  sim_stream *stream = group != NULL ? sim_stream_of(stream_handle, &error) : NULL;
  if (stream != NULL && stream->capture != NULL) {
    error = sim_fail(ACL_ERROR_RT_STREAM_CAPTURED, "stream %d is being captured", stream->id);
  } else if (stream != NULL && stream->group != NULL) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "an update has begun on stream %d already", stream->id);
  } else if (stream != NULL && group->graph->state != SIM_GRAPH_READY) {
    error = sim_fail(ACL_ERROR_RT_MODEL_CAPTURED, "the graph is still being captured, or is ended");
  } else if (stream != NULL) {
    stream->group = group;
    stream->replaced = 0;
    group->graph->references++;
  }
  sim_engine_unlock();
  return error;
}

void sim_group_leave(sim_stream *stream) {
  sim_task_group *group = stream->group;
  stream->group = NULL;
  if (group != NULL && stream->capture == NULL) sim_graph_release(group->graph);
}

/* The new task takes the node's place. */
static void replace(sim_stream *stream, const sim_task *apply) {
  (void)stream;
  sim_task *task = apply->u.apply.argument;
  uint32_t node;
  sim_graph *graph;
  memcpy(&graph, apply->inline_args, sizeof graph);
  memcpy(&node, apply->inline_args + sizeof graph, sizeof node);
  sim_task *old = graph->nodes[node];
  graph->nodes[node] = task;
  sim_task_give(old);
  sim_graph_release(graph);
}

/* The stream ends before it comes there. */
static void forget(sim_stream *stream, const sim_task *apply) {
  (void)stream;
  sim_graph *graph;
  memcpy(&graph, apply->inline_args, sizeof graph);
  sim_task_give(apply->u.apply.argument);
  sim_graph_release(graph);
}

aclError sim_group_replace(sim_stream *stream, sim_task *task) {
  sim_task_group *group = stream->group;
  aclError error = ACL_SUCCESS;
  if (task->kind != SIM_TASK_KERNEL) error = sim_fail(ACL_ERROR_RT_TASK_TYPE_NOT_SUPPORT, "only kernels can be updated");
  else if (sim_stream_stopped(stream)) error = sim_fail(stream->context->failed, "a task of the context failed, and its streams stop on failure");
  else if (stream->replaced == group->count) error = sim_fail(ACL_ERROR_RT_MODEL_UPDATE_FAILED, "the group has %u tasks", group->count);
  sim_task *apply = error == ACL_SUCCESS ? sim_task_take(SIM_TASK_APPLY) : NULL;
  if (apply == NULL) {
    sim_task_give(task);
    return error != ACL_SUCCESS ? error : sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a task");
  }
  uint32_t node = group->nodes[stream->replaced++];
  apply->u.apply.function = replace;
  apply->u.apply.drop = forget;
  apply->u.apply.argument = task;
  memcpy(apply->inline_args, &group->graph, sizeof group->graph);
  memcpy(apply->inline_args + sizeof group->graph, &node, sizeof node);
  group->graph->references++;
  return sim_engine_submit(stream, apply);
}

aclError sim_aclmdlRICaptureTaskUpdateEnd(aclrtStream handle) {
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL && (stream->capture != NULL || stream->group == NULL)) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "no update has begun on stream %d", stream->id);
  } else if (stream != NULL) {
    const sim_task_group *group = stream->group;
    if (stream->replaced != group->count) error = sim_fail(ACL_ERROR_RT_MODEL_UPDATE_FAILED, "%u of the group's %u tasks were updated", stream->replaced, group->count);
    stream->group = NULL;
    sim_graph_release(group->graph);
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclmdlRICaptureThreadExchangeMode(aclmdlRICaptureMode *mode) {
  if ((int)*mode < ACL_MODEL_RI_CAPTURE_MODE_GLOBAL || (int)*mode > ACL_MODEL_RI_CAPTURE_MODE_RELAXED) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "capture mode %d is not known", (int)*mode);
  }
  aclmdlRICaptureMode before = sim_self.capture_mode;
  sim_self.capture_mode = *mode;
  *mode = before;
  return ACL_SUCCESS;
}

/* ---- names ---- */

/* Longest name that CANN gives back. */
#define NAME_BYTES 512u

aclError sim_aclmdlRISetName(aclmdlRI handle, const char *name) {
  sim_engine_lock();
  aclError error;
  sim_graph *graph = sim_graph_of(handle, &error);
  char *copy = graph != NULL ? strndup(name, NAME_BYTES) : NULL;
  if (graph != NULL && copy == NULL) {
    error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a name");
  } else if (graph != NULL) {
    free(graph->name);
    graph->name = copy;
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclmdlRIGetName(aclmdlRI handle, uint32_t room, char *name) {
  if (room == 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "room for 0 bytes");
  sim_engine_lock();
  aclError error;
  const sim_graph *graph = sim_graph_of(handle, &error);
  if (graph != NULL) snprintf(name, room, "%s", graph->name != NULL ? graph->name : "");
  sim_engine_unlock();
  return error;
}

aclError sim_aclmdlRIGetId(aclmdlRI handle, uint32_t *id) {
  sim_engine_lock();
  aclError error;
  const sim_graph *graph = sim_graph_of(handle, &error);
  if (graph != NULL) *id = graph->slot.index;
  sim_engine_unlock();
  return error;
}

/* ---- a description ---- */

static const char *kind_of(const sim_task *task) {
  switch (task->kind) {
    case SIM_TASK_KERNEL:
      return "KERNEL";
    case SIM_TASK_COPY:
      return "MEMCPY";
    case SIM_TASK_FILL:
      return "MEMSET";
    case SIM_TASK_RAISE:
      return "NOTIFY_RECORD";
    case SIM_TASK_AWAIT:
      return "NOTIFY_WAIT";
    case SIM_TASK_OUTSIDE:
      return task->u.outside.records ? "EVENT_RECORD" : "EVENT_WAIT";
    default:
      return "OTHER";
  }
}

/* Tasks as a list of trace events (chrome://tracing), one unit of time each: a graph here runs one after the other. */
static void describe(const sim_graph *graph, bool verbose, FILE *file) {
  fputs("[", file);
  for (uint32_t i = 0; i < graph->node_count; i++) {
    const sim_task *task = graph->nodes[i];
    bool kernel = task->kind == SIM_TASK_KERNEL;
    fprintf(file, "%s\n{\"name\": \"%s\", \"ph\": \"X\", \"ts\": %u, \"dur\": 1, \"pid\": %u, \"tid\": 0, \"args\": {\"model id\": %u, \"task id\": %u, \"task type\": \"%s\"",
            i > 0 ? "," : "", kernel ? task->u.kernel.function->name : kind_of(task), i, graph->device->index, graph->slot.index, i, kind_of(task));
    if (kernel) fprintf(file, ", \"numBlocks\": %u", task->u.kernel.blocks);
    if (kernel && verbose && !task->u.kernel.on_device) {
      fputs(", \"args\": \"", file);
      for (size_t b = 0; b < task->u.kernel.args_bytes; b++) fprintf(file, "%02x", ((const unsigned char *)task->u.kernel.args)[b]);
      fputs("\"", file);
    }
    fputs("}}", file);
  }
  fputs("\n]\n", file);
}

aclError sim_aclmdlRIDebugJsonPrint(aclmdlRI handle, const char *path, uint32_t flags) {
  if (flags != ACL_MDLRI_DEBUG_JSON_PRINT_SUMMARY && flags != ACL_MDLRI_DEBUG_JSON_PRINT_VERBOSE) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "flags %u are not known", flags);
  }
  sim_engine_lock();
  aclError error;
  const sim_graph *graph = sim_graph_of(handle, &error);
  if (graph != NULL) {
    FILE *file = fopen(path, "we");
    if (file != NULL) describe(graph, flags == ACL_MDLRI_DEBUG_JSON_PRINT_VERBOSE, file);
    if (file == NULL || fclose(file) != 0) error = sim_fail(ACL_ERROR_RT_FILE_WRITE, "%s cannot be written", path);
  }
  sim_engine_unlock();
  return error;
}

/* CANN prints to its log, of which there is none here. */
aclError sim_aclmdlRIDebugPrint(aclmdlRI handle) {
  sim_engine_lock();
  aclError error;
  sim_graph_of(handle, &error);
  sim_engine_unlock();
  return error;
}
