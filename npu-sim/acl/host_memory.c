/*
 * Host memory that the device reaches: pinned, as aclrtMallocHost gives it, or the program's own, which it registers. A
 * simulated device sees either where it is.
 */
#include <sys/mman.h>

#include "engine.h"
#include "memory.h"
#include "ranges.h"

static sim_ranges pinned;
/* By the program: memory of its own, and parts of what is pinned. */
static sim_ranges registered;
/* Freed pinned memory stays mapped and is used again: a copy that is still queued must not find a hole. */
static sim_ranges released;

static bool holds(const sim_ranges *ranges, uintptr_t address, size_t bytes) {
  const sim_range *range = sim_ranges_find(ranges, address);
  return range != NULL && bytes <= range->bytes - (address - range->address);
}

bool sim_host_memory_holds(uintptr_t address, size_t bytes) { return holds(&pinned, address, bytes) || holds(&registered, address, bytes); }

bool sim_memory_pinned(const void *address, sim_allocation *found) {
  sim_memory_lock();
  const sim_range *mine = sim_ranges_find(&registered, (uintptr_t)address);
  const sim_range *range = mine != NULL ? mine : sim_ranges_find(&pinned, (uintptr_t)address);
  if (range != NULL) {
    *found = (sim_allocation){.base = (void *)range->address, .bytes = range->bytes, .page_bytes = SIM_SMALL_PAGE_BYTES, .registered = mine != NULL};
  }
  sim_memory_unlock();
  return range != NULL;
}

aclError sim_aclrtMallocHost(void **pointer, size_t size) {
  if (size == 0) return sim_fail(ACL_ERROR_INVALID_PARAM, "size is 0");
  if (size > SIZE_MAX / 4) return sim_fail(ACL_ERROR_INVALID_PARAM, "size %zu is too large", size);
  if (sim_current() == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  size_t bytes = (size + SIM_SMALL_PAGE_BYTES - 1) / SIM_SMALL_PAGE_BYTES * SIM_SMALL_PAGE_BYTES;
  void *memory = MAP_FAILED;
  sim_memory_lock();
  for (size_t i = 0; i < released.count && memory == MAP_FAILED; i++) {
    if (released.items[i].bytes != bytes) continue;
    memory = (void *)released.items[i].address;
    sim_ranges_remove(&released, &released.items[i]);
  }
  sim_memory_unlock();
  if (memory == MAP_FAILED) memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "the host has no %zu bytes", bytes);
  sim_memory_lock();
  bool added = sim_ranges_add(&pinned, (sim_range){(uintptr_t)memory, bytes, 0, 0});
  sim_memory_unlock();
  if (!added) {
    munmap(memory, bytes);
    return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory to keep track of pinned memory");
  }
  *pointer = memory;
  return ACL_SUCCESS;
}

/* The registrations that begin in those bytes end. */
static void forget(uintptr_t address, size_t bytes) {
  size_t at = sim_ranges_lower_bound(&registered, address);
  while (at < registered.count && registered.items[at].address - address < bytes) sim_ranges_remove(&registered, &registered.items[at]);
}

aclError sim_aclrtFreeHost(void *pointer) {
  sim_memory_lock();
  sim_range *range = sim_ranges_find(&pinned, (uintptr_t)pointer);
  size_t bytes = range != NULL && range->address == (uintptr_t)pointer ? range->bytes : 0;
  if (bytes != 0) {
    forget((uintptr_t)pointer, bytes);
    sim_ranges_remove(&pinned, range);
    madvise(pointer, bytes, MADV_DONTNEED);
    sim_ranges_add(&released, (sim_range){(uintptr_t)pointer, bytes, 0, 0});
  }
  sim_memory_unlock();
  if (bytes == 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%p was not given by aclrtMallocHost, or is freed already", pointer);
  return ACL_SUCCESS;
}

/* ---- registered ---- */

aclError sim_aclrtHostRegister(void *pointer, uint64_t size, aclrtHostRegisterType type, void **device_pointer) {
  if (size == 0 || size > SIZE_MAX / 4) return sim_fail(ACL_ERROR_INVALID_PARAM, "size %llu is none of memory", (unsigned long long)size);
  if ((uintptr_t)pointer % SIM_SMALL_PAGE_BYTES != 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is not where a page of 4 KB begins", pointer);
  if (type != ACL_HOST_REGISTER_MAPPED) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "register type %d is not simulated", (int)type);
  if (sim_current() == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  sim_memory_lock();
  size_t next = sim_ranges_lower_bound(&registered, (uintptr_t)pointer);
  bool known = sim_ranges_find(&registered, (uintptr_t)pointer) != NULL ||
               (next < registered.count && registered.items[next].address - (uintptr_t)pointer < size);
  bool added = !known && sim_ranges_add(&registered, (sim_range){(uintptr_t)pointer, size, 0, 0});
  sim_memory_unlock();
  if (known) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%p or what follows is registered already", pointer);
  if (!added) return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory to keep track of registered memory");
  *device_pointer = pointer;
  return ACL_SUCCESS;
}

aclError sim_aclrtHostRegisterV2(void *pointer, uint64_t size, uint32_t flag) {
  const uint32_t known = ACL_HOST_REG_MAPPED | ACL_HOST_REG_PINNED | ACL_HOST_REG_READONLY | ACL_HOST_REG_IOMEMORY;
  if (flag == 0 || (flag & ~known) != 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "register flags 0x%x are not known", flag);
  if ((flag & ACL_HOST_REG_IOMEMORY) != 0) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "memory of other devices is not simulated");
  void *unused;
  return sim_aclrtHostRegister(pointer, size, ACL_HOST_REGISTER_MAPPED, &unused);
}

aclError sim_aclrtHostGetDevicePointer(void *host, void **device, uint32_t flag) {
  if (flag != 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "flag %u: expected 0", flag);
  sim_allocation found;
  if (!sim_memory_pinned(host, &found) || !found.registered) return sim_fail(ACL_ERROR_HOST_MEMORY_NOT_REGISTERED, "%p was not registered", host);
  *device = host;
  return ACL_SUCCESS;
}

aclError sim_aclrtHostUnregister(void *pointer) {
  sim_memory_lock();
  sim_range *range = sim_ranges_find(&registered, (uintptr_t)pointer);
  bool ours = range != NULL && range->address == (uintptr_t)pointer;
  if (ours) sim_ranges_remove(&registered, range);
  sim_memory_unlock();
  return ours ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%p was not registered", pointer);
}
