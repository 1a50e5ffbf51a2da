/*
 * Exceptions: the daemon knows which operators of this process failed; the functions that hear of them run here, on one
 * thread of ours, as the real library runs them on one of its own. Directly, they have mostly run when a synchronization
 * says the error; so the thread that gets one waits a moment for them.
 */
#include "remote/exceptions.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "boot/codes.h"
#include "boot/counters.h"
#include "remote/call.h"
#include "remote/error.h"
#include "remote/thread.h"
#include "remote_client.h"

#define MOST 64u
/* A function that itself waits for the thread that waits for it must not hang it. */
#define SETTLE_SECONDS 1
/* As AscendCL says it: not known. */
#define UNKNOWN UINT32_MAX

struct rtExceptionInfo {
  uint32_t task, stream, error;
  uint64_t function;
};

/* The first is aclrtSetExceptionInfoCallback's. */
static aclrtExceptionInfoCallback functions[1 + MOST];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t handled_more = PTHREAD_COND_INITIALIZER;
static uint32_t handled; /* number of the newest that the functions have heard of */
static _Atomic bool listens; /* our thread runs; changed under the lock */
static FX_TLS bool is_ours;

/* The daemon keeps what happens from here on for us; how many that were so far. */
static aclError ask_count(uint32_t *told) {
  fx_call c;
  aclError error = fx_call_open(&c, FX_API_aclrtSetExceptionInfoCallback, 0);
  if (error == ACL_SUCCESS) error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE);
  if (error != ACL_SUCCESS) return error;
  *told = (uint32_t)fx_call_take(&c);
  return fx_call_close(&c);
}

static aclError next(struct rtExceptionInfo *info, uint32_t *number) {
  fx_call c;
  aclError error = fx_call_open(&c, FX_API_aclrtExceptionInfoCallbackRegister, 0);
  if (error == ACL_SUCCESS) error = fx_call_answer(&c, FLEXNPU_NONE, FLEXNPU_NONE);
  if (error != ACL_SUCCESS) return error;
  uint64_t first = fx_call_take(&c), second = fx_call_take(&c);
  *number = (uint32_t)first;
  *info = (struct rtExceptionInfo){.task = (uint32_t)(first >> 32), .stream = (uint32_t)second, .error = (uint32_t)(second >> 32)};
  info->function = fx_call_take(&c);
  return fx_call_close(&c);
}

static void tell(struct rtExceptionInfo *info) {
  aclrtExceptionInfoCallback copy[1 + MOST]; /* a function may register another */
  pthread_mutex_lock(&lock);
  memcpy(copy, functions, sizeof copy);
  pthread_mutex_unlock(&lock);
  for (uint32_t i = 0; i <= MOST; i++)
    if (copy[i] != NULL) copy[i](info);
}

static void *serve(void *unused) {
  (void)unused;
  is_ours = true;
  struct rtExceptionInfo info;
  for (uint32_t number; next(&info, &number) == ACL_SUCCESS;) {
    tell(&info);
    pthread_mutex_lock(&lock);
    handled = number;
    pthread_cond_broadcast(&handled_more);
    pthread_mutex_unlock(&lock);
  }
  pthread_mutex_lock(&lock);
  atomic_store(&listens, false); /* without the daemon there is nothing to hear of */
  pthread_cond_broadcast(&handled_more);
  pthread_mutex_unlock(&lock);
  return NULL;
}

/* What fails from here on is heard of. */
static aclError listen(void) {
  uint32_t told;
  if (atomic_load(&listens)) return ACL_SUCCESS;
  aclError error = ask_count(&told);
  if (error != ACL_SUCCESS) return error;
  pthread_mutex_lock(&lock);
  bool started = atomic_load(&listens) || fx_thread_start(serve);
  atomic_store(&listens, started);
  pthread_mutex_unlock(&lock);
  return started ? ACL_SUCCESS : fx_remote_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no thread for exceptions");
}

