/*
 * Managed memory: one address for the host and all devices, between which CANN moves the pages as they are used. Here it
 * is device memory, which the host of a simulator sees anyway, so nothing moves. What is kept of every page is what the
 * program advised and where it was prefetched to last, for the questions about it.
 */
#include "managed.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "memory.h"

#define PAGE_BYTES SIM_HUGE_PAGE_BYTES
/* As a question says it. */
#define ON_HOST (-1)
#define NOWHERE (-2)
/* Bits of `accessed_by`: devices, the host, and its NUMA nodes. */
#define HOST_BIT SIM_MAX_DEVICES
#define NODE_BIT (HOST_BIT + 1u)
#define MOST_NODES (64u - NODE_BIT)

typedef struct {
  bool read_mostly;
  uint64_t accessed_by;
  aclrtMemManagedLocation preferred, prefetched;
} advice;

typedef struct managed {
  struct managed *next;
  uintptr_t base;
  size_t bytes;
  uint32_t device;
  advice pages[];
} managed;

/* Taken last of all locks. */
static pthread_mutex_t managed_lock = PTHREAD_MUTEX_INITIALIZER;
static managed *allocations;

static const aclrtMemManagedLocation nowhere = {ACL_MEM_LOCATIONTYPE_INVALID, NOWHERE};

/* ---- allocations ---- */

/* Drops what the device has at the address, or all that it has. */
static void forget(uint32_t device, uintptr_t base, bool all) {
  pthread_mutex_lock(&managed_lock);
  for (managed **link = &allocations; *link != NULL;) {
    managed *m = *link;
    if (m->device == device && (all || m->base == base)) {
      *link = m->next;
      free(m);
    } else {
      link = &m->next;
    }
  }
  pthread_mutex_unlock(&managed_lock);
}

void sim_managed_freed(uint32_t device, uintptr_t base) { forget(device, base, false); }
void sim_managed_close(uint32_t device) { forget(device, 0, true); }

static aclError keep(const void *pointer) {
  sim_allocation found;
  if (!sim_memory_allocation(pointer, &found)) return sim_fail(ACL_ERROR_RT_INTERNAL_ERROR, "%p is freed already", pointer);
  size_t count = found.bytes / PAGE_BYTES;
  managed *m = malloc(sizeof *m + count * sizeof m->pages[0]);
  if (m == NULL) return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for %zu pages", count);
  m->base = (uintptr_t)found.base;
  m->bytes = found.bytes;
  m->device = found.device;
  for (size_t i = 0; i < count; i++) m->pages[i] = (advice){.preferred = nowhere, .prefetched = nowhere};
  pthread_mutex_lock(&managed_lock);
  m->next = allocations;
  allocations = m;
  pthread_mutex_unlock(&managed_lock);
  return ACL_SUCCESS;
}

aclError sim_aclrtMemAllocManaged(void **pointer, uint64_t size, uint32_t flag) {
  if (flag != ACL_RT_MEM_ATTACH_GLOBAL) return sim_fail(ACL_ERROR_INVALID_PARAM, "flag %u: expected %u", flag, ACL_RT_MEM_ATTACH_GLOBAL);
  if (size == 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "size is 0");
  void *memory = NULL;
  aclError error = sim_memory_allocate_managed(&memory, size);
  if (error != ACL_SUCCESS) return error;
  error = keep(memory);
  if (error == ACL_SUCCESS) *pointer = memory;
  else sim_aclrtFree(memory);
  return error;
}

/* The pages of a range that is all of one allocation, NULL where it is not. Lock held. */
static advice *pages_of(const void *pointer, size_t bytes, size_t *count) {
  uintptr_t address = (uintptr_t)pointer;
  for (managed *m = allocations; m != NULL; m = m->next) {
    uintptr_t offset = address - m->base;
    if (offset >= m->bytes || bytes > m->bytes - offset) continue;
    size_t first = offset / PAGE_BYTES;
    *count = (offset + bytes - 1) / PAGE_BYTES - first + 1;
    return &m->pages[first];
  }
  return NULL;
}

static aclError not_managed(const void *pointer, size_t bytes) {
  return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes at %p are not all of one piece of managed memory", bytes, pointer);
}

