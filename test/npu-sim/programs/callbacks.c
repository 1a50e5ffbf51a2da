/* Callbacks and host functions: where they run, what they wait for, and what waits for them. Runs on the library itself,
 * under the interposer and through the daemon alike. */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "check.h"

static atomic_bool stop;
static pthread_t pump;

/* A thread that runs callbacks until it is told to stop. */
static void *serve(void *unused) {
  (void)unused;
  while (!stop) {
    aclError error = aclrtProcessReport(50);
    if (error == ACL_ERROR_RT_THREAD_SUBSCRIBE) usleep(100); /* of no stream now */
    else CHECK(error == ACL_SUCCESS || error == ACL_ERROR_RT_REPORT_TIMEOUT);
  }
  return NULL;
}

static uint64_t *pinned(uint64_t count) {
  void *memory = NULL;
  OK(aclrtMallocHost(&memory, count * sizeof(uint64_t)));
  memset(memory, 0, count * sizeof(uint64_t));
  return memory;
}

#define ROUNDS 20
typedef struct {
  uint64_t *out, *in; /* what the device had before, what it gets after */
  uint64_t round;
  pthread_t thread;
} visit;

static void look(void *argument) {
  visit *v = argument;
  v->thread = pthread_self();
  usleep(300);
  *v->in = *v->out * 10 + v->round;
}

/* The device's word goes to the host, through the function, and back: each round depends on the one before. */
static void rounds(aclrtStream stream, uint64_t *data, visit *visits, bool host_function) {
  uint64_t *out = pinned(ROUNDS), *in = pinned(ROUNDS);
  for (uint64_t i = 0; i < ROUNDS; i++) {
    visits[i] = (visit){&out[i], &in[i], i, 0};
    launch_mix(stream, data, 1, 1);
    OK(aclrtMemcpyAsync(&out[i], 8, data, 8, ACL_MEMCPY_DEVICE_TO_HOST, stream));
    if (host_function) OK(aclrtLaunchHostFunc(stream, look, &visits[i]));
    else OK(aclrtLaunchCallback(look, &visits[i], ACL_CALLBACK_BLOCK, stream));
    OK(aclrtMemcpyAsync(data, 8, &in[i], 8, ACL_MEMCPY_HOST_TO_DEVICE, stream));
  }
}

static uint64_t expected_rounds(void) {
  uint64_t x = 0;
  for (uint64_t i = 0; i < ROUNDS; i++) x = (x + 1) * 10 + i;
  return x;
}

static void the_stream_waits(bool host_function) {
  aclrtStream stream = new_stream(), other = new_stream();
  uint64_t *data = device_words(1), *beside = device_words(1);
  visit visits[ROUNDS];
  if (!host_function) OK(aclrtSubscribeReport((uint64_t)pump, stream));
  rounds(stream, data, visits, host_function);
  for (int i = 0; i < 100; i++) launch_mix(other, beside, 1, 1);
  OK(aclrtSynchronizeStream(other));
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(data) == expected_rounds());
  CHECK(word(beside) == 100);
  for (int i = 0; i < ROUNDS; i++) {
    CHECK(!pthread_equal(visits[i].thread, pthread_self()));
    CHECK(pthread_equal(visits[i].thread, pump) == !host_function);
  }
  if (!host_function) OK(aclrtUnSubscribeReport((uint64_t)pump, stream));
  OK(aclrtDestroyStream(stream));
  OK(aclrtDestroyStream(other));
}

static sem_t let_go, has_run;
static void block(void *argument) {
  (void)argument;
  sem_wait(&let_go);
  sem_post(&has_run);
}

static void the_stream_goes_on(void) {
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(1);
  OK(aclrtSubscribeReport((uint64_t)pump, stream));
  for (int i = 0; i < 3; i++) {
    OK(aclrtLaunchCallback(block, NULL, ACL_CALLBACK_NO_BLOCK, stream));
    launch_mix(stream, data, 1, 1);
  }
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(data) == 3);
  for (int i = 0; i < 3; i++) sem_post(&let_go);
  for (int i = 0; i < 3; i++) sem_wait(&has_run);
  OK(aclrtUnSubscribeReport((uint64_t)pump, stream));
  OK(aclrtDestroyStream(stream));
}

static void write_seven(void *argument) {
  usleep(2000);
  *(uint64_t *)argument = 7;
}

static void across_streams(void) {
  aclrtStream first = new_stream(), second = new_stream();
  aclrtEvent event = new_event();
  uint64_t *data = device_words(1), *in = pinned(1);
  for (int i = 0; i < 10; i++) launch_mix(second, data, 1, 1); /* one that is known */
  OK(aclrtSynchronizeStream(second));
  OK(aclrtSubscribeReport((uint64_t)pump, first));
  OK(aclrtSubscribeReport((uint64_t)pump, second));
  OK(aclrtLaunchCallback(write_seven, in, ACL_CALLBACK_BLOCK, first));
  OK(aclrtRecordEvent(event, first));
  OK(aclrtStreamWaitEvent(second, event));
  OK(aclrtMemcpyAsync(data, 8, in, 8, ACL_MEMCPY_HOST_TO_DEVICE, second));
  OK(aclrtSynchronizeEvent(event));
  CHECK(*in == 7);
  OK(aclrtSynchronizeStream(second));
  CHECK(word(data) == 7);
  aclrtEventRecordedStatus status;
  OK(aclrtQueryEventStatus(event, &status));
  CHECK(status == ACL_EVENT_RECORDED_STATUS_COMPLETE);
  OK(aclrtDestroyEvent(event));
  OK(aclrtDestroyStream(first)); /* with its subscription */
  OK(aclrtUnSubscribeReport((uint64_t)pump, second));
  OK(aclrtDestroyStream(second));
}

