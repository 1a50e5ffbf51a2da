/*
 * Memory pools: the client's own, over memory that it allocates from the daemon as any other, so that its tenant's quota
 * counts it and the daemon gives it back when the client goes. A pool hands memory out in a stream's order: what a stream
 * gives back is there for it again at once, and for others when that stream has nothing left to do. What is given back
 * stays with the pool until it is trimmed.
 */
#include <pthread.h>
#include <stdlib.h>

#include "remote/capture.h"
#include "remote/error.h"
#include "remote/streams.h"
#include "remote_client.h"

/* Sizes are multiples of this (aclrtMalloc aligns to it, acl_rt.h). */
#define UNIT_BYTES 512u
/* A piece is not given for much less than it has. */
#define WASTE_BYTES (2u << 20)
/* Handles are numbers that no pointer of a program is. */
#define FIRST_HANDLE 0x00f2000000000001ull
#define SETTINGS 3u

typedef struct piece {
  struct piece *next;
  void *base;
  size_t bytes;
  bool used;
  aclrtStream by; /* gave it back; NULL: nobody has to be waited for */
} piece;

typedef struct pool {
  struct pool *next;
  uint64_t handle;
  size_t most_bytes;           /* 0: as much as there is */
  uint64_t settings[SETTINGS]; /* how freed memory may be used again: ours is used so in any case */
  uint64_t threshold;
  uint64_t reserved, reserved_high, used, used_high;
  piece *pieces;
} pool;

static pool *pools;
static uint64_t next_handle = FIRST_HANDLE;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Under the lock, as all that follows but the functions of AscendCL. */
static pool *pool_of(const void *handle, aclError *error) {
  pool *p = pools;
  while (p != NULL && p->handle != (uint64_t)(uintptr_t)handle) p = p->next;
  *error = p != NULL ? ACL_SUCCESS : fx_remote_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is no memory pool", handle);
  return p;
}

static aclError check_props(const aclrtMemPoolProps *props) {
  if (props->allocType != ACL_MEM_ALLOCATION_TYPE_PINNED)
    return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "allocation type %d is not known", (int)props->allocType);
  if (props->location.type != ACL_MEM_LOCATION_TYPE_DEVICE) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "pools are of device memory");
  if (props->handleType != ACL_MEM_HANDLE_TYPE_NONE)
    return fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "pools of several processes do not go through a daemon");
  if (props->location.id != 0) return fx_remote_fail(ACL_ERROR_RT_INVALID_DEVICEID, "device %u: there is one", props->location.id);
  return ACL_SUCCESS;
}

aclError fx_remote_aclrtMemPoolCreate(aclrtMemPool *memPool, const aclrtMemPoolProps *poolProps) {
  if (memPool == NULL || poolProps == NULL) return fx_remote_no_pointer();
  aclError error = check_props(poolProps);
  if (error == ACL_SUCCESS) error = fx_context_check();
  if (error != ACL_SUCCESS) return error;
  pool *p = calloc(1, sizeof *p);
  if (p == NULL) return fx_remote_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a memory pool");
  p->most_bytes = poolProps->maxSize;
  for (uint32_t i = 0; i < SETTINGS; i++) p->settings[i] = 1;
  pthread_mutex_lock(&lock);
  p->handle = next_handle++;
  p->next = pools;
  pools = p;
  *memPool = (aclrtMemPool)(uintptr_t)p->handle;
  pthread_mutex_unlock(&lock);
  return ACL_SUCCESS;
}

/* Gives pieces back to the device until so many bytes are left; the daemon waits for what still uses them. */
static void trim(pool *p, uint64_t keep, bool used_too) {
  for (piece **link = &p->pieces; *link != NULL;) {
    piece *at = *link;
    if ((at->used && !used_too) || p->reserved < keep + at->bytes) {
      link = &at->next;
      continue;
    }
    *link = at->next;
    p->reserved -= at->bytes;
    (void)fx_remote_aclrtFree(at->base);
    free(at);
  }
}

