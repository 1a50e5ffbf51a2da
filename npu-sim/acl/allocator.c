/*
 * Allocators of the program. A description collects the functions; a stream that is registered has a copy of it. What
 * asks for them is CANN's executor of operators, which is not simulated: the registration is kept and told.
 */
#include <stdlib.h>

#include "engine.h"

typedef struct {
  aclrtAllocator object;
  aclrtAllocatorAllocFunc allocate;
  aclrtAllocatorFreeFunc release;
  aclrtAllocatorAllocAdviseFunc allocate_at;
  aclrtAllocatorGetAddrFromBlockFunc address_of;
} allocator;

typedef struct registration {
  struct registration *next;
  const void *stream;
  void *description;
  allocator copy;
} registration;

static pthread_mutex_t registrations_lock = PTHREAD_MUTEX_INITIALIZER;
static registration *registrations;

aclrtAllocatorDesc sim_aclrtAllocatorCreateDesc(void) { return calloc(1, sizeof(allocator)); }

aclError sim_aclrtAllocatorDestroyDesc(aclrtAllocatorDesc description) {
  free(description);
  return ACL_SUCCESS;
}

aclError sim_aclrtAllocatorSetObjToDesc(aclrtAllocatorDesc description, aclrtAllocator object) {
  if (object == NULL) return sim_fail(ACL_ERROR_INVALID_PARAM, "no object");
  ((allocator *)description)->object = object;
  return ACL_SUCCESS;
}

aclError sim_aclrtAllocatorSetAllocFuncToDesc(aclrtAllocatorDesc description, aclrtAllocatorAllocFunc function) {
  if (function == NULL) return sim_fail(ACL_ERROR_INVALID_PARAM, "no function");
  ((allocator *)description)->allocate = function;
  return ACL_SUCCESS;
}

aclError sim_aclrtAllocatorSetFreeFuncToDesc(aclrtAllocatorDesc description, aclrtAllocatorFreeFunc function) {
  if (function == NULL) return sim_fail(ACL_ERROR_INVALID_PARAM, "no function");
  ((allocator *)description)->release = function;
  return ACL_SUCCESS;
}

aclError sim_aclrtAllocatorSetAllocAdviseFuncToDesc(aclrtAllocatorDesc description, aclrtAllocatorAllocAdviseFunc function) {
  if (function == NULL) return sim_fail(ACL_ERROR_INVALID_PARAM, "no function");
  ((allocator *)description)->allocate_at = function;
  return ACL_SUCCESS;
}

aclError sim_aclrtAllocatorSetGetAddrFromBlockFuncToDesc(aclrtAllocatorDesc description, aclrtAllocatorGetAddrFromBlockFunc function) {
  if (function == NULL) return sim_fail(ACL_ERROR_INVALID_PARAM, "no function");
  ((allocator *)description)->address_of = function;
  return ACL_SUCCESS;
}

static registration *registration_of(const void *stream) {
  registration *at = registrations;
  while (at != NULL && at->stream != stream) at = at->next;
  return at;
}

aclError sim_aclrtAllocatorRegister(aclrtStream stream, aclrtAllocatorDesc description) {
  if (stream == NULL) return sim_fail(ACL_ERROR_INVALID_PARAM, "the default stream takes no allocator");
  const allocator *given = description;
  if (given->object == NULL || given->allocate == NULL || given->release == NULL || given->address_of == NULL) {
    return sim_fail(ACL_ERROR_INVALID_PARAM, "the allocator has no object, or not all of its functions");
  }
  pthread_mutex_lock(&registrations_lock);
  registration *at = registration_of(stream);
  if (at == NULL) {
    at = calloc(1, sizeof *at);
    if (at != NULL) {
      at->stream = stream;
      at->next = registrations;
      registrations = at;
    }
  }
  if (at != NULL) {
    at->description = description;
    at->copy = *given;
  }
  pthread_mutex_unlock(&registrations_lock);
  return at != NULL ? ACL_SUCCESS : sim_fail(ACL_ERROR_BAD_ALLOC, "no host memory for an allocator");
}

aclError sim_aclrtAllocatorGetByStream(aclrtStream stream, aclrtAllocatorDesc *description, aclrtAllocator *object,
                                       aclrtAllocatorAllocFunc *allocate, aclrtAllocatorFreeFunc *release,
                                       aclrtAllocatorAllocAdviseFunc *allocate_at, aclrtAllocatorGetAddrFromBlockFunc *address_of) {
  pthread_mutex_lock(&registrations_lock);
  const registration *at = registration_of(stream);
  if (at != NULL) {
    *description = at->description;
    if (object != NULL) *object = at->copy.object;
    if (allocate != NULL) *allocate = at->copy.allocate;
    if (release != NULL) *release = at->copy.release;
    if (allocate_at != NULL) *allocate_at = at->copy.allocate_at;
    if (address_of != NULL) *address_of = at->copy.address_of;
  }
  pthread_mutex_unlock(&registrations_lock);
  return at != NULL ? ACL_SUCCESS : sim_fail(ACL_ERROR_INVALID_PARAM, "the stream has no allocator");
}

aclError sim_aclrtAllocatorUnregister(aclrtStream stream) {
  pthread_mutex_lock(&registrations_lock);
  registration **link = &registrations;
  while (*link != NULL && (*link)->stream != stream) link = &(*link)->next;
  registration *at = *link;
  if (at != NULL) {
    *link = at->next;
    free(at);
  }
  pthread_mutex_unlock(&registrations_lock);
  return ACL_SUCCESS;
}
