/* Devices as neighbours: who may reach whom, what is mapped for another, and what one can do in memory of another. */
#include "engine.h"
#include "memory.h"

/* Which devices a device was allowed to reach, as bits. */
static uint32_t reaches[SIM_MAX_DEVICES];

static bool may_reach(uint32_t id, uint32_t peer) { return (__atomic_load_n(&reaches[id], __ATOMIC_RELAXED) >> peer & 1u) != 0; }

static aclError two_devices(int32_t id, int32_t peer) {
  aclError error;
  if (sim_device_at(id, &error) == NULL || sim_device_at(peer, &error) == NULL) return error;
  return id != peer ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_INVALID_DEVICEID, "device %d is no neighbour of itself", id);
}

aclError sim_aclrtDeviceCanAccessPeer(int32_t *can, int32_t id, int32_t peer) {
  aclError error = two_devices(id, peer);
  if (error == ACL_SUCCESS) *can = 1;
  return error;
}

static aclError set_access(int32_t peer, bool allowed) {
  const sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  aclError error = two_devices((int32_t)context->device->index, peer);
  if (error != ACL_SUCCESS) return error;
  uint32_t bit = 1u << peer;
  if (allowed) __atomic_fetch_or(&reaches[context->device->index], bit, __ATOMIC_RELAXED);
  else __atomic_fetch_and(&reaches[context->device->index], ~bit, __ATOMIC_RELAXED);
  return ACL_SUCCESS;
}

aclError sim_aclrtDeviceEnablePeerAccess(int32_t peer, uint32_t flags) {
  if (flags != 0) return sim_fail(ACL_ERROR_INVALID_PARAM, "flags %u: expected 0", flags);
  return set_access(peer, true);
}
aclError sim_aclrtDeviceDisablePeerAccess(int32_t peer) { return set_access(peer, false); }

aclError sim_aclrtDevicePeerAccessStatus(int32_t id, int32_t peer, int32_t *status) {
  aclError error = two_devices(id, peer);
  if (error == ACL_SUCCESS) *status = may_reach((uint32_t)id, (uint32_t)peer);
  return error;
}

aclError sim_aclrtGetDevicesTopo(uint32_t id, uint32_t other, uint64_t *value) {
  aclError error = two_devices((int32_t)id, (int32_t)other);
  if (error == ACL_SUCCESS) *value = ACL_RT_DEVS_TOPOLOGY_HCCS;
  return error;
}

/* ---- memory of another ---- */

/* Every device of a simulator sees all memory as soon as it may: there is nothing to map ahead of the first access. */
aclError sim_aclrtMemP2PMap(void *pointer, size_t size, int32_t user, uint64_t flags) {
  if (size == 0 || flags != 0) return sim_fail(ACL_ERROR_INVALID_PARAM, "%zu bytes, flags %llu: expected some, and 0", size, (unsigned long long)flags);
  aclError error;
  const sim_device *device = sim_device_at(user, &error);
  if (device == NULL) return error;
  if (sim_current() == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  sim_allocation found;
  if (sim_memory_place(pointer, size) != SIM_PLACE_DEVICE || !sim_memory_allocation(pointer, &found)) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes at %p are not all device memory", size, pointer);
  }
  uint32_t other = (uint32_t)user;
  if (found.device == other || may_reach(found.device, other) || may_reach(other, found.device)) return ACL_SUCCESS;
  return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "devices %u and %u do not reach one another (aclrtDeviceEnablePeerAccess)", found.device, other);
}

/* ---- atomic operations ---- */

/* What these chips do in the memory of a neighbour as they copy, and nowhere else: signed numbers up to 32 bits. */
#define COPYING_ATOMICS (ACL_RT_ATOMIC_CAPABILITY_SIGNED | ACL_RT_ATOMIC_CAPABILITY_SCALAR8 | ACL_RT_ATOMIC_CAPABILITY_SCALAR16 | ACL_RT_ATOMIC_CAPABILITY_SCALAR32)

static bool copies(aclrtAtomicOperation operation) { return operation >= ACL_RT_ATOMIC_OPERATION_DMA_ADD && operation <= ACL_RT_ATOMIC_OPERATION_DMA_MAX; }

static aclError check_operations(const uint32_t *capabilities, const aclrtAtomicOperation *operations, uint32_t count) {
  if (capabilities == NULL || operations == NULL || count == 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "no operations to ask about");
  return ACL_SUCCESS;
}

static aclError answer(uint32_t *capabilities, const aclrtAtomicOperation *operations, uint32_t count, uint32_t of_copies) {
  for (uint32_t i = 0; i < count; i++) {
    int operation = (int)operations[i];
    if (operation < ACL_RT_ATOMIC_OPERATION_INTEGER_ADD || operation > ACL_RT_ATOMIC_OPERATION_SIMD_SCALAR_EXCH) {
      return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "atomic operation %d is not known", operation);
    }
  }
  for (uint32_t i = 0; i < count; i++) capabilities[i] = copies(operations[i]) ? of_copies : 0;
  return ACL_SUCCESS;
}

aclError sim_aclrtDeviceGetHostAtomicCapabilities(uint32_t *capabilities, const aclrtAtomicOperation *operations, const uint32_t count, int32_t id) {
  aclError error = check_operations(capabilities, operations, count);
  if (error != ACL_SUCCESS || sim_device_at(id, &error) == NULL) return error;
  return answer(capabilities, operations, count, 0);
}

aclError sim_aclrtDeviceGetP2PAtomicCapabilities(uint32_t *capabilities, const aclrtAtomicOperation *operations, const uint32_t count, int32_t id, int32_t peer) {
  aclError error = check_operations(capabilities, operations, count);
  if (error == ACL_SUCCESS) error = two_devices(id, peer);
  return error == ACL_SUCCESS ? answer(capabilities, operations, count, COPYING_ATOMICS) : error;
}
