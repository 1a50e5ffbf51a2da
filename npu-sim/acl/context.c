/*
 * Contexts and what is current in a thread. Every device has one default context, shared by all threads that set the
 * device; explicit ones belong to who made them. A thread remembers its context by serial, so one that ended under it
 * is noticed (107002) and never followed.
 */
#include "engine.h"
#include "graph.h"

sim_slab sim_contexts = SIM_SLAB(sim_context, 4096);

static uint32_t last_serial;

sim_context *sim_current(void) {
  sim_context *context = sim_self.context;
  if (__builtin_expect(context != NULL && __atomic_load_n(&context->slot.live, __ATOMIC_ACQUIRE) != 0 &&
                           context->serial == sim_self.context_serial, 1)) {
    return context;
  }
  sim_fail(ACL_ERROR_RT_CONTEXT_NULL, context == NULL ? "the thread has no current context: call aclrtSetDevice first"
                                                      : "the thread's current context was destroyed");
  return NULL;
}

void sim_context_enter(sim_context *context) {
  sim_self.context = context;
  sim_self.context_serial = context->serial;
}

sim_context *sim_context_create(sim_device *device, bool is_default, aclError *error) {
  sim_context *context = sim_slab_take(&sim_contexts);
  if (context == NULL) {
    *error = sim_fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "no room for another context");
    return NULL;
  }
  context->serial = ++last_serial;
  context->is_default = is_default;
  context->device = device;
  for (uint32_t i = 0; i < SIM_SYSTEM_OPTIONS; i++) context->system_options[i] = SIM_UNSET;
  context->default_stream = sim_stream_create(device, context, error);
  if (context->default_stream == NULL) {
    sim_slab_give(&sim_contexts, context);
    return NULL;
  }
  context->default_stream->is_default = true;
  return context;
}

void sim_context_destroy(sim_context *context, bool force) {
  while (context->streams != NULL) {
    sim_stream *stream = context->streams;
    if (!force && stream->completed < stream->submitted) {
      sim_engine_wait_stream(stream, -1);
      continue; /* the list may have changed meanwhile */
    }
    sim_graph_leave(stream);
    if (stream->executing) {
      /* The leader runs its function: it discards the stream, which must not point back here then. */
      stream->doomed = true;
      context->streams = stream->next_in_context;
      if (!stream->is_default) stream->device->streams--;
      stream->context = NULL;
    } else {
      sim_stream_discard(stream);
    }
  }
  sim_slab_give(&sim_contexts, context);
}

aclError sim_aclrtCreateContext(aclrtContext *handle, int32_t device_id) {
  aclError error;
  sim_device *device = sim_device_at(device_id, &error);
  if (device == NULL) return error;
  /* A context keeps its device open until aclrtDestroyContext. */
  error = sim_device_acquire(device);
  if (error != ACL_SUCCESS) return error;
  sim_engine_lock();
  sim_context *context = sim_context_create(device, false, &error);
  if (context != NULL) {
    sim_context_enter(context);
    *handle = context;
  }
  sim_engine_unlock();
  if (context == NULL) sim_device_release(device, false);
  return error;
}

static sim_context *context_of(aclrtContext handle, aclError *error) {
  sim_context *context = sim_slab_find(&sim_contexts, handle);
  *error = context != NULL ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_CONTEXT_NULL, "%p is no context", handle);
  return context;
}

aclError sim_aclrtDestroyContext(aclrtContext handle) {
  sim_engine_lock();
  aclError error;
  sim_context *context = context_of(handle, &error);
  sim_device *device = NULL;
  if (context != NULL && context->is_default) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the default context ends with aclrtResetDevice");
  } else if (context != NULL) {
    device = context->device;
    sim_context_destroy(context, false);
  }
  sim_engine_unlock();
  if (device != NULL) error = sim_device_release(device, false);
  return error;
}

aclError sim_aclrtSetCurrentContext(aclrtContext handle) {
  aclError error;
  sim_context *context = context_of(handle, &error);
  if (context != NULL) sim_context_enter(context);
  return error;
}

aclError sim_aclrtGetCurrentContext(aclrtContext *handle) {
  sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  *handle = context;
  return ACL_SUCCESS;
}

aclError sim_aclrtCtxGetCurrentDefaultStream(aclrtStream *handle) {
  sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  *handle = context->default_stream;
  return ACL_SUCCESS;
}
