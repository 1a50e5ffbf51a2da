/*
 * Virtual memory management: address ranges that are reserved on their own, physical memory that has no address, and
 * mappings between them. Physical memory is a file in memory, so the same bytes really show up wherever it is mapped.
 * It counts against the HBM from aclrtMallocPhysical until it is freed and no longer mapped.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "engine.h"
#include "addresses.h"
#include "ipc.h"
#include "machine.h"
#include "memory.h"
#include "ranges.h"

typedef struct {
  sim_slot slot;
  int file;
  size_t bytes;
  uint32_t device;
  uint32_t mappings;
  uint32_t handles; /* what aclrtFreePhysical has to be called for: the allocation, and each retaining */
  bool imported;      /* another process's: charged there */
  uint64_t shareable; /* 0: not shared */
} physical;

static sim_slab physicals = SIM_SLAB(physical, 65536);
static sim_ranges reservations; /* owner: device */
static sim_ranges mappings;     /* owner: device, accounted: the physical memory's slot */

/* What devices may do with mappings: `accounted` has two bits a device; without one only the memory's own uses it. */
static sim_ranges accesses;

static bool huge_aligned(uint64_t value) { return value % SIM_HUGE_PAGE_BYTES == 0; }

sim_place sim_vmm_place(uintptr_t address, size_t bytes) {
  if (reservations.count == 0 || sim_ranges_find(&reservations, address) == NULL) return SIM_PLACE_HOST;
  /* A range may run through neighbouring mappings. */
  while (bytes > 0) {
    const sim_range *mapping = sim_ranges_find(&mappings, address);
    if (mapping == NULL) return SIM_PLACE_DEVICE_BAD;
    size_t here = mapping->bytes - (address - mapping->address);
    if (here >= bytes) break;
    bytes -= here;
    address += here;
  }
  return SIM_PLACE_DEVICE;
}

bool sim_vmm_mapping(uintptr_t address, sim_allocation *found) {
  const sim_range *mapping = reservations.count > 0 ? sim_ranges_find(&mappings, address) : NULL;
  if (mapping == NULL) return false;
  *found = (sim_allocation){.base = (void *)mapping->address, .bytes = mapping->bytes, .device = mapping->owner, .page_bytes = SIM_HUGE_PAGE_BYTES};
  return true;
}

static void drop_physical(physical *memory) {
  if (memory->handles > 0 || memory->mappings > 0) return;
  close(memory->file);
  if (memory->shareable != 0) sim_ipc_physical_release(memory->shareable);
  if (!memory->imported) sim_hbm_give(memory->device, memory->bytes);
  sim_slab_give(&physicals, memory);
}

/* Takes a mapping away; its addresses stay reserved. */
static void unmap(sim_range *mapping) {
  physical *memory = sim_slab_at(&physicals, (uint32_t)mapping->accounted);
  void *again = mmap((void *)mapping->address, mapping->bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  (void)again;
  sim_range *access = sim_ranges_find(&accesses, mapping->address);
  if (access != NULL) sim_ranges_remove(&accesses, access);
  sim_ranges_remove(&mappings, mapping);
  memory->mappings--;
  drop_physical(memory);
}

void sim_vmm_close(uint32_t device) {
  for (size_t i = mappings.count; i > 0; i--) {
    if (mappings.items[i - 1].owner == device) unmap(&mappings.items[i - 1]);
  }
  for (size_t i = reservations.count; i > 0; i--) {
    sim_range *range = &reservations.items[i - 1];
    if (range->owner != device) continue;
    munmap((void *)range->address, range->bytes);
    sim_ranges_remove(&reservations, range);
  }
  for (uint32_t i = 0; i < physicals.touched; i++) {
    physical *memory = sim_slab_at(&physicals, i);
    if (!memory->slot.live || memory->device != device) continue;
    memory->handles = 0;
    drop_physical(memory);
  }
}

aclError sim_aclrtMemGetAllocationGranularity(aclrtPhysicalMemProp *prop, aclrtMemGranularityOptions option, size_t *granularity) {
  if (option != ACL_RT_MEM_ALLOC_GRANULARITY_MINIMUM && option != ACL_RT_MEM_ALLOC_GRANULARITY_RECOMMENDED) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "granularity option %d is not known", (int)option);
  }
  if (prop->location.type != ACL_MEM_LOCATION_TYPE_DEVICE) {
    return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "physical memory is on devices only");
  }
  *granularity = SIM_HUGE_PAGE_BYTES;
  return ACL_SUCCESS;
}

