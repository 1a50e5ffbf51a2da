/*
 * Captures, and the groups of tasks in them that are replaced later. A graph has one handle, from the first question about
 * its capture on, and a group is known by its graph's: one that has ended takes its groups along.
 */
#include "executor/executor.h"
#include "executor/graphs.h"
#include "executor/serve.h"
#include "real_table.h"

/* A client that goes in the middle of a capture takes its count along. */
void fxd_captures_change(fxd_client *client, int by) {
  client->captures += by;
  fxd_captures += by;
}

/* Another mode would forbid calls of the daemon's thread, which are other clients' too; the client forbids its own. */
static aclmdlRICaptureMode allowed(aclmdlRICaptureMode mode) {
  return mode == ACL_MODEL_RI_CAPTURE_MODE_GLOBAL || mode == ACL_MODEL_RI_CAPTURE_MODE_THREAD_LOCAL ? ACL_MODEL_RI_CAPTURE_MODE_RELAXED : mode;
}

aclError fxd_serve_aclmdlRICaptureBegin(fxd_call *c) {
  aclrtStream stream;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_STREAM, &stream);
  aclmdlRICaptureMode mode = (aclmdlRICaptureMode)fxd_take(c);
  if (error != ACL_SUCCESS || c->torn) return error != ACL_SUCCESS ? error : ACL_ERROR_INVALID_PARAM;
  error = fx_real.aclmdlRICaptureBegin(stream, allowed(mode));
  if (error == ACL_SUCCESS) fxd_captures_change(c->ring->client, 1);
  return error;
}

aclError fxd_serve_aclmdlRICaptureToModelRIBegin(fxd_call *c) {
  aclrtStream stream;
  aclmdlRI graph;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_STREAM, &stream);
  if (error == ACL_SUCCESS) error = fxd_take_handle(c, FLEXNPU_HANDLE_GRAPH, &graph);
  aclmdlRICaptureMode mode = (aclmdlRICaptureMode)fxd_take(c);
  if (error != ACL_SUCCESS || c->torn) return error != ACL_SUCCESS ? error : ACL_ERROR_INVALID_PARAM;
  error = fx_real.aclmdlRICaptureToModelRIBegin(stream, graph, allowed(mode));
  if (error == ACL_SUCCESS) fxd_captures_change(c->ring->client, 1);
  return error;
}

uint64_t fxd_graph_handle(const fxd_client *client, aclmdlRI graph) {
  uint64_t handle = fxd_handle_find(FLEXNPU_HANDLE_GRAPH, graph, client->number);
  uint32_t index = handle != 0 ? UINT32_MAX : fxd_handle_index(FLEXNPU_HANDLE_GRAPH);
  return index != UINT32_MAX ? fxd_handle_make(FLEXNPU_HANDLE_GRAPH, index, graph, client->number) : handle;
}

static aclError put(fxd_call *c, aclmdlRI graph) {
  uint64_t handle = graph != NULL ? fxd_graph_handle(c->ring->client, graph) : 0;
  if (graph != NULL && handle == 0) return ACL_ERROR_RT_RESOURCE_ALLOC_FAIL;
  fxd_put(c, handle);
  return ACL_SUCCESS;
}

aclError fxd_serve_aclmdlRICaptureGetInfo(fxd_call *c) {
  aclrtStream stream;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_STREAM, &stream);
  bool status_wanted = fxd_take(c) != 0, graph_wanted = fxd_take(c) != 0;
  aclmdlRICaptureStatus status = ACL_MODEL_RI_CAPTURE_STATUS_NONE;
  aclmdlRI graph = NULL;
  if (error != ACL_SUCCESS || c->torn) return error != ACL_SUCCESS ? error : ACL_ERROR_INVALID_PARAM;
  error = fx_real.aclmdlRICaptureGetInfo(stream, &status, &graph);
  if (error != ACL_SUCCESS) return error;
  if (status_wanted) fxd_put(c, (uint32_t)status);
  return graph_wanted ? put(c, graph) : ACL_SUCCESS;
}

static aclmdlRICaptureStatus status_of(aclrtStream stream, aclmdlRI *graph) {
  aclmdlRICaptureStatus status = ACL_MODEL_RI_CAPTURE_STATUS_NONE;
  (void)fx_real.aclmdlRICaptureGetInfo(stream, &status, graph);
  return status;
}

