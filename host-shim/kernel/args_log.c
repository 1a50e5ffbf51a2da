/*
 * Logs of argument handles, in a table by handle; a thread remembers the last one, which is nearly always the one.
 */
#include "kernel/args_log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "boot/counters.h"
#include "real_table.h"

#define BUCKETS 256

static fx_args_log *buckets[BUCKETS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static FX_TLS fx_args_log *recent;

static fx_args_log **bucket_of(aclrtArgsHandle handle) {
  uint64_t hash = ((uint64_t)(uintptr_t)handle >> 3) * 0x9e3779b97f4a7c15u;
  return &buckets[hash >> 56];
}

static void changed(fx_args_log *log) { atomic_store_explicit(&log->changes, 1, memory_order_release); }

fx_args_log *fx_args_find(aclrtArgsHandle handle) {
  fx_args_log *log = recent;
  if (log == NULL || log->handle != handle) {
    pthread_mutex_lock(&lock);
    log = *bucket_of(handle);
    while (log != NULL && log->handle != handle) log = log->next;
    pthread_mutex_unlock(&lock);
    if (log == NULL) return NULL;
    recent = log;
  }
  (void)atomic_load_explicit(&log->changes, memory_order_acquire);
  return log;
}

void fx_args_begin(aclrtFuncHandle function, aclrtArgsHandle handle) {
  fx_args_log *log = fx_args_find(handle);
  if (log == NULL) {
    log = calloc(1, sizeof *log);
    if (log == NULL) return; /* launches with this handle are not held then */
    log->handle = handle;
    pthread_mutex_lock(&lock);
    fx_args_log **bucket = bucket_of(handle);
    log->next = *bucket;
    *bucket = log;
    pthread_mutex_unlock(&lock);
    recent = log;
  }
  log->count = 0;
  log->value_bytes = 0;
  log->function = function;
  log->finalized = false;
  log->whole = true;
  changed(log);
}

/* A new argument; the caller fills it in and says that the log has changed. */
static fx_arg *add(fx_args_log *log, aclrtParamHandle param) {
  if (log == NULL || !log->whole) return NULL;
  if (log->count == FX_ARGS_MAX) {
    log->whole = false;
    return NULL;
  }
  fx_arg *arg = &log->args[log->count++];
  *arg = (fx_arg){.handle = param};
  return arg;
}

static void keep(fx_args_log *log, fx_arg *arg, const void *value, size_t bytes) {
  if (log->value_bytes + bytes > log->values_room) {
    size_t room = (log->value_bytes + bytes) * 2 + 64;
    uint8_t *values = realloc(log->values, room);
    if (values == NULL) {
      log->whole = false;
      return;
    }
    log->values = values;
    log->values_room = room;
  }
  arg->at = log->value_bytes;
  arg->bytes = bytes;
  memcpy(log->values + arg->at, value, bytes);
  log->value_bytes += bytes;
}

void fx_args_append(aclrtArgsHandle handle, aclrtParamHandle param, const void *value, size_t bytes) {
  fx_args_log *log = fx_args_find(handle);
  fx_arg *arg = add(log, param);
  if (arg != NULL) keep(log, arg, value, bytes);
  if (log != NULL) changed(log);
}

void fx_args_placeholder(aclrtArgsHandle handle, aclrtParamHandle param) {
  fx_args_log *log = fx_args_find(handle);
  fx_arg *arg = add(log, param);
  if (arg != NULL) arg->placeholder = true;
  if (log != NULL) changed(log);
}

static fx_arg *find_param(fx_args_log *log, aclrtParamHandle param) {
  for (uint32_t i = 0; log != NULL && i < log->count; i++)
    if (log->args[i].handle == param) return &log->args[i];
  return NULL;
}

void fx_args_buffer(aclrtArgsHandle handle, aclrtParamHandle param, const void *buffer, size_t bytes) {
  fx_args_log *log = fx_args_find(handle);
  fx_arg *arg = find_param(log, param);
  if (arg == NULL) return;
  arg->data = buffer;
  arg->bytes = bytes;
  changed(log);
}

void fx_args_update(aclrtArgsHandle handle, aclrtParamHandle param, const void *value, size_t bytes) {
  fx_args_log *log = fx_args_find(handle);
  fx_arg *arg = find_param(log, param);
  if (arg == NULL) return;
  log->finalized = false;
  if (arg->placeholder || bytes != arg->bytes) log->whole = false; /* a change of shape: such a launch is not held */
  else memcpy(log->values + arg->at, value, bytes);
  changed(log);
}

void fx_args_finalized(aclrtArgsHandle handle) {
  fx_args_log *log = fx_args_find(handle);
  if (log == NULL) return;
  log->finalized = true;
  changed(log);
}

size_t fx_args_bytes(const fx_args_log *log) {
  size_t bytes = 0;
  for (uint32_t i = 0; i < log->count; i++) bytes += log->args[i].placeholder ? 8 + log->args[i].bytes : log->args[i].bytes;
  return bytes;
}

void fx_args_pack(const fx_args_log *log, fx_pack *pack) {
  uint64_t head[2] = {log->count, fx_args_bytes(log)};
  (void)fx_pack_add(pack, head, sizeof head);
  for (uint32_t i = 0; i < log->count; i++) {
    const fx_arg *arg = &log->args[i];
    uint64_t shape[2] = {arg->placeholder, arg->bytes};
    (void)fx_pack_add(pack, shape, sizeof shape);
    (void)fx_pack_add(pack, arg->placeholder ? arg->data : log->values + arg->at, arg->bytes);
  }
}

/* Memory of the thread for one rebuilt handle, freed when the thread ends. */
static FX_TLS uint8_t *scratch;
static FX_TLS size_t scratch_bytes;
static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;

static void release_scratch(void *memory) {
  scratch = NULL;
  scratch_bytes = 0;
  free(memory);
}

static void make_scratch_key(void) { (void)pthread_key_create(&scratch_key, release_scratch); }

static uint8_t *scratch_of(size_t bytes) {
  if (bytes > scratch_bytes) {
    uint8_t *larger = realloc(scratch, bytes);
    if (larger == NULL) return NULL;
    pthread_once(&scratch_once, make_scratch_key);
    (void)pthread_setspecific(scratch_key, larger);
    scratch = larger;
    scratch_bytes = bytes;
  }
  return scratch;
}

static aclError fill(aclrtArgsHandle handle, fx_unpack *unpack, uint64_t count) {
  struct {
    aclrtParamHandle param;
    const void *data;
    size_t bytes;
  } held[FX_ARGS_MAX];
  uint32_t placeholders = 0;
  for (uint64_t i = 0; i < count; i++) {
    const uint64_t *shape = fx_unpack_next(unpack, 16);
    void *data = fx_unpack_next(unpack, shape[1]);
    aclrtParamHandle param = NULL;
    aclError error = shape[0] != 0 ? fx_real.aclrtKernelArgsAppendPlaceHolder(handle, &param)
                                   : fx_real.aclrtKernelArgsAppend(handle, data, shape[1], &param);
    if (error != ACL_SUCCESS) return error;
    if (shape[0] == 0) continue;
    held[placeholders].param = param;
    held[placeholders].data = data;
    held[placeholders++].bytes = shape[1];
  }
  /* Buffers come after all arguments: AscendCL refuses arguments once one was asked for. */
  for (uint32_t i = 0; i < placeholders; i++) {
    void *buffer = NULL;
    if (held[i].bytes == 0) continue;
    aclError error = fx_real.aclrtKernelArgsGetPlaceHolderBuffer(handle, held[i].param, held[i].bytes, &buffer);
    if (error != ACL_SUCCESS) return error;
    memcpy(buffer, held[i].data, held[i].bytes);
  }
  return fx_real.aclrtKernelArgsFinalize(handle);
}

aclrtArgsHandle fx_args_rebuild(aclrtFuncHandle function, fx_unpack *unpack, aclError *error) {
  const uint64_t *head = fx_unpack_next(unpack, 16);
  size_t handle_bytes = 0, args_bytes = 0;
  *error = fx_real.aclrtKernelArgsGetHandleMemSize(function, &handle_bytes);
  if (*error == ACL_SUCCESS) *error = fx_real.aclrtKernelArgsGetMemSize(function, head[1] + 8u * head[0], &args_bytes);
  if (*error != ACL_SUCCESS) return NULL;
  handle_bytes = (handle_bytes + 63u) & ~(size_t)63u;
  uint8_t *memory = scratch_of(handle_bytes + args_bytes);
  if (memory == NULL) {
    *error = ACL_ERROR_BAD_ALLOC;
    return NULL;
  }
  *error = fx_real.aclrtKernelArgsInitByUserMem(function, memory, memory + handle_bytes, args_bytes);
  if (*error == ACL_SUCCESS) *error = fill(memory, unpack, head[0]);
  return *error == ACL_SUCCESS ? memory : NULL;
}
