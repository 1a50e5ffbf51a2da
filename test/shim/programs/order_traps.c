/*
 * Orders that interposers get wrong: calls that look as if they could go straight to the device while earlier operators
 * of their stream are still held. Arguments: kernel binary, names of traps.
 */
#include <pthread.h>

#include "traps.h"

#define COPIES 63
#define PIECE 64

/* A launch must not overtake the copies before it: 63 of them, each changes what the launch digests. */
static void launch_after_copies(trap_setup *t) {
  uint8_t *region = device_memory(COPIES * PIECE), *pinned = pinned_memory(COPIES * PIECE);
  for (int round = 0; round < 6; round++) {
    OK(aclrtSynchronizeStream(t->stream));
    for (uint32_t i = 0; i < COPIES * PIECE; i++) pinned[i] = (uint8_t)(i * 7 + (uint32_t)round);
    for (int i = 0; i < COPIES; i++)
      OK(aclrtMemcpyAsync(region + i * PIECE, PIECE, pinned + i * PIECE, PIECE, ACL_MEMCPY_HOST_TO_DEVICE, t->stream));
    digest_args args = {t->log, region, COPIES * PIECE, 0};
    OK(launch_spoiled(t->k.digest, t->stream, &args, sizeof args));
  }
  OK(aclrtSynchronizeStream(t->stream));
  print_log("log", t->log);
  OK(aclrtFreeHost(pinned));
}

/* A wait must hold its stream until the record, which is behind work that may be held. */
static void wait_for_held_record(trap_setup *t) {
  uint64_t *slots = device_memory(8 * sizeof *slots);
  aclrtStream other = new_stream();
  device_log *other_log = device_memory(sizeof *other_log);
  aclrtEvent event = new_event();
  for (int i = 0; i < 8; i++) {
    append_many(t, t->stream, t->log, 4);
    slot_args publish = {t->log, &slots[i], 0}, absorb = {other_log, &slots[i], 0};
    OK(launch_spoiled(t->k.publish, t->stream, &publish, sizeof publish));
    OK(aclrtRecordEvent(event, t->stream));
    OK(aclrtStreamWaitEvent(other, event));
    OK(launch_spoiled(t->k.absorb, other, &absorb, sizeof absorb));
  }
  OK(aclrtSynchronizeStream(other));
  print_log("waiting stream", other_log);
  OK(aclrtDestroyEvent(event));
}

/* What was issued in a burst is done when the device is synchronized, whoever was about to hand it over meanwhile. */
static void bursts_then_synchronize(trap_setup *t) {
  uint8_t *region = device_memory(2 * PIECE), *pinned = pinned_memory(PIECE);
  uint32_t late = 0;
  for (int round = 0; round < 30000; round++) {
    for (int i = 0; i <= round % 12; i++) {
      OK(aclrtMemsetAsync(region, PIECE, round & 0xff, PIECE, t->stream));
      OK(aclrtMemsetAsync(region + PIECE, PIECE, i, PIECE, t->rival));
    }
    OK(aclrtMemcpyAsync(pinned, PIECE, region, PIECE, ACL_MEMCPY_DEVICE_TO_HOST, t->stream));
    OK(aclrtSynchronizeDevice());
    if (pinned[PIECE - 1] != (round & 0xff)) late++;
  }
  printf("%u late\n", late);
  OK(aclrtFreeHost(pinned));
}

static aclmdlRI capture_append(const trap_setup *t, aclrtStream stream, uint64_t value) {
  aclmdlRI graph = NULL;
  OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  append_to(&t->k, stream, t->log, value, 1000);
  OK(aclmdlRICaptureEnd(stream, &graph));
  return graph;
}

/* A replay must take its turn between launches. */
static void replay_after_launches(trap_setup *t) {
  aclmdlRI graph = capture_append(t, t->stream, 0x9999);
  keep_busy(t);
  for (int i = 0; i < 4; i++) {
    append_many(t, t->stream, t->log, 5);
    OK(aclmdlRIExecuteAsync(graph, t->stream));
  }
  append_many(t, t->stream, t->log, 3);
  OK(aclrtSynchronizeStream(t->stream));
  OK(aclmdlRIExecute(graph, -1));
  print_log("log", t->log);
  OK(aclmdlRIDestroy(graph));
}

