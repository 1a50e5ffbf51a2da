/*
 * Capture and replay of graphs. While a stream is captured its operators are kept, not run; a stream that waits for an
 * event recorded there joins the capture. The operators of all joined streams are kept in the order of the calls, which
 * respects every dependency among them; a replay runs them one after the other on one stream.
 */
#include "engine.h"
#include "graph.h"
#include "graph_update.h"
#include "machine.h"

#include <stdlib.h>

sim_slab sim_graphs = SIM_SLAB(sim_graph, 4096);

void sim_graph_release(sim_graph *graph) {
  if (--graph->references > 0) return;
  sim_graph_tasks_free(graph);
  for (uint32_t i = 0; i < graph->node_count; i++) sim_task_give(graph->nodes[i]);
  free(graph->nodes);
  free(graph->name);
  sim_groups_free(graph);
  sim_branches_free(graph);
  sim_build_free(graph);
  sim_outside_free(graph);
  sim_slab_give(&sim_graphs, graph);
}

sim_graph *sim_graph_of(aclmdlRI handle, aclError *error) {
  sim_graph *graph = sim_slab_find(&sim_graphs, handle);
  if (graph != NULL && (graph->state != SIM_GRAPH_READY || graph->branch)) graph = NULL;
  *error = graph != NULL ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is no captured graph", handle);
  return graph;
}

sim_graph *sim_graph_create(sim_device *device, sim_graph_state state, uint32_t references, aclError *error) {
  sim_graph *graph = sim_slab_take(&sim_graphs);
  if (graph == NULL) {
    *error = sim_fail(ACL_ERROR_RT_NO_MODEL_RESOURCE, "no room for another graph");
    return NULL;
  }
  graph->state = state;
  graph->references = references;
  graph->device = device;
  return graph;
}

aclError sim_graph_append(sim_graph *graph, sim_task *task) {
  if (graph->node_count == graph->node_room) {
    uint32_t room = graph->node_room == 0 ? 64 : graph->node_room * 2;
    sim_task **nodes = realloc(graph->nodes, room * sizeof *nodes);
    if (nodes == NULL) {
      sim_task_give(task);
      return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for an operator of a graph");
    }
    graph->nodes = nodes;
    graph->node_room = room;
  }
  graph->nodes[graph->node_count++] = task;
  if (sim_task_is_timed(task)) graph->timed_count++;
  return ACL_SUCCESS;
}

bool sim_graph_holds(const sim_task *task) {
  return sim_task_is_timed(task) || task->kind == SIM_TASK_RAISE || task->kind == SIM_TASK_AWAIT ||
         task->kind == SIM_TASK_APPLY || task->kind == SIM_TASK_BRANCH || task->kind == SIM_TASK_OUTSIDE;
}

/* ---- while capturing ---- */

/* The capture goes on to its end, but that gives no graph. */
static aclError invalidate(sim_graph *graph, aclError error, const char *why) {
  graph->state = SIM_GRAPH_INVALIDATED;
  return sim_fail(error, "%s: the capture is invalid now", why);
}

aclError sim_graph_capture_task(sim_stream *stream, sim_task *task) {
  sim_graph *graph = stream->capture;
  aclError error = ACL_SUCCESS;
  if (task->kind == SIM_TASK_GRAPH) {
    error = sim_fail(ACL_ERROR_RT_STREAM_CAPTURED, "stream %d is being captured and cannot run a graph", stream->id);
  } else if (graph->state == SIM_GRAPH_INVALIDATED) {
    error = sim_fail(ACL_ERROR_RT_STREAM_CAPTURE_INVALIDATED, "the capture of stream %d is invalid", stream->id);
  } else if (sim_graph_holds(task)) {
    error = sim_graph_append(graph, task);
    if (error != ACL_SUCCESS) return invalidate(graph, error, "no host memory for a captured operator");
    stream->capture_ops++;
    return stream->group != NULL ? sim_group_note(stream, graph->node_count - 1) : ACL_SUCCESS;
  }
  sim_task_give(task);
  return error;
}

bool sim_event_capturing(const sim_event *event) {
  return event->capture != NULL && event->capture->state == SIM_GRAPH_CAPTURING;
}