aclError fx_remote_aclrtMemPoolDestroy(const aclrtMemPool memPool) {
  if (memPool == NULL) return fx_remote_no_pointer();
  aclError error;
  pthread_mutex_lock(&lock);
  pool *p = pool_of(memPool, &error);
  if (p != NULL) {
    pool **at = &pools;
    while (*at != p) at = &(*at)->next;
    *at = p->next;
    trim(p, 0, true);
    free(p);
  }
  pthread_mutex_unlock(&lock);
  return error;
}

aclError fx_remote_aclrtMemPoolTrimTo(aclrtMemPool memPool, size_t minBytesToKeep) {
  if (memPool == NULL) return fx_remote_no_pointer();
  aclError error;
  pthread_mutex_lock(&lock);
  pool *p = pool_of(memPool, &error);
  if (p != NULL) trim(p, minBytesToKeep, false);
  pthread_mutex_unlock(&lock);
  return error;
}

/* ---- attributes ---- */

static uint64_t *attribute_of(pool *p, int attribute) {
  switch (attribute) {
    case ACL_RT_MEM_POOL_REUSE_FOLLOW_EVENT_DEPENDENCIES:
    case ACL_RT_MEM_POOL_REUSE_ALLOW_OPPORTUNISTIC:
    case ACL_RT_MEM_POOL_REUSE_ALLOW_INTERNAL_DEPENDENCIES: return &p->settings[attribute - ACL_RT_MEM_POOL_REUSE_FOLLOW_EVENT_DEPENDENCIES];
    case ACL_RT_MEM_POOL_ATTR_RELEASE_THRESHOLD: return &p->threshold;
    case ACL_RT_MEM_POOL_ATTR_RESERVED_MEM_CURRENT: return &p->reserved;
    case ACL_RT_MEM_POOL_ATTR_RESERVED_MEM_HIGH: return &p->reserved_high;
    case ACL_RT_MEM_POOL_ATTR_USED_MEM_CURRENT: return &p->used;
    case ACL_RT_MEM_POOL_ATTR_USED_MEM_HIGH: return &p->used_high;
    default: return NULL;
  }
}

/* Settings are int, amounts are 64 bits. */
static bool is_narrow(int attribute) { return attribute <= ACL_RT_MEM_POOL_REUSE_ALLOW_INTERNAL_DEPENDENCIES; }

/* Amounts are read only; a mark can be set back to what is there. */
static aclError set(pool *p, int attribute, const void *value) {
  uint64_t *place = attribute_of(p, attribute);
  if (place == NULL) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "pool attribute %d is not known", attribute);
  uint64_t wanted = is_narrow(attribute) ? *(const uint32_t *)value : *(const uint64_t *)value;
  switch (attribute) {
    case ACL_RT_MEM_POOL_ATTR_RESERVED_MEM_CURRENT:
    case ACL_RT_MEM_POOL_ATTR_USED_MEM_CURRENT: return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "pool attribute %d can only be read", attribute);
    case ACL_RT_MEM_POOL_ATTR_RESERVED_MEM_HIGH:
    case ACL_RT_MEM_POOL_ATTR_USED_MEM_HIGH:
      if (wanted != 0) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "the mark can only be set back to 0");
      *place = attribute == ACL_RT_MEM_POOL_ATTR_USED_MEM_HIGH ? p->used : p->reserved;
      return ACL_SUCCESS;
    default: *place = wanted; return ACL_SUCCESS;
  }
}

aclError fx_remote_aclrtMemPoolSetAttr(aclrtMemPool memPool, aclrtMemPoolAttr attr, void *value) {
  if (memPool == NULL || value == NULL) return fx_remote_no_pointer();
  aclError error;
  pthread_mutex_lock(&lock);
  pool *p = pool_of(memPool, &error);
  if (p != NULL) error = set(p, (int)attr, value);
  pthread_mutex_unlock(&lock);
  return error;
}

aclError fx_remote_aclrtMemPoolGetAttr(aclrtMemPool memPool, aclrtMemPoolAttr attr, void *value) {
  if (memPool == NULL || value == NULL) return fx_remote_no_pointer();
  aclError error;
  pthread_mutex_lock(&lock);
  pool *p = pool_of(memPool, &error);
  const uint64_t *place = p != NULL ? attribute_of(p, (int)attr) : NULL;
  if (p != NULL && place == NULL) error = fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "pool attribute %d is not known", (int)attr);
  else if (p != NULL && is_narrow((int)attr)) *(uint32_t *)value = (uint32_t)*place;
  else if (p != NULL) *(uint64_t *)value = *place;
  pthread_mutex_unlock(&lock);
  return error;
}

