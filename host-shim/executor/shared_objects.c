/* See shared_objects.h. The list is short: only what was made to be shared, or is, is in it. */
#include "executor/shared_objects.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "executor/mappings.h"
#include "executor/remote.h"
#include "executor/serve.h"
#include "real_table.h"

/* Processes that may be named for physical memory or a notify. */
#define PIDS 64u
/* The shortest key of a notify that AscendCL knows (aclrtNotifyGetExportKey). */
#define NAME_BYTES 65u

typedef struct shared {
  struct shared *next;
  void *real;
  uint32_t handles; /* virtual ones that stand for it */
  uint32_t maker;   /* client; of physical memory and notifies, who may say who imports it */
  uint32_t number;  /* core number that the core knows the event or notify by */
  aclrtIpcEventHandle key; /* of an event */
  uint64_t shareable;      /* of physical memory, else 0 */
  char name[NAME_BYTES];   /* of a notify, else "" */
  bool open;               /* to every client */
  uint32_t pid_count;
  int32_t pids[PIDS];
} shared;

static shared *list;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static shared *by_real(const void *real) {
  shared *s = list;
  while (s != NULL && s->real != real) s = s->next;
  return s;
}

static shared *by_name(const char *name) {
  shared *s = list;
  while (s != NULL && (s->name[0] == '\0' || strcmp(s->name, name) != 0)) s = s->next;
  return s;
}

static shared *by_key(const aclrtIpcEventHandle *key) {
  shared *s = list;
  while (s != NULL && (s->shareable != 0 || s->name[0] != '\0' || memcmp(&s->key, key, sizeof *key) != 0)) s = s->next;
  return s;
}

static shared *by_shareable(uint64_t shareable) {
  shared *s = list;
  while (s != NULL && s->shareable != shareable) s = s->next;
  return s;
}

/* With an unguessable key: who has it was given it. */
static shared *add(void *real, const fxd_call *c) {
  shared *s = calloc(1, sizeof *s);
  if (s == NULL || getrandom(&s->key, sizeof s->key, 0) != (ssize_t)sizeof s->key) {
    free(s);
    return NULL;
  }
  s->real = real;
  s->handles = 1;
  s->maker = c->ring->client->number;
  s->number = c->number;
  pthread_mutex_lock(&lock);
  s->next = list;
  list = s;
  pthread_mutex_unlock(&lock);
  return s;
}

bool fxd_shared_release(const void *real) {
  pthread_mutex_lock(&lock);
  shared *s = by_real(real);
  bool last = s == NULL || --s->handles == 0;
  if (s != NULL && last) {
    shared **at = &list;
    while (*at != s) at = &(*at)->next;
    *at = s->next;
  } else s = NULL;
  pthread_mutex_unlock(&lock);
  free(s);
  return last;
}

/* Another handle of the object; it must be given back where that fails. */
static void *use(shared *s) {
  s->handles++;
  return s->real;
}

/* ---- events ---- */

aclError fxd_serve_aclrtCreateEventExWithFlag(fxd_call *c) {
  bool wanted = fxd_take(c) != 0;
  uint32_t flag = (uint32_t)fxd_take(c);
  aclrtEvent event = NULL;
  if (c->torn || !wanted) return ACL_ERROR_INVALID_PARAM;
  /* Of several clients, but of one process. */
  bool is_shared = flag == ACL_EVENT_IPC;
  aclError error = fx_real.aclrtCreateEventExWithFlag(&event, is_shared ? ACL_EVENT_SYNC : flag);
  if (error != ACL_SUCCESS) return error;
  if (is_shared && add(event, c) == NULL) error = ACL_ERROR_RT_MEMORY_ALLOCATION;
  if (error == ACL_SUCCESS) error = fxd_put_handle(c, FLEXNPU_HANDLE_EVENT, event);
  if (error != ACL_SUCCESS && fxd_shared_release(event)) (void)fx_real.aclrtDestroyEvent(event);
  return error;
}

/* The client's handle ends; the object does with its last. */
static aclError end_handle(fxd_call *c, uint32_t kind, aclError (*destroy)(void *)) {
  uint64_t handle = fxd_peek(c);
  void *real;
  aclError error = fxd_take_handle(c, kind, &real);
  if (error != ACL_SUCCESS || c->torn) return error != ACL_SUCCESS ? error : ACL_ERROR_INVALID_PARAM;
  if (fxd_shared_release(real)) error = destroy(real);
  if (error == ACL_SUCCESS) fxd_handle_end(kind, handle);
  return error;
}

aclError fxd_serve_aclrtDestroyEvent(fxd_call *c) { return end_handle(c, FLEXNPU_HANDLE_EVENT, fx_real.aclrtDestroyEvent); }

