/*
 * Captures and replays: on one stream, on two that an event joins, beside another thread that issues work meanwhile, and
 * what a capture refuses. Arguments: kernel binary, and `long` for one of many operators.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "program.h"

static kernels k;

static void one_stream(void) {
  aclrtStream stream = new_stream();
  device_log *log = device_memory(sizeof *log);
  uint8_t *region = device_memory(256), *pinned = pinned_memory(256);
  aclmdlRI graph = NULL, seen = NULL;
  aclmdlRICaptureStatus status = ACL_MODEL_RI_CAPTURE_STATUS_NONE;
  append_to(&k, stream, log, 1, SLOW_BYTES);
  OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_GLOBAL));
  OK(aclmdlRICaptureGetInfo(stream, &status, &seen));
  CHECK(status == ACL_MODEL_RI_CAPTURE_STATUS_ACTIVE);
  for (uint64_t i = 10; i < 15; i++) append_to(&k, stream, log, i, 1000);
  OK(aclrtMemsetAsync(region, 256, 7, 128, stream));
  OK(aclrtMemcpyAsync(region + 128, 128, pinned, 128, ACL_MEMCPY_HOST_TO_DEVICE, stream));
  digest_args args = {log, region, 256, 0};
  OK(launch_spoiled(k.digest, stream, &args, sizeof args));
  OK(aclmdlRICaptureEnd(stream, &graph));
  OK(aclmdlRICaptureGetInfo(stream, &status, &seen));
  CHECK(status == ACL_MODEL_RI_CAPTURE_STATUS_NONE);
  OK(aclrtSynchronizeStream(stream));
  print_log("captured, not run", log);
  for (int i = 0; i < 3; i++) {
    memset(pinned, i, 256);
    OK(aclmdlRIExecuteAsync(graph, stream));
    append_to(&k, stream, log, 20 + (uint64_t)i, 1000);
    OK(aclrtSynchronizeStream(stream));
  }
  print_log("replayed", log);
  OK(aclmdlRIDestroy(graph));
  OK(aclrtDestroyStream(stream));
}

static void joined_streams(void) {
  aclrtStream first = new_stream(), second = new_stream();
  aclrtEvent fork_event = new_event(), join_event = new_event();
  device_log *log = device_memory(sizeof *log), *other = device_memory(sizeof *other);
  uint64_t *slots = device_memory(2 * sizeof *slots);
  aclmdlRI graph = NULL;
  append_to(&k, second, other, 1, SLOW_BYTES);
  OK(aclrtSynchronizeStream(second));
  OK(aclmdlRICaptureBegin(first, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  append_to(&k, first, log, 1, SLOW_BYTES / 10);
  slot_args publish = {log, &slots[0], 0}, absorb = {other, &slots[0], 0};
  OK(launch_spoiled(k.publish, first, &publish, sizeof publish));
  OK(aclrtRecordEvent(fork_event, first));
  OK(aclrtStreamWaitEvent(second, fork_event));
  OK(launch_spoiled(k.absorb, second, &absorb, sizeof absorb));
  slot_args back = {other, &slots[1], 0}, taken = {log, &slots[1], 0};
  OK(launch_spoiled(k.publish, second, &back, sizeof back));
  OK(aclrtRecordEvent(join_event, second));
  OK(aclrtStreamWaitEvent(first, join_event));
  OK(launch_spoiled(k.absorb, first, &taken, sizeof taken));
  OK(aclmdlRICaptureEnd(first, &graph));
  for (int i = 0; i < 4; i++) OK(aclmdlRIExecuteAsync(graph, first));
  OK(aclrtSynchronizeStream(first));
  print_log("first stream", log);
  print_log("second stream", other);
  OK(aclmdlRIDestroy(graph));
  OK(aclrtDestroyEvent(fork_event));
  OK(aclrtDestroyEvent(join_event));
}

static atomic_bool enough;
static device_log *beside_log;

/* Pairs of streams that an event ties together, all the while that another thread captures. */
static void *work_beside(void *unused) {
  (void)unused;
  OK(aclrtSetDevice(0));
  aclrtStream from = new_stream(), to = new_stream();
  aclrtEvent event = new_event();
  uint64_t *slots = device_memory(100000 * sizeof *slots);
  device_log *from_log = device_memory(sizeof *from_log);
  uint64_t count = 0, expected = 0;
  static device_log want, model;
  while (!atomic_load(&enough) || count < 50) {
    append_to(&k, from, from_log, count, SLOW_BYTES / 500);
    slot_args publish = {from_log, &slots[count], 0}, absorb = {beside_log, &slots[count], 0};
    OK(launch_spoiled(k.publish, from, &publish, sizeof publish));
    OK(aclrtRecordEvent(event, from));
    OK(aclrtStreamWaitEvent(to, event));
    OK(launch_spoiled(k.absorb, to, &absorb, sizeof absorb));
    log_append(&model, count);
    expected = model.digest;
    log_append(&want, expected);
    if (++count == 99999) break;
  }
  OK(aclrtSynchronizeStream(to));
  device_log here = read_log(beside_log);
  CHECK(here.count == want.count && here.digest == want.digest);
  return NULL;
}