/*
 * A question about an event whose record waits behind half a second of work: not ready, by every way of asking. Only where
 * device time is the clock's.
 */
static void questions_about_held_record(trap_setup *t) {
  aclrtEvent event = new_event();
  aclrtStream other = new_stream();
  append_to(&t->k, t->stream, t->log, 1, 100ull * SLOW_BYTES);
  OK(aclrtRecordEvent(event, t->stream));
  OK(aclrtStreamWaitEvent(other, event));
  append_to(&t->k, other, t->rival_log, 1, 0);
  aclrtEventStatus status = ACL_EVENT_STATUS_RESERVED;
  aclrtEventRecordedStatus recorded = ACL_EVENT_RECORDED_STATUS_COMPLETE;
  aclrtEventWaitStatus waits = ACL_EVENT_WAIT_STATUS_COMPLETE;
  aclrtStreamStatus state = ACL_STREAM_STATUS_COMPLETE;
  OK(aclrtQueryEvent(event, &status));
  OK(aclrtQueryEventStatus(event, &recorded));
  OK(aclrtQueryEventWaitStatus(event, &waits));
  OK(aclrtStreamQuery(t->stream, &state));
  CHECK(status == ACL_EVENT_STATUS_NOT_READY && recorded == ACL_EVENT_RECORDED_STATUS_NOT_READY);
  CHECK(waits == ACL_EVENT_WAIT_STATUS_NOT_READY && state == ACL_STREAM_STATUS_NOT_READY);
  EXPECT(ACL_ERROR_RT_EVENT_SYNC_TIMEOUT, aclrtSynchronizeEventWithTimeout(event, 5));
  EXPECT(ACL_ERROR_RT_STREAM_SYNC_TIMEOUT, aclrtSynchronizeStreamWithTimeout(t->stream, 5));
  OK(aclrtSynchronizeEventWithTimeout(event, 60000));
  OK(aclrtSynchronizeStream(other));
  OK(aclrtQueryEvent(event, &status));
  OK(aclrtQueryEventStatus(event, &recorded));
  OK(aclrtQueryEventWaitStatus(event, &waits));
  OK(aclrtStreamQuery(t->stream, &state));
  CHECK(status == ACL_EVENT_STATUS_COMPLETE && recorded == ACL_EVENT_RECORDED_STATUS_COMPLETE);
  CHECK(waits == ACL_EVENT_WAIT_STATUS_COMPLETE && state == ACL_STREAM_STATUS_COMPLETE);
  print_log("log", t->log);
}

/* Synchronizing an event, a stream and a device covers what was held when it began. */
static void synchronize_held_work(trap_setup *t) {
  aclrtEvent event = new_event(), begin = new_event();
  OK(aclrtRecordEvent(begin, t->stream));
  append_many(t, t->stream, t->log, 10);
  OK(aclrtRecordEvent(event, t->stream));
  OK(aclrtSynchronizeEvent(event));
  print_log("after the event", t->log);
  float ms = -1;
  uint64_t from_us = 0, to_us = 0;
  OK(aclrtEventElapsedTime(&ms, begin, event));
  OK(aclrtEventGetTimestamp(begin, &from_us));
  OK(aclrtEventGetTimestamp(event, &to_us));
  CHECK(ms > 0 && to_us > from_us);
  append_many(t, t->stream, t->log, 10);
  OK(aclrtSynchronizeStream(t->stream));
  print_log("after the stream", t->log);
  keep_busy(t);
  append_many(t, t->stream, t->log, 10);
  OK(aclrtSynchronizeDevice());
  print_log("after the device", t->log);
  print_log("rival", t->rival_log);
}

/* A copy to pageable memory returns when it is done, so it waits for what is before it. */
static void pageable_copy_after_launches(trap_setup *t) {
  for (int i = 0; i < 5; i++) {
    device_log here;
    append_many(t, t->stream, t->log, 7);
    OK(aclrtMemcpyAsync(&here, sizeof here, t->log, sizeof here, ACL_MEMCPY_DEVICE_TO_HOST, t->stream));
    printf("%llu values, digest %016llx\n", (unsigned long long)here.count, (unsigned long long)here.digest);
  }
}