void fx_exceptions_settle(aclError error) {
  uint32_t told;
  if (!fx_failed_on_device(error) || !atomic_load_explicit(&listens, memory_order_relaxed) || is_ours) return;
  if (ask_count(&told) != ACL_SUCCESS) return;
  struct timespec until;
  (void)clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += SETTLE_SECONDS;
  pthread_mutex_lock(&lock);
  while (atomic_load(&listens) && (int32_t)(told - handled) > 0 && pthread_cond_timedwait(&handled_more, &lock, &until) == 0) continue;
  pthread_mutex_unlock(&lock);
}

aclError fx_remote_aclrtSetExceptionInfoCallback(aclrtExceptionInfoCallback callback) {
  aclError error = callback != NULL ? listen() : ACL_SUCCESS;
  if (error != ACL_SUCCESS) return error;
  pthread_mutex_lock(&lock);
  functions[0] = callback;
  pthread_mutex_unlock(&lock);
  return ACL_SUCCESS;
}

/* Where the function stands, or where there is room for it; 0 for neither. Under the lock. */
static uint32_t place_of(aclrtExceptionInfoCallback callback) {
  uint32_t room = 0;
  for (uint32_t i = 1; i <= MOST; i++) {
    if (functions[i] == callback) return i;
    if (functions[i] == NULL && room == 0) room = i;
  }
  return room;
}

aclError fx_remote_aclrtExceptionInfoCallbackRegister(aclrtExceptionInfoCallback callback) {
  if (callback == NULL) return fx_remote_no_pointer();
  aclError error = listen();
  if (error != ACL_SUCCESS) return error;
  pthread_mutex_lock(&lock);
  uint32_t at = place_of(callback);
  if (at != 0) functions[at] = callback;
  pthread_mutex_unlock(&lock);
  return at != 0 ? ACL_SUCCESS : fx_remote_fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "more than %u functions", MOST);
}

/* One that is not registered is no error. */
aclError fx_remote_aclrtExceptionInfoCallbackUnregister(aclrtExceptionInfoCallback callback) {
  if (callback == NULL) return fx_remote_no_pointer();
  pthread_mutex_lock(&lock);
  for (uint32_t i = 1; i <= MOST; i++)
    if (functions[i] == callback) functions[i] = NULL;
  pthread_mutex_unlock(&lock);
  return ACL_SUCCESS;
}

uint32_t fx_remote_aclrtGetTaskIdFromExceptionInfo(const aclrtExceptionInfo *info) { return info != NULL ? info->task : UNKNOWN; }
uint32_t fx_remote_aclrtGetStreamIdFromExceptionInfo(const aclrtExceptionInfo *info) { return info != NULL ? info->stream : UNKNOWN; }
uint32_t fx_remote_aclrtGetErrorCodeFromExceptionInfo(const aclrtExceptionInfo *info) { return info != NULL ? info->error : UNKNOWN; }

/* The daemon's thread handed the operator over, not the program's. */
uint32_t fx_remote_aclrtGetThreadIdFromExceptionInfo(const aclrtExceptionInfo *info) {
  (void)info;
  return UNKNOWN;
}

/* A client sees one device. */
uint32_t fx_remote_aclrtGetDeviceIdFromExceptionInfo(const aclrtExceptionInfo *info) { return info != NULL ? 0 : UNKNOWN; }

aclError fx_remote_aclrtGetArgsFromExceptionInfo(const aclrtExceptionInfo *info, void **devArgsPtr, uint32_t *devArgsLen) {
  (void)info, (void)devArgsPtr, (void)devArgsLen;
  return fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "the arguments of a failed kernel are not this process's memory");
}

aclError fx_remote_aclrtGetFuncHandleFromExceptionInfo(const aclrtExceptionInfo *info, aclrtFuncHandle *func) {
  if (info == NULL || func == NULL) return fx_remote_no_pointer();
  *func = (aclrtFuncHandle)(uintptr_t)info->function;
  return info->function != 0 ? ACL_SUCCESS : fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "the exception is no kernel's");
}