static void *no_callback(void *stream) {
  OK(aclrtSetDevice(0));
  EXPECT(ACL_ERROR_RT_THREAD_SUBSCRIBE, aclrtProcessReport(10));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtProcessReport(0));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtProcessReport(-2));
  OK(aclrtSubscribeReport((uint64_t)pthread_self(), stream));
  EXPECT(ACL_ERROR_RT_REPORT_TIMEOUT, aclrtProcessReport(10));
  OK(aclrtUnSubscribeReport((uint64_t)pthread_self(), stream));
  EXPECT(ACL_ERROR_RT_THREAD_SUBSCRIBE, aclrtProcessReport(10));
  return NULL;
}

static void count_late(void *count) {
  usleep(20000);
  ++*(int *)count;
}

/* Synchronizing the device waits for functions whose turn comes only meanwhile. */
static void the_device_waits(void) {
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(1);
  int count = 0;
  for (int i = 0; i < 3; i++) {
    OK(aclrtLaunchHostFunc(stream, count_late, &count));
    launch_mix(stream, data, 1, 1);
  }
  OK(aclrtSynchronizeDevice());
  CHECK(count == 3);
  OK(aclrtDestroyStream(stream));
  OK(aclrtFree(data));
}

static void refusals(void) {
  aclrtStream stream = new_stream();
  pthread_t thread;
  EXPECT(ACL_ERROR_RT_STREAM_NO_CB_REG, aclrtLaunchCallback(block, NULL, ACL_CALLBACK_BLOCK, stream));
  EXPECT(ACL_ERROR_RT_STREAM_SUBSCRIBE, aclrtUnSubscribeReport((uint64_t)pump, stream));
  CHECK(pthread_create(&thread, NULL, no_callback, stream) == 0);
  pthread_join(thread, NULL);
  OK(aclrtSubscribeReport((uint64_t)pump, stream));
  EXPECT(ACL_ERROR_RT_STREAM_SUBSCRIBE, aclrtSubscribeReport((uint64_t)pthread_self(), stream));
  EXPECT(ACL_ERROR_RT_THREAD_SUBSCRIBE, aclrtUnSubscribeReport((uint64_t)pthread_self(), stream));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtLaunchCallback(NULL, NULL, ACL_CALLBACK_BLOCK, stream));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtLaunchCallback(block, NULL, (aclrtCallbackBlockType)2, stream));
  EXPECT(ACL_ERROR_RT_STREAM_SUBSCRIBE, aclrtLaunchHostFunc(stream, block, NULL));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtSubscribeReport((uint64_t)pump, (aclrtStream)&stream));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtLaunchHostFunc((aclrtStream)&stream, block, NULL));
  OK(aclrtDestroyStream(stream));
  stream = new_stream();
  OK(aclrtLaunchHostFunc(stream, write_seven, pinned(1)));
  EXPECT(ACL_ERROR_RT_STREAM_SUBSCRIBE, aclrtSubscribeReport((uint64_t)pump, stream));
  OK(aclrtDestroyStream(stream));
}

static void ended_by_force(void) {
  aclrtStream stream = new_stream(), other = new_stream();
  uint64_t *data = device_words(1);
  OK(aclrtSubscribeReport((uint64_t)pump, stream));
  for (int i = 0; i < 2; i++) OK(aclrtLaunchCallback(block, NULL, ACL_CALLBACK_BLOCK, stream));
  launch_mix(stream, data, 1, 1);
  OK(aclrtDestroyStreamForce(stream));
  for (int i = 0; i < 2; i++) sem_post(&let_go); /* some may never have begun */
  launch_mix(other, data, 1, 5);
  OK(aclrtSynchronizeStream(other));
  CHECK(word(data) == 5);
  OK(aclrtDestroyStream(other));
}

static void never_return(void *unused) {
  (void)unused;
  printf("called\n");
  fflush(stdout);
  pause();
}

/* For a test that kills it, or what it depends on: a stream that waits for a function that never returns. */
static void hang(void) {
  aclrtStream stream = new_stream();
  OK(aclrtLaunchHostFunc(stream, never_return, NULL));
  printf("synchronized %d\n", (int)aclrtSynchronizeStream(stream));
  exit(0);
}

/* A thread that waits for a callback that never comes. */
static void wait(void) {
  OK(aclrtSubscribeReport((uint64_t)pthread_self(), new_stream()));
  printf("waiting\n");
  fflush(stdout);
  printf("processed %d\n", (int)aclrtProcessReport(-1));
  exit(0);
}

int main(int argc, char **argv) {
  start(argc, argv);
  if (argc > 2 && strcmp(argv[2], "hang") == 0) hang();
  if (argc > 2 && strcmp(argv[2], "wait") == 0) wait();
  sem_init(&let_go, 0, 0);
  sem_init(&has_run, 0, 0);
  CHECK(pthread_create(&pump, NULL, serve, NULL) == 0);
  the_stream_waits(false);
  puts("ok a blocking callback holds its stream");
  the_stream_waits(true);
  puts("ok a host function holds its stream");
  the_stream_goes_on();
  puts("ok another does not");
  across_streams();
  puts("ok events behind a callback wait for it");
  the_device_waits();
  puts("ok the device waits for host functions");
  refusals();
  puts("ok refusals");
  ended_by_force();
  puts("ok a stream may end with callbacks");
  stop = true;
  pthread_join(pump, NULL);
  end();
  return 0;
}
