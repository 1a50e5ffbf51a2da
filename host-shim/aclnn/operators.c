/*
 * The table behind the stubs: an entry is filled once, under the lock, before its stub is given away, and never changes.
 */
#include "aclnn/operators.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "aclnn/meaning.h"
#include "boot/counters.h"
#include "kernel/functions.h"

static const char suffix[] = "GetWorkspaceSize";

typedef struct entry {
  fx_phase2_fn real;
  char *name;
  uint32_t number;   /* fx_operator_number */
  uint32_t by_name;  /* phase that the name says, or UNKNOWN */
  _Atomic uint64_t calls;
} entry;

static entry entries[FX_STUBS];
static _Atomic uint32_t count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static uint32_t phase_of(const char *name) {
  switch (fx_phase_evidence(name)) {
    case FLEXNPU_PHASE_EVIDENCE_PREFILL: return FLEXNPU_PHASE_PREFILL;
    case FLEXNPU_PHASE_EVIDENCE_DECODE: return FLEXNPU_PHASE_DECODE;
    default: return FLEXNPU_PHASE_UNKNOWN;
  }
}

/* `name` is of phase 1 or 2. */
static uint32_t number_of(const char *name, size_t length) {
  for (uint32_t i = 1; i < FX_OPERATORS; i++) {
    const char *typed = fx_typed_operators[i].name;
    if (strncmp(typed, name, length) == 0 && strcmp(typed + length, suffix) == 0) return i;
  }
  return FX_OPERATOR_OTHER;
}

/* The stub of a function; NULL where there is none left. Under the lock. */
static void *stub_for(const char *name, fx_phase2_fn real) {
  uint32_t used = atomic_load(&count);
  for (uint32_t i = 0; i < used; i++)
    if (entries[i].real == real && strcmp(entries[i].name, name) == 0) return (void *)fx_stubs[i];
  if (used == FX_STUBS) return NULL;
  char *copy = strdup(name);
  if (copy == NULL) return NULL;
  entries[used].real = real;
  entries[used].name = copy;
  entries[used].number = number_of(name, strlen(name));
  entries[used].by_name = phase_of(name);
  atomic_store(&count, used + 1);
  return (void *)fx_stubs[used];
}

static void *found_phase1(uint32_t number, void *theirs) {
  const fx_typed_operator *typed = &fx_typed_operators[number];
  void *none = NULL;
  if (atomic_compare_exchange_strong(typed->real, &none, theirs) || none == theirs) return typed->own;
  return theirs; /* a second library has an operator of that name: it goes its own way */
}

void *fx_operator_found(const char *name, void *theirs, const void *sibling) {
  size_t length = strlen(name), end = sizeof suffix - 1;
  if (length > end && strcmp(name + length - end, suffix) == 0) {
    uint32_t number = number_of(name, length - end);
    return number != FX_OPERATOR_OTHER ? found_phase1(number, theirs) : theirs;
  }
  if (sibling == NULL) return theirs;
  for (uint32_t i = 0; i < FX_STUBS; i++) /* ours already: the library it asked is not the one that has it */
    if (theirs == (void *)fx_stubs[i]) return theirs;
  fx_phase2_fn real;
  memcpy(&real, &theirs, sizeof real);
  pthread_mutex_lock(&lock);
  void *stub = stub_for(name, real);
  pthread_mutex_unlock(&lock);
  if (stub != NULL) return stub;
  fx_fault("%s: more operators than %u, its calls are not seen", name, FX_STUBS);
  return theirs;
}

static void tell(const entry *e, const aclOpExecutor *executor, aclrtStream stream) {
  fx_meaning meaning = {.phase = e->by_name, .source = FLEXNPU_PHASE_SOURCE_NAMES};
  if (e->number != FX_OPERATOR_OTHER && !fx_meaning_find(executor, e->number, &meaning)) return;
  fx_meaning_apply(stream, &meaning);
}

aclnnStatus fx_operator_run(uint32_t stub, void *workspace, uint64_t bytes, aclOpExecutor *executor, aclrtStream stream) {
  entry *e = &entries[stub];
  atomic_fetch_add_explicit(&e->calls, 1, memory_order_relaxed);
  if (FX_UNLIKELY((e->by_name | e->number) != 0)) tell(e, executor, stream);
  return e->real(workspace, bytes, executor, stream);
}

void fx_operators_each(void (*visit)(const char *name, uint64_t calls, void *with), void *with) {
  uint32_t used = atomic_load(&count);
  for (uint32_t i = 0; i < used; i++) {
    uint64_t calls = atomic_load_explicit(&entries[i].calls, memory_order_relaxed);
    if (calls > 0) visit(entries[i].name, calls, with);
  }
}
