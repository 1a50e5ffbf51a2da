/* A thread waits for a stream that another one aborts, alone or with all work of the device: it learns why, and the stream
 * goes on. */
#include <pthread.h>
#include <unistd.h>

#include "check.h"

static aclrtContext context;
static aclrtStream stream;
static aclError said;

static void *wait_for_it(void *unused) {
  (void)unused;
  said = aclrtSetCurrentContext(context);
  if (said == ACL_SUCCESS) said = aclrtSynchronizeStream(stream);
  return NULL;
}

static void once(bool device) {
  pthread_t thread;
  aclrtNotify never = NULL;
  uint64_t *data = device_words(1);
  OK(aclrtCreateNotify(&never, 0));
  OK(aclrtWaitAndResetNotify(never, stream, 0));
  for (int i = 0; i < 300; i++) launch_mix(stream, data, 1, 1);
  CHECK(pthread_create(&thread, NULL, wait_for_it, NULL) == 0);
  usleep(300000);
  OK(device ? aclrtDeviceTaskAbort(0, 0) : aclrtStreamAbort(stream));
  CHECK(pthread_join(thread, NULL) == 0);
  EXPECT(device ? ACL_ERROR_RT_DEVICE_TASK_ABORT : ACL_ERROR_RT_STREAM_ABORT, said);
  CHECK(word(data) == 0);
  launch_mix(stream, data, 0, 5);
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(data) == 5);
  OK(aclrtDestroyNotify(never));
}

int main(int argc, char **argv) {
  start(argc, argv);
  OK(aclrtGetCurrentContext(&context));
  stream = new_stream();
  for (int round = 0; round < 4; round++) once(round % 2 == 0);
  puts("ok aborted");
  OK(aclrtDestroyStream(stream));
  end();
  return 0;
}