/* ---- places ---- */

static aclError check_device(aclrtMemManagedLocation location) {
  if (location.type != ACL_MEM_LOCATIONTYPE_DEVICE) return ACL_SUCCESS;
  aclError error = sim_configure();
  if (error != ACL_SUCCESS) return error;
  if (location.id >= 0 && (uint32_t)location.id < sim_configuration.devices) return ACL_SUCCESS;
  return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "device %d: expected 0 to %u", location.id, sim_configuration.devices - 1);
}

static int current_node(void) {
  unsigned processor = 0, node = 0;
  return getcpu(&processor, &node) == 0 ? (int)node : 0;
}

/* A place with the number that questions say of it. */
static aclError resolve(aclrtMemManagedLocation location, aclrtMemManagedLocation *place) {
  *place = location;
  switch ((int)location.type) {
    case ACL_MEM_LOCATIONTYPE_DEVICE:
      return check_device(location);
    case ACL_MEM_LOCATIONTYPE_HOST:
      place->id = ON_HOST;
      return ACL_SUCCESS;
    case ACL_MEM_LOCATIONTYPE_HOST_NUMA_CURRENT:
      *place = (aclrtMemManagedLocation){ACL_MEM_LOCATIONTYPE_HOST_NUMA, current_node()};
      return ACL_SUCCESS;
    case ACL_MEM_LOCATIONTYPE_HOST_NUMA:
      if (location.id >= 0 && (uint32_t)location.id < MOST_NODES) return ACL_SUCCESS;
      return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "NUMA node %d: expected 0 to %u", location.id, MOST_NODES - 1);
    default:
      return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a place of the kind %d is not known", (int)location.type);
  }
}

static uint64_t bit_of(aclrtMemManagedLocation place) {
  if (place.type == ACL_MEM_LOCATIONTYPE_DEVICE) return 1ull << place.id;
  if (place.type == ACL_MEM_LOCATIONTYPE_HOST) return 1ull << HOST_BIT;
  return 1ull << (NODE_BIT + (uint32_t)place.id % MOST_NODES);
}

static int number_of(uint32_t bit) {
  if (bit < HOST_BIT) return (int)bit;
  return bit == HOST_BIT ? ON_HOST : (int)(bit - NODE_BIT);
}

/* ---- advice ---- */

static void follow(advice *page, int what, aclrtMemManagedLocation place) {
  switch (what) {
    case ACL_MEM_ADVISE_SET_READ_MOSTLY:
    case ACL_MEM_ADVISE_UNSET_READ_MOSTLY:
      page->read_mostly = what == ACL_MEM_ADVISE_SET_READ_MOSTLY;
      break;
    case ACL_MEM_ADVISE_SET_PREFERRED_LOCATION:
      page->preferred = place;
      break;
    case ACL_MEM_ADVISE_UNSET_PREFERRED_LOCATION:
      page->preferred = nowhere;
      break;
    case ACL_MEM_ADVISE_SET_ACCESSED_BY:
      page->accessed_by |= bit_of(place);
      break;
    default:
      page->accessed_by &= ~bit_of(place);
      break;
  }
}

/* Whether the advice is about a place; of the others CANN ignores it. */
static bool is_of_place(int what) {
  return what == ACL_MEM_ADVISE_SET_PREFERRED_LOCATION || what == ACL_MEM_ADVISE_SET_ACCESSED_BY || what == ACL_MEM_ADVISE_UNSET_ACCESSED_BY;
}

