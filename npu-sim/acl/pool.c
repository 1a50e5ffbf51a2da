/*
 * Memory pools. A pool hands memory out in a stream's order: what a stream gives back is there for it again at once, and
 * for other streams when it has come that far. What is given back stays with the pool until it is trimmed, or as much as
 * its release threshold leaves at a synchronization of the program's own.
 */
#include <stdlib.h>

#include "engine.h"
#include "memory.h"

typedef struct piece {
  struct piece *next;
  struct sim_pool *pool;
  void *base;
  size_t bytes;
  bool used;
  bool leaving;          /* given back by a stream that has not come there */
  const sim_stream *by;  /* that stream */
  uint64_t by_serial;
} piece;

typedef struct sim_pool {
  sim_slot slot;
  sim_device *device;
  size_t most_bytes;     /* 0: as much as the device has */
  uint64_t settings[3];  /* how freed memory may be used again */
  uint64_t threshold;
  uint64_t reserved, reserved_high, used, used_high;
  bool ended;
  uint32_t leaving;      /* pieces on their way back */
  piece *pieces;
} pool;

static sim_slab pools = SIM_SLAB(pool, 1024);

static pool *pool_of(const void *handle, aclError *error) {
  pool *p = sim_slab_find(&pools, handle);
  if (p != NULL && p->ended) p = NULL;
  *error = p != NULL ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is no memory pool", handle);
  return p;
}

aclError sim_aclrtMemPoolCreate(aclrtMemPool *handle, const aclrtMemPoolProps *props) {
  if (props->allocType != ACL_MEM_ALLOCATION_TYPE_PINNED) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "allocation type %d is not known", (int)props->allocType);
  if (props->location.type != ACL_MEM_LOCATION_TYPE_DEVICE) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "pools are of device memory");
  if (props->handleType != ACL_MEM_HANDLE_TYPE_NONE) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "pools of several processes are not simulated");
  aclError error;
  sim_device *device = sim_device_at(props->location.id, &error);
  if (device == NULL) return error;
  if (device->references == 0) return sim_fail(ACL_ERROR_RT_INVALID_DEVICEID, "device %u is not open", props->location.id);
  sim_engine_lock();
  pool *p = sim_slab_take(&pools);
  if (p != NULL) {
    p->device = device;
    p->most_bytes = props->maxSize;
    for (int i = 0; i < 3; i++) p->settings[i] = 1;
    *handle = p;
  }
  sim_engine_unlock();
  return p != NULL ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "no room for another memory pool");
}

/* Gives unused pieces back to the device until so many bytes are left. */
static void trim(pool *p, uint64_t keep) {
  for (piece **link = &p->pieces; *link != NULL;) {
    piece *at = *link;
    if (at->used || at->leaving || p->reserved < keep + at->bytes) {
      link = &at->next;
      continue;
    }
    *link = at->next;
    p->reserved -= at->bytes;
    sim_aclrtFree(at->base);
    free(at);
  }
}

/* The last that an ended pool waits for. */
static void bury(pool *p) {
  if (!p->ended || p->leaving > 0) return;
  for (piece *at = p->pieces; at != NULL; at = at->next) at->used = at->leaving = false;
  trim(p, 0);
  sim_slab_give(&pools, p);
}

aclError sim_aclrtMemPoolDestroy(const aclrtMemPool handle) {
  sim_engine_lock();
  aclError error;
  pool *p = pool_of(handle, &error);
  if (p != NULL) {
    p->ended = true;
    bury(p);
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtMemPoolTrimTo(aclrtMemPool handle, size_t keep) {
  sim_engine_lock();
  aclError error;
  pool *p = pool_of(handle, &error);
  if (p != NULL) trim(p, keep);
  sim_engine_unlock();
  return error;
}

static uint64_t *attribute_of(pool *p, int attribute) {
  switch (attribute) {
    case ACL_RT_MEM_POOL_REUSE_FOLLOW_EVENT_DEPENDENCIES:
    case ACL_RT_MEM_POOL_REUSE_ALLOW_OPPORTUNISTIC:
    case ACL_RT_MEM_POOL_REUSE_ALLOW_INTERNAL_DEPENDENCIES:
      return &p->settings[attribute - ACL_RT_MEM_POOL_REUSE_FOLLOW_EVENT_DEPENDENCIES];
    case ACL_RT_MEM_POOL_ATTR_RELEASE_THRESHOLD:
      return &p->threshold;
    case ACL_RT_MEM_POOL_ATTR_RESERVED_MEM_CURRENT:
      return &p->reserved;
    case ACL_RT_MEM_POOL_ATTR_RESERVED_MEM_HIGH:
      return &p->reserved_high;
    case ACL_RT_MEM_POOL_ATTR_USED_MEM_CURRENT:
      return &p->used;
    case ACL_RT_MEM_POOL_ATTR_USED_MEM_HIGH:
      return &p->used_high;
    default:
      return NULL;
  }
}

/* Settings of use are int, amounts are 64 bits. */
static bool is_narrow(int attribute) { return attribute <= ACL_RT_MEM_POOL_REUSE_ALLOW_INTERNAL_DEPENDENCIES; }

aclError sim_aclrtMemPoolSetAttr(aclrtMemPool handle, aclrtMemPoolAttr attribute, void *value) {
  sim_engine_lock();
  aclError error;
  pool *p = pool_of(handle, &error);
  uint64_t *place = p != NULL ? attribute_of(p, (int)attribute) : NULL;
  uint64_t wanted = place == NULL ? 0 : is_narrow((int)attribute) ? *(const uint32_t *)value : *(const uint64_t *)value;
  if (p != NULL && place == NULL) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "pool attribute %d is not known", (int)attribute);
  } else if (p != NULL && attribute == ACL_RT_MEM_POOL_ATTR_RESERVED_MEM_HIGH) {
    error = wanted == 0 ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the mark can only be set back to 0");
    if (wanted == 0) p->reserved_high = p->reserved;
  } else if (p != NULL && attribute == ACL_RT_MEM_POOL_ATTR_USED_MEM_HIGH) {
    error = wanted == 0 ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the mark can only be set back to 0");
    if (wanted == 0) p->used_high = p->used;
  } else if (p != NULL && (attribute == ACL_RT_MEM_POOL_ATTR_RESERVED_MEM_CURRENT || attribute == ACL_RT_MEM_POOL_ATTR_USED_MEM_CURRENT)) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "pool attribute %d can only be read", (int)attribute);
  } else if (p != NULL) {
    *place = wanted;
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtMemPoolGetAttr(aclrtMemPool handle, aclrtMemPoolAttr attribute, void *value) {
  sim_engine_lock();
  aclError error;
  pool *p = pool_of(handle, &error);
  const uint64_t *place = p != NULL ? attribute_of(p, (int)attribute) : NULL;
  if (p != NULL && place == NULL) error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "pool attribute %d is not known", (int)attribute);
  else if (p != NULL && is_narrow((int)attribute)) *(uint32_t *)value = (uint32_t)*place;
  else if (p != NULL) *(uint64_t *)value = *place;
  sim_engine_unlock();
  return error;
}