/* ---- on streams ---- */

/* Whether the stream can have the piece now. A stream that gave it back and has ended does nothing to it any more. */
static bool is_there(piece *at, aclrtStream stream) {
  if (at->used) return false;
  if (at->by == NULL || at->by == stream) return true;
  aclrtStreamStatus status = ACL_STREAM_STATUS_NOT_READY;
  aclError error = fx_call_aclrtStreamQuery(at->by, &status);
  bool over = error == ACL_SUCCESS ? status == ACL_STREAM_STATUS_COMPLETE : error == ACL_ERROR_RT_INVALID_HANDLE;
  if (over) at->by = NULL;
  return over;
}

static piece *take(pool *p, size_t bytes, aclrtStream stream, aclError *error) {
  piece *best = NULL;
  for (piece *at = p->pieces; at != NULL; at = at->next)
    if (at->bytes >= bytes && (best == NULL || at->bytes < best->bytes) && is_there(at, stream)) best = at;
  if (best != NULL && best->bytes <= 2 * bytes + WASTE_BYTES) return best;
  if (p->most_bytes != 0 && p->reserved + bytes > p->most_bytes) {
    *error = fx_remote_fail(ACL_ERROR_RT_DEVICE_OOM, "the pool has %llu of its %zu bytes", (unsigned long long)p->reserved, p->most_bytes);
    return NULL;
  }
  piece *made = calloc(1, sizeof *made);
  if (made == NULL) *error = fx_remote_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a piece of a memory pool");
  else *error = fx_remote_aclrtMalloc(&made->base, bytes, ACL_MEM_MALLOC_HUGE_FIRST);
  if (*error != ACL_SUCCESS) {
    free(made);
    return NULL;
  }
  made->bytes = bytes;
  made->next = p->pieces;
  p->pieces = made;
  p->reserved += bytes;
  if (p->reserved > p->reserved_high) p->reserved_high = p->reserved;
  return made;
}

static aclError check_stream(aclrtStream *stream) {
  aclError error = fx_stream_resolve(stream);
  return error == ACL_SUCCESS ? fx_capture_refuse(*stream, ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "memory of a pool") : error;
}

aclError fx_remote_aclrtMemPoolMallocAsync(void **ptr, size_t size, aclrtMemPool memPool, aclrtStream stream) {
  if (ptr == NULL || memPool == NULL) return fx_remote_no_pointer();
  if (size == 0 || size > SIZE_MAX / 8) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "size is %zu", size);
  aclError error = check_stream(&stream);
  if (error != ACL_SUCCESS) return error;
  pthread_mutex_lock(&lock);
  pool *p = pool_of(memPool, &error);
  piece *got = p != NULL ? take(p, (size + UNIT_BYTES - 1) / UNIT_BYTES * UNIT_BYTES, stream, &error) : NULL;
  if (got != NULL) {
    got->used = true;
    p->used += got->bytes;
    if (p->used > p->used_high) p->used_high = p->used;
    *ptr = got->base;
  }
  pthread_mutex_unlock(&lock);
  return error;
}

static piece *piece_at(const void *pointer, pool **of) {
  for (pool *p = pools; p != NULL; p = p->next)
    for (piece *at = p->pieces; at != NULL; at = at->next)
      if (at->base == pointer && at->used) {
        *of = p;
        return at;
      }
  return NULL;
}

aclError fx_remote_aclrtMemPoolFreeAsync(void *ptr, aclrtStream stream) {
  if (ptr == NULL) return fx_remote_no_pointer();
  aclError error = check_stream(&stream);
  if (error != ACL_SUCCESS) return error;
  pool *p = NULL;
  pthread_mutex_lock(&lock);
  piece *back = piece_at(ptr, &p);
  if (back != NULL) {
    back->used = false;
    back->by = stream;
    p->used -= back->bytes;
  } else error = fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is of no memory pool, or was given back", ptr);
  pthread_mutex_unlock(&lock);
  return error;
}
