/* Graph capture and replay: what is captured, what is refused meanwhile, and that a replay runs it again. */
#include "check.h"

static void capture_and_replay(void) {
  aclrtStream stream = new_stream(), replay = new_stream();
  uint64_t *data = device_words(1);
  aclmdlRI graph = NULL, during = NULL;
  aclmdlRICaptureStatus status;
  OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_GLOBAL));
  OK(aclmdlRICaptureGetInfo(stream, &status, &during));
  CHECK(status == ACL_MODEL_RI_CAPTURE_STATUS_ACTIVE && during != NULL);
  for (uint64_t i = 0; i < 10; i++) launch_mix(stream, data, 3, i);
  /* Not allowed meanwhile. */
  aclrtStreamStatus stream_status;
  uint64_t host = 0;
  EXPECT(ACL_ERROR_RT_STREAM_CAPTURED, aclrtSynchronizeStream(stream));
  EXPECT(ACL_ERROR_RT_STREAM_CAPTURED, aclrtStreamQuery(stream, &stream_status));
  EXPECT(ACL_ERROR_RT_STREAM_CAPTURED, aclrtDestroyStream(stream));
  EXPECT(ACL_ERROR_RT_STREAM_CAPTURED, aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_GLOBAL));
  EXPECT(ACL_ERROR_RT_STREAM_CAPTURED, aclrtSynchronizeDevice());
  EXPECT(ACL_ERROR_RT_CAPTURE_MODE_NOT_SUPPORT, aclrtMemcpy(&host, 8, data, 8, ACL_MEMCPY_DEVICE_TO_HOST));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpyAsync(&host, 8, data, 8, ACL_MEMCPY_DEVICE_TO_HOST, stream));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclmdlRIExecuteAsync(during, replay));
  OK(aclmdlRICaptureEnd(stream, &graph));
  CHECK(graph == during);
  OK(aclmdlRICaptureGetInfo(stream, &status, &during));
  CHECK(status == ACL_MODEL_RI_CAPTURE_STATUS_NONE && during == NULL);
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(data) == 0);
  uint64_t x = 0;
  for (int run = 0; run < 3; run++) {
    OK(aclmdlRIExecuteAsync(graph, replay));
    launch_mix(replay, data, 7, 1);
    for (uint64_t i = 0; i < 10; i++) x = x * 3 + i;
    x = x * 7 + 1;
  }
  OK(aclrtSynchronizeStream(replay));
  CHECK(word(data) == x);
  OK(aclmdlRIExecute(graph, -1));
  for (uint64_t i = 0; i < 10; i++) x = x * 3 + i;
  CHECK(word(data) == x);
  /* Destroyed while queued: the run is still complete. */
  OK(aclmdlRIExecuteAsync(graph, replay));
  OK(aclmdlRIDestroy(graph));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclmdlRIExecuteAsync(graph, replay));
  OK(aclrtSynchronizeStream(replay));
  for (uint64_t i = 0; i < 10; i++) x = x * 3 + i;
  CHECK(word(data) == x);
  OK(aclrtDestroyStream(stream));
  OK(aclrtDestroyStream(replay));
}

