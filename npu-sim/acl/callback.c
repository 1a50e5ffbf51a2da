/* See callback.h. Functions run outside the engine's lock: they may call AscendCL. */
#include "callback.h"

#include <signal.h>
#include <stdlib.h>

#include "engine.h"

struct sim_callback {
  sim_callback *next;
  void (*function)(void *argument);
  void *argument;
  sim_subscriber *subscriber;
  sim_record *returned; /* NULL: the stream does not wait */
};

/* A thread that runs callbacks. */
struct sim_subscriber {
  sim_subscriber *next;
  uint64_t thread;
  sim_device *device;
  uint32_t streams; /* whose callbacks it runs */
  uint32_t waiting; /* calls of aclrtProcessReport */
  uint32_t pending; /* host functions that have not run */
  sim_callback *first, *last;
};

/* Threads that one process may subscribe (CANN's aclrtSubscribeReport). */
#define MOST_THREADS 1024u

static sim_subscriber *subscribers;
static uint32_t subscriber_count;
static sim_subscriber library_thread;
static bool library_thread_runs;
static pthread_cond_t library_thread_wake = PTHREAD_COND_INITIALIZER;

/* What was submitted or completed may be the next thing to happen: who sleeps works out his time again. */
static void wake_all(void) {
  for (sim_waiter *waiter = sim_engine.waiters; waiter != NULL; waiter = waiter->next) sim_engine_wake(waiter);
}

bool sim_subscriber_ready(const sim_subscriber *subscriber) {
  if (subscriber->first != NULL) return true;
  return subscriber == &library_thread ? subscriber->pending == 0 : subscriber->streams == 0;
}

/* It has run, or never will. */
static void over(sim_callback *callback) {
  if (callback->subscriber == &library_thread) callback->subscriber->pending--;
  if (callback->returned != NULL) {
    sim_record_complete(callback->returned, sim_engine_now());
    sim_record_release(callback->returned);
  }
  free(callback);
  wake_all();
}

void sim_callback_reached(sim_record *record) {
  sim_callback *callback = record->callback;
  sim_subscriber *subscriber = callback->subscriber;
  record->callback = NULL;
  if (subscriber != &library_thread && subscriber->streams == 0) {
    over(callback);
    return;
  }
  callback->next = NULL;
  if (subscriber->first == NULL) subscriber->first = callback;
  else subscriber->last->next = callback;
  subscriber->last = callback;
}

void sim_callback_drop(sim_record *record) {
  sim_callback *callback = record->callback;
  record->callback = NULL;
  over(callback);
}

/* Waits for a callback of the thread and takes it. */
static sim_callback *take(sim_subscriber *subscriber, int64_t timeout_ms) {
  sim_waiter waiter = {.subscriber = subscriber};
  sim_engine_wait(&waiter, timeout_ms);
  sim_callback *callback = subscriber->first;
  if (callback != NULL) subscriber->first = callback->next;
  return callback;
}

/* Lock held, released meanwhile. */
static void run(sim_callback *callback) {
  sim_engine_unlock();
  callback->function(callback->argument);
  sim_engine_lock();
  over(callback);
}

/* ---- threads of the program ---- */

static sim_subscriber *subscriber_of(uint64_t thread) {
  sim_subscriber *s = subscribers;
  while (s != NULL && s->thread != thread) s = s->next;
  return s;
}

static void give_up(sim_subscriber *subscriber) {
  if (subscriber->streams > 0 || subscriber->waiting > 0) return;
  sim_subscriber **link = &subscribers;
  while (*link != subscriber) link = &(*link)->next;
  *link = subscriber->next;
  subscriber_count--;
  free(subscriber);
}

/* The stream has the thread at `place` no more. */
static void leave(sim_subscriber **place) {
  sim_subscriber *subscriber = *place;
  *place = NULL;
  if (subscriber == NULL || subscriber == &library_thread) return;
  if (--subscriber->streams > 0) return;
  while (subscriber->first != NULL) {
    sim_callback *callback = subscriber->first;
    subscriber->first = callback->next;
    over(callback);
  }
  wake_all();
  give_up(subscriber);
}

