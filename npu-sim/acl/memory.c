/*
 * Device memory. Each device has an address space twice its HBM, reserved once and backed by the host page by page as it
 * is touched; what counts against the HBM is what AscendCL would have allocated, page rounding
 * included, so a program runs out of memory where it would on the chip.
 */
#include "memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include "addresses.h"
#include "binary_image.h"
#include "ipc.h"
#include "machine.h"
#include "managed.h"
#include "ranges.h"

/* AscendCL rounds a size up to 32 bytes and adds 32 spare ones (shared/facts/acl.md). */
#define SIZE_STEP 32u
#define SPARE_BYTES 32u
/* Small allocations start on 512 bytes, as the driver gives them; AscendCL promises 64. */
#define SMALL_STEP 512u
#define GIB_PAGE (1ull << 30)

static pthread_mutex_t memory_lock = PTHREAD_MUTEX_INITIALIZER;

typedef struct {
  uintptr_t base; /* 0: not open */
  uintptr_t mapped; /* where the file's beginning is */
  size_t bytes;
  uintptr_t cursor; /* where the search for a gap begins */
  uint64_t most_bytes; /* that this process has used at once */
  uint64_t hbm_bytes, used_bytes; /* on a shared machine the used ones are counted there */
  int file; /* on a shared machine, so that other processes can map it; -1 */
  sim_ranges allocations;
} arena;

static arena arenas[SIM_MAX_DEVICES];
/* In the owner of an allocation. */
#define MANAGED 0x80000000u

void sim_memory_lock(void) { pthread_mutex_lock(&memory_lock); }
void sim_memory_unlock(void) { pthread_mutex_unlock(&memory_lock); }

static uint64_t round_up(uint64_t value, uint64_t step) { return (value + step - 1) / step * step; }

aclError sim_memory_open(sim_device *device) {
  arena *a = &arenas[device->index];
  if (a->base != 0) return ACL_SUCCESS;
  size_t bytes = 2 * device->chip.hbm_bytes;
  size_t reserved = bytes + SIM_HUGE_PAGE_BYTES;
  int file = sim_shared != NULL ? memfd_create("npu-sim-hbm", MFD_CLOEXEC) : -1;
  void *base = MAP_FAILED;
  if (sim_shared == NULL) base = sim_map_device(reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  else if (file >= 0 && ftruncate(file, (off_t)reserved) == 0) base = sim_map_device(reserved, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file, 0);
  if (base == MAP_FAILED) {
    if (file >= 0) close(file);
    return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "the host gives no %zu bytes of address space for device %u", bytes, device->index);
  }
  madvise(base, bytes + SIM_HUGE_PAGE_BYTES, MADV_DONTDUMP);
  sim_memory_lock();
  a->hbm_bytes = device->chip.hbm_bytes;
  a->used_bytes = 0;
  a->bytes = bytes;
  a->file = file;
  a->mapped = (uintptr_t)base;
  a->cursor = round_up((uintptr_t)base, SIM_HUGE_PAGE_BYTES);
  __atomic_store_n(&a->base, a->cursor, __ATOMIC_RELEASE);
  sim_memory_unlock();
  return ACL_SUCCESS;
}

/* HBM in use, of all processes on a shared machine. There the machine's lock is held. */
static uint64_t used_bytes(uint32_t device) {
  if (sim_shared == NULL) return arenas[device].used_bytes;
  uint64_t used = sim_ipc_orphaned_bytes(device);
  for (uint32_t i = 0; i < SIM_MEMBERS; i++) used += sim_shared->members[i].hbm_bytes[device];
  return used;
}

static uint64_t free_bytes(uint32_t device) {
  uint64_t used = used_bytes(device);
  return used < arenas[device].hbm_bytes ? arenas[device].hbm_bytes - used : 0;
}

static uint64_t my_bytes(uint32_t device) {
  return sim_shared == NULL ? arenas[device].used_bytes : sim_me()->hbm_bytes[device];
}

