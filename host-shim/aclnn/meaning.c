/*
 * Meaning by executor, and what a stream was last believed to run; see aclnn/meaning.h. The table of executors is of fixed
 * size and written over, like that of operands: an executor lives from phase 1 to phase 2, or in the program's cache.
 */
#include "aclnn/meaning.h"

#include <pthread.h>
#include <stdatomic.h>

#include "boot/config.h"
#include "engine/device.h"
#include "engine/hint.h"
#include "remote/handles.h"
#include "remote/streams.h"

#define EXECUTORS 4096
/* Products that have to agree before their rows are believed. */
#define PRODUCTS 4

typedef struct entry {
  const aclOpExecutor *executor;
  uint32_t operator_number;
  fx_meaning meaning;
} entry;

static entry entries[EXECUTORS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static entry *entry_of(const aclOpExecutor *executor) {
  return &entries[((uint64_t)(uintptr_t)executor >> 4) * 0x9e3779b97f4a7c15u >> 52];
}

void fx_meaning_keep(const aclOpExecutor *executor, uint32_t operator_number, fx_meaning meaning) {
  if (executor == NULL) return;
  pthread_mutex_lock(&lock);
  *entry_of(executor) = (entry){executor, operator_number, meaning};
  pthread_mutex_unlock(&lock);
}

bool fx_meaning_find(const aclOpExecutor *executor, uint32_t operator_number, fx_meaning *meaning) {
  pthread_mutex_lock(&lock);
  const entry *e = entry_of(executor);
  bool found = e->executor == executor && e->operator_number == operator_number;
  if (found) *meaning = e->meaning;
  pthread_mutex_unlock(&lock);
  return found;
}

/* Of streams of the daemon: by the number in their handle, and whose it is. */
typedef struct remote_stream {
  _Atomic uintptr_t handle;
  fx_told told;
} remote_stream;

static remote_stream remote_streams[FLEXNPU_MAX_STREAMS];

static fx_told *told_of(aclrtStream *stream) {
  if (fx_config_get()->daemon_path == NULL) {
    fx_stream *s = fx_stream_of(*stream);
    return s->device != NULL ? &s->told : NULL;
  }
  if (fx_stream_resolve(stream) != ACL_SUCCESS) return NULL; /* the operator says what is wrong */
  uint32_t number = fx_handle_number(*stream);
  if (number >= FLEXNPU_MAX_STREAMS) return NULL;
  remote_stream *r = &remote_streams[number];
  if (atomic_exchange(&r->handle, (uintptr_t)*stream) != (uintptr_t)*stream) { /* another stream of that number is new */
    atomic_store(&r->told.phase, FLEXNPU_PHASE_UNKNOWN);
    atomic_store(&r->told.source, FLEXNPU_PHASE_SOURCE_NONE);
    atomic_store(&r->told.products, 0);
  }
  return &r->told;
}

/* Rows of products come last: they count where a stream showed nothing better, and only when several agree. */
static bool products_agree(fx_told *told, uint32_t phase) {
  uint32_t source = atomic_load(&told->source);
  if (source == FLEXNPU_PHASE_SOURCE_ARGUMENTS || source == FLEXNPU_PHASE_SOURCE_NAMES) return false;
  int sign = phase == FLEXNPU_PHASE_PREFILL ? 1 : -1;
  int score = atomic_load(&told->products);
  if (score * sign < PRODUCTS) atomic_store(&told->products, score + sign);
  return (score + sign) * sign >= PRODUCTS;
}

void fx_meaning_apply(aclrtStream stream, const fx_meaning *meaning) {
  if (meaning->phase == FLEXNPU_PHASE_UNKNOWN) return;
  fx_told *told = told_of(&stream);
  if (told == NULL) return;
  if (meaning->source == FLEXNPU_PHASE_SOURCE_SHAPE && !products_agree(told, meaning->phase)) return;
  if (atomic_load(&told->phase) == meaning->phase && atomic_load(&told->source) == meaning->source) return;
  uint32_t before = atomic_exchange(&told->source, meaning->source);
  atomic_store(&told->phase, meaning->phase);
  /* To the core rows are arguments, of which no other are known. Names are weaker, so they take arguments back. */
  if (before != FLEXNPU_PHASE_SOURCE_NONE && before != meaning->source && meaning->source == FLEXNPU_PHASE_SOURCE_NAMES)
    (void)fx_hint(stream, FLEXNPU_PHASE_UNKNOWN, FLEXNPU_PHASE_SOURCE_ARGUMENTS, 0, 0);
  uint32_t source = meaning->source == FLEXNPU_PHASE_SOURCE_SHAPE ? FLEXNPU_PHASE_SOURCE_ARGUMENTS : meaning->source;
  (void)fx_hint(stream, meaning->phase, source, meaning->prefill_tokens, meaning->decode_tokens);
}