aclError sim_aclrtReserveMemAddress(void **address, size_t size, size_t alignment, void *expected, uint64_t flags) {
  if (size == 0 || size > SIM_DEVICE_ADDRESSES_END - SIM_DEVICE_ADDRESSES) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "size %zu cannot be reserved", size);
  if (alignment != 0 && !(alignment <= SIM_HUGE_PAGE_BYTES && (alignment & (alignment - 1)) == 0)) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "alignment %zu: expected 0 or a power of two up to 2 MiB", alignment);
  }
  if (flags > 1) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "flags %llu: expected 0 or 1", (unsigned long long)flags);
  if (!huge_aligned((uintptr_t)expected)) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is not aligned to 2 MiB", expected);
  uint64_t wish = (uint64_t)(uintptr_t)expected;
  if (wish != 0 && (wish < SIM_DEVICE_ADDRESSES || wish > SIM_DEVICE_ADDRESSES_END - size)) {
    return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "%p is not between 16 and 24 TiB", expected);
  }
  sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  size_t bytes = (size + SIM_HUGE_PAGE_BYTES - 1) / SIM_HUGE_PAGE_BYTES * SIM_HUGE_PAGE_BYTES;
  const int flags_of_range = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  /* The host aligns to its own pages: take 2 MiB more and give the ends back. */
  void *base = expected == NULL ? sim_map_device(bytes + SIM_HUGE_PAGE_BYTES, PROT_NONE, flags_of_range, -1, 0)
                                : mmap(expected, bytes + SIM_HUGE_PAGE_BYTES, PROT_NONE, flags_of_range | MAP_FIXED_NOREPLACE, -1, 0);
  if (base == MAP_FAILED) return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "the host gives no %zu bytes of address space", bytes);
  uintptr_t first = ((uintptr_t)base + SIM_HUGE_PAGE_BYTES - 1) / SIM_HUGE_PAGE_BYTES * SIM_HUGE_PAGE_BYTES;
  size_t before = first - (uintptr_t)base;
  if (before > 0) munmap(base, before);
  if (before < SIM_HUGE_PAGE_BYTES) munmap((void *)(first + bytes), SIM_HUGE_PAGE_BYTES - before);
  sim_memory_lock();
  bool added = sim_ranges_add(&reservations, (sim_range){first, bytes, 0, context->device->index});
  sim_memory_unlock();
  if (!added) {
    munmap((void *)first, bytes);
    return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory to keep track of the range");
  }
  *address = (void *)first;
  return ACL_SUCCESS;
}

aclError sim_aclrtReleaseMemAddress(void *address) {
  sim_memory_lock();
  aclError error = ACL_SUCCESS;
  sim_range *range = sim_ranges_find(&reservations, (uintptr_t)address);
  if (range == NULL || range->address != (uintptr_t)address) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%p was not given by aclrtReserveMemAddress", address);
  } else {
    size_t at = sim_ranges_lower_bound(&mappings, range->address);
    if (at < mappings.count && mappings.items[at].address - range->address < range->bytes) {
      error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "memory is still mapped in the range of %p", address);
    } else {
      munmap((void *)range->address, range->bytes);
      sim_ranges_remove(&reservations, range);
    }
  }
  sim_memory_unlock();
  return error;
}

aclError sim_aclrtMallocPhysical(aclrtDrvMemHandle *handle, size_t size, const aclrtPhysicalMemProp *prop, uint64_t flags) {
  if (size == 0 || !huge_aligned(size)) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "size %zu is no multiple of 2 MiB", size);
  if (flags != 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "flags %llu: expected 0", (unsigned long long)flags);
  if (prop->location.type != ACL_MEM_LOCATION_TYPE_DEVICE) {
    return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "physical memory is on devices only");
  }
  sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  aclError error;
  sim_device *device = sim_device_at((int64_t)prop->location.id, &error);
  if (device == NULL) return error;
  if (device->references == 0) return sim_fail(ACL_ERROR_RT_INVALID_DEVICEID, "device %u is not open", device->index);
  int file = memfd_create("npu-sim-hbm", MFD_CLOEXEC);
  if (file < 0 || ftruncate(file, (off_t)size) != 0) {
    if (file >= 0) close(file);
    return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "the host gives no memory file of %zu bytes", size);
  }
  sim_engine_lock();
  sim_memory_lock();
  error = ACL_SUCCESS;
  if (!sim_hbm_take(device->index, size)) {
    error = sim_fail(ACL_ERROR_RT_DEVICE_OOM, "device %u has no %zu bytes left", device->index, size);
  } else {
    physical *memory = sim_slab_take(&physicals);
    if (memory == NULL) {
      sim_hbm_give(device->index, size);
      error = sim_fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "no room for another physical allocation");
    } else {
      memory->file = file;
      memory->bytes = size;
      memory->device = device->index;
      memory->handles = 1;
      *handle = memory;
    }
  }
  sim_memory_unlock();
  sim_engine_unlock();
  if (error != ACL_SUCCESS) close(file);
  return error;
}

