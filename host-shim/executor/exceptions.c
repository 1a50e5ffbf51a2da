/*
 * Exceptions: the real library calls one function of ours, in a thread of its own, for whatever failed. It names a stream by
 * its number in the real library; whose that is, the streams know. The daemon hands it to the client's thread that asks for
 * it (host-node/daemon/exceptions.ts); the client's functions are the client's.
 */
#include "executor/exceptions.h"

#include <stdlib.h>

#include "executor/remote.h"
#include "executor/serve.h"
#include "real_table.h"

/* A client that listens, and how many exceptions it has had. */
typedef struct listener {
  struct listener *next;
  uint32_t client, told;
} listener;

static listener *listeners;
static bool hears; /* the real library knows the function */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* By core number: the number in the real library, and 1; 0 where it is not known. */
static _Atomic uint64_t numbers[FLEXNPU_MAX_STREAMS];

void fxd_exceptions_stream(uint32_t number, aclrtStream real) {
  int32_t id = 0;
  bool known = fx_real.aclrtStreamGetId(real, &id) == ACL_SUCCESS;
  if (number < FLEXNPU_MAX_STREAMS) atomic_store(&numbers[number], known ? (uint64_t)(uint32_t)id + 1 : 0);
}

/* The client's live stream of that number in the real library. */
static bool has_stream(uint32_t client, uint32_t id) {
  for (uint32_t i = 0; i < FLEXNPU_MAX_STREAMS; i++)
    if (atomic_load(&numbers[i]) == (uint64_t)id + 1 && fxd_stream_of(i, client)) return true;
  return false;
}

static void tell(listener *l, const aclrtExceptionInfo *info, uint32_t stream) {
  aclrtFuncHandle function = NULL;
  uint64_t handle = 0;
  if (fx_real.aclrtGetFuncHandleFromExceptionInfo(info, &function) == ACL_SUCCESS && function != NULL)
    handle = fxd_handle_find(FLEXNPU_HANDLE_FUNCTION, function, l->client);
  flexnpu_event e = {.kind = 0x9005, .stream = FLEXNPU_NONE};
  uint32_t *words = (uint32_t *)(void *)&e;
  words[4] = l->client;
  words[5] = ++l->told;
  words[6] = fx_real.aclrtGetTaskIdFromExceptionInfo(info);
  words[7] = stream;
  words[8] = fx_real.aclrtGetErrorCodeFromExceptionInfo(info);
  words[10] = (uint32_t)handle;
  words[11] = (uint32_t)(handle >> 32);
  fxd_found(&e);
}

static void hear(aclrtExceptionInfo *info) {
  uint32_t stream = fx_real.aclrtGetStreamIdFromExceptionInfo(info);
  pthread_mutex_lock(&lock);
  for (listener *l = listeners; l != NULL; l = l->next)
    if (has_stream(l->client, stream)) tell(l, info, stream);
  pthread_mutex_unlock(&lock);
}

static listener *find(uint32_t client) {
  listener *l = listeners;
  while (l != NULL && l->client != client) l = l->next;
  return l;
}

/* The client listens, if it did not yet; how many it has been told of. */
aclError fxd_serve_aclrtSetExceptionInfoCallback(fxd_call *c) {
  uint32_t client = c->ring->client->number;
  aclError error = ACL_SUCCESS;
  pthread_mutex_lock(&lock);
  listener *l = find(client);
  if (l == NULL && (l = calloc(1, sizeof *l)) != NULL) {
    *l = (listener){.next = listeners, .client = client};
    listeners = l;
  }
  if (l == NULL) error = ACL_ERROR_RT_MEMORY_ALLOCATION;
  else fxd_put(c, l->told);
  bool first = error == ACL_SUCCESS && !hears;
  if (first) hears = fxd_wants_task_ids = true;
  pthread_mutex_unlock(&lock);
  return first ? fx_real.aclrtSetExceptionInfoCallback(hear) : error;
}

void fxd_exceptions_forget(uint32_t client) {
  pthread_mutex_lock(&lock);
  for (listener **at = &listeners; *at != NULL; at = &(*at)->next) {
    listener *l = *at;
    if (l->client != client) continue;
    *at = l->next;
    free(l);
    break;
  }
  pthread_mutex_unlock(&lock);
}