void sim_callback_leave(sim_stream *stream) {
  leave(&stream->subscriber);
  leave(&stream->host_subscriber);
}

static aclError subscribe(sim_stream *stream, sim_subscriber **place, uint64_t thread) {
  if (*place != NULL) return sim_fail(ACL_ERROR_RT_STREAM_SUBSCRIBE, "stream %d has its thread", stream->id);
  sim_subscriber *subscriber = subscriber_of(thread);
  if (subscriber != NULL && subscriber->device != stream->device)
    return sim_fail(ACL_ERROR_RT_THREAD_SUBSCRIBE, "thread %llu is of another device", (unsigned long long)thread);
  if (subscriber == NULL) {
    subscriber = subscriber_count < MOST_THREADS ? calloc(1, sizeof *subscriber) : NULL;
    if (subscriber == NULL) return sim_fail(ACL_ERROR_RT_INTERNAL_ERROR, "no room for another thread of callbacks");
    *subscriber = (sim_subscriber){.next = subscribers, .thread = thread, .device = stream->device};
    subscribers = subscriber;
    subscriber_count++;
  }
  subscriber->streams++;
  *place = subscriber;
  return ACL_SUCCESS;
}

/* The stream's thread of callbacks, or of host functions. */
static sim_subscriber **place_of(sim_stream *stream, bool host) { return host ? &stream->host_subscriber : &stream->subscriber; }

static aclError begin(uint64_t thread, aclrtStream handle, bool host) {
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL) error = subscribe(stream, place_of(stream, host), thread);
  sim_engine_unlock();
  return error;
}

