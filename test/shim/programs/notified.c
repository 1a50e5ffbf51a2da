/*
 * Streams that wait for one another by notifies: the waits come first, each takes one record, and what follows a wait runs
 * behind what was before its record. Prints what the streams computed, and the errors of notifies that have ended. With
 * `forever` a stream is left waiting for a record that never comes, until the process is killed. Argument: kernel binary.
 */
#include <unistd.h>

#include "program.h"

#define ROUNDS 40

static aclrtNotify new_notify(void) {
  aclrtNotify notify = NULL;
  OK(aclrtCreateNotify(&notify, ACL_NOTIFY_DEFAULT));
  return notify;
}

int main(int argc, char **argv) {
  CHECK(argc >= 2);
  OK(aclInit(NULL));
  OK(aclrtSetDevice(0));
  kernels k = load_kernels(argv[1]);
  device_log *log = device_memory(sizeof *log);
  aclrtStream first = new_stream(), second = new_stream();
  aclrtNotify there = new_notify(), back = new_notify();
  if (argc > 2) {
    OK(aclrtWaitAndResetNotify(there, second, 0));
    append_to(&k, second, log, 1, 1000);
    printf("waiting\n");
    fflush(stdout);
    for (;;) pause();
  }
  for (uint64_t i = 0; i < ROUNDS; i++) { /* one log, written by both streams in turn */
    OK(aclrtWaitAndResetNotify(there, second, 0));
    append_to(&k, second, log, 2 * i + 1, 1000);
    OK(aclrtRecordNotify(back, second));
    append_to(&k, first, log, 2 * i, i % 7 == 0 ? SLOW_BYTES / 10 : 1000);
    OK(aclrtRecordNotify(there, first));
    OK(aclrtWaitAndResetNotify(back, first, 0));
  }
  OK(aclrtSynchronizeStream(first));
  OK(aclrtSynchronizeStream(second));
  print_log("both", log);
  uint32_t one, other;
  OK(aclrtGetNotifyId(there, &one));
  OK(aclrtGetNotifyId(back, &other));
  CHECK(one != other);
  aclrtNotify gone = new_notify();
  OK(aclrtDestroyNotify(gone));
  int codes[] = {aclrtRecordNotify(gone, first), aclrtWaitAndResetNotify(gone, first, 0), aclrtDestroyNotify(gone),
                 aclrtRecordNotify(NULL, first), aclrtCreateNotify(NULL, 0)};
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) printf("%d ", codes[i]);
  printf("\n");
  OK(aclrtDestroyNotify(there));
  OK(aclrtDestroyNotify(back));
  OK(aclrtDestroyStream(first));
  OK(aclrtDestroyStream(second));
  OK(aclrtFree(log));
  OK(aclrtBinaryUnLoad(k.binary));
  OK(aclrtResetDevice(0));
  OK(aclFinalize());
  return 0;
}
