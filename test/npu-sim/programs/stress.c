/* Many threads on one device at once: launches, events between streams, copies, allocations, streams that come and go.
 * Every thread checks its own results; the sanitizers check the rest. */
#include <pthread.h>

#include "check.h"

enum { THREADS = 6, ROUNDS = 60 };

static uint64_t *shared;
static aclrtStream turnstile;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static void *run(void *argument) {
  uint64_t seed = (uint64_t)(uintptr_t)argument + 1;
  OK(aclrtSetDevice(0));
  aclrtStream stream = new_stream();
  aclrtEvent event = new_event();
  uint64_t *pinned = NULL;
  OK(aclrtMallocHost((void **)&pinned, 64));
  for (uint64_t round = 0; round < ROUNDS; round++) {
    uint64_t *data = device_words(4), x = 0;
    aclrtStream helper = new_stream();
    for (uint64_t i = 0; i < 20; i++) {
      launch_mix(i % 2 ? helper : stream, data, seed, i);
      OK(aclrtRecordEvent(event, i % 2 ? helper : stream));
      OK(aclrtStreamWaitEvent(i % 2 ? stream : helper, event));
      x = x * seed + i;
    }
    *pinned = 0;
    OK(aclrtMemcpyAsync(pinned, 8, data, 8, ACL_MEMCPY_DEVICE_TO_HOST, stream));
    if (round % 3 == 0) {
      aclrtEventRecordedStatus status = ACL_EVENT_RECORDED_STATUS_NOT_READY;
      OK(aclrtRecordEvent(event, stream));
      while (status != ACL_EVENT_RECORDED_STATUS_COMPLETE) OK(aclrtQueryEventStatus(event, &status));
    } else if (round % 3 == 1) {
      OK(aclrtRecordEvent(event, stream));
      OK(aclrtSynchronizeEvent(event));
    } else {
      OK(aclrtSynchronizeStream(stream));
    }
    CHECK(*pinned == x);
    /* One after the other on a stream of all threads. */
    pthread_mutex_lock(&turn);
    launch_mix(turnstile, shared, 1, 1);
    pthread_mutex_unlock(&turn);
    if (round % 7 == 0) {
      OK(aclrtDestroyStreamForce(helper));
    } else {
      OK(aclrtDestroyStream(helper));
    }
    OK(aclrtFree(data));
  }
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtDestroyStream(stream));
  OK(aclrtDestroyEvent(event));
  OK(aclrtFreeHost(pinned));
  OK(aclrtResetDevice(0));
  return NULL;
}

int main(int argc, char **argv) {
  start(argc, argv);
  shared = device_words(1);
  turnstile = new_stream();
  pthread_t threads[THREADS];
  for (uintptr_t i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, run, (void *)i);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  OK(aclrtSynchronizeStream(turnstile));
  CHECK(word(shared) == THREADS * ROUNDS);
  OK(aclrtDestroyStream(turnstile));
  OK(aclrtFree(shared));
  puts("ok many threads");
  end();
  return 0;
}
