/* Listeners; see remote/listeners.h. Each is registered under a name; NULL takes it back. */
#include "remote/listeners.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "remote/error.h"
#include "remote_client.h"

#define MOST 16u
#define NAME_BYTES 128u

typedef struct listener {
  char name[NAME_BYTES];
  void (*function)(void); /* of the list's own kind; NULL: free */
  void *args;
} listener;

typedef struct listeners {
  listener all[MOST];
} listeners;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static listeners of_streams, of_devices, of_aborts;
static _Atomic int listening; /* of all lists: mostly nobody does */

/* The one of that name, or a free one where there is none. */
static listener *find(listeners *list, const char *name, bool *known) {
  listener *unused = NULL;
  *known = false;
  for (uint32_t i = 0; i < MOST; i++) {
    listener *l = &list->all[i];
    *known = l->function != NULL && strcmp(l->name, name) == 0;
    if (*known) return l;
    if (l->function == NULL && unused == NULL) unused = l;
  }
  return unused;
}

static aclError change(listeners *list, const char *name, void (*function)(void), void *args) {
  bool known;
  listener *l = find(list, name, &known);
  if (function == NULL && !known) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "nothing is registered as %s", name);
  if (function != NULL && known) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%s is registered already", name);
  if (l == NULL) return fx_remote_fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "more than %u functions", MOST);
  memcpy(l->name, name, strlen(name) + 1);
  l->function = function;
  l->args = args;
  atomic_fetch_add(&listening, function != NULL ? 1 : -1);
  return ACL_SUCCESS;
}

static aclError set(listeners *list, const char *name, void (*function)(void), void *args) {
  if (name == NULL) return fx_remote_no_pointer();
  if (name[0] == '\0' || strlen(name) >= NAME_BYTES)
    return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "a name of 1 to %u bytes is expected", NAME_BYTES - 1);
  pthread_mutex_lock(&lock);
  aclError error = change(list, name, function, args);
  pthread_mutex_unlock(&lock);
  return error;
}

aclError fx_remote_aclrtRegStreamStateCallback(const char *regName, aclrtStreamStateCallback callback, void *args) {
  return set(&of_streams, regName, (void (*)(void))callback, args);
}

aclError fx_remote_aclrtRegDeviceStateCallback(const char *regName, aclrtDeviceStateCallback callback, void *args) {
  return set(&of_devices, regName, (void (*)(void))callback, args);
}

aclError fx_remote_aclrtSetDeviceTaskAbortCallback(const char *regName, aclrtDeviceTaskAbortCallback callback, void *args) {
  return set(&of_aborts, regName, (void (*)(void))callback, args);
}

/* A copy, so that a function may register another; whether there may be somebody. */
static bool hear(const listeners *list, listeners *copy) {
  if (atomic_load_explicit(&listening, memory_order_relaxed) == 0) return false;
  pthread_mutex_lock(&lock);
  *copy = *list;
  pthread_mutex_unlock(&lock);
  return true;
}

void fx_tell_stream(aclrtStream stream, aclrtStreamState state) {
  listeners copy;
  if (!hear(&of_streams, &copy)) return;
  for (uint32_t i = 0; i < MOST; i++)
    if (copy.all[i].function != NULL) ((aclrtStreamStateCallback)copy.all[i].function)(stream, state, copy.all[i].args);
}

void fx_tell_device(int32_t device, aclrtDeviceState state) {
  listeners copy;
  if (!hear(&of_devices, &copy)) return;
  for (uint32_t i = 0; i < MOST; i++)
    if (copy.all[i].function != NULL) ((aclrtDeviceStateCallback)copy.all[i].function)(device, state, copy.all[i].args);
}

void fx_tell_abort(int32_t device, aclrtDeviceTaskAbortStage stage, uint32_t timeout) {
  listeners copy;
  if (!hear(&of_aborts, &copy)) return;
  for (uint32_t i = 0; i < MOST; i++)
    if (copy.all[i].function != NULL) (void)((aclrtDeviceTaskAbortCallback)copy.all[i].function)(device, stage, timeout, copy.all[i].args);
}