aclError fxd_serve_aclmdlRICaptureEnd(fxd_call *c) {
  aclrtStream stream;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_STREAM, &stream);
  bool wanted = fxd_take(c) != 0; /* the graph of a branch needs no place: it is known */
  if (error != ACL_SUCCESS || c->torn) return error != ACL_SUCCESS ? error : ACL_ERROR_INVALID_PARAM;
  aclmdlRI during = NULL, graph = NULL, none;
  fxd_client *client = c->ring->client;
  aclmdlRICaptureStatus status = status_of(stream, &during);
  error = fx_real.aclmdlRICaptureEnd(stream, wanted ? &graph : NULL);
  bool ended = status != ACL_MODEL_RI_CAPTURE_STATUS_NONE && status_of(stream, &none) == ACL_MODEL_RI_CAPTURE_STATUS_NONE;
  if (ended) fxd_captures_change(client, -1);
  if (error == ACL_SUCCESS) return wanted ? put(c, graph) : ACL_SUCCESS;
  uint64_t handle = ended && during != NULL ? fxd_handle_find(FLEXNPU_HANDLE_GRAPH, during, client->number) : 0;
  if (handle != 0) { /* there is no graph */
    fxd_graph_parts_end(client, handle);
    fxd_handle_end(FLEXNPU_HANDLE_GRAPH, handle);
  }
  return error;
}

/* ---- groups of tasks ---- */

#define GROUPS 65536u
static uint64_t graphs[GROUPS]; /* handles of theirs, by index */

aclError fxd_serve_aclmdlRICaptureTaskGrpEnd(fxd_call *c) {
  aclrtStream stream;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_STREAM, &stream);
  bool wanted = fxd_take(c) != 0;
  if (error != ACL_SUCCESS || c->torn || !wanted) return error != ACL_SUCCESS ? error : ACL_ERROR_INVALID_PARAM;
  const fxd_client *client = c->ring->client;
  aclmdlRI graph = NULL;
  aclrtTaskGrp group = NULL;
  (void)status_of(stream, &graph);
  if ((error = fx_real.aclmdlRICaptureTaskGrpEnd(stream, &group)) != ACL_SUCCESS) return error;
  uint32_t index = fxd_handle_index(FLEXNPU_HANDLE_TASK_GROUP);
  if (graph == NULL || index >= GROUPS || (graphs[index] = fxd_graph_handle(client, graph)) == 0) return ACL_ERROR_RT_RESOURCE_ALLOC_FAIL;
  fxd_put(c, fxd_handle_make(FLEXNPU_HANDLE_TASK_GROUP, index, group, client->number));
  return ACL_SUCCESS;
}

/* A group whose graph has ended has, too. */
static aclError group_of(fxd_call *c, aclrtTaskGrp *group) {
  uint64_t handle = fxd_take(c);
  const fxd_client *client = c->ring->client;
  void *graph;
  aclError error = fxd_handle_real(client, FLEXNPU_HANDLE_TASK_GROUP, handle, group);
  if (error != ACL_SUCCESS) return error;
  uint32_t index = (uint32_t)handle & ((1u << FLEXNPU_HANDLE_INDEX_BITS) - 1);
  error = fxd_handle_real(client, FLEXNPU_HANDLE_GRAPH, graphs[index], &graph);
  if (error != ACL_SUCCESS) fxd_handle_end(FLEXNPU_HANDLE_TASK_GROUP, handle);
  return error;
}

aclError fxd_serve_aclmdlRICaptureTaskUpdateBegin(fxd_call *c) {
  aclrtStream stream;
  aclrtTaskGrp group;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_STREAM, &stream);
  if (error == ACL_SUCCESS) error = group_of(c, &group);
  if (error != ACL_SUCCESS || c->torn) return error != ACL_SUCCESS ? error : ACL_ERROR_INVALID_PARAM;
  error = fx_real.aclmdlRICaptureTaskUpdateBegin(stream, group);
  if (error == ACL_SUCCESS && fxd_stream_of(c->stream, c->ring->client->number) && fxd_stream_real(c->stream) == stream)
    fxd_stream_set_aside(c->stream, true);
  return error;
}

/*
 * On the twin. Nothing else was under way on the stream, and no marker covers what was handed over in between: what
 * follows finds it done.
 */
aclError fxd_serve_aclmdlRICaptureTaskUpdateEnd(fxd_call *c) {
  aclrtStream stream;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_STREAM, &stream);
  if (error != ACL_SUCCESS || c->torn) return error != ACL_SUCCESS ? error : ACL_ERROR_INVALID_PARAM;
  error = fx_real.aclmdlRICaptureTaskUpdateEnd(stream);
  aclError said = error == ACL_SUCCESS ? fx_real.aclrtSynchronizeStream(stream) : ACL_SUCCESS;
  if (fxd_stream_of(c->stream, c->ring->client->number) && fxd_stream_real(c->stream) == stream) fxd_stream_set_aside(c->stream, false);
  return error != ACL_SUCCESS ? error : said;
}
