/*
 * Graphs with conditions, and graphs built of persistent streams. What belongs to a graph ends with it: its conditions,
 * whose values on the device the client may name, and the graphs of their branches.
 */
#include <stdlib.h>

#include "executor/graphs.h"
#include "executor/remote.h"
#include "executor/serve.h"
#include "real_table.h"

/* Branches of a condition, or labels of a list: so many handles fit an answer. */
#define MOST_BRANCHES 4096u

/* Of a graph; both by their handles. */
typedef struct fxd_part {
  struct fxd_part *next;
  uint64_t graph, handle;
  uint32_t kind;
  void *value; /* of a condition, once it was asked for */
} fxd_part;

static bool add(fxd_client *c, uint64_t graph, uint32_t kind, uint64_t handle) {
  fxd_part *p = malloc(sizeof *p);
  if (p == NULL) return false;
  *p = (fxd_part){c->parts, graph, handle, kind, NULL};
  c->parts = p;
  return true;
}

static fxd_part *part_of(const fxd_client *c, uint64_t handle) {
  fxd_part *p = c->parts;
  while (p != NULL && p->handle != handle) p = p->next;
  return p;
}

void fxd_graph_parts_end(fxd_client *c, uint64_t graph) {
  for (fxd_part **at = &c->parts; *at != NULL;) {
    fxd_part *p = *at;
    if (p->graph != graph) {
      at = &p->next;
      continue;
    }
    *at = p->next;
    fx_range taken;
    if (p->value != NULL) (void)fx_ranges_take(&c->held, p->value, &taken);
    fxd_handle_end(p->kind, p->handle);
    if (p->kind == FLEXNPU_HANDLE_GRAPH) {
      fxd_graph_parts_end(c, p->handle);
      at = &c->parts; /* the list has changed */
    }
    free(p);
  }
}

void fxd_parts_forget(fxd_client *c) {
  for (fxd_part *p; (p = c->parts) != NULL; free(p)) {
    c->parts = p->next;
    fxd_handle_end(p->kind, p->handle);
  }
}

aclError fxd_serve_aclmdlRIDestroy(fxd_call *c) {
  uint64_t handle = fxd_peek(c);
  aclmdlRI graph;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_GRAPH, &graph);
  if (error != ACL_SUCCESS || c->torn) return error != ACL_SUCCESS ? error : ACL_ERROR_INVALID_PARAM;
  if ((error = fx_real.aclmdlRIDestroy(graph)) != ACL_SUCCESS) return error;
  fxd_graph_parts_end(c->ring->client, handle);
  fxd_handle_end(FLEXNPU_HANDLE_GRAPH, handle);
  return error;
}

/* ---- conditions ---- */

aclError fxd_serve_aclmdlRICondHandleCreate(fxd_call *c) {
  uint64_t graph_handle = fxd_peek(c);
  aclmdlRI graph;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_GRAPH, &graph);
  uint32_t value = (uint32_t)fxd_take(c);
  aclmdlRICondHandleFlag flag = (aclmdlRICondHandleFlag)(uint32_t)fxd_take(c);
  bool wanted = fxd_take(c) != 0;
  if (error != ACL_SUCCESS || c->torn || !wanted) return error != ACL_SUCCESS ? error : ACL_ERROR_INVALID_PARAM;
  aclmdlRICondHandle condition;
  if ((error = fx_real.aclmdlRICondHandleCreate(graph, value, flag, &condition)) != ACL_SUCCESS) return error;
  /* Where it cannot be named it is of no use, and ends with its graph. */
  uint32_t index = fxd_handle_index(FLEXNPU_HANDLE_CONDITION);
  uint64_t handle = index != FLEXNPU_NONE ? fxd_handle_make(FLEXNPU_HANDLE_CONDITION, index, condition, c->ring->client->number) : 0;
  if (handle == 0) return ACL_ERROR_RT_RESOURCE_ALLOC_FAIL;
  if (!add(c->ring->client, graph_handle, FLEXNPU_HANDLE_CONDITION, handle)) {
    fxd_handle_end(FLEXNPU_HANDLE_CONDITION, handle);
    return ACL_ERROR_RT_MEMORY_ALLOCATION;
  }
  fxd_put(c, handle);
  return ACL_SUCCESS;
}