bool sim_hbm_take(uint32_t device, uint64_t bytes) {
  if (sim_shared == NULL) {
    if (bytes > free_bytes(device)) return false;
    arenas[device].used_bytes += bytes;
    return true;
  }
  sim_machine_lock();
  if (bytes > free_bytes(device)) sim_machine_bury();
  bool enough = bytes <= free_bytes(device);
  if (enough) {
    SIM_NOTE(sim_me()->hbm_bytes[device]);
    sim_me()->hbm_bytes[device] += bytes;
  }
  sim_machine_unlock();
  return enough;
}

void sim_hbm_give(uint32_t device, uint64_t bytes) {
  if (sim_shared == NULL) {
    arenas[device].used_bytes -= bytes;
    return;
  }
  sim_machine_lock();
  SIM_NOTE(sim_me()->hbm_bytes[device]);
  sim_me()->hbm_bytes[device] -= bytes;
  sim_machine_unlock();
}

static uint64_t available_bytes(uint32_t device) {
  if (sim_shared == NULL) return free_bytes(device);
  sim_machine_lock();
  sim_machine_bury();
  uint64_t bytes = free_bytes(device);
  sim_machine_unlock();
  return bytes;
}

/* The host's pages of a range of device memory; a file's pages are other processes' too. */
static void give_pages_back(uintptr_t first, uintptr_t end) {
  if (end > first) madvise((void *)first, end - first, sim_shared != NULL ? MADV_REMOVE : MADV_DONTNEED);
}

bool sim_memory_file(const void *pointer, size_t bytes, uint32_t *device, int *file, uint64_t *offset) {
  uintptr_t address = (uintptr_t)pointer;
  bool found = false;
  sim_memory_lock();
  for (uint32_t i = 0; i < sim_configuration.devices && !found; i++) {
    const arena *a = &arenas[i];
    if (a->base == 0 || address - a->base >= a->bytes) continue;
    const sim_range *range = sim_ranges_find(&a->allocations, address);
    if (range == NULL || bytes > range->bytes - (address - range->address)) break;
    *device = i;
    *file = a->file;
    *offset = address - a->mapped;
    found = true;
  }
  sim_memory_unlock();
  return found;
}

void sim_memory_close(sim_device *device) {
  arena *a = &arenas[device->index];
  sim_memory_lock();
  if (a->base != 0) give_pages_back(a->base, a->base + a->bytes);
  if (sim_shared != NULL) sim_ipc_close_device(device->index);
  sim_managed_close(device->index);
  a->allocations.count = 0;
  a->cursor = a->base;
  sim_vmm_close(device->index);
  uint64_t left = my_bytes(device->index);
  if (left > 0) sim_hbm_give(device->index, left);
  sim_memory_unlock();
}


/* ---- places ---- */

sim_place sim_memory_place(const void *pointer, size_t bytes) {
  uintptr_t address = (uintptr_t)pointer;
  for (uint32_t i = 0; i < sim_configuration.devices; i++) {
    uintptr_t base = __atomic_load_n(&arenas[i].base, __ATOMIC_ACQUIRE);
    if (base == 0 || address - base >= arenas[i].bytes) continue;
    sim_memory_lock();
    const sim_range *range = sim_ranges_find(&arenas[i].allocations, address);
    bool inside = range != NULL && bytes <= range->bytes - (address - range->address);
    sim_memory_unlock();
    return inside ? SIM_PLACE_DEVICE : SIM_PLACE_DEVICE_BAD;
  }
  sim_memory_lock();
  sim_place place = sim_vmm_place(address, bytes);
  bool inside = false;
  if (place == SIM_PLACE_HOST && sim_ipc_holds(address, bytes, &inside)) place = inside ? SIM_PLACE_DEVICE : SIM_PLACE_DEVICE_BAD;
  sim_allocation variable;
  if (place == SIM_PLACE_HOST && sim_variable_at(address, &variable)) {
    place = bytes <= variable.bytes - (address - (uintptr_t)variable.base) ? SIM_PLACE_DEVICE : SIM_PLACE_DEVICE_BAD;
  }
  if (place == SIM_PLACE_HOST && sim_host_memory_holds(address, bytes)) place = SIM_PLACE_PINNED;
  sim_memory_unlock();
  return place;
}