aclError fxd_serve_aclrtIpcGetEventHandle(fxd_call *c) {
  aclrtEvent event;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_EVENT, &event);
  if (error != ACL_SUCCESS || c->torn) return error != ACL_SUCCESS ? error : ACL_ERROR_INVALID_PARAM;
  pthread_mutex_lock(&lock);
  const shared *s = by_real(event);
  if (s != NULL) fxd_put_bytes(c, &s->key, sizeof s->key);
  else error = ACL_ERROR_RT_PARAM_INVALID;
  pthread_mutex_unlock(&lock);
  return error;
}

/* The daemon is told which event of its this is. */
aclError fxd_serve_aclrtIpcOpenEventHandle(fxd_call *c) {
  size_t bytes;
  const aclrtIpcEventHandle *key = fxd_take_bytes(c, &bytes);
  if (c->torn || key == NULL || bytes != sizeof *key) return ACL_ERROR_INVALID_PARAM;
  if (c->ring->context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  pthread_mutex_lock(&lock);
  shared *s = by_key(key);
  void *event = s != NULL ? use(s) : NULL;
  if (s != NULL) c->value = s->number;
  pthread_mutex_unlock(&lock);
  if (event == NULL) return ACL_ERROR_RT_PARAM_INVALID;
  aclError error = fxd_put_handle(c, FLEXNPU_HANDLE_EVENT, event);
  if (error != ACL_SUCCESS && fxd_shared_release(event)) (void)fx_real.aclrtDestroyEvent(event);
  return error;
}

/* ---- physical memory ---- */

aclError fxd_serve_aclrtMemExportToShareableHandle(fxd_call *c) {
  aclrtDrvMemHandle physical;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_PHYS_MEM, &physical);
  uint32_t type = (uint32_t)fxd_take(c);
  uint64_t flags = fxd_take(c);
  if (error != ACL_SUCCESS || c->torn) return error != ACL_SUCCESS ? error : ACL_ERROR_INVALID_PARAM;
  if (type != ACL_MEM_HANDLE_TYPE_NONE || flags > ACL_RT_VMM_EXPORT_FLAG_DISABLE_PID_VALIDATION) return ACL_ERROR_RT_PARAM_INVALID;
  pthread_mutex_lock(&lock);
  bool twice = by_real(physical) != NULL;
  pthread_mutex_unlock(&lock);
  if (twice) return ACL_ERROR_RT_PARAM_INVALID;
  shared *s = add(physical, c);
  if (s == NULL) return ACL_ERROR_RT_MEMORY_ALLOCATION;
  memcpy(&s->shareable, &s->key, sizeof s->shareable);
  s->shareable |= 1; /* not 0 */
  s->open = flags == ACL_RT_VMM_EXPORT_FLAG_DISABLE_PID_VALIDATION;
  fxd_put(c, s->shareable);
  return ACL_SUCCESS;
}

/* The client names more processes that may import it. Under the lock. */
static bool allow(shared *s, const fxd_call *c, const void *pids, size_t count) {
  if (s == NULL || s->maker != c->ring->client->number || count == 0 || count > PIDS - s->pid_count) return false;
  memcpy(s->pids + s->pid_count, pids, count * sizeof *s->pids);
  s->pid_count += (uint32_t)count;
  return true;
}

aclError fxd_serve_aclrtMemSetPidToShareableHandle(fxd_call *c) {
  uint64_t shareable = fxd_take(c);
  size_t bytes;
  const void *pids = fxd_take_bytes(c, &bytes);
  if (c->torn || pids == NULL || bytes % sizeof(int32_t) != 0 || shareable == 0) return ACL_ERROR_RT_PARAM_INVALID;
  pthread_mutex_lock(&lock);
  bool may = allow(by_shareable(shareable), c, pids, bytes / sizeof(int32_t));
  pthread_mutex_unlock(&lock);
  return may ? ACL_SUCCESS : ACL_ERROR_RT_PARAM_INVALID;
}

static bool may_import(const shared *s, const fxd_client *client) {
  bool may = s->open || s->maker == client->number;
  for (uint32_t i = 0; i < s->pid_count && !may; i++) may = s->pids[i] == (int32_t)client->pid;
  return may;
}