static physical *physical_of(aclrtDrvMemHandle handle, aclError *error) {
  physical *memory = sim_slab_find(&physicals, handle);
  if (memory != NULL && memory->handles == 0) memory = NULL;
  *error = memory != NULL ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is no physical memory", handle);
  return memory;
}

aclError sim_aclrtFreePhysical(aclrtDrvMemHandle handle) {
  sim_memory_lock();
  aclError error;
  physical *memory = physical_of(handle, &error);
  if (memory != NULL) {
    memory->handles--;
    drop_physical(memory);
  }
  sim_memory_unlock();
  return error;
}

static aclError map(uintptr_t address, size_t size, physical *memory) {
  const sim_range *range = sim_ranges_find(&reservations, address);
  if (range == NULL || size > range->bytes - (address - range->address)) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes at %p are not reserved", size, (void *)address);
  }
  size_t at = sim_ranges_lower_bound(&mappings, address);
  if (sim_ranges_find(&mappings, address) != NULL ||
      (at < mappings.count && mappings.items[at].address - address < size)) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "memory is mapped at %p already", (void *)address);
  }
  if (!sim_ranges_add(&mappings, (sim_range){address, size, memory->slot.index, range->owner})) {
    return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory to keep track of the mapping");
  }
  if (mmap((void *)address, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, memory->file, 0) == MAP_FAILED) {
    sim_ranges_remove(&mappings, sim_ranges_find(&mappings, address));
    return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "the host cannot map %zu bytes", size);
  }
  memory->mappings++;
  return ACL_SUCCESS;
}

aclError sim_aclrtMapMem(void *address, size_t size, size_t offset, aclrtDrvMemHandle handle, uint64_t flags) {
  if (offset != 0 || flags != 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "offset and flags: expected 0");
  if (size == 0 || !huge_aligned(size) || !huge_aligned((uintptr_t)address)) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes at %p: expected multiples of 2 MiB", size, address);
  }
  sim_memory_lock();
  aclError error;
  physical *memory = physical_of(handle, &error);
  if (memory != NULL && size > memory->bytes) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the physical memory has %zu bytes, not %zu", memory->bytes, size);
  } else if (memory != NULL) {
    error = map((uintptr_t)address, size, memory);
  }
  sim_memory_unlock();
  return error;
}

aclError sim_aclrtUnmapMem(void *address) {
  sim_memory_lock();
  sim_range *mapping = sim_ranges_find(&mappings, (uintptr_t)address);
  bool found = mapping != NULL && mapping->address == (uintptr_t)address;
  if (found) unmap(mapping);
  sim_memory_unlock();
  return found ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_PARAM_INVALID, "nothing is mapped at %p", address);
}

static uint64_t access_of(const sim_range *mapping) {
  const sim_range *known = sim_ranges_find(&accesses, mapping->address);
  return known != NULL ? known->accounted : (uint64_t)ACL_RT_MEM_ACCESS_FLAGS_READWRITE << 2 * mapping->owner;
}

static aclError set_access(const sim_range *mapping, const aclrtMemAccessDesc *wanted, size_t count) {
  uint64_t bits = access_of(mapping);
  for (size_t i = 0; i < count; i++) {
    aclError error;
    int flags = (int)wanted[i].flags;
    if (wanted[i].location.type != ACL_MEM_LOCATION_TYPE_DEVICE) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "access is given to devices only");
    if (sim_device_at(wanted[i].location.id, &error) == NULL) return error;
    if (flags != ACL_RT_MEM_ACCESS_FLAGS_NONE && flags != ACL_RT_MEM_ACCESS_FLAGS_READ && flags != ACL_RT_MEM_ACCESS_FLAGS_READWRITE) {
      return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "access %d is not known", flags);
    }
    bits = (bits & ~(3ull << 2 * wanted[i].location.id)) | (uint64_t)flags << 2 * wanted[i].location.id;
  }
  sim_range *known = sim_ranges_find(&accesses, mapping->address);
  if (known != NULL) known->accounted = bits;
  else if (!sim_ranges_add(&accesses, (sim_range){mapping->address, mapping->bytes, bits, mapping->owner})) {
    return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory to keep track of access");
  }
  return ACL_SUCCESS;
}