void sim_event_leave_capture(sim_event *event) {
  if (event->capture == NULL) return;
  sim_graph_release(event->capture);
  event->capture = NULL;
  event->capture_stream = NULL;
}

aclError sim_graph_capture_record(sim_stream *stream, sim_event *event) {
  if (sim_event_capturing(event) && event->capture != stream->capture) {
    return invalidate(stream->capture, ACL_ERROR_STREAM_CAPTURE_CONFLICT, "the event belongs to another capture");
  }
  stream->capture->references++;
  sim_event_leave_capture(event);
  event->capture = stream->capture;
  event->capture_stream = stream;
  event->capture_ops = stream->capture_ops;
  return ACL_SUCCESS;
}

aclError sim_graph_capture_wait(sim_stream *stream, sim_event *event, bool *captured) {
  *captured = stream->capture != NULL || sim_event_capturing(event);
  if (!*captured) return ACL_SUCCESS;
  if (!sim_event_capturing(event)) {
    return invalidate(stream->capture, ACL_ERROR_RT_CAPTURE_DEPENDENCY, "a captured stream waits for an event from outside");
  }
  if (stream->is_default) {
    return invalidate(event->capture, ACL_ERROR_RT_STREAM_CAPTURE_IMPLICIT, "the default stream waits for a captured event");
  }
  if (stream->capture != NULL && stream->capture != event->capture) {
    return invalidate(stream->capture, ACL_ERROR_STREAM_CAPTURE_CONFLICT, "the event belongs to another capture");
  }
  if (stream->capture == NULL) {
    stream->capture = event->capture;
    stream->capture->references++;
    stream->capture_ops = 0;
    stream->capture_joined = 0;
  }
  sim_stream *recorded = event->capture_stream;
  if (recorded != stream && event->capture_ops > recorded->capture_joined) recorded->capture_joined = event->capture_ops;
  return ACL_SUCCESS;
}

void sim_graph_leave(sim_stream *stream) {
  sim_graph *graph = stream->capture;
  if (graph == NULL) return;
  stream->capture = NULL;
  stream->group = NULL; /* one that it captures */
  if (graph->origin == stream) {
    /* The capture ends with its first stream (destroyed by force): nobody can end it any more. */
    graph->origin = NULL;
    graph->state = SIM_GRAPH_INVALIDATED;
    if (graph->mode == ACL_MODEL_RI_CAPTURE_MODE_GLOBAL) sim_engine.global_captures--;
    if (!graph->branch) sim_graph_release(graph); /* that is its parent's */
  }
  sim_graph_release(graph);
}

aclError sim_graph_check_synchronous(const char *what) {
  if (sim_engine.global_captures == 0 && sim_self.captures == 0) return ACL_SUCCESS;
  if (sim_self.capture_mode == ACL_MODEL_RI_CAPTURE_MODE_RELAXED) return ACL_SUCCESS;
  return sim_fail(ACL_ERROR_RT_CAPTURE_MODE_NOT_SUPPORT, "%s is not allowed while a capture is going on", what);
}

/* ---- begin, end ---- */

/* Captures into the graph, or a new one (NULL). Lock held. */
static aclError begin_capture(sim_stream *stream, aclmdlRICaptureMode mode, sim_graph *graph) {
  aclError error = ACL_SUCCESS;
  if (stream->is_default) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "the default stream cannot be captured");
  if (stream->kept != NULL) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "stream %d is persistent and cannot be captured", stream->id);
  if (stream->capture != NULL) return sim_fail(ACL_ERROR_RT_STREAM_CAPTURED, "stream %d is being captured already", stream->id);
  if (graph == NULL) graph = sim_graph_create(stream->device, SIM_GRAPH_CAPTURING, 1 /* the handle's */, &error);
  if (graph == NULL) return error;
  graph->references++; /* the stream's */
  graph->state = SIM_GRAPH_CAPTURING;
  graph->mode = mode;
  graph->thread = pthread_self();
  graph->origin = stream;
  stream->capture = graph;
  stream->capture_ops = 0;
  stream->capture_joined = 0;
  if (mode == ACL_MODEL_RI_CAPTURE_MODE_GLOBAL) sim_engine.global_captures++;
  if (mode == ACL_MODEL_RI_CAPTURE_MODE_THREAD_LOCAL) sim_self.captures++;
  return ACL_SUCCESS;
}