/* ---- device memory ---- */

/* An unused stretch of the address space, or 0: on from the cursor, else the first gap. */
static uintptr_t find_gap(arena *a, size_t bytes, size_t alignment) {
  uintptr_t end = a->base + a->bytes;
  uintptr_t at = round_up(a->cursor, alignment);
  if (sim_ranges_lower_bound(&a->allocations, a->cursor) == a->allocations.count && at + bytes <= end) return at;
  at = a->base;
  for (size_t i = 0; i < a->allocations.count; i++) {
    const sim_range *range = &a->allocations.items[i];
    if (range->address >= at && range->address - at >= bytes) return at;
    at = round_up(range->address + range->bytes, alignment);
  }
  return at + bytes <= end ? at : 0;
}

/* What the policy makes of a size: the bytes that count, and the alignment. */
static uint64_t page_bytes(aclrtMemMallocPolicy policy, uint64_t bytes) {
  switch ((int)policy & 0xff) {
    case ACL_MEM_MALLOC_HUGE_ONLY:
    case ACL_MEM_MALLOC_HUGE_ONLY_P2P:
      return SIM_HUGE_PAGE_BYTES;
    case ACL_MEM_MALLOC_NORMAL_ONLY:
    case ACL_MEM_MALLOC_NORMAL_ONLY_P2P:
      return SIM_SMALL_PAGE_BYTES;
    case ACL_MEM_MALLOC_HUGE1G_ONLY:
    case ACL_MEM_MALLOC_HUGE1G_ONLY_P2P:
      return GIB_PAGE;
    default:
      return bytes >= SIM_HUGE_PAGE_BYTES ? SIM_HUGE_PAGE_BYTES : SMALL_STEP;
  }
}

static aclError allocate(void **pointer, size_t size, uint64_t spare, aclrtMemMallocPolicy policy, uint32_t mark) {
  if (size == 0) return sim_fail(ACL_ERROR_INVALID_PARAM, "size is 0");
  if (size > SIZE_MAX / 4) return sim_fail(ACL_ERROR_INVALID_PARAM, "size %zu is too large", size);
  sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  sim_device *device = context->device;
  arena *a = &arenas[device->index];
  uint64_t bytes = round_up(size, SIZE_STEP) + spare;
  uint64_t page = page_bytes(policy, bytes);
  uint64_t accounted = round_up(bytes, page);
  sim_memory_lock();
  aclError error = ACL_SUCCESS;
  if (!sim_hbm_take(device->index, accounted)) {
    error = sim_fail(ACL_ERROR_RT_DEVICE_OOM, "device %u: %llu bytes asked for, %llu of %llu free", device->index,
                     (unsigned long long)accounted, (unsigned long long)available_bytes(device->index),
                     (unsigned long long)a->hbm_bytes);
  } else {
    uintptr_t at = find_gap(a, accounted, page);
    if (at == 0 || !sim_ranges_add(&a->allocations, (sim_range){at, accounted, accounted, device->index | mark})) {
      sim_hbm_give(device->index, accounted);
      error = sim_fail(ACL_ERROR_RT_DEVICE_OOM, "device %u: no stretch of %llu bytes is free", device->index, (unsigned long long)accounted);
    } else {
      a->cursor = at + accounted;
      if (my_bytes(device->index) > a->most_bytes) a->most_bytes = my_bytes(device->index);
      *pointer = (void *)at;
    }
  }
  sim_memory_unlock();
  return error;
}

aclError sim_aclrtMalloc(void **pointer, size_t size, aclrtMemMallocPolicy policy) {
  return allocate(pointer, size, SPARE_BYTES, policy, 0);
}

aclError sim_memory_allocate_managed(void **pointer, size_t size) { return allocate(pointer, size, 0, ACL_MEM_MALLOC_HUGE_ONLY, MANAGED); }

