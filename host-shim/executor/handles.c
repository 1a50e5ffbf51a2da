/*
 * Virtual handles: for each kind a table, made at its first use. Streams, events and notifies have the core's numbers as
 * index, the others take the lowest that is free. A generation rises when the handle ends, so that an old one is known as such.
 */
#include <stdlib.h>

#include "executor/executor.h"
#include "executor/serve.h"

/* Objects of the kinds that the core does not number. */
#define OTHERS 65536u

/* Looked up without a lock, on every operator; changed under it. */
static struct {
  _Atomic(fxd_handle *) handles;
  uint32_t next, used; /* where to look for a free one; places that ever were in use are below `used` */
} tables[FXD_KINDS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Owner, generation and whether it is live: one word, so that all three are of one moment. */
#define LIVE (1ull << 63)
/* The call that ends it is under way: no other may look it up, and its place is not free. */
#define ENDING (1ull << 62)

static uint64_t state_of(uint32_t client, uint16_t generation, bool live) {
  return client | (uint64_t)generation << 32 | (live ? LIVE : 0);
}
static uint16_t generation_of(uint64_t state) { return (uint16_t)(state >> 32); }

static uint32_t size_of(uint32_t kind) {
  if (kind == FLEXNPU_HANDLE_STREAM) return FLEXNPU_MAX_STREAMS;
  if (kind == FLEXNPU_HANDLE_EVENT || kind == FLEXNPU_HANDLE_NOTIFY || kind == FLEXNPU_HANDLE_CNT_NOTIFY) return FLEXNPU_MAX_SYNC_OBJECTS;
  return OTHERS;
}

static aclError no_handle(uint32_t kind) {
  switch (kind) {
    case FLEXNPU_HANDLE_CONTEXT: return ACL_ERROR_RT_CONTEXT_NULL;
    case FLEXNPU_HANDLE_PHYS_MEM: return ACL_ERROR_RT_PARAM_INVALID;
    default: return ACL_ERROR_RT_INVALID_HANDLE;
  }
}

static fxd_handle *table(uint32_t kind) { return atomic_load_explicit(&tables[kind].handles, memory_order_acquire); }

/* Under the lock. */
static fxd_handle *at(uint32_t kind, uint32_t index) {
  if (kind >= FXD_KINDS || index >= size_of(kind)) return NULL;
  if (table(kind) == NULL) atomic_store_explicit(&tables[kind].handles, calloc(size_of(kind), sizeof(fxd_handle)), memory_order_release);
  return table(kind) == NULL ? NULL : &table(kind)[index];
}

static uint64_t pack(uint32_t kind, uint32_t index, uint16_t generation) {
  return (uint64_t)FLEXNPU_HANDLE_TAG << 48 | (uint64_t)kind << 40 | (uint64_t)generation << FLEXNPU_HANDLE_INDEX_BITS | index;
}

uint64_t fxd_handle_make(uint32_t kind, uint32_t index, void *real, uint32_t client) {
  pthread_mutex_lock(&lock);
  fxd_handle *h = at(kind, index);
  uint64_t handle = 0;
  if (h != NULL) {
    uint16_t generation = generation_of(atomic_load(&h->state));
    if (index >= tables[kind].used) tables[kind].used = index + 1;
    atomic_store(&h->real, real);
    atomic_store(&h->state, state_of(client, generation, true));
    handle = pack(kind, index, generation);
  }
  pthread_mutex_unlock(&lock);
  return handle;
}

/* The place of a handle, and the state that it has while the handle is valid. Index and generation share 40 bits: 24, 16. */
static fxd_handle *named(uint32_t kind, uint64_t handle, uint32_t client, uint64_t *state) {
  uint32_t index = (uint32_t)handle & ((1u << FLEXNPU_HANDLE_INDEX_BITS) - 1);
  fxd_handle *handles = table(kind);
  if (handle >> 48 != FLEXNPU_HANDLE_TAG || (handle >> 40 & 0xff) != kind || index >= size_of(kind) || handles == NULL) return NULL;
  *state = state_of(client, (uint16_t)(handle >> FLEXNPU_HANDLE_INDEX_BITS & 0xffff), true);
  return &handles[index];
}

aclError fxd_handle_real(const fxd_client *c, uint32_t kind, uint64_t handle, void **real) {
  uint64_t state;
  fxd_handle *h = named(kind, handle, c->number, &state);
  if (h == NULL || atomic_load(&h->state) != state) return no_handle(kind);
  *real = atomic_load(&h->real);
  /* A place that was used anew meanwhile has another generation. */
  return atomic_load(&h->state) == state ? ACL_SUCCESS : no_handle(kind);
}

/* Under the lock. */
static void end(fxd_handle *h) {
  uint64_t state = atomic_load(&h->state);
  atomic_store(&h->state, state_of(0, (uint16_t)(generation_of(state) + 1), false));
  atomic_store(&h->real, NULL);
}

void fxd_handle_end(uint32_t kind, uint64_t handle) {
  uint64_t state;
  fxd_handle *h = named(kind, handle, 0, &state);
  if (h == NULL) return;
  pthread_mutex_lock(&lock);
  uint64_t now = atomic_load(&h->state);
  if ((now & (LIVE | ENDING)) != 0 && generation_of(now) == generation_of(state)) end(h);
  pthread_mutex_unlock(&lock);
}

bool fxd_handle_begin_end(const fxd_client *c, uint32_t kind, uint64_t handle, void **real) {
  uint64_t state;
  fxd_handle *h = named(kind, handle, c->number, &state);
  if (h == NULL) return false;
  pthread_mutex_lock(&lock);
  bool live = atomic_load(&h->state) == state;
  if (live) {
    *real = atomic_load(&h->real);
    atomic_store(&h->state, (state & ~LIVE) | ENDING);
  }
  pthread_mutex_unlock(&lock);
  return live;
}

void fxd_handle_take_back(const fxd_client *c, uint32_t kind, uint64_t handle) {
  uint64_t state;
  fxd_handle *h = named(kind, handle, c->number, &state);
  if (h == NULL) return;
  pthread_mutex_lock(&lock);
  if (atomic_load(&h->state) == ((state & ~LIVE) | ENDING)) atomic_store(&h->state, state);
  pthread_mutex_unlock(&lock);
}

static bool is_clients(const fxd_handle *h, uint32_t client) {
  uint64_t state = atomic_load(&h->state);
  return (state & LIVE) != 0 && (uint32_t)state == client;
}

uint32_t fxd_handle_index(uint32_t kind) {
  pthread_mutex_lock(&lock);
  uint32_t found = UINT32_MAX;
  for (uint32_t i = 0; i < size_of(kind) && found == UINT32_MAX; i++) {
    uint32_t index = (tables[kind].next + i) % size_of(kind);
    const fxd_handle *h = at(kind, index);
    if (h != NULL && (atomic_load(&h->state) & (LIVE | ENDING)) == 0) found = index;
  }
  if (found != UINT32_MAX) tables[kind].next = found + 1;
  pthread_mutex_unlock(&lock);
  return found;
}

uint64_t fxd_handle_find(uint32_t kind, const void *real, uint32_t client) {
  uint64_t handle = 0;
  pthread_mutex_lock(&lock);
  for (uint32_t i = 0; i < tables[kind].used && handle == 0; i++) {
    const fxd_handle *h = at(kind, i);
    if (h == NULL) break;
    if (is_clients(h, client) && atomic_load(&h->real) == real) handle = pack(kind, i, generation_of(atomic_load(&h->state)));
  }
  pthread_mutex_unlock(&lock);
  return handle;
}

static void visit_each(uint32_t client, uint32_t kind, void (*visit)(void *real, uint32_t index), bool ends) {
  fxd_handle *handles = table(kind);
  for (uint32_t i = 0; handles != NULL && i < size_of(kind); i++) {
    pthread_mutex_lock(&lock);
    bool theirs = is_clients(&handles[i], client);
    void *real = atomic_load(&handles[i].real);
    if (theirs && ends) end(&handles[i]);
    pthread_mutex_unlock(&lock);
    if (theirs) visit(real, i);
  }
}

void fxd_handles_each(uint32_t client, uint32_t kind, void (*visit)(void *real, uint32_t index)) {
  visit_each(client, kind, visit, false);
}

void fxd_handles_end(uint32_t client, uint32_t kind, void (*visit)(void *real, uint32_t index)) {
  visit_each(client, kind, visit, true);
}

void *fxd_stream_real(uint32_t number) {
  const fxd_handle *handles = table(FLEXNPU_HANDLE_STREAM);
  if (handles == NULL || number >= FLEXNPU_MAX_STREAMS || (atomic_load(&handles[number].state) & LIVE) == 0) return NULL;
  return atomic_load(&handles[number].real);
}

bool fxd_stream_of(uint32_t number, uint32_t client) {
  const fxd_handle *handles = table(FLEXNPU_HANDLE_STREAM);
  return handles != NULL && number < FLEXNPU_MAX_STREAMS && is_clients(&handles[number], client);
}

bool fxd_handle_end_stream(uint32_t number, uint32_t client) {
  pthread_mutex_lock(&lock);
  fxd_handle *h = at(FLEXNPU_HANDLE_STREAM, number);
  bool theirs = h != NULL && is_clients(h, client);
  if (theirs) end(h);
  pthread_mutex_unlock(&lock);
  return theirs;
}