static aclError end(uint64_t thread, aclrtStream handle, bool host) {
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  sim_subscriber **place = stream != NULL ? place_of(stream, host) : NULL;
  if (stream != NULL && (*place == NULL || *place == &library_thread)) {
    error = sim_fail(ACL_ERROR_RT_STREAM_SUBSCRIBE, "stream %d has no thread", stream->id);
  } else if (stream != NULL && (*place)->thread != thread) {
    error = sim_fail(ACL_ERROR_RT_THREAD_SUBSCRIBE, "stream %d has another thread", stream->id);
  } else if (stream != NULL) {
    leave(place);
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtSubscribeReport(uint64_t thread, aclrtStream stream) { return begin(thread, stream, false); }
aclError sim_aclrtUnSubscribeReport(uint64_t thread, aclrtStream stream) { return end(thread, stream, false); }
aclError sim_aclrtSubscribeHostFunc(uint64_t thread, aclrtStream stream) { return begin(thread, stream, true); }
aclError sim_aclrtUnSubscribeHostFunc(uint64_t thread, aclrtStream stream) { return end(thread, stream, true); }

/* A thread pumps all that it is subscribed to. */
aclError sim_aclrtProcessHostFunc(int32_t timeout) { return sim_aclrtProcessReport(timeout); }

aclError sim_aclrtProcessReport(int32_t timeout) {
  if (timeout < -1 || timeout == 0) return sim_fail(ACL_ERROR_INVALID_PARAM, "timeout %d ms: expected -1 or more than 0", timeout);
  sim_engine_lock();
  aclError error = ACL_SUCCESS;
  sim_subscriber *subscriber = subscriber_of((uint64_t)pthread_self());
  if (subscriber == NULL) {
    error = sim_fail(ACL_ERROR_RT_THREAD_SUBSCRIBE, "the thread is of no stream");
  } else {
    subscriber->waiting++;
    sim_callback *callback = take(subscriber, timeout);
    bool over = callback == NULL && subscriber->streams == 0;
    subscriber->waiting--;
    give_up(subscriber);
    if (callback != NULL) run(callback);
    else if (over) error = sim_fail(ACL_ERROR_RT_THREAD_SUBSCRIBE, "the thread is of no stream any more");
    else error = sim_fail(ACL_ERROR_RT_REPORT_TIMEOUT, "no callback within %d ms", timeout);
  }
  sim_engine_unlock();
  return error;
}

/* ---- the library's own thread ---- */

static void *serve(void *unused) {
  (void)unused;
  sim_engine_lock();
  for (;;) {
    while (library_thread.pending == 0) pthread_cond_wait(&library_thread_wake, &sim_engine.lock);
    sim_callback *callback = take(&library_thread, -1);
    if (callback != NULL) run(callback);
  }
  return NULL;
}

static aclError start_thread(void) {
  if (library_thread_runs) return ACL_SUCCESS;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  int failure = pthread_create(&thread, NULL, serve, NULL);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (failure != 0) return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "cannot start the thread of host functions: error %d", failure);
  pthread_setname_np(thread, "npu-sim-host");
  pthread_detach(thread);
  library_thread_runs = true;
  return ACL_SUCCESS;
}

/* ---- on streams ---- */

static aclError submit(sim_stream *stream, sim_task_kind kind, sim_record *record) {
  sim_task *task = sim_task_take(kind);
  if (task == NULL) return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a callback");
  task->u.record = record;
  record->references++;
  if (kind == SIM_TASK_WAIT) record->waits++;
  return sim_engine_submit(stream, task);
}

static aclError launch(sim_stream *stream, void (*function)(void *), void *argument, bool block, sim_subscriber *subscriber) {
  if (stream->capture != NULL) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "callbacks in a capture are not simulated");
  sim_callback *callback = calloc(1, sizeof *callback);
  sim_record *reached = sim_record_create(), *returned = block ? sim_record_create() : NULL;
  if (callback == NULL || reached == NULL || (block && returned == NULL)) {
    free(callback);
    if (reached != NULL) sim_record_release(reached);
    if (returned != NULL) sim_record_release(returned);
    return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a callback");
  }
  *callback = (sim_callback){.function = function, .argument = argument, .subscriber = subscriber, .returned = returned};
  reached->callback = callback;
  if (subscriber == &library_thread && library_thread.pending++ == 0) pthread_cond_signal(&library_thread_wake);
  aclError error = submit(stream, SIM_TASK_RECORD, reached);
  if (error != ACL_SUCCESS) sim_callback_drop(reached);
  else if (block) error = submit(stream, SIM_TASK_WAIT, returned);
  sim_record_release(reached);
  wake_all();
  return error;
}

aclError sim_aclrtLaunchCallback(aclrtCallback fn, void *userData, aclrtCallbackBlockType blockType, aclrtStream handle) {
  if (blockType != ACL_CALLBACK_BLOCK && blockType != ACL_CALLBACK_NO_BLOCK)
    return sim_fail(ACL_ERROR_INVALID_PARAM, "block type %d", (int)blockType);
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL && stream->subscriber == NULL) {
    error = sim_fail(ACL_ERROR_RT_STREAM_NO_CB_REG, "stream %d has no thread (aclrtSubscribeReport)", stream->id);
  } else if (stream != NULL && stream->subscriber == &library_thread) {
    error = sim_fail(ACL_ERROR_RT_STREAM_SUBSCRIBE, "stream %d has host functions", stream->id);
  } else if (stream != NULL) {
    error = launch(stream, fn, userData, blockType == ACL_CALLBACK_BLOCK, stream->subscriber);
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtLaunchHostFunc(aclrtStream handle, aclrtHostFunc fn, void *args) {
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL && stream->host_subscriber != NULL) {
    error = launch(stream, fn, args, true, stream->host_subscriber);
  } else if (stream != NULL && stream->subscriber != NULL && stream->subscriber != &library_thread) {
    error = sim_fail(ACL_ERROR_RT_STREAM_SUBSCRIBE, "stream %d has a thread of the program", stream->id);
  } else if (stream != NULL && (error = start_thread()) == ACL_SUCCESS) {
    stream->subscriber = &library_thread;
    error = launch(stream, fn, args, true, &library_thread);
  }
  sim_engine_unlock();
  return error;
}