/* NULL and the default stream's own handle are one stream. */
static void names_of_default_stream(trap_setup *t) {
  aclrtStream named = NULL;
  OK(aclrtCtxGetCurrentDefaultStream(&named));
  for (uint64_t i = 1; i <= 40; i++) append_to(&t->k, i % 3 == 0 ? NULL : named, t->log, i, SLOW_BYTES / 50);
  OK(aclrtSynchronizeStream(NULL));
  print_log("log", t->log);
}

/* More than any queue holds; the caller waits where it has to, and nothing is lost. */
static void more_than_a_queue(trap_setup *t) {
  for (uint64_t i = 1; i <= 5000; i++) append_to(&t->k, t->stream, t->log, i, 1000);
  OK(aclrtSynchronizeStream(t->stream));
  print_log("log", t->log);
}

static void *issue_and_leave(void *with) {
  const trap_setup *t = with;
  OK(aclrtSetDevice(0));
  append_many(t, t->stream, t->log, 12);
  aclrtArgsHandle handle;
  aclrtParamHandle param;
  append_args args = {t->log, 13, 0};
  OK(aclrtKernelArgsInit(t->k.append, &handle));
  OK(aclrtKernelArgsAppend(handle, &args, sizeof args, &param));
  OK(aclrtKernelArgsFinalize(handle));
  OK(aclrtLaunchKernelWithConfig(t->k.append, 2, t->stream, NULL, handle, NULL));
  return NULL;
}

/* A thread that ends leaves its work, and its argument handle is gone. */
static void thread_that_leaves(trap_setup *t) {
  for (int i = 0; i < 4; i++) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, issue_and_leave, t) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
  }
  OK(aclrtSynchronizeStream(t->stream));
  print_log("log", t->log);
}

/* An event recorded on one device and waited for on another: work held on the first must not be overtaken. */
static void event_across_devices(trap_setup *t) {
  aclrtEvent event = new_event();
  aclrtContext first = NULL, second = NULL;
  OK(aclrtGetCurrentContext(&first));
  OK(aclrtSetDevice(1));
  OK(aclrtGetCurrentContext(&second));
  aclrtStream other = new_stream(), other_rival = new_stream();
  device_log *other_log = device_memory(sizeof *other_log);
  for (uint64_t round = 1; round <= 6; round++) {
    OK(aclrtSetCurrentContext(first));
    append_many(t, t->stream, t->log, 6);
    OK(aclrtRecordEvent(event, t->stream));
    OK(aclrtSetCurrentContext(second));
    append_many(t, other_rival, t->rival_log, 1);
    OK(aclrtStreamWaitEvent(other, event));
    slot_args absorb = {other_log, &t->log->digest, 0};
    OK(launch_spoiled(t->k.absorb, other, &absorb, sizeof absorb));
    OK(aclrtRecordEvent(event, other));
    OK(aclrtSetCurrentContext(first));
    OK(aclrtStreamWaitEvent(t->stream, event));
  }
  OK(aclrtSetCurrentContext(second));
  OK(aclrtSynchronizeStream(other));
  print_log("second device", other_log);
}

int main(int argc, char **argv) {
  static const trap traps[] = {
      {"launch_after_copies", launch_after_copies},
      {"bursts_then_synchronize", bursts_then_synchronize},
      {"wait_for_held_record", wait_for_held_record},
      {"replay_after_launches", replay_after_launches},
      {"questions_about_held_record", questions_about_held_record},
      {"synchronize_held_work", synchronize_held_work},
      {"pageable_copy_after_launches", pageable_copy_after_launches},
      {"names_of_default_stream", names_of_default_stream},
      {"more_than_a_queue", more_than_a_queue},
      {"thread_that_leaves", thread_that_leaves},
      {"event_across_devices", event_across_devices},
  };
  return run_traps(argc, argv, traps, sizeof traps / sizeof *traps);
}