aclError fxd_serve_aclmdlRICondHandleGetCondPtr(fxd_call *c) {
  uint64_t handle = fxd_peek(c);
  fxd_client *client = c->ring->client;
  aclmdlRICondHandle condition;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_CONDITION, &condition);
  bool wanted = fxd_take(c) != 0;
  if (error != ACL_SUCCESS || c->torn || !wanted) return error != ACL_SUCCESS ? error : ACL_ERROR_INVALID_PARAM;
  uint64_t *value = NULL;
  if ((error = fx_real.aclmdlRICondHandleGetCondPtr(condition, &value)) != ACL_SUCCESS) return error;
  fxd_part *p = part_of(client, handle);
  if (p == NULL) return ACL_ERROR_RT_INVALID_HANDLE;
  if (p->value == NULL && !fx_ranges_add(&client->held, value, sizeof *value, 0)) return ACL_ERROR_RT_MEMORY_ALLOCATION;
  p->value = value;
  fxd_put(c, (uint64_t)(uintptr_t)value);
  return ACL_SUCCESS;
}

/* The graphs of the branches are named, and end with the graph that the condition is of. */
static aclError put_branches(fxd_call *c, uint64_t graph, aclmdlRI *branches, uint32_t count) {
  uint64_t handles[MOST_BRANCHES];
  fxd_client *client = c->ring->client;
  for (uint32_t i = 0; i < count; i++) {
    handles[i] = fxd_graph_handle(client, branches[i]);
    if (handles[i] == 0 || !add(client, graph, FLEXNPU_HANDLE_GRAPH, handles[i])) return ACL_ERROR_RT_RESOURCE_ALLOC_FAIL;
  }
  fxd_put_bytes(c, handles, count * sizeof *handles);
  return ACL_SUCCESS;
}

aclError fxd_serve_aclmdlRIAddCondTask(fxd_call *c) {
  uint64_t handle = fxd_peek(c);
  aclmdlRICondTaskParams task = {0};
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_CONDITION, &task.handle);
  task.type = (aclmdlRICondTaskType)(uint32_t)fxd_take(c);
  task.size = (uint32_t)fxd_take(c);
  aclrtStream stream;
  if (error == ACL_SUCCESS) error = fxd_take_handle(c, FLEXNPU_HANDLE_STREAM, &stream);
  uint32_t flags = (uint32_t)fxd_take(c);
  if (error != ACL_SUCCESS || c->torn) return error != ACL_SUCCESS ? error : ACL_ERROR_INVALID_PARAM;
  if (task.size == 0 || task.size > MOST_BRANCHES) return ACL_ERROR_RT_PARAM_INVALID;
  const fxd_part *p = part_of(c->ring->client, handle);
  aclmdlRI branches[MOST_BRANCHES] = {NULL};
  task.modelRIArray = branches;
  if (p == NULL) return ACL_ERROR_RT_INVALID_HANDLE;
  error = fx_real.aclmdlRIAddCondTask(task, stream, flags);
  return error == ACL_SUCCESS ? put_branches(c, p->graph, branches, task.size) : error;
}

/* ---- persistent streams ---- */

/* What is handed over to a persistent stream is kept there: no marker may come among it. */
aclError fxd_serve_aclrtCreateStreamWithConfig(fxd_call *c) {
  bool wanted = fxd_take(c) != 0;
  uint32_t priority = (uint32_t)fxd_take(c), flags = (uint32_t)fxd_take(c);
  if (c->torn || !wanted) return ACL_ERROR_INVALID_PARAM;
  aclrtStream stream = NULL;
  aclError error = fx_real.aclrtCreateStreamWithConfig(&stream, priority, flags);
  if (error == ACL_SUCCESS) error = fxd_put_handle(c, FLEXNPU_HANDLE_STREAM, stream);
  if (error == ACL_SUCCESS && (flags & ACL_STREAM_PERSISTENT) != 0) fxd_stream_set_aside(c->number, true);
  return error;
}

/* ---- labels ---- */

aclError fxd_serve_aclrtCreateLabelList(fxd_call *c) {
  size_t bytes;
  const uint64_t *handles = fxd_take_bytes(c, &bytes);
  aclrtLabel labels[MOST_BRANCHES];
  size_t count = bytes / sizeof *handles;
  if (c->torn || handles == NULL || count == 0 || count > MOST_BRANCHES) return ACL_ERROR_INVALID_PARAM;
  for (size_t i = 0; i < count; i++) {
    aclError error = fxd_handle_real(c->ring->client, FLEXNPU_HANDLE_LABEL, handles[i], &labels[i]);
    if (error != ACL_SUCCESS) return error;
  }
  aclrtLabelList list;
  aclError error = fx_real.aclrtCreateLabelList(labels, count, &list);
  return error == ACL_SUCCESS ? fxd_put_handle(c, FLEXNPU_HANDLE_LABEL_LIST, list) : error;
}