static aclError check_begin(aclrtStream handle, aclmdlRICaptureMode mode) {
  if (handle == NULL) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "the default stream cannot be captured");
  if ((int)mode >= ACL_MODEL_RI_CAPTURE_MODE_GLOBAL && (int)mode <= ACL_MODEL_RI_CAPTURE_MODE_RELAXED) return ACL_SUCCESS;
  return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "capture mode %d is not known", (int)mode);
}

aclError sim_aclmdlRICaptureBegin(aclrtStream handle, aclmdlRICaptureMode mode) {
  aclError error = check_begin(handle, mode);
  if (error != ACL_SUCCESS) return error;
  sim_engine_lock();
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL) error = begin_capture(stream, mode, NULL);
  sim_engine_unlock();
  return error;
}

aclError sim_aclmdlRICaptureToModelRIBegin(aclrtStream handle, aclmdlRI graph_handle, aclmdlRICaptureMode mode) {
  aclError error = check_begin(handle, mode);
  if (error != ACL_SUCCESS) return error;
  sim_engine_lock();
  sim_stream *stream = sim_stream_of(handle, &error);
  sim_graph *graph = stream != NULL ? sim_slab_find(&sim_graphs, graph_handle) : NULL;
  if (stream == NULL) {
    /* said already */
  } else if (graph == NULL || !graph->branch) {
    error = sim_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is no branch of a graph", graph_handle);
  } else if (graph->state != SIM_GRAPH_OPEN) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the branch was captured already");
  } else if (graph->device != stream->device) {
    error = sim_fail(ACL_ERROR_RT_MODEL_CONTEXT, "the graph is of device %u", graph->device->index);
  } else {
    error = begin_capture(stream, mode, graph);
  }
  sim_engine_unlock();
  return error;
}

/* Ends the capture: every stream leaves it. False where one of them was not waited for. */
static bool leave_all(sim_graph *graph) {
  bool joined = true;
  for (uint32_t i = 0; i < sim_streams.touched; i++) {
    sim_stream *stream = sim_slab_at(&sim_streams, i);
    if (!stream->slot.live || stream->capture != graph) continue;
    if (stream != graph->origin && stream->capture_joined < stream->capture_ops) joined = false;
    stream->capture = NULL;
    stream->group = NULL;
    sim_graph_release(graph);
  }
  return joined;
}

static aclError end_capture(sim_stream *stream, sim_graph **ended) {
  sim_graph *graph = stream->capture;
  if (graph == NULL) return sim_fail(ACL_ERROR_RT_STREAM_NOT_CAPTURED, "stream %d is not being captured", stream->id);
  if (graph->origin != stream) return sim_fail(ACL_ERROR_RT_STREAM_CAPTURE_UNMATCHED, "the capture did not begin on stream %d", stream->id);
  if (graph->mode != ACL_MODEL_RI_CAPTURE_MODE_RELAXED && !pthread_equal(graph->thread, pthread_self())) {
    return sim_fail(ACL_ERROR_RT_STREAM_CAPTURE_WRONG_THREAD, "the capture of stream %d began on another thread", stream->id);
  }
  bool invalid = graph->state == SIM_GRAPH_INVALIDATED;
  graph->references++;
  bool joined = leave_all(graph);
  if (graph->mode == ACL_MODEL_RI_CAPTURE_MODE_GLOBAL) sim_engine.global_captures--;
  if (graph->mode == ACL_MODEL_RI_CAPTURE_MODE_THREAD_LOCAL) sim_self.captures--;
  graph->origin = NULL;
  bool branches = sim_branches_ready(graph);
  if (!invalid && joined && branches) {
    graph->state = SIM_GRAPH_READY;
    *ended = graph;
    sim_graph_release(graph);
    return ACL_SUCCESS;
  }
  graph->state = SIM_GRAPH_INVALIDATED;
  if (!graph->branch) sim_graph_release(graph); /* that is its parent's */
  sim_graph_release(graph);
  if (!invalid && joined) return sim_fail(ACL_ERROR_RT_STREAM_UNJOINED, "a branch of the graph was not captured to its end");
  return invalid ? sim_fail(ACL_ERROR_RT_STREAM_CAPTURE_INVALIDATED, "the capture of stream %d was invalid", stream->id)
                 : sim_fail(ACL_ERROR_RT_STREAM_UNJOINED, "a stream of the capture was not waited for");
}

