/*
 * What a stream is told beside its work: how it is made in the long form, its attributes, how its failures end it, and
 * that it is to stop.
 */
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "machine.h"
#include "listeners.h"

#define LEAST_PRIORITY 7
#define GREATEST_PRIORITY 0

/* ---- configurations ---- */

aclrtStreamConfigHandle *sim_aclrtCreateStreamConfigHandle(void) {
  aclrtStreamConfigHandle *handle = calloc(1, sizeof *handle);
  if (handle == NULL) sim_fail(ACL_ERROR_BAD_ALLOC, "no host memory for a stream configuration");
  return handle;
}

aclError sim_aclrtDestroyStreamConfigHandle(aclrtStreamConfigHandle *handle) {
  free(handle);
  return ACL_SUCCESS;
}

aclError sim_aclrtSetStreamConfigOpt(aclrtStreamConfigHandle *handle, aclrtStreamConfigAttr attribute, const void *value, size_t bytes) {
  void *places[] = {&handle->workptr, &handle->workSize, &handle->flag, &handle->priority};
  const size_t sizes[] = {sizeof handle->workptr, sizeof handle->workSize, sizeof handle->flag, sizeof handle->priority};
  if ((int)attribute < ACL_RT_STREAM_WORK_ADDR_PTR || (int)attribute > ACL_RT_STREAM_PRIORITY) {
    return sim_fail(ACL_ERROR_INVALID_PARAM, "stream configuration %d is not known", (int)attribute);
  }
  /* CANN's own sample (3_stream_config_query) gives flags as the 32 bits that they are elsewhere. */
  if (attribute == ACL_RT_STREAM_FLAG && bytes == sizeof(uint32_t)) {
    uint32_t flags;
    memcpy(&flags, value, sizeof flags);
    handle->flag = flags;
    return ACL_SUCCESS;
  }
  if (bytes != sizes[attribute]) return sim_fail(ACL_ERROR_INVALID_PARAM, "the value has %zu bytes, not %zu", sizes[attribute], bytes);
  if (attribute == ACL_RT_STREAM_PRIORITY && *(const uint32_t *)value > LEAST_PRIORITY) return sim_fail(ACL_ERROR_INVALID_PARAM, "priority %u: expected 0 to %d", *(const uint32_t *)value, LEAST_PRIORITY);
  memcpy(places[attribute], value, bytes);
  return ACL_SUCCESS;
}

aclError sim_aclrtCreateStreamV2(aclrtStream *stream, const aclrtStreamConfigHandle *handle) {
  if (handle == NULL) return sim_aclrtCreateStream(stream);
  return sim_aclrtCreateStreamWithConfig(stream, handle->priority, (uint32_t)handle->flag);
}

/* ---- attributes ---- */

static aclError set_failure_mode(sim_stream *stream, uint64_t mode) {
  if (mode != ACL_CONTINUE_ON_FAILURE && mode != ACL_STOP_ON_FAILURE) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "failure mode %llu is not known", (unsigned long long)mode);
  }
  if (stream->failure_mode_set) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the failure mode of stream %d is set already", stream->id);
  stream->failure_mode_set = true;
  /* All streams of the context stop with one that is set so. */
  if (mode == ACL_STOP_ON_FAILURE && stream->context != NULL) stream->context->stops_on_failure = true;
  return ACL_SUCCESS;
}

static aclError set_attribute(sim_stream *stream, int attribute, const aclrtStreamAttrValue *value) {
  switch (attribute) {
    case ACL_STREAM_ATTR_FAILURE_MODE:
      return set_failure_mode(stream, value->failureMode);
    case ACL_STREAM_ATTR_FLOAT_OVERFLOW_CHECK:
      if (value->overflowSwitch > 1) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "overflow switch %u: expected 0 or 1", value->overflowSwitch);
      stream->overflow_switch = value->overflowSwitch;
      return ACL_SUCCESS;
    case ACL_STREAM_ATTR_USER_CUSTOM_TAG:
      stream->tag = value->userCustomTag;
      return ACL_SUCCESS;
    case ACL_STREAM_ATTR_CACHE_OP_INFO:
      if (value->cacheOpInfoSwitch > 1) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "switch %u: expected 0 or 1", value->cacheOpInfoSwitch);
      stream->cache_switch = value->cacheOpInfoSwitch;
      return ACL_SUCCESS;
    case ACL_STREAM_ATTR_PRIORITY:
      if (value->streamPriority > LEAST_PRIORITY) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "priority %u: expected 0 to 7", value->streamPriority);
      stream->priority = value->streamPriority;
      return ACL_SUCCESS;
    default:
      return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "stream attribute %d is not known", attribute);
  }
}