aclError sim_aclrtMemManagedAdvise(const void *const pointer, uint64_t size, aclrtMemManagedAdviseType advise, aclrtMemManagedLocation location) {
  int what = (int)advise;
  if (size == 0) return sim_fail(ACL_ERROR_INVALID_PARAM, "size is 0");
  if (what < ACL_MEM_ADVISE_SET_READ_MOSTLY || what > ACL_MEM_ADVISE_UNSET_ACCESSED_BY) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "advice %d is not known", what);
  aclrtMemManagedLocation place = location;
  aclError error = is_of_place(what) ? resolve(location, &place) : check_device(location);
  if (error != ACL_SUCCESS) return error;
  if (sim_current() == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  if (size % PAGE_BYTES != 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%llu bytes are not whole pages", (unsigned long long)size);
  pthread_mutex_lock(&managed_lock);
  size_t count = 0;
  advice *pages = pages_of(pointer, size, &count);
  for (size_t i = 0; i < count; i++) follow(&pages[i], what, place);
  pthread_mutex_unlock(&managed_lock);
  return pages != NULL ? ACL_SUCCESS : not_managed(pointer, size);
}

/* ---- questions ---- */

static bool same(aclrtMemManagedLocation a, aclrtMemManagedLocation b) { return a.type == b.type && a.id == b.id; }

/* What holds for every page. */
static advice common(const advice *pages, size_t count) {
  advice all = pages[0];
  for (size_t i = 1; i < count; i++) {
    all.read_mostly = all.read_mostly && pages[i].read_mostly;
    all.accessed_by &= pages[i].accessed_by;
    if (!same(all.preferred, pages[i].preferred)) all.preferred = nowhere;
    if (!same(all.prefetched, pages[i].prefetched)) all.prefetched = nowhere;
  }
  return all;
}

static int32_t number(int attribute, const advice *all) {
  switch (attribute) {
    case ACL_MEM_RANGE_ATTRIBUTE_READ_MOSTLY:
      return all->read_mostly;
    case ACL_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_TYPE:
      return (int32_t)all->preferred.type;
    case ACL_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION:
    case ACL_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_ID:
      return all->preferred.id;
    case ACL_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_TYPE:
      return (int32_t)all->prefetched.type;
    default:
      return all->prefetched.id;
  }
}

/* As many of them as there is room for. */
static void list(uint64_t accessed_by, int32_t *numbers, size_t room) {
  size_t count = 0;
  for (uint32_t bit = 0; bit < 64 && count < room; bit++) {
    if ((accessed_by >> bit & 1) != 0) numbers[count++] = number_of(bit);
  }
  while (count < room) numbers[count++] = NOWHERE;
}

static aclError check_attribute(int attribute) {
  if (attribute >= ACL_MEM_RANGE_ATTRIBUTE_READ_MOSTLY && attribute <= ACL_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_ID) return ACL_SUCCESS;
  return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "attribute %d is not known", attribute);
}

static aclError answer(int attribute, const advice *all, void *data, size_t bytes) {
  bool is_list = attribute == ACL_MEM_RANGE_ATTRIBUTE_ACCESSED_BY;
  int32_t value = 0;
  if (data == NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "attribute %d has no place to go to", attribute);
  if (bytes == 0 || (is_list ? bytes % sizeof value != 0 : bytes != sizeof value)) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes for attribute %d: a number has %zu", bytes, attribute, sizeof value);
  }
  if (is_list) {
    list(all->accessed_by, data, bytes / sizeof value);
  } else {
    value = number(attribute, all);
    memcpy(data, &value, sizeof value);
  }
  return ACL_SUCCESS;
}

aclError sim_aclrtMemManagedGetAttrs(aclrtMemManagedRangeAttribute *attributes, size_t attribute_count, const void *pointer, size_t size, void **data, size_t *data_sizes) {
  if (size == 0) return sim_fail(ACL_ERROR_INVALID_PARAM, "size is 0");
  aclError error = ACL_SUCCESS;
  for (size_t i = 0; i < attribute_count && error == ACL_SUCCESS; i++) error = check_attribute((int)attributes[i]);
  if (error != ACL_SUCCESS) return error;
  pthread_mutex_lock(&managed_lock);
  size_t count = 0;
  const advice *pages = pages_of(pointer, size, &count);
  advice all = {0};
  if (pages != NULL) all = common(pages, count);
  pthread_mutex_unlock(&managed_lock);
  if (pages == NULL) return not_managed(pointer, size);
  for (size_t i = 0; i < attribute_count && error == ACL_SUCCESS; i++) error = answer((int)attributes[i], &all, data[i], data_sizes[i]);
  return error;
}

aclError sim_aclrtMemManagedGetAttr(aclrtMemManagedRangeAttribute attribute, const void *pointer, size_t size, void *data, size_t data_size) {
  return sim_aclrtMemManagedGetAttrs(&attribute, 1, pointer, size, &data, &data_size);
}

