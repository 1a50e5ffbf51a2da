/*
 * Callbacks: the daemon knows which thread runs those of a stream, and when; the functions run here. A thread asks for
 * the next one in an answered call, runs it, and says that it has returned where the stream waits for that. Host
 * functions run the same way, on a thread of ours.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "boot/counters.h"
#include "remote/call.h"
#include "remote/capture.h"
#include "remote/error.h"
#include "remote/handles.h"
#include "remote/operator.h"
#include "remote/streams.h"
#include "remote/thread.h"
#include "remote_client.h"

/* In place of a thread of the program: the one that runs host functions. */
#define OUR_THREAD 0u

/* For callbacks (ours: for host functions), and one of the program for host functions. */
typedef enum role { REPORTS, HOST_FUNCTIONS, ROLES } role;

/* Streams that have a thread, by number: which handle it was, as numbers are used again, and the thread. */
static struct {
  _Atomic uint64_t stream, thread;
} subscribed[FLEXNPU_MAX_STREAMS][ROLES];

static bool has_thread(aclrtStream stream, role r, uint64_t *thread) {
  uint32_t number = fx_handle_number(stream);
  if (number >= FLEXNPU_MAX_STREAMS || atomic_load(&subscribed[number][r].stream) != (uint64_t)(uintptr_t)stream) return false;
  *thread = atomic_load(&subscribed[number][r].thread);
  return true;
}

static void note_thread(aclrtStream stream, role r, uint64_t thread) {
  uint32_t number = fx_handle_number(stream);
  if (number >= FLEXNPU_MAX_STREAMS) return;
  atomic_store(&subscribed[number][r].thread, thread);
  atomic_store(&subscribed[number][r].stream, (uint64_t)(uintptr_t)stream);
}

static void forget_thread(aclrtStream stream, role r) {
  uint32_t number = fx_handle_number(stream);
  uint64_t handle = (uint64_t)(uintptr_t)stream;
  if (number < FLEXNPU_MAX_STREAMS) (void)atomic_compare_exchange_strong(&subscribed[number][r].stream, &handle, 0);
}

/* A call about a thread; its answer has no outputs, or the caller takes them. */
static aclError ask(fx_call *c, uint32_t api, uint64_t thread, uint64_t more, aclrtStream stream) {
  aclError error = fx_call_open(c, api, 16);
  if (error != ACL_SUCCESS) return error;
  fx_call_put(c, thread);
  fx_call_put(c, more);
  return fx_call_answer(c, stream != NULL ? fx_handle_number(stream) : FLEXNPU_NONE, FLEXNPU_NONE);
}

static aclError subscribe(uint64_t threadId, aclrtStream stream, role r) {
  fx_call c;
  if (threadId == OUR_THREAD) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "0 is no thread");
  aclError error = fx_stream_resolve(&stream);
  if (error == ACL_SUCCESS) error = ask(&c, FX_API_aclrtSubscribeReport, threadId, r, stream);
  if (error != ACL_SUCCESS) return error;
  note_thread(stream, r, threadId);
  return fx_call_close(&c);
}

static aclError unsubscribe(uint64_t threadId, aclrtStream stream, role r) {
  fx_call c;
  aclError error = fx_stream_resolve(&stream);
  if (error == ACL_SUCCESS) error = ask(&c, FX_API_aclrtUnSubscribeReport, threadId, r, stream);
  if (error != ACL_SUCCESS) return error;
  forget_thread(stream, r);
  return fx_call_close(&c);
}

aclError fx_remote_aclrtSubscribeReport(uint64_t threadId, aclrtStream stream) { return subscribe(threadId, stream, REPORTS); }
aclError fx_remote_aclrtUnSubscribeReport(uint64_t threadId, aclrtStream stream) { return unsubscribe(threadId, stream, REPORTS); }

aclError fx_remote_aclrtSubscribeHostFunc(uint64_t hostFuncThreadId, aclrtStream exeStream) {
  return subscribe(hostFuncThreadId, exeStream, HOST_FUNCTIONS);
}

aclError fx_remote_aclrtUnSubscribeHostFunc(uint64_t hostFuncThreadId, aclrtStream exeStream) {
  return unsubscribe(hostFuncThreadId, exeStream, HOST_FUNCTIONS);
}

/* The daemon goes on with the stream. */
static void returned(uint32_t number) {
  aclError error;
  uint32_t position;
  fx_ring *ring = fx_ring_get(&error);
  if (ring == NULL || fx_ring_reserve(ring, 0, &position, &error) == NULL) return; /* the daemon is gone */
  fx_record record = {.ring = {.kind = FLEXNPU_RING_RETURNED, .stream = FLEXNPU_NONE, .args_at = position, .call_seq = number}};
  fx_ring_publish(ring, &record);
}