aclError sim_aclrtMemSetAccess(void *address, size_t size, aclrtMemAccessDesc *wanted, size_t count) {
  if (count == 0 || size == 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes for %zu devices", size, count);
  sim_memory_lock();
  const sim_range *mapping = sim_ranges_find(&mappings, (uintptr_t)address);
  bool whole = mapping != NULL && mapping->address == (uintptr_t)address && mapping->bytes == size;
  aclError error = whole ? set_access(mapping, wanted, count) : sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes at %p are not what is mapped there", size, address);
  sim_memory_unlock();
  return error;
}

aclError sim_aclrtMemGetAccess(void *address, aclrtMemLocation *location, uint64_t *flag) {
  aclError error;
  if (location->type != ACL_MEM_LOCATION_TYPE_DEVICE) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "access is given to devices only");
  if (sim_device_at(location->id, &error) == NULL) return error;
  sim_memory_lock();
  const sim_range *mapping = sim_ranges_find(&mappings, (uintptr_t)address);
  if (mapping != NULL) *flag = access_of(mapping) >> 2 * location->id & 3u;
  sim_memory_unlock();
  return mapping != NULL ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_PARAM_INVALID, "nothing is mapped at %p", address);
}

aclError sim_aclrtMemRetainAllocationHandle(void *address, aclrtDrvMemHandle *handle) {
  sim_memory_lock();
  const sim_range *mapping = sim_ranges_find(&mappings, (uintptr_t)address);
  /* The address is the one that was mapped; memory that was freed lives while it is mapped, and can be had again. */
  bool found = mapping != NULL && mapping->address == (uintptr_t)address;
  if (found) {
    physical *memory = sim_slab_at(&physicals, (uint32_t)mapping->accounted);
    memory->handles++;
    *handle = memory;
  }
  sim_memory_unlock();
  return found ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_PARAM_INVALID, "nothing is mapped at %p", address);
}

aclError sim_aclrtMemGetAllocationPropertiesFromHandle(aclrtDrvMemHandle handle, aclrtPhysicalMemProp *prop) {
  sim_memory_lock();
  aclError error;
  const physical *memory = physical_of(handle, &error);
  if (memory != NULL) {
    *prop = (aclrtPhysicalMemProp){.handleType = ACL_MEM_HANDLE_TYPE_NONE, .allocationType = ACL_MEM_ALLOCATION_TYPE_PINNED,
                                   .memAttr = ACL_HBM_MEM_HUGE, .location = {memory->device, ACL_MEM_LOCATION_TYPE_DEVICE}};
  }
  sim_memory_unlock();
  return error;
}

/* ---- for other processes ---- */

aclError sim_aclrtMemExportToShareableHandle(aclrtDrvMemHandle handle, aclrtMemHandleType type, uint64_t flags, uint64_t *shareable) {
  aclError error = sim_ipc_check("aclrtMemExportToShareableHandle");
  if (error != ACL_SUCCESS) return error;
  if (type != ACL_MEM_HANDLE_TYPE_NONE || flags > ACL_RT_VMM_EXPORT_FLAG_DISABLE_PID_VALIDATION) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "handle type %d, flags %llu are not known", (int)type, (unsigned long long)flags);
  }
  sim_memory_lock();
  physical *memory = physical_of(handle, &error);
  if (memory != NULL && memory->shareable != 0) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the physical memory is shared already");
  } else if (memory != NULL) {
    bool open_to_all = flags == ACL_RT_VMM_EXPORT_FLAG_DISABLE_PID_VALIDATION;
    error = sim_ipc_physical_export(memory->device, memory->file, memory->bytes, open_to_all, &memory->shareable);
    if (error == ACL_SUCCESS) *shareable = memory->shareable;
  }
  sim_memory_unlock();
  return error;
}

aclError sim_aclrtMemSetPidToShareableHandle(uint64_t shareable, int32_t *pids, size_t count) {
  aclError error = sim_ipc_check("aclrtMemSetPidToShareableHandle");
  return error == ACL_SUCCESS ? sim_ipc_physical_pids(shareable, pids, count) : error;
}

aclError sim_aclrtMemImportFromShareableHandle(uint64_t shareable, int32_t device_id, aclrtDrvMemHandle *handle) {
  aclError error = sim_ipc_check("aclrtMemImportFromShareableHandle");
  if (error != ACL_SUCCESS) return error;
  if (sim_device_at(device_id, &error) == NULL) return error;
  int file = -1;
  uint64_t bytes = 0;
  uint32_t device = 0;
  sim_engine_lock();
  sim_memory_lock();
  error = sim_ipc_physical_import(shareable, &file, &bytes, &device);
  physical *memory = file >= 0 ? sim_slab_take(&physicals) : NULL;
  if (memory != NULL) {
    memory->file = file;
    memory->bytes = bytes;
    memory->device = (uint32_t)device_id;
    memory->handles = 1;
    memory->imported = true;
    memory->shareable = shareable;
    *handle = memory;
  } else if (file >= 0) {
    close(file);
    sim_ipc_physical_release(shareable);
    error = sim_fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "no room for another physical allocation");
  }
  sim_memory_unlock();
  sim_engine_unlock();
  return error;
}