aclError fxd_serve_aclrtMemImportFromShareableHandle(fxd_call *c) {
  uint64_t shareable = fxd_take(c);
  int32_t device = (int32_t)(uint32_t)fxd_take(c);
  if (c->torn || shareable == 0) return ACL_ERROR_RT_PARAM_INVALID;
  if (device != 0) return ACL_ERROR_RT_INVALID_DEVICEID; /* a client has one */
  pthread_mutex_lock(&lock);
  shared *s = by_shareable(shareable);
  void *physical = s != NULL && may_import(s, c->ring->client) ? use(s) : NULL;
  pthread_mutex_unlock(&lock);
  if (physical == NULL) return ACL_ERROR_RT_PARAM_INVALID;
  fxd_client *client = c->ring->client;
  bool kept = fxd_physical_keep(client, physical, 0); /* counted for its maker */
  aclError error = kept ? fxd_put_handle(c, FLEXNPU_HANDLE_PHYS_MEM, physical) : ACL_ERROR_RT_MEMORY_ALLOCATION;
  if (error == ACL_SUCCESS) return ACL_SUCCESS;
  if (kept) fxd_physical_forget(client, physical);
  if (fxd_shared_release(physical)) (void)fx_real.aclrtFreePhysical(physical);
  return error;
}

/* ---- notifies ---- */

static void write_name(shared *s) {
  static const char digits[] = "0123456789abcdef";
  char *at = s->name;
  for (uint32_t i = 0; i < (NAME_BYTES - 1) / 2 && i < sizeof s->key; i++) {
    uint8_t byte = ((const uint8_t *)&s->key)[i];
    *at++ = digits[byte >> 4];
    *at++ = digits[byte & 15];
  }
  *at = '\0';
}

aclError fxd_serve_aclrtNotifyGetExportKey(fxd_call *c) {
  uint64_t handle = fxd_peek(c);
  aclrtNotify notify;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_NOTIFY, &notify);
  uint64_t flags = fxd_take(c);
  if (error != ACL_SUCCESS || c->torn) return error != ACL_SUCCESS ? error : ACL_ERROR_INVALID_PARAM;
  if (flags != ACL_RT_NOTIFY_EXPORT_FLAG_DEFAULT && flags != ACL_RT_NOTIFY_EXPORT_FLAG_DISABLE_PID_VALIDATION)
    return ACL_ERROR_RT_PARAM_INVALID;
  c->number = (uint32_t)handle & ((1u << FLEXNPU_HANDLE_INDEX_BITS) - 1);
  pthread_mutex_lock(&lock);
  shared *s = by_real(notify);
  pthread_mutex_unlock(&lock);
  if (s == NULL) s = add(notify, c);
  if (s == NULL) return ACL_ERROR_RT_MEMORY_ALLOCATION;
  pthread_mutex_lock(&lock);
  if (s->name[0] == '\0') write_name(s);
  if (flags == ACL_RT_NOTIFY_EXPORT_FLAG_DISABLE_PID_VALIDATION && s->maker == c->ring->client->number) s->open = true;
  fxd_put_bytes(c, s->name, sizeof s->name);
  pthread_mutex_unlock(&lock);
  return ACL_SUCCESS;
}

aclError fxd_serve_aclrtNotifySetImportPid(fxd_call *c) {
  aclrtNotify notify;
  size_t bytes;
  aclError error = fxd_take_handle(c, FLEXNPU_HANDLE_NOTIFY, &notify);
  const void *pids = fxd_take_bytes(c, &bytes);
  if (error != ACL_SUCCESS) return error;
  if (c->torn || pids == NULL || bytes % sizeof(int32_t) != 0) return ACL_ERROR_RT_PARAM_INVALID;
  pthread_mutex_lock(&lock);
  bool may = allow(by_real(notify), c, pids, bytes / sizeof(int32_t));
  pthread_mutex_unlock(&lock);
  return may ? ACL_SUCCESS : ACL_ERROR_RT_PARAM_INVALID;
}

/* The daemon is told which notify of its this is. */
aclError fxd_serve_aclrtNotifyImportByKey(fxd_call *c) {
  const char *name = fxd_take_text(c);
  uint64_t flags = fxd_take(c);
  if (c->torn || name == NULL) return ACL_ERROR_INVALID_PARAM;
  if (flags != ACL_RT_NOTIFY_IMPORT_FLAG_DEFAULT && flags != ACL_RT_NOTIFY_IMPORT_FLAG_ENABLE_PEER_ACCESS)
    return ACL_ERROR_RT_PARAM_INVALID;
  if (c->ring->context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  pthread_mutex_lock(&lock);
  shared *s = by_name(name);
  void *notify = s != NULL && may_import(s, c->ring->client) ? use(s) : NULL;
  if (notify != NULL) c->value = s->number;
  pthread_mutex_unlock(&lock);
  if (notify == NULL) return ACL_ERROR_RT_PARAM_INVALID;
  aclError error = fxd_put_handle(c, FLEXNPU_HANDLE_NOTIFY, notify);
  if (error != ACL_SUCCESS && fxd_shared_release(notify)) (void)fx_real.aclrtDestroyNotify(notify);
  return error;
}

aclError fxd_serve_aclrtDestroyNotify(fxd_call *c) { return end_handle(c, FLEXNPU_HANDLE_NOTIFY, fx_real.aclrtDestroyNotify); }
