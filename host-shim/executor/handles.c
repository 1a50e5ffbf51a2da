/*
 * Virtual handles: for each kind a table, made at its first use. Streams and events have the core's numbers as index, the
 * others take the lowest that is free. A generation rises when the handle ends, so that an old one is known as such.
 */
#include <stdlib.h>

#include "executor/executor.h"
#include "executor/serve.h"

/* Objects of the kinds that the core does not number. */
#define OTHERS 65536u

static struct {
  fxd_handle *handles;
  uint32_t count, next;
} tables[FXD_KINDS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static uint32_t size_of(uint32_t kind) {
  if (kind == FLEXNPU_HANDLE_STREAM) return FLEXNPU_MAX_STREAMS;
  if (kind == FLEXNPU_HANDLE_EVENT) return FLEXNPU_MAX_SYNC_OBJECTS;
  return OTHERS;
}

static aclError no_handle(uint32_t kind) {
  switch (kind) {
    case FLEXNPU_HANDLE_CONTEXT: return ACL_ERROR_RT_CONTEXT_NULL;
    case FLEXNPU_HANDLE_STREAM: return ACL_ERROR_RT_STREAM_CONTEXT;
    default: return ACL_ERROR_RT_INVALID_HANDLE;
  }
}

static fxd_handle *at(uint32_t kind, uint32_t index) {
  if (kind >= FXD_KINDS || index >= size_of(kind)) return NULL;
  if (tables[kind].handles == NULL) tables[kind].handles = calloc(size_of(kind), sizeof(fxd_handle));
  return tables[kind].handles == NULL ? NULL : &tables[kind].handles[index];
}

static uint64_t pack(uint32_t kind, uint32_t index, uint16_t generation) {
  return (uint64_t)FLEXNPU_HANDLE_TAG << 48 | (uint64_t)kind << 40 | (uint64_t)generation << FLEXNPU_HANDLE_INDEX_BITS | index;
}

uint64_t fxd_handle_make(uint32_t kind, uint32_t index, void *real, uint32_t client) {
  pthread_mutex_lock(&lock);
  fxd_handle *h = at(kind, index);
  uint64_t handle = 0;
  if (h != NULL) {
    h->real = real;
    h->client = client;
    h->live = true;
    handle = pack(kind, index, h->generation);
  }
  pthread_mutex_unlock(&lock);
  return handle;
}

/* Index and generation share 40 bits: 24 and 16. */
static fxd_handle *named(uint32_t kind, uint64_t handle) {
  if (handle >> 48 != FLEXNPU_HANDLE_TAG || (handle >> 40 & 0xff) != kind) return NULL;
  fxd_handle *h = at(kind, (uint32_t)handle & ((1u << FLEXNPU_HANDLE_INDEX_BITS) - 1));
  uint16_t generation = (uint16_t)(handle >> FLEXNPU_HANDLE_INDEX_BITS & 0xffff);
  return h != NULL && h->live && h->generation == generation ? h : NULL;
}

aclError fxd_handle_real(const fxd_client *c, uint32_t kind, uint64_t handle, void **real) {
  pthread_mutex_lock(&lock);
  const fxd_handle *h = named(kind, handle);
  bool ours = h != NULL && h->client == c->number;
  if (ours) *real = h->real;
  pthread_mutex_unlock(&lock);
  return ours ? ACL_SUCCESS : no_handle(kind);
}

static void end(fxd_handle *h) {
  h->live = false;
  h->real = NULL;
  h->generation = (uint16_t)(h->generation + 1);
}

void fxd_handle_end(uint32_t kind, uint64_t handle) {
  pthread_mutex_lock(&lock);
  fxd_handle *h = named(kind, handle);
  if (h != NULL) end(h);
  pthread_mutex_unlock(&lock);
}

uint32_t fxd_handle_index(uint32_t kind) {
  pthread_mutex_lock(&lock);
  uint32_t found = UINT32_MAX;
  for (uint32_t i = 0; i < size_of(kind) && found == UINT32_MAX; i++) {
    uint32_t index = (tables[kind].next + i) % size_of(kind);
    const fxd_handle *h = at(kind, index);
    if (h != NULL && !h->live) found = index;
  }
  if (found != UINT32_MAX) tables[kind].next = found + 1;
  pthread_mutex_unlock(&lock);
  return found;
}

uint64_t fxd_handle_find(uint32_t kind, const void *real, uint32_t client) {
  uint64_t handle = 0;
  pthread_mutex_lock(&lock);
  for (uint32_t i = 0; i < size_of(kind) && handle == 0; i++) {
    const fxd_handle *h = at(kind, i);
    if (h == NULL) break;
    if (h->live && h->real == real && h->client == client) handle = pack(kind, i, h->generation);
  }
  pthread_mutex_unlock(&lock);
  return handle;
}

static void visit_each(uint32_t client, uint32_t kind, void (*visit)(fxd_handle *h, uint32_t index), bool ends) {
  for (uint32_t i = 0; i < size_of(kind); i++) {
    pthread_mutex_lock(&lock);
    fxd_handle *h = tables[kind].handles == NULL ? NULL : &tables[kind].handles[i];
    bool theirs = h != NULL && h->live && h->client == client;
    fxd_handle copy = theirs ? *h : (fxd_handle){0};
    if (theirs && ends) end(h);
    pthread_mutex_unlock(&lock);
    if (h == NULL) return;
    if (theirs) visit(&copy, i);
  }
}

void fxd_handles_each(uint32_t client, uint32_t kind, void (*visit)(fxd_handle *h, uint32_t index)) {
  visit_each(client, kind, visit, false);
}

void fxd_handles_end(uint32_t client, uint32_t kind, void (*visit)(fxd_handle *h, uint32_t index)) {
  visit_each(client, kind, visit, true);
}

void *fxd_stream_real(uint32_t number) {
  pthread_mutex_lock(&lock);
  const fxd_handle *h = at(FLEXNPU_HANDLE_STREAM, number);
  void *real = h != NULL && h->live ? h->real : NULL;
  pthread_mutex_unlock(&lock);
  return real;
}

bool fxd_handle_end_stream(uint32_t number, uint32_t client) {
  pthread_mutex_lock(&lock);
  fxd_handle *h = at(FLEXNPU_HANDLE_STREAM, number);
  bool theirs = h != NULL && h->live && h->client == client;
  if (theirs) end(h);
  pthread_mutex_unlock(&lock);
  return theirs;
}