static aclError get_attribute(const sim_stream *stream, int attribute, aclrtStreamAttrValue *value) {
  switch (attribute) {
    case ACL_STREAM_ATTR_FAILURE_MODE:
      value->failureMode = stream->context != NULL && stream->context->stops_on_failure ? ACL_STOP_ON_FAILURE : ACL_CONTINUE_ON_FAILURE;
      return ACL_SUCCESS;
    case ACL_STREAM_ATTR_FLOAT_OVERFLOW_CHECK:
      value->overflowSwitch = stream->overflow_switch;
      return ACL_SUCCESS;
    case ACL_STREAM_ATTR_USER_CUSTOM_TAG:
      value->userCustomTag = stream->tag;
      return ACL_SUCCESS;
    case ACL_STREAM_ATTR_CACHE_OP_INFO:
      value->cacheOpInfoSwitch = stream->cache_switch;
      return ACL_SUCCESS;
    case ACL_STREAM_ATTR_PRIORITY:
      value->streamPriority = stream->priority;
      return ACL_SUCCESS;
    default:
      return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "stream attribute %d is not known", attribute);
  }
}

aclError sim_aclrtSetStreamAttribute(aclrtStream handle, aclrtStreamAttr attribute, aclrtStreamAttrValue *value) {
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL) error = set_attribute(stream, (int)attribute, value);
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtGetStreamAttribute(aclrtStream handle, aclrtStreamAttr attribute, aclrtStreamAttrValue *value) {
  sim_engine_lock();
  aclError error;
  const sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL) error = get_attribute(stream, (int)attribute, value);
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtSetStreamFailureMode(aclrtStream stream, uint64_t mode) {
  aclrtStreamAttrValue value = {.failureMode = mode};
  return sim_aclrtSetStreamAttribute(stream, ACL_STREAM_ATTR_FAILURE_MODE, &value);
}

aclError sim_aclrtSetStreamOverflowSwitch(aclrtStream stream, uint32_t flag) {
  aclrtStreamAttrValue value = {.overflowSwitch = flag};
  return sim_aclrtSetStreamAttribute(stream, ACL_STREAM_ATTR_FLOAT_OVERFLOW_CHECK, &value);
}

aclError sim_aclrtGetStreamOverflowSwitch(aclrtStream stream, uint32_t *flag) {
  aclrtStreamAttrValue value = {0};
  aclError error = sim_aclrtGetStreamAttribute(stream, ACL_STREAM_ATTR_FLOAT_OVERFLOW_CHECK, &value);
  if (error == ACL_SUCCESS) *flag = value.overflowSwitch;
  return error;
}

aclError sim_aclrtStreamGetFlags(aclrtStream handle, uint32_t *flags) {
  sim_engine_lock();
  aclError error;
  const sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL) *flags = stream->flags;
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtGetStreamAvailableNum(uint32_t *count) {
  sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  sim_engine_lock();
  *count = SIM_STREAMS_PER_DEVICE - context->device->streams;
  sim_engine_unlock();
  return ACL_SUCCESS;
}

aclError sim_aclrtDeviceGetStreamPriorityRange(int32_t *least, int32_t *greatest) {
  if (sim_current() == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  *least = LEAST_PRIORITY;
  *greatest = GREATEST_PRIORITY;
  return ACL_SUCCESS;
}

/* ---- ends of work ---- */

aclError sim_aclrtStreamAbort(aclrtStream handle) {
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL && stream->capture != NULL) {
    error = sim_fail(ACL_ERROR_RT_STREAM_CAPTURED, "stream %d is being captured", stream->id);
  } else if (stream != NULL) {
    sim_stream_abort(stream, ACL_ERROR_RT_STREAM_ABORT);
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtStreamStop(aclrtStream handle) {
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL && sim_shared != NULL) {
    error = sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "on a machine that processes share no stream is stopped");
  } else if (stream != NULL) {
    sim_engine_poll(); /* what runs by now */
    if (stream->state == SIM_STREAM_RUNNING && !stream->executing) sim_play_stop(stream);
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtDeviceTaskAbort(int32_t id, uint32_t timeout) {
  aclError error;
  const sim_device *device = sim_device_at(id, &error);
  if (device == NULL) return error;
  if (device->references == 0) return sim_fail(ACL_ERROR_RT_INVALID_DEVICEID, "device %d is not open", id);
  /* Nothing here outlasts the timeout but kernels' functions. */
  sim_tell_abort(id, ACL_RT_DEVICE_TASK_ABORT_PRE, timeout);
  sim_engine_lock();
  for (uint32_t i = 0; i < sim_streams.touched; i++) {
    sim_stream *stream = sim_slab_at(&sim_streams, i);
    if (stream->slot.live && stream->device == device && stream->context != NULL) sim_stream_abort(stream, ACL_ERROR_RT_DEVICE_TASK_ABORT);
  }
  sim_engine_unlock();
  sim_tell_abort(id, ACL_RT_DEVICE_TASK_ABORT_POST, timeout);
  return ACL_SUCCESS;
}