/* Waits for a callback of the thread and runs it. */
static aclError run_next(uint64_t thread, int32_t timeout) {
  fx_call c;
  aclError error = ask(&c, FX_API_aclrtProcessReport, thread, (uint32_t)timeout, NULL);
  if (error != ACL_SUCCESS) return error;
  void (*function)(void *) = (void (*)(void *))(uintptr_t)fx_call_take(&c);
  void *argument = (void *)(uintptr_t)fx_call_take(&c);
  uint32_t number = (uint32_t)fx_call_take(&c); /* 0: nothing waits */
  if ((error = fx_call_close(&c)) != ACL_SUCCESS) return error;
  function(argument);
  if (number != 0) returned(number);
  return ACL_SUCCESS;
}

aclError fx_remote_aclrtProcessReport(int32_t timeout) {
  if (timeout < -1 || timeout == 0)
    return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "timeout %d ms: expected -1 or more than 0", timeout);
  return run_next((uint64_t)pthread_self(), timeout);
}

/* A thread runs all that it is subscribed to. */
aclError fx_remote_aclrtProcessHostFunc(int32_t timeout) { return fx_remote_aclrtProcessReport(timeout); }

/* ---- host functions ---- */

static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;
static bool runs;

static void *serve(void *unused) {
  (void)unused;
  while (run_next(OUR_THREAD, -1) == ACL_SUCCESS) continue;
  pthread_mutex_lock(&starting);
  runs = false; /* without the daemon there is nothing to wait for */
  pthread_mutex_unlock(&starting);
  return NULL;
}

static aclError start(void) {
  pthread_mutex_lock(&starting);
  if (!runs) runs = fx_thread_start(serve);
  bool failed = !runs;
  pthread_mutex_unlock(&starting);
  return failed ? fx_remote_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no thread for host functions") : ACL_SUCCESS;
}

/* ---- on streams ---- */

static aclError launch(uint32_t api, aclrtStream stream, uintptr_t function, void *argument, bool block) {
  aclError error = fx_capture_refuse(stream, ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "a function of the host");
  if (error != ACL_SUCCESS) return error;
  uint64_t words[2] = {function, (uint64_t)(uintptr_t)argument};
  fx_operator o = {
    .api = api,
    .op_class = block ? FLEXNPU_OP_CLASS_CALLBACK_BLOCK : FLEXNPU_OP_CLASS_CALLBACK,
    .stream = fx_handle_number(stream),
    .sync_object = FLEXNPU_NONE,
  };
  if ((error = fx_operator_open(&o, sizeof words)) != ACL_SUCCESS) return error;
  fx_operator_put(&o, words, sizeof words);
  return fx_operator_submit(&o);
}

aclError fx_remote_aclrtLaunchCallback(aclrtCallback fn, void *userData, aclrtCallbackBlockType blockType, aclrtStream stream) {
  uint64_t thread;
  if (fn == NULL) return fx_remote_no_pointer();
  if (blockType != ACL_CALLBACK_BLOCK && blockType != ACL_CALLBACK_NO_BLOCK)
    return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "block type %d", (int)blockType);
  aclError error = fx_stream_resolve(&stream);
  if (error != ACL_SUCCESS) return error;
  if (!has_thread(stream, REPORTS, &thread))
    return fx_remote_fail(ACL_ERROR_RT_STREAM_NO_CB_REG, "stream %u has no thread (aclrtSubscribeReport)", fx_handle_number(stream));
  if (thread == OUR_THREAD)
    return fx_remote_fail(ACL_ERROR_RT_STREAM_SUBSCRIBE, "stream %u has host functions", fx_handle_number(stream));
  return launch(FX_API_aclrtLaunchCallback, stream, (uintptr_t)fn, userData, blockType == ACL_CALLBACK_BLOCK);
}

aclError fx_remote_aclrtLaunchHostFunc(aclrtStream stream, aclrtHostFunc fn, void *args) {
  uint64_t thread;
  if (fn == NULL) return fx_remote_no_pointer();
  aclError error = fx_stream_resolve(&stream);
  if (error != ACL_SUCCESS) return error;
  if (!has_thread(stream, HOST_FUNCTIONS, &thread)) {
    if (has_thread(stream, REPORTS, &thread) && thread != OUR_THREAD)
      return fx_remote_fail(ACL_ERROR_RT_STREAM_SUBSCRIBE, "stream %u has a thread for callbacks", fx_handle_number(stream));
    if ((error = start()) != ACL_SUCCESS) return error;
    note_thread(stream, REPORTS, OUR_THREAD);
  }
  return launch(FX_API_aclrtLaunchHostFunc, stream, (uintptr_t)fn, args, true);
}
