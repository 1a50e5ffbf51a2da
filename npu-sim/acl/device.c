/*
 * Devices: opened by the first aclrtSetDevice or context, counted by reference, given back with everything on them when
 * the count comes to 0. The model of a device lives as long as the process, so its statistics cover all of it.
 */
#include "binary_image.h"
#include "engine.h"
#include "graph.h"
#include "memory.h"
#include "machine.h"
#include "listeners.h"

static sim_device devices[SIM_MAX_DEVICES];
/* Opening and closing, which wait for the device, one at a time. Taken before the engine's lock. */
static pthread_mutex_t open_lock = PTHREAD_MUTEX_INITIALIZER;

sim_device *sim_device_slot(uint32_t index) { return &devices[index]; }

sim_device *sim_device_at(int64_t index, aclError *error) {
  *error = sim_configure();
  if (*error != ACL_SUCCESS) return NULL;
  if (index < 0 || index >= (int64_t)sim_configuration.devices) {
    *error = sim_fail(ACL_ERROR_RT_INVALID_DEVICEID, "device %lld: there are %u", (long long)index, sim_configuration.devices);
    return NULL;
  }
  return &devices[index];
}

/* First reference: model, memory, default context. */
static aclError open_device(sim_device *device) {
  sim_engine_lock();
  aclError error = sim_engine_start();
  if (error == ACL_SUCCESS && device->model == NULL) {
    device->model_next_ns = SIM_NEVER;
    device->first_ns = SIM_NEVER;
    device->model = sim_model_create(sim_configuration.chip);
    if (device->model == NULL) error = sim_fail(ACL_ERROR_RT_DEV_SETUP_ERROR, "device %u: the execution model does not start", device->index);
    else device->chip = sim_model_chip(device->model);
    if (device->model != NULL && sim_shared != NULL) sim_machine_open_device(device->index, device->model);
  }
  if (error == ACL_SUCCESS) error = sim_memory_open(device);
  if (error == ACL_SUCCESS) device->default_context = sim_context_create(device, true, &error);
  sim_engine_unlock();
  return error;
}

/* Last reference: contexts with their streams, then memory. */
static void close_device(sim_device *device, bool force) {
  sim_engine_lock();
  for (uint32_t i = 0; i < sim_contexts.touched; i++) {
    sim_context *context = sim_slab_at(&sim_contexts, i);
    if (context->slot.live && context->device == device) sim_context_destroy(context, force);
  }
  device->default_context = NULL;
  /* Functions that still run may touch memory; the device's address space stays, so they do no harm. */
  sim_branches_forget(device);
  sim_memory_close(device);
  sim_binary_images_forget(device);
  device->sync_words = NULL;
  sim_engine_unlock();
}

aclError sim_device_acquire(sim_device *device) {
  pthread_mutex_lock(&open_lock);
  aclError error = ACL_SUCCESS;
  if (device->references == 0) {
    device->index = (uint32_t)(device - devices);
    error = open_device(device);
  }
  if (error == ACL_SUCCESS) device->references++;
  pthread_mutex_unlock(&open_lock);
  return error;
}

aclError sim_device_release(sim_device *device, bool force) {
  pthread_mutex_lock(&open_lock);
  aclError error = ACL_SUCCESS;
  if (device->references == 0) {
    error = sim_fail(ACL_ERROR_RT_INVALID_DEVICEID, "device %u is not open", (uint32_t)(device - devices));
  } else {
    device->references = force ? 0 : device->references - 1;
    if (device->references == 0) close_device(device, force);
  }
  pthread_mutex_unlock(&open_lock);
  return error;
}

void sim_devices_finalize(void) {
  for (uint32_t i = 0; i < sim_configuration.devices; i++) {
    pthread_mutex_lock(&open_lock);
    if (devices[i].references > 0) {
      devices[i].references = 0;
      close_device(&devices[i], false);
    }
    pthread_mutex_unlock(&open_lock);
  }
}

aclError sim_aclrtSetDevice(int32_t id) {
  aclError error;
  sim_device *device = sim_device_at(id, &error);
  if (device == NULL) return error;
  sim_tell_device(id, ACL_RT_DEVICE_STATE_SET_PRE);
  error = sim_device_acquire(device);
  if (error != ACL_SUCCESS) return error;
  sim_context_enter(device->default_context);
  sim_tell_device(id, ACL_RT_DEVICE_STATE_SET_POST);
  return ACL_SUCCESS;
}

static aclError reset(int32_t id, bool force) {
  aclError error;
  sim_device *device = sim_device_at(id, &error);
  if (device == NULL) return error;
  sim_tell_device(id, ACL_RT_DEVICE_STATE_RESET_PRE);
  error = sim_device_release(device, force);
  if (error == ACL_SUCCESS) sim_tell_device(id, ACL_RT_DEVICE_STATE_RESET_POST);
  return error;
}

aclError sim_aclrtResetDevice(int32_t id) { return reset(id, false); }
aclError sim_aclrtResetDeviceForce(int32_t id) { return reset(id, true); }

aclError sim_aclrtGetDevice(int32_t *id) {
  sim_context *context = sim_current();
  if (__builtin_expect(context == NULL, 0)) return ACL_ERROR_RT_CONTEXT_NULL;
  *id = (int32_t)context->device->index;
  return ACL_SUCCESS;
}

aclError sim_aclrtGetDeviceCount(uint32_t *count) {
  aclError error = sim_configure();
  if (error == ACL_SUCCESS) *count = sim_configuration.devices;
  return error;
}

aclError sim_aclrtGetDeviceInfo(uint32_t id, aclrtDevAttr attribute, int64_t *value) {
  aclError error;
  sim_device *device = sim_device_at(id, &error);
  if (device == NULL) return error;
  sim_chip chip = device->chip;
  if (device->model == NULL) {
    /* Not opened yet: a model of its own answers, and goes away. */
    sim_model *model = sim_model_create(sim_configuration.chip);
    if (model == NULL) return sim_fail(ACL_ERROR_RT_DEV_SETUP_ERROR, "device %u: the execution model does not start", id);
    chip = sim_model_chip(model);
    sim_model_destroy(model);
  }
  switch ((int)attribute) {
    case ACL_DEV_ATTR_AICORE_CORE_NUM:
    case ACL_DEV_ATTR_CUBE_CORE_NUM:
      *value = chip.cube_cores;
      return ACL_SUCCESS;
    case ACL_DEV_ATTR_VECTOR_CORE_NUM:
      *value = chip.vector_cores;
      return ACL_SUCCESS;
    case ACL_DEV_ATTR_TOTAL_GLOBAL_MEM_SIZE:
      *value = (int64_t)chip.hbm_bytes;
      return ACL_SUCCESS;
    case ACL_DEV_ATTR_L2_CACHE_SIZE:
      *value = (int64_t)chip.l2_bytes;
      return ACL_SUCCESS;
    case ACL_DEV_ATTR_PHY_CHIP_ID:
      *value = id;
      return ACL_SUCCESS;
    case ACL_DEV_ATTR_IS_VIRTUAL:
      *value = 0;
      return ACL_SUCCESS;
    default:
      return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "device attribute %d is not simulated", (int)attribute);
  }
}