/* ---- on streams ---- */

static piece *take(pool *p, size_t size, const sim_stream *stream, aclError *error) {
  piece *best = NULL;
  for (piece *at = p->pieces; at != NULL; at = at->next) {
    /* On the same stream what it gave back comes before what it does now. */
    bool there = !at->used && (!at->leaving || (at->by == stream && at->by_serial == stream->serial));
    if (there && at->bytes >= size && (best == NULL || at->bytes < best->bytes)) best = at;
  }
  if (best != NULL && best->bytes <= 2 * size + SIM_HUGE_PAGE_BYTES) return best;
  if (p->most_bytes != 0 && p->reserved + size > p->most_bytes) {
    *error = sim_fail(ACL_ERROR_RT_DEVICE_OOM, "the pool has %llu of its %zu bytes", (unsigned long long)p->reserved, p->most_bytes);
    return NULL;
  }
  piece *made = calloc(1, sizeof *made);
  sim_allocation found;
  if (made == NULL) *error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory to keep track of a piece");
  else *error = sim_aclrtMalloc(&made->base, size, ACL_MEM_MALLOC_HUGE_FIRST);
  if (*error != ACL_SUCCESS || !sim_memory_allocation(made->base, &found)) {
    free(made);
    return NULL;
  }
  made->pool = p;
  made->bytes = found.bytes;
  made->next = p->pieces;
  p->pieces = made;
  p->reserved += made->bytes;
  if (p->reserved > p->reserved_high) p->reserved_high = p->reserved;
  return made;
}

aclError sim_aclrtMemPoolMallocAsync(void **pointer, size_t size, aclrtMemPool handle, aclrtStream stream_handle) {
  if (size == 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "size is 0");
  if (size > SIZE_MAX / 8) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "size %zu is too large", size);
  sim_engine_lock();
  aclError error;
  pool *p = pool_of(handle, &error);
  const sim_stream *stream = p != NULL ? sim_stream_of(stream_handle, &error) : NULL;
  if (stream != NULL && stream->capture != NULL) {
    error = sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "memory of a pool in a capture is not simulated");
  } else if (stream != NULL && stream->device != p->device) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the pool is of device %u", p->device->index);
  } else if (stream != NULL) {
    piece *got = take(p, size, stream, &error);
    if (got != NULL) {
      got->used = true;
      p->used += got->bytes;
      if (p->used > p->used_high) p->used_high = p->used;
      *pointer = got->base;
    }
  }
  sim_engine_unlock();
  return error;
}

static piece *piece_at(const void *pointer) {
  for (uint32_t i = 0; i < pools.touched; i++) {
    const pool *p = sim_slab_at(&pools, i);
    if (!p->slot.live) continue;
    for (piece *at = p->pieces; at != NULL; at = at->next) {
      if (at->base == pointer && at->used) return at;
    }
  }
  return NULL;
}

/* The stream has come to where it gave the piece back. */
static void arrive(sim_stream *stream, const sim_task *task) {
  (void)stream;
  piece *back = task->u.apply.argument;
  pool *p = back->pool;
  back->leaving = false;
  p->leaving--;
  if (p->ended) bury(p);
}

aclError sim_aclrtMemPoolFreeAsync(void *pointer, aclrtStream stream_handle) {
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(stream_handle, &error);
  piece *back = stream != NULL ? piece_at(pointer) : NULL;
  if (stream != NULL && stream->capture != NULL) {
    error = sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "memory of a pool in a capture is not simulated");
  } else if (stream != NULL && back == NULL) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is of no memory pool, or was given back", pointer);
  } else if (stream != NULL) {
    sim_task *task = sim_task_take(SIM_TASK_APPLY);
    if (task == NULL) {
      error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a task");
    } else {
      task->u.apply.function = arrive;
      task->u.apply.drop = arrive;
      task->u.apply.argument = back;
      back->used = false;
      back->leaving = true;
      back->by = stream;
      back->by_serial = stream->serial;
      back->pool->used -= back->bytes;
      back->pool->leaving++;
      if (!sim_null_mode) {
        error = sim_engine_submit(stream, task);
      } else {
        arrive(stream, task);
        sim_task_give(task);
      }
    }
  }
  sim_engine_unlock();
  return error;
}
