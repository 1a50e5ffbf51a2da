/* What the daemon is told after a batch: records, from this thread and from twins, until the next call takes them. */
#include <string.h>

#include "boot/counters.h"
#include "executor/found.h"

/* More wait for the next call. */
#define ROOM 8192u

static struct {
  uint32_t count, pad;
  flexnpu_event records[ROOM];
} shown;

static flexnpu_event waiting[ROOM];
static uint32_t waiting_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

FX_EXPORT void *fxd_completions(void) { return &shown; }
FX_EXPORT int32_t fxd_completions_bytes(void) { return (int32_t)sizeof shown; }

void fxd_found(const flexnpu_event *record) {
  pthread_mutex_lock(&lock);
  if (waiting_count < ROOM) waiting[waiting_count++] = *record;
  pthread_mutex_unlock(&lock);
}

uint32_t fxd_found_room(void) {
  pthread_mutex_lock(&lock);
  uint32_t room = ROOM - waiting_count;
  pthread_mutex_unlock(&lock);
  return room;
}

void fxd_found_show(void) {
  pthread_mutex_lock(&lock);
  memcpy(shown.records, waiting, waiting_count * sizeof *waiting);
  shown.count = waiting_count;
  waiting_count = 0;
  pthread_mutex_unlock(&lock);
}

void fxd_found_called(const fxd_call *c) {
  flexnpu_event e = {.kind = 0x9001, .stream = c->place};
  uint32_t *words = (uint32_t *)(void *)&e;
  words[4] = (uint32_t)c->error;
  words[5] = c->number;
  words[6] = (uint32_t)c->value;
  words[7] = (uint32_t)(c->value >> 32);
  words[8] = c->existed ? 1 : 0;
  fxd_found(&e);
}
