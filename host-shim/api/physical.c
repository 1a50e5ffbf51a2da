/*
 * Physical memory: the program has it as long as a handle or a mapping of it is left, whichever goes last. A list, since
 * there are few pieces: programs that map memory themselves take large ones.
 */
#include <pthread.h>
#include <stdlib.h>

#include "api/held_memory.h"
#include "engine/submit.h"
#include "real_table.h"

typedef struct piece piece;
struct piece {
  piece *next;
  aclrtDrvMemHandle handle;
  int32_t device;
  size_t bytes;
  uint32_t uses; /* times that the program has to free the handle */
  uint32_t maps;
};

typedef struct mapping mapping;
struct mapping {
  mapping *next;
  const void *address;
  piece *of;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static piece *pieces;
static mapping *mappings;

/* The piece whose handle that is; one that was freed and is still mapped has none any more. Under the lock, as the next. */
static piece *find(aclrtDrvMemHandle handle) {
  piece *p = pieces;
  while (p != NULL && (p->handle != handle || p->uses == 0)) p = p->next;
  return p;
}

/* Takes the piece out if nothing of it is left; the caller gives it back to the core, and frees it. */
static piece *end(piece *p) {
  if (p == NULL || p->uses > 0 || p->maps > 0) return NULL;
  piece **at = &pieces;
  while (*at != p) at = &(*at)->next;
  *at = p->next;
  return p;
}

static void give_back(piece *p) {
  if (p == NULL) return;
  fx_memory_returned(p->device, p->bytes);
  free(p);
}

FX_EXPORT aclError aclrtMallocPhysical(aclrtDrvMemHandle *handle, size_t size, const aclrtPhysicalMemProp *prop,
                                       uint64_t flags) {
  FX_COUNT(aclrtMallocPhysical);
  fx_admission a = fx_memory_ask(size);
  if (a.refused) return ACL_ERROR_RT_DEVICE_OOM;
  aclError error = fx_real.aclrtMallocPhysical(handle, size, prop, flags);
  if (a.device == NULL) return error;
  piece *p = error == ACL_SUCCESS ? malloc(sizeof *p) : NULL;
  if (p == NULL) { /* or no memory to remember it: it counts for nobody */
    fx_memory_returned(a.device->number, size);
    return error;
  }
  pthread_mutex_lock(&lock);
  *p = (piece){.next = pieces, .handle = *handle, .device = a.device->number, .bytes = size, .uses = 1};
  pieces = p;
  pthread_mutex_unlock(&lock);
  return error;
}

FX_EXPORT aclError aclrtMemRetainAllocationHandle(void *virPtr, aclrtDrvMemHandle *handle) {
  FX_COUNT(aclrtMemRetainAllocationHandle);
  aclError error = fx_real.aclrtMemRetainAllocationHandle(virPtr, handle);
  if (error != ACL_SUCCESS) return error;
  pthread_mutex_lock(&lock);
  piece *p = find(*handle);
  if (p == NULL) /* of memory that is only mapped it is a new one */
    for (mapping *m = mappings; m != NULL && p == NULL; m = m->next)
      if (m->address == virPtr) (p = m->of)->handle = *handle;
  if (p != NULL) p->uses++;
  pthread_mutex_unlock(&lock);
  return error;
}

FX_EXPORT aclError aclrtFreePhysical(aclrtDrvMemHandle handle) {
  FX_COUNT(aclrtFreePhysical);
  fx_drain_all(); /* a queued operator may still name this memory */
  pthread_mutex_lock(&lock);
  piece *p = find(handle); /* before its handle can be given out again */
  if (p != NULL) p->uses--;
  aclError error = fx_real.aclrtFreePhysical(handle);
  if (p != NULL && error != ACL_SUCCESS) p->uses++;
  piece *ended = end(p);
  pthread_mutex_unlock(&lock);
  give_back(ended);
  return error;
}

FX_EXPORT aclError aclrtMapMem(void *virPtr, size_t size, size_t offset, aclrtDrvMemHandle handle, uint64_t flags) {
  FX_COUNT(aclrtMapMem);
  aclError error = fx_real.aclrtMapMem(virPtr, size, offset, handle, flags);
  if (error != ACL_SUCCESS) return error;
  pthread_mutex_lock(&lock);
  piece *p = find(handle);
  mapping *m = p != NULL ? malloc(sizeof *m) : NULL; /* without: it counts until its handle is freed */
  if (m != NULL) {
    *m = (mapping){.next = mappings, .address = virPtr, .of = p};
    mappings = m;
    p->maps++;
  }
  pthread_mutex_unlock(&lock);
  return error;
}

FX_EXPORT aclError aclrtUnmapMem(void *virPtr) {
  FX_COUNT(aclrtUnmapMem);
  fx_drain_all();
  piece *ended = NULL;
  pthread_mutex_lock(&lock);
  aclError error = fx_real.aclrtUnmapMem(virPtr);
  mapping **at = &mappings;
  while (*at != NULL && (*at)->address != virPtr) at = &(*at)->next;
  if (error == ACL_SUCCESS && *at != NULL) {
    mapping *m = *at;
    *at = m->next;
    m->of->maps--;
    ended = end(m->of);
    free(m);
  }
  pthread_mutex_unlock(&lock);
  give_back(ended);
  return error;
}
