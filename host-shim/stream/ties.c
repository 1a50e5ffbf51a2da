/* Few graphs have any, and those few: one list. An event that is not tied to a graph any more stays in it, with none. */
#include "stream/ties.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "boot/counters.h"

typedef struct entry {
  aclmdlRI graph;
  fx_tie tie;
} entry;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static entry *entries;
static uint32_t size;
static _Atomic uint32_t count; /* read without the lock */

void fx_tie_add(aclmdlRI graph, fx_tie tie) {
  pthread_mutex_lock(&lock);
  uint32_t used = atomic_load(&count);
  if (used == size) {
    uint32_t more = size == 0 ? 16 : size * 2;
    entry *larger = realloc(entries, more * sizeof *larger);
    if (larger != NULL) {
      entries = larger;
      size = more;
    }
  }
  bool room = used < size;
  if (room) {
    entries[used] = (entry){.graph = graph, .tie = tie};
    atomic_store(&count, used + 1);
  }
  pthread_mutex_unlock(&lock);
  if (!room) fx_fault("no memory for what a graph does to an event: its runs may be out of order");
}

bool fx_ties_any(void) { return atomic_load_explicit(&count, memory_order_acquire) > 0; }

fx_ties fx_ties_of(aclmdlRI graph) {
  fx_ties found = {0};
  if (FX_LIKELY(!fx_ties_any())) return found;
  pthread_mutex_lock(&lock);
  uint32_t used = atomic_load(&count), ours = 0;
  for (uint32_t i = 0; i < used; i++) ours += entries[i].graph == graph;
  if (ours > 0) found.ties = malloc(ours * sizeof *found.ties);
  bool lost = ours > 0 && found.ties == NULL;
  for (uint32_t i = 0; i < used && found.ties != NULL; i++)
    if (entries[i].graph == graph) found.ties[found.count++] = entries[i].tie;
  pthread_mutex_unlock(&lock);
  if (lost) fx_fault("no memory for what a graph does to events: its run may be out of order");
  return found;
}

bool fx_event_tied(aclrtEvent event) {
  if (FX_LIKELY(!fx_ties_any())) return false;
  pthread_mutex_lock(&lock);
  bool tied = false;
  for (uint32_t i = 0; i < atomic_load(&count); i++) tied = tied || entries[i].tie.event == event;
  pthread_mutex_unlock(&lock);
  return tied;
}

/* One entry of an event stays. Under the lock. */
static bool last_of_event(uint32_t at, uint32_t kept) {
  for (uint32_t i = 0; i < atomic_load(&count); i++)
    if ((i < kept || i > at) && entries[i].tie.event == entries[at].tie.event) return false;
  return true;
}

void fx_ties_forget_graph(aclmdlRI graph) {
  if (graph == NULL || FX_LIKELY(!fx_ties_any())) return;
  pthread_mutex_lock(&lock);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < atomic_load(&count); i++) {
    if (entries[i].graph == graph && !last_of_event(i, kept)) continue;
    if (entries[i].graph == graph) entries[i].graph = NULL;
    entries[kept++] = entries[i];
  }
  atomic_store(&count, kept);
  pthread_mutex_unlock(&lock);
}

void fx_ties_forget_event(aclrtEvent event) {
  if (event == NULL || FX_LIKELY(!fx_ties_any())) return;
  pthread_mutex_lock(&lock);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < atomic_load(&count); i++)
    if (entries[i].tie.event != event) entries[kept++] = entries[i];
  atomic_store(&count, kept);
  pthread_mutex_unlock(&lock);
}