static void two_streams(void) {
  aclrtStream first = new_stream(), second = new_stream();
  aclrtEvent fork = new_event(), join = new_event();
  uint64_t *data = device_words(1);
  aclmdlRI graph = NULL;
  OK(aclmdlRICaptureBegin(first, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  launch_mix(first, data, 0, 2);
  OK(aclrtRecordEvent(fork, first));
  OK(aclrtStreamWaitEvent(second, fork));
  launch_mix(second, data, 10, 3);
  OK(aclrtRecordEvent(join, second));
  aclrtEventRecordedStatus status;
  EXPECT(ACL_ERROR_RT_EVENT_CAPTURED, aclrtQueryEventStatus(join, &status));
  EXPECT(ACL_ERROR_RT_EVENT_CAPTURED, aclrtSynchronizeEvent(join));
  OK(aclrtStreamWaitEvent(first, join));
  launch_mix(first, data, 10, 4);
  EXPECT(ACL_ERROR_RT_STREAM_CAPTURE_UNMATCHED, aclmdlRICaptureEnd(second, &graph));
  OK(aclmdlRICaptureEnd(first, &graph));
  OK(aclmdlRIExecuteAsync(graph, second));
  OK(aclrtSynchronizeStream(second));
  CHECK(word(data) == 234);
  OK(aclmdlRIDestroy(graph));
  /* A stream that is not joined again. */
  OK(aclmdlRICaptureBegin(first, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  OK(aclrtRecordEvent(fork, first));
  OK(aclrtStreamWaitEvent(second, fork));
  launch_mix(second, data, 0, 1);
  EXPECT(ACL_ERROR_RT_STREAM_UNJOINED, aclmdlRICaptureEnd(first, &graph));
  launch_mix(second, data, 0, 99); /* both streams work again */
  OK(aclrtSynchronizeStream(second));
  CHECK(word(data) == 99);
  /* An event from outside. */
  OK(aclrtRecordEvent(join, second));
  OK(aclmdlRICaptureBegin(first, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  EXPECT(ACL_ERROR_RT_CAPTURE_DEPENDENCY, aclrtStreamWaitEvent(first, join));
  aclmdlRICaptureStatus capture;
  aclmdlRI during;
  OK(aclmdlRICaptureGetInfo(first, &capture, &during));
  CHECK(capture == ACL_MODEL_RI_CAPTURE_STATUS_INVALIDATED);
  EXPECT(ACL_ERROR_RT_STREAM_CAPTURE_INVALIDATED, aclmdlRICaptureEnd(first, &graph));
  CHECK(graph == NULL);
  EXPECT(ACL_ERROR_RT_STREAM_NOT_CAPTURED, aclmdlRICaptureEnd(first, &graph));
  EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclmdlRICaptureBegin(NULL, ACL_MODEL_RI_CAPTURE_MODE_GLOBAL));
  uint64_t host = 0;
  OK(aclrtMemcpy(&host, 8, data, 8, ACL_MEMCPY_DEVICE_TO_HOST)); /* nothing is captured any more */
  OK(aclrtDestroyStream(first));
  OK(aclrtDestroyStream(second));
}

static void gaps(void) {
  /* 100 empty kernels: 2 us apart one by one, 1 us apart in a graph (the first one is launched). */
  aclrtStream stream = new_stream();
  aclrtEvent begin = new_event(), end = new_event();
  uint64_t *data = device_words(1);
  aclmdlRI graph = NULL;
  float eager = 0, captured = 0;
  /* A slow kernel first, so that at the clock's pace the host is ahead of the device. */
  npu_sim_work slow = {0, 0, 10000000000, 0};
  launch_mix_on(stream, 48, data, 1, 0, 0, slow);
  OK(aclrtRecordEvent(begin, stream));
  for (int i = 0; i < 100; i++) launch_mix_on(stream, 1, data, 1, 1, 1, (npu_sim_work){0, 0, 0, 0});
  OK(aclrtRecordEvent(end, stream));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtEventElapsedTime(&eager, begin, end));
  OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_THREAD_LOCAL));
  for (int i = 0; i < 100; i++) launch_mix_on(stream, 1, data, 1, 1, 1, (npu_sim_work){0, 0, 0, 0});
  OK(aclmdlRICaptureEnd(stream, &graph));
  launch_mix_on(stream, 48, data, 1, 1, 0, slow);
  OK(aclrtRecordEvent(begin, stream));
  OK(aclmdlRIExecuteAsync(graph, stream));
  OK(aclrtRecordEvent(end, stream));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtEventElapsedTime(&captured, begin, end));
  CHECK(word(data) == 200);
  CHECK(eager > 0.1999f && eager < 0.2001f);
  CHECK(captured > 0.1009f && captured < 0.1011f);
  OK(aclmdlRIDestroy(graph));
  OK(aclrtDestroyStream(stream));
}

int main(int argc, char **argv) {
  start(argc, argv);
  capture_and_replay();
  puts("ok capture and replay");
  two_streams();
  puts("ok two streams");
  gaps();
  puts("ok gaps");
  end();
  return 0;
}
