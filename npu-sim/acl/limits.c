/*
 * How many cores a process or a stream may use. A limit is a hint for who plans the blocks of a kernel
 * (aclrtGetResInCurrentThread): the stream's before the process's before the chip's. Nothing here holds a kernel to it.
 */
#include "engine.h"

static aclError check_type(int type) {
  if (type == ACL_RT_DEV_RES_CUBE_CORE || type == ACL_RT_DEV_RES_VECTOR_CORE) return ACL_SUCCESS;
  return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "resource %d is not known", type);
}

/* The chip's cores, known once the device is open. */
static uint32_t cores_of(const sim_device *device, int type) {
  return type == ACL_RT_DEV_RES_CUBE_CORE ? device->chip.cube_cores : device->chip.vector_cores;
}

static uint32_t device_limit(const sim_device *device, int type) {
  return device->cores[type] != 0 ? device->cores[type] : cores_of(device, type);
}

static uint32_t stream_limit(const sim_stream *stream, int type) {
  return stream->cores[type] != 0 ? stream->cores[type] : device_limit(stream->device, type);
}

static aclError check_value(const sim_device *device, int type, uint32_t value) {
  if (value >= 1 && value <= cores_of(device, type)) return ACL_SUCCESS;
  return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%u cores: expected 1 to %u", value, cores_of(device, type));
}

/* An open device. */
static sim_device *device_of(int32_t id, aclError *error) {
  sim_device *device = sim_device_at(id, error);
  if (device != NULL && device->references == 0) {
    *error = sim_fail(ACL_ERROR_RT_INVALID_DEVICEID, "device %d is not open", id);
    return NULL;
  }
  return device;
}

aclError sim_aclrtGetDeviceResLimit(int32_t id, aclrtDevResLimitType type, uint32_t *value) {
  aclError error = check_type((int)type);
  if (error != ACL_SUCCESS) return error;
  const sim_device *device = device_of(id, &error);
  if (device != NULL) *value = device_limit(device, (int)type);
  return error;
}

aclError sim_aclrtSetDeviceResLimit(int32_t id, aclrtDevResLimitType type, uint32_t value) {
  aclError error = check_type((int)type);
  if (error != ACL_SUCCESS) return error;
  sim_device *device = device_of(id, &error);
  if (device != NULL) error = check_value(device, (int)type, value);
  if (error == ACL_SUCCESS) device->cores[type] = value;
  return error;
}

aclError sim_aclrtResetDeviceResLimit(int32_t id) {
  aclError error;
  sim_device *device = device_of(id, &error);
  if (device != NULL) device->cores[0] = device->cores[1] = 0;
  return error;
}

aclError sim_aclrtGetStreamResLimit(aclrtStream handle, aclrtDevResLimitType type, uint32_t *value) {
  aclError error = check_type((int)type);
  if (error != ACL_SUCCESS) return error;
  sim_engine_lock();
  const sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL) *value = stream_limit(stream, (int)type);
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtSetStreamResLimit(aclrtStream handle, aclrtDevResLimitType type, uint32_t value) {
  aclError error = check_type((int)type);
  if (error != ACL_SUCCESS) return error;
  sim_engine_lock();
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL) error = check_value(stream->device, (int)type, value);
  if (error == ACL_SUCCESS) stream->cores[type] = value;
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtResetStreamResLimit(aclrtStream handle) {
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL) stream->cores[0] = stream->cores[1] = 0;
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtUseStreamResInCurrentThread(aclrtStream handle) {
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL) {
    sim_self.limits_stream = stream;
    sim_self.limits_of = stream->serial;
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtUnuseStreamResInCurrentThread(aclrtStream handle) {
  sim_engine_lock();
  aclError error;
  const sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL && sim_self.limits_of == stream->serial) sim_self.limits_of = 0;
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtGetResInCurrentThread(aclrtDevResLimitType type, uint32_t *value) {
  aclError error = check_type((int)type);
  if (error != ACL_SUCCESS) return error;
  const sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  sim_engine_lock();
  /* A stream that ended left its number behind. */
  bool uses = sim_self.limits_of != 0 && sim_self.limits_stream->serial == sim_self.limits_of;
  *value = uses ? stream_limit(sim_self.limits_stream, (int)type) : device_limit(context->device, (int)type);
  sim_engine_unlock();
  return ACL_SUCCESS;
}
