/*
 * Functions of the program that hear of streams made and ended, of devices set and reset, and of the end of a device's
 * work. Each is registered under a name; NULL takes it back.
 */
#include <string.h>

#include "engine.h"
#include "listeners.h"

#define MOST_LISTENERS 16u
#define NAME_BYTES 128u

typedef struct {
  char name[NAME_BYTES];
  void (*function)(void); /* of the list's own kind; NULL: free */
  void *args;
} listener;

typedef listener listeners[MOST_LISTENERS];

static pthread_mutex_t listeners_lock = PTHREAD_MUTEX_INITIALIZER;
static listeners of_streams, of_devices, of_aborts;
static uint32_t listening; /* of all lists: mostly nobody does */

static listener *named(listener *list, const char *name) {
  for (uint32_t i = 0; i < MOST_LISTENERS; i++) {
    if (list[i].function != NULL && strcmp(list[i].name, name) == 0) return &list[i];
  }
  return NULL;
}

static listener *unused(listener *list) {
  for (uint32_t i = 0; i < MOST_LISTENERS; i++) {
    if (list[i].function == NULL) return &list[i];
  }
  return NULL;
}

static aclError set(listener *list, const char *name, void (*function)(void), void *args) {
  if (name[0] == '\0' || strlen(name) >= NAME_BYTES) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a name of 1 to %u bytes is expected", NAME_BYTES - 1);
  aclError error = ACL_SUCCESS;
  pthread_mutex_lock(&listeners_lock);
  listener *known = named(list, name), *place = known != NULL ? known : unused(list);
  if (function == NULL && known == NULL) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "nothing is registered as %s", name);
  } else if (function != NULL && known != NULL) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%s is registered already", name);
  } else if (place == NULL) {
    error = sim_fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "more than %u functions", MOST_LISTENERS);
  } else {
    __atomic_fetch_add(&listening, function != NULL ? 1u : -1u, __ATOMIC_RELAXED);
    memcpy(place->name, name, strlen(name) + 1);
    place->function = function;
    place->args = args;
  }
  pthread_mutex_unlock(&listeners_lock);
  return error;
}

aclError sim_aclrtRegStreamStateCallback(const char *name, aclrtStreamStateCallback function, void *args) {
  return set(of_streams, name, (void (*)(void))function, args);
}
aclError sim_aclrtRegDeviceStateCallback(const char *name, aclrtDeviceStateCallback function, void *args) {
  return set(of_devices, name, (void (*)(void))function, args);
}
aclError sim_aclrtSetDeviceTaskAbortCallback(const char *name, aclrtDeviceTaskAbortCallback function, void *args) {
  return set(of_aborts, name, (void (*)(void))function, args);
}

/* A copy, so that a function may register another; whether there is anybody. */
static bool hear(const listener *list, listener *copy) {
  if (__atomic_load_n(&listening, __ATOMIC_RELAXED) == 0) return false;
  pthread_mutex_lock(&listeners_lock);
  bool any = false;
  for (uint32_t i = 0; i < MOST_LISTENERS; i++) {
    copy[i] = list[i];
    any = any || list[i].function != NULL;
  }
  pthread_mutex_unlock(&listeners_lock);
  return any;
}

void sim_tell_stream(sim_stream *stream, aclrtStreamState state) {
  listeners copy;
  if (!hear(of_streams, copy)) return;
  sim_engine_unlock();
  for (uint32_t i = 0; i < MOST_LISTENERS; i++) {
    if (copy[i].function != NULL) ((aclrtStreamStateCallback)copy[i].function)(stream, state, copy[i].args);
  }
  sim_engine_lock();
}

void sim_tell_device(int32_t device, aclrtDeviceState state) {
  listeners copy;
  if (!hear(of_devices, copy)) return;
  for (uint32_t i = 0; i < MOST_LISTENERS; i++) {
    if (copy[i].function != NULL) ((aclrtDeviceStateCallback)copy[i].function)(device, state, copy[i].args);
  }
}

void sim_tell_abort(int32_t device, aclrtDeviceTaskAbortStage stage, uint32_t timeout_ms) {
  listeners copy;
  if (!hear(of_aborts, copy)) return;
  for (uint32_t i = 0; i < MOST_LISTENERS; i++) {
    if (copy[i].function != NULL) ((aclrtDeviceTaskAbortCallback)copy[i].function)(device, stage, timeout_ms, copy[i].args);
  }
}
