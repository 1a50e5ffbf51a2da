/*
 * Allocators of the program: descriptions, and which stream has which, are the client's own. What asks for them runs in
 * the client too (CANN's executor of operators), so the daemon knows nothing of them.
 */
#include <pthread.h>
#include <stdlib.h>

#include "remote/error.h"
#include "remote/streams.h"
#include "remote_client.h"

typedef struct allocator {
  aclrtAllocator object;
  aclrtAllocatorAllocFunc allocate;
  aclrtAllocatorFreeFunc release;
  aclrtAllocatorAllocAdviseFunc allocate_at; /* may be missing */
  aclrtAllocatorGetAddrFromBlockFunc address_of;
} allocator;

/* What a stream was registered with: changes of the description come too late for it. */
typedef struct registration {
  struct registration *next;
  aclrtStream stream;
  aclrtAllocatorDesc description;
  allocator copy;
} registration;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static registration *registrations;

aclrtAllocatorDesc fx_remote_aclrtAllocatorCreateDesc(void) { return calloc(1, sizeof(allocator)); }

aclError fx_remote_aclrtAllocatorDestroyDesc(aclrtAllocatorDesc allocatorDesc) {
  free(allocatorDesc);
  return ACL_SUCCESS;
}

aclError fx_remote_aclrtAllocatorSetObjToDesc(aclrtAllocatorDesc allocatorDesc, aclrtAllocator object) {
  allocator *a = allocatorDesc;
  if (a == NULL || object == NULL) return fx_remote_no_pointer();
  a->object = object;
  return ACL_SUCCESS;
}

aclError fx_remote_aclrtAllocatorSetAllocFuncToDesc(aclrtAllocatorDesc allocatorDesc, aclrtAllocatorAllocFunc func) {
  allocator *a = allocatorDesc;
  if (a == NULL || func == NULL) return fx_remote_no_pointer();
  a->allocate = func;
  return ACL_SUCCESS;
}

aclError fx_remote_aclrtAllocatorSetFreeFuncToDesc(aclrtAllocatorDesc allocatorDesc, aclrtAllocatorFreeFunc func) {
  allocator *a = allocatorDesc;
  if (a == NULL || func == NULL) return fx_remote_no_pointer();
  a->release = func;
  return ACL_SUCCESS;
}

aclError fx_remote_aclrtAllocatorSetAllocAdviseFuncToDesc(aclrtAllocatorDesc allocatorDesc, aclrtAllocatorAllocAdviseFunc func) {
  allocator *a = allocatorDesc;
  if (a == NULL || func == NULL) return fx_remote_no_pointer();
  a->allocate_at = func;
  return ACL_SUCCESS;
}

aclError fx_remote_aclrtAllocatorSetGetAddrFromBlockFuncToDesc(aclrtAllocatorDesc allocatorDesc, aclrtAllocatorGetAddrFromBlockFunc func) {
  allocator *a = allocatorDesc;
  if (a == NULL || func == NULL) return fx_remote_no_pointer();
  a->address_of = func;
  return ACL_SUCCESS;
}

/* Where the stream's registration is linked, or the end of the list. Under the lock. */
static registration **link_of(aclrtStream stream) {
  registration **at = &registrations;
  while (*at != NULL && (*at)->stream != stream) at = &(*at)->next;
  return at;
}

aclError fx_remote_aclrtAllocatorRegister(aclrtStream stream, aclrtAllocatorDesc allocatorDesc) {
  const allocator *given = allocatorDesc;
  if (stream == NULL || given == NULL) return fx_remote_no_pointer();
  if (given->object == NULL || given->allocate == NULL || given->release == NULL || given->address_of == NULL)
    return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "the allocator has no object, or not all of its functions");
  aclError error = fx_stream_resolve(&stream);
  if (error != ACL_SUCCESS) return error;
  pthread_mutex_lock(&lock);
  registration **at = link_of(stream);
  if (*at == NULL) *at = calloc(1, sizeof **at);
  registration *r = *at;
  if (r != NULL) *r = (registration){r->next, stream, allocatorDesc, *given};
  pthread_mutex_unlock(&lock);
  return r != NULL ? ACL_SUCCESS : fx_remote_fail(ACL_ERROR_BAD_ALLOC, "no host memory for an allocator");
}

aclError fx_remote_aclrtAllocatorGetByStream(aclrtStream stream, aclrtAllocatorDesc *allocatorDesc, aclrtAllocator *allocator,
                                             aclrtAllocatorAllocFunc *allocFunc, aclrtAllocatorFreeFunc *freeFunc,
                                             aclrtAllocatorAllocAdviseFunc *allocAdviseFunc,
                                             aclrtAllocatorGetAddrFromBlockFunc *getAddrFromBlockFunc) {
  if (allocatorDesc == NULL) return fx_remote_no_pointer();
  pthread_mutex_lock(&lock);
  const registration *r = *link_of(stream);
  if (r != NULL) {
    *allocatorDesc = r->description;
    if (allocator != NULL) *allocator = r->copy.object;
    if (allocFunc != NULL) *allocFunc = r->copy.allocate;
    if (freeFunc != NULL) *freeFunc = r->copy.release;
    if (allocAdviseFunc != NULL) *allocAdviseFunc = r->copy.allocate_at;
    if (getAddrFromBlockFunc != NULL) *getAddrFromBlockFunc = r->copy.address_of;
  }
  pthread_mutex_unlock(&lock);
  return r != NULL ? ACL_SUCCESS : fx_remote_fail(ACL_ERROR_INVALID_PARAM, "the stream has no allocator");
}

aclError fx_remote_aclrtAllocatorUnregister(aclrtStream stream) {
  pthread_mutex_lock(&lock);
  registration **at = link_of(stream), *r = *at;
  if (r != NULL) *at = r->next;
  pthread_mutex_unlock(&lock);
  free(r);
  return ACL_SUCCESS;
}