static void beside_a_thread(void) {
  beside_log = device_memory(sizeof *beside_log);
  aclrtStream stream = new_stream();
  device_log *log = device_memory(sizeof *log);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, work_beside, NULL) == 0);
  for (uint64_t i = 0; i < 20; i++) {
    aclmdlRI graph = NULL;
    append_to(&k, stream, log, 100 + i, SLOW_BYTES / 100);
    OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
    append_to(&k, stream, log, 200 + i, 1000);
    OK(aclmdlRICaptureEnd(stream, &graph));
    OK(aclmdlRIExecuteAsync(graph, stream));
    append_to(&k, stream, log, 300 + i, 1000);
    OK(aclrtSynchronizeStream(stream));
    OK(aclmdlRIDestroy(graph));
  }
  atomic_store(&enough, true);
  CHECK(pthread_join(thread, NULL) == 0);
  print_log("beside a thread", log);
}

static void refusals(void) {
  aclrtStream stream = new_stream();
  device_log *log = device_memory(sizeof *log);
  aclmdlRI graph = NULL;
  aclrtStreamStatus state;
  printf("end without begin: %d\n", aclmdlRICaptureEnd(stream, &graph));
  printf("capture of the default stream: %d\n", aclmdlRICaptureBegin(NULL, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  printf("begin in a capture: %d\n", aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  append_to(&k, stream, log, 5, 0);
  printf("synchronize in a capture: %d\n", aclrtSynchronizeStream(stream));
  printf("query in a capture: %d\n", aclrtStreamQuery(stream, &state));
  printf("destroy in a capture: %d\n", aclrtDestroyStream(stream));
  printf("end: %d\n", aclmdlRICaptureEnd(stream, &graph));
  if (graph != NULL) OK(aclmdlRIDestroy(graph));
  append_to(&k, stream, log, 6, 0);
  OK(aclrtSynchronizeStream(stream));
  print_log("after a capture", log);
}

/* More operators than any window holds: none of them completes before the capture ends. */
static void long_one(void) {
  aclrtStream stream = new_stream();
  uint8_t *region = device_memory(3000), last[2];
  aclmdlRI graph = NULL;
  OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  for (int i = 0; i < 3000; i++) OK(aclrtMemsetAsync(region + i, 1, i % 251, 1, stream));
  OK(aclmdlRICaptureEnd(stream, &graph));
  OK(aclmdlRIExecuteAsync(graph, stream));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtMemcpy(last, sizeof last, region + 2998, sizeof last, ACL_MEMCPY_DEVICE_TO_HOST));
  printf("long: %d %d\n", last[0], last[1]);
  OK(aclmdlRIDestroy(graph));
  OK(aclrtDestroyStream(stream));
}

int main(int argc, char **argv) {
  CHECK(argc == 2 || argc == 3);
  OK(aclInit(NULL));
  OK(aclrtSetDevice(0));
  k = load_kernels(argv[1]);
  if (argc == 3) {
    long_one();
    return 0;
  }
  one_stream();
  joined_streams();
  beside_a_thread();
  refusals();
  OK(aclrtResetDevice(0));
  OK(aclFinalize());
  return 0;
}