aclError sim_aclrtMallocAlign32(void **pointer, size_t size, aclrtMemMallocPolicy policy) {
  return allocate(pointer, size, 0, policy, 0);
}

bool sim_memory_allocation(const void *address, sim_allocation *found) {
  sim_memory_lock();
  const sim_range *range = NULL;
  for (uint32_t i = 0; i < sim_configuration.devices && range == NULL; i++) {
    if (arenas[i].base != 0) range = sim_ranges_find(&arenas[i].allocations, (uintptr_t)address);
  }
  if (range != NULL) {
    *found = (sim_allocation){.base = (void *)range->address, .bytes = range->bytes, .device = range->owner & ~MANAGED,
                              .page_bytes = range->bytes % SIM_HUGE_PAGE_BYTES == 0 ? SIM_HUGE_PAGE_BYTES : SIM_SMALL_PAGE_BYTES,
                              .managed = (range->owner & MANAGED) != 0};
  }
  bool mapped = range == NULL && (sim_vmm_mapping((uintptr_t)address, found) || sim_variable_at((uintptr_t)address, found));
  sim_memory_unlock();
  return range != NULL || mapped;
}

void sim_memory_usage(uint32_t device, uint64_t *now_bytes, uint64_t *most_bytes) {
  sim_memory_lock();
  *now_bytes = my_bytes(device);
  *most_bytes = arenas[device].most_bytes > *now_bytes ? arenas[device].most_bytes : *now_bytes;
  sim_memory_unlock();
}

/* Gives the host its pages back where the range covers whole ones. */
static void release_pages(const sim_range *range) {
  uintptr_t first = round_up(range->address, SIM_SMALL_PAGE_BYTES);
  uintptr_t last = (range->address + range->bytes) / SIM_SMALL_PAGE_BYTES * SIM_SMALL_PAGE_BYTES;
  give_pages_back(first, last);
}

aclError sim_aclrtFree(void *pointer) {
  uintptr_t address = (uintptr_t)pointer;
  sim_memory_lock();
  aclError error = ACL_ERROR_RT_PARAM_INVALID;
  for (uint32_t i = 0; i < sim_configuration.devices && error != ACL_SUCCESS; i++) {
    arena *a = &arenas[i];
    if (a->base == 0 || address - a->base >= a->bytes) continue;
    sim_range *range = sim_ranges_find(&a->allocations, address);
    if (range == NULL || range->address != address) break;
    release_pages(range);
    if (sim_shared != NULL) sim_ipc_freed(i, range->address - a->mapped, range->bytes);
    if ((range->owner & MANAGED) != 0) sim_managed_freed(i, range->address);
    sim_hbm_give(i, range->accounted);
    sim_ranges_remove(&a->allocations, range);
    error = ACL_SUCCESS;
  }
  sim_memory_unlock();
  return error == ACL_SUCCESS ? error : sim_fail(error, "%p was not given by aclrtMalloc, or is freed already", pointer);
}

aclError sim_aclrtGetMemInfo(aclrtMemAttr attribute, size_t *free_bytes, size_t *total_bytes) {
  if ((int)attribute < ACL_DDR_MEM || (int)attribute > ACL_MEM_P2P_HUGE1G) {
    return sim_fail(ACL_ERROR_INVALID_PARAM, "memory attribute %d is not known", (int)attribute);
  }
  sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  const arena *a = &arenas[context->device->index];
  bool ddr = attribute == ACL_DDR_MEM || attribute == ACL_DDR_MEM_HUGE || attribute == ACL_DDR_MEM_NORMAL ||
             attribute == ACL_DDR_MEM_P2P_HUGE || attribute == ACL_DDR_MEM_P2P_NORMAL;
  sim_memory_lock();
  *free_bytes = ddr ? 0 : available_bytes(context->device->index);
  *total_bytes = ddr ? 0 : a->hbm_bytes;
  sim_memory_unlock();
  return ACL_SUCCESS;
}