aclError sim_aclmdlRICaptureEnd(aclrtStream handle, aclmdlRI *graph_handle) {
  if (handle == NULL) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "the default stream cannot be captured");
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  sim_graph *graph = NULL;
  if (stream != NULL && graph_handle == NULL && (stream->capture == NULL || !stream->capture->branch)) {
    error = sim_fail(ACL_ERROR_INVALID_PARAM, "no place for the graph"); /* a branch has its handle already */
  } else if (stream != NULL) {
    error = end_capture(stream, &graph);
  }
  sim_engine_unlock();
  if (graph_handle != NULL) *graph_handle = graph;
  return error;
}

aclError sim_aclmdlRICaptureGetInfo(aclrtStream handle, aclmdlRICaptureStatus *status, aclmdlRI *graph_handle) {
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL) {
    const sim_graph *graph = stream->capture;
    *status = graph == NULL                               ? ACL_MODEL_RI_CAPTURE_STATUS_NONE
              : graph->state == SIM_GRAPH_INVALIDATED ? ACL_MODEL_RI_CAPTURE_STATUS_INVALIDATED
                                                          : ACL_MODEL_RI_CAPTURE_STATUS_ACTIVE;
    *graph_handle = stream->capture;
  }
  sim_engine_unlock();
  return error;
}

/* ---- replay ---- */

/* Queues a run. Lock held. */
static aclError enqueue(sim_graph *graph, sim_stream *stream) {
  if (graph->device != stream->device) return sim_fail(ACL_ERROR_RT_MODEL_CONTEXT, "the graph is of device %u", graph->device->index);
  sim_task *task = sim_task_take(SIM_TASK_GRAPH);
  if (task == NULL) return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a task");
  task->u.graph = graph;
  graph->references++;
  graph->runs++;
  aclError error = graph->built ? sim_build_prepare(task) : sim_outside_prepare(task);
  if (error != ACL_SUCCESS) {
    sim_task_give(task);
    return error;
  }
  return sim_engine_submit(stream, task);
}

aclError sim_aclmdlRIExecuteAsync(aclmdlRI handle, aclrtStream stream_handle) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  sim_engine_lock();
  aclError error;
  sim_graph *graph = sim_graph_of(handle, &error);
  sim_stream *stream = graph != NULL ? sim_stream_of(stream_handle, &error) : NULL;
  if (stream != NULL) error = enqueue(graph, stream);
  sim_engine_unlock();
  return error;
}

aclError sim_aclmdlRIExecute(aclmdlRI handle, int32_t timeout) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  if (timeout < -1 || timeout == 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "timeout %d ms: expected -1 or more than 0", timeout);
  sim_engine_lock();
  aclError error;
  sim_graph *graph = sim_graph_of(handle, &error);
  sim_stream *stream = graph != NULL ? sim_stream_of(NULL, &error) : NULL;
  if (stream != NULL) error = enqueue(graph, stream);
  if (stream != NULL && error == ACL_SUCCESS && !sim_engine_wait_stream(stream, timeout)) {
    error = sim_fail(ACL_ERROR_RT_STREAM_SYNC_TIMEOUT, "the graph has not come to its end within %d ms", timeout);
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclmdlRIDestroy(aclmdlRI handle) {
  sim_engine_lock();
  aclError error;
  sim_graph *graph = sim_graph_of(handle, &error);
  struct sim_graph_listener *listeners = NULL;
  if (graph != NULL) {
    listeners = sim_graph_take_listeners(graph);
    graph->state = SIM_GRAPH_INVALIDATED; /* the handle ends; queued runs keep the operators */
    sim_graph_release(graph);
  }
  sim_engine_unlock();
  sim_graph_tell(listeners);
  return error;
}
