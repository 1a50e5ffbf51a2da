/*
 * One thread waits for events while another ends them, and makes new ones: no AscendCL program should, and what each call
 * answers is open; but nothing may fall. Argument: kernel binary.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "program.h"

#define ROUNDS 300

static _Atomic(aclrtEvent) event;
static atomic_bool over;
static aclrtContext context;

static void *wait_for_events(void *with) {
  (void)with;
  OK(aclrtSetCurrentContext(context));
  while (!atomic_load(&over)) (void)aclrtSynchronizeEvent(atomic_load(&event));
  return NULL;
}

static aclrtEvent recorded_event(aclrtStream stream) {
  aclrtEvent made = new_event();
  OK(aclrtRecordEvent(made, stream));
  return made;
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  OK(aclInit(NULL));
  OK(aclrtSetDevice(0));
  OK(aclrtGetCurrentContext(&context));
  kernels k = load_kernels(argv[1]);
  aclrtStream stream = new_stream();
  device_log *log = device_memory(sizeof *log);
  atomic_store(&event, recorded_event(stream));
  pthread_t waiters[3];
  for (int i = 0; i < 3; i++) CHECK(pthread_create(&waiters[i], NULL, wait_for_events, NULL) == 0);
  for (int i = 0; i < ROUNDS; i++) {
    append_args args = {log, 1, 0};
    OK(aclrtLaunchKernelWithHostArgs(k.append, 1, stream, NULL, &args, sizeof args, NULL, 0));
    aclrtEvent last = atomic_exchange(&event, recorded_event(stream));
    OK(aclrtDestroyEvent(last));
  }
  atomic_store(&over, true);
  for (int i = 0; i < 3; i++) CHECK(pthread_join(waiters[i], NULL) == 0);
  OK(aclrtSynchronizeStream(stream));
  printf("%d rounds\n", ROUNDS);
  OK(aclrtResetDevice(0));
  OK(aclFinalize());
  return 0;
}
