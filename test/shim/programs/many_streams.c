/*
 * As many live streams as a device gives, in one chain of events: each appends after the one before it. Arguments:
 * kernel binary, number of streams.
 */
#include "program.h"

int main(int argc, char **argv) {
  CHECK(argc == 3);
  uint32_t count = (uint32_t)strtoul(argv[2], NULL, 10);
  OK(aclInit(NULL));
  OK(aclrtSetDevice(0));
  kernels k = load_kernels(argv[1]);
  device_log *log = device_memory(sizeof *log);
  aclrtStream *streams = calloc(count, sizeof *streams);
  aclrtEvent turn = new_event();
  CHECK(streams != NULL);
  for (uint32_t i = 0; i < count; i++) OK(aclrtCreateStream(&streams[i]));
  for (uint32_t i = 0; i < count; i++) {
    OK(aclrtStreamWaitEvent(streams[i], turn));
    append_to(&k, streams[i], log, i, 100);
    OK(aclrtRecordEvent(turn, streams[i]));
  }
  OK(aclrtSynchronizeEvent(turn));
  print_log("log", log);
  for (uint32_t i = 0; i < count; i++) OK(aclrtDestroyStream(streams[i]));
  free(streams);
  OK(aclrtResetDevice(0));
  OK(aclFinalize());
  return 0;
}