/* ---- prefetches ---- */

typedef struct {
  const void *from;
  size_t bytes;
  aclrtMemManagedLocation place;
} prefetch;

/*
 * In CANN a function of the host in the stream's order, which hands the addresses to the driver. They are checked there
 * and not before, and what is wrong shows in a log only.
 */
static void arrive(sim_stream *stream, const sim_task *task) {
  (void)stream;
  const prefetch *prefetches = task->extra;
  size_t prefetch_count = 0;
  memcpy(&prefetch_count, task->inline_args, sizeof prefetch_count);
  pthread_mutex_lock(&managed_lock);
  for (size_t k = 0; k < prefetch_count; k++) {
    const prefetch *p = &prefetches[k];
    size_t count = 0;
    advice *pages = p->bytes > 0 && p->bytes % PAGE_BYTES == 0 ? pages_of(p->from, p->bytes, &count) : NULL;
    for (size_t i = 0; pages != NULL && i < count; i++) pages[i].prefetched = p->place;
  }
  pthread_mutex_unlock(&managed_lock);
}

/* Takes the prefetches in any case. */
static aclError submit(prefetch *prefetches, size_t count, aclrtStream handle) {
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  sim_task *task = stream != NULL && !sim_null_mode ? sim_task_take(SIM_TASK_APPLY) : NULL;
  if (task != NULL) {
    task->u.apply.function = arrive;
    task->extra = prefetches;
    memcpy(task->inline_args, &count, sizeof count);
    error = sim_engine_submit(stream, task);
  } else {
    if (stream != NULL && !sim_null_mode) error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a task");
    free(prefetches);
  }
  sim_engine_unlock();
  return error;
}

/* Each place begins where its index says, and the first with the first piece. */
static aclError check_batch(const void **pointers, size_t count, const aclrtMemManagedLocation *locations, const size_t *indexes, size_t location_count) {
  if (count == 0 || location_count == 0 || location_count > count) return sim_fail(ACL_ERROR_INVALID_PARAM, "%zu places for %zu pieces", location_count, count);
  if (indexes[0] != 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the first place begins at piece %zu", indexes[0]);
  for (size_t i = 0; i < count; i++) {
    if (pointers[i] == NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "piece %zu has no address", i);
  }
  for (size_t k = 1; k < location_count; k++) {
    if (indexes[k] >= count || indexes[k] <= indexes[k - 1]) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "place %zu begins at piece %zu", k, indexes[k]);
  }
  aclError error = ACL_SUCCESS;
  for (size_t k = 0; k < location_count && error == ACL_SUCCESS; k++) error = check_device(locations[k]);
  return error;
}

aclError sim_aclrtMemManagedPrefetchBatchAsync(const void **pointers, size_t *sizes, size_t count, aclrtMemManagedLocation *locations, size_t *indexes,
                                               size_t location_count, uint64_t flags, aclrtStream stream) {
  if (flags != 0) return sim_fail(ACL_ERROR_INVALID_PARAM, "flags %llu: expected 0", (unsigned long long)flags);
  aclError error = check_batch(pointers, count, locations, indexes, location_count);
  if (error != ACL_SUCCESS) return error;
  prefetch *prefetches = calloc(count, sizeof *prefetches);
  if (prefetches == NULL) return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for %zu prefetches", count);
  for (size_t i = 0, k = 0; i < count && error == ACL_SUCCESS; i++) {
    while (k + 1 < location_count && indexes[k + 1] <= i) k++;
    prefetches[i] = (prefetch){.from = pointers[i], .bytes = sizes[i]};
    error = resolve(locations[k], &prefetches[i].place);
  }
  if (error == ACL_SUCCESS) return submit(prefetches, count, stream);
  free(prefetches);
  return error;
}

aclError sim_aclrtMemManagedPrefetchAsync(const void *pointer, size_t size, aclrtMemManagedLocation location, uint32_t flags, aclrtStream stream) {
  if (size == 0) return sim_fail(ACL_ERROR_INVALID_PARAM, "size is 0");
  size_t first = 0;
  return sim_aclrtMemManagedPrefetchBatchAsync(&pointer, &size, 1, &location, &first, 1, flags, stream);
}
