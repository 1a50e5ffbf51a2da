/*
 * Events between graphs and what runs outside of them, by the flag of a captured record or wait: each run of a graph
 * records, or waits for what was recorded when it was queued.
 */
#include "check.h"

static aclrtEvent new_plain_event(void) {
  aclrtEvent event = NULL;
  OK(aclrtCreateEventExWithFlag(&event, ACL_EVENT_SYNC));
  return event;
}

/* data = data * 10 + digit, after so much work. */
static void append(aclrtStream stream, uint64_t *data, uint64_t digit, double work) {
  launch_mix_on(stream, 1, data, 1, 10, digit, (npu_sim_work){0, work, 1000, 0});
}
#define LONG 5e8

static aclmdlRI end_capture(aclrtStream stream) {
  aclmdlRI graph = NULL;
  OK(aclmdlRICaptureEnd(stream, &graph));
  CHECK(graph != NULL);
  return graph;
}

/* A stream records, the graph waits: each run for the record before it, and for none where there is none yet. */
static void graph_waits(void) {
  aclrtStream inside = new_stream(), outside = new_stream();
  aclrtEvent event = new_plain_event();
  uint64_t *data = device_words(1);
  OK(aclmdlRICaptureBegin(inside, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  OK(aclrtStreamWaitEventWithFlag(inside, event, 0, ACL_EVENT_WAIT_EXTERNAL));
  append(inside, data, 2, 1000);
  aclmdlRI graph = end_capture(inside);
  OK(aclmdlRIExecuteAsync(graph, inside));
  OK(aclrtSynchronizeStream(inside));
  CHECK(word(data) == 2);
  for (int i = 0; i < 3; i++) {
    set_word(data, 0);
    append(outside, data, 1, LONG);
    OK(aclrtRecordEvent(event, outside));
    OK(aclmdlRIExecuteAsync(graph, inside));
    OK(aclrtSynchronizeStream(inside));
    CHECK(word(data) == 12);
  }
  /* What is recorded later is none of its business. */
  set_word(data, 0);
  append(outside, data, 1, 1000);
  OK(aclrtRecordEvent(event, outside));
  OK(aclmdlRIExecuteAsync(graph, inside));
  OK(aclrtSynchronizeStream(inside));
  append(outside, data, 3, LONG);
  OK(aclrtRecordEvent(event, outside));
  OK(aclrtSynchronizeDevice());
  CHECK(word(data) == 123);
  OK(aclmdlRIDestroy(graph));
  OK(aclrtDestroyEvent(event));
  OK(aclrtDestroyStream(inside));
  OK(aclrtDestroyStream(outside));
}

/* The graph records, a stream and the host wait: for the latest run. */
static void graph_records(void) {
  aclrtStream inside = new_stream(), outside = new_stream();
  aclrtEvent event = new_plain_event();
  uint64_t *data = device_words(1), *behind = device_words(1);
  OK(aclmdlRICaptureBegin(inside, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  append(inside, data, 1, LONG);
  OK(aclrtRecordEventWithFlag(event, inside, ACL_EVENT_RECORD_EXTERNAL));
  append(inside, behind, 2, 2 * LONG);
  aclmdlRI graph = end_capture(inside);
  aclrtEventRecordedStatus status = ACL_EVENT_RECORDED_STATUS_NOT_READY;
  OK(aclrtQueryEventStatus(event, &status)); /* nothing ran, so nothing is recorded */
  CHECK(status == ACL_EVENT_RECORDED_STATUS_COMPLETE);
  uint64_t *seen = device_words(1);
  for (uint64_t i = 0; i < 3; i++) {
    set_word(data, i);
    OK(aclmdlRIExecuteAsync(graph, inside));
    OK(aclrtStreamWaitEvent(outside, event));
    OK(aclrtMemcpyAsync(seen, 8, data, 8, ACL_MEMCPY_DEVICE_TO_DEVICE, outside));
    OK(aclrtSynchronizeStream(outside));
    CHECK(word(seen) == i * 10 + 1);
    OK(aclrtSynchronizeStream(inside));
  }
  set_word(data, 0);
  set_word(behind, 0);
  OK(aclmdlRIExecuteAsync(graph, inside));
  OK(aclmdlRIExecuteAsync(graph, inside));
  OK(aclrtSynchronizeEvent(event)); /* of the second run */
  CHECK(word(data) == 11);
  OK(aclrtSynchronizeStream(inside));
  CHECK(word(behind) == 22);
  OK(aclmdlRIExecute(graph, -1));
  OK(aclrtQueryEventStatus(event, &status));
  CHECK(status == ACL_EVENT_RECORDED_STATUS_COMPLETE);
  OK(aclmdlRIDestroy(graph));
  OK(aclrtDestroyEvent(event));
  OK(aclrtDestroyStream(inside));
  OK(aclrtDestroyStream(outside));
}

/* One graph records, another waits; streams that join a capture may do either. */
static void between_graphs(void) {
  aclrtStream first = new_stream(), second = new_stream(), joined = new_stream();
  aclrtEvent done = new_plain_event(), back = new_plain_event(), fork = new_plain_event(), join = new_plain_event();
  uint64_t *data = device_words(1);
  OK(aclmdlRICaptureBegin(first, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  OK(aclrtStreamWaitEventWithFlag(first, back, 0, ACL_EVENT_WAIT_EXTERNAL));
  OK(aclrtRecordEvent(fork, first));
  OK(aclrtStreamWaitEvent(joined, fork));
  append(joined, data, 1, LONG);
  OK(aclrtRecordEventWithFlag(done, joined, ACL_EVENT_RECORD_EXTERNAL));
  OK(aclrtRecordEvent(join, joined));
  OK(aclrtStreamWaitEvent(first, join));
  aclmdlRI records = end_capture(first);
  OK(aclmdlRICaptureBegin(second, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  OK(aclrtStreamWaitEventWithFlag(second, done, 0, ACL_EVENT_WAIT_EXTERNAL));
  append(second, data, 2, LONG);
  OK(aclrtRecordEventWithFlag(back, second, ACL_EVENT_RECORD_EXTERNAL));
  aclmdlRI waits = end_capture(second);
  uint64_t x = 0;
  for (int i = 0; i < 8; i++) {
    OK(aclmdlRIExecuteAsync(records, first));
    OK(aclmdlRIExecuteAsync(waits, second));
    x = x * 100 + 12;
  }
  OK(aclrtSynchronizeStream(second));
  CHECK(word(data) == x);
  OK(aclmdlRIDestroy(records));
  OK(aclmdlRIDestroy(waits));
  aclrtEvent events[] = {done, back, fork, join};
  for (int i = 0; i < 4; i++) OK(aclrtDestroyEvent(events[i]));
  aclrtStream streams[] = {first, second, joined};
  for (int i = 0; i < 3; i++) OK(aclrtDestroyStream(streams[i]));
}

static void refused(void) {
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(1);
  aclrtEvent event = new_plain_event(), timed = new_event(), simple = NULL, recorded = new_plain_event();
  OK(aclrtCreateEventWithFlag(&simple, ACL_EVENT_SYNC));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtRecordEventWithFlag(event, stream, 2));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtStreamWaitEventWithFlag(stream, event, 0, 2));
  OK(aclrtRecordEvent(recorded, stream));
  OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtStreamWaitEventWithFlag(stream, event, 1, ACL_EVENT_WAIT_EXTERNAL));
  /* Only events of one kind, which do nothing else. */
  EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtRecordEventWithFlag(timed, stream, ACL_EVENT_RECORD_EXTERNAL));
  EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtStreamWaitEventWithFlag(stream, simple, 0, ACL_EVENT_WAIT_EXTERNAL));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtRecordEventWithFlag(recorded, stream, ACL_EVENT_RECORD_EXTERNAL));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtStreamWaitEventWithFlag(stream, recorded, 0, ACL_EVENT_WAIT_EXTERNAL));
  /* Once a graph. */
  OK(aclrtRecordEventWithFlag(event, stream, ACL_EVENT_RECORD_EXTERNAL));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtRecordEventWithFlag(event, stream, ACL_EVENT_RECORD_EXTERNAL));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtStreamWaitEventWithFlag(stream, event, 0, ACL_EVENT_WAIT_EXTERNAL));
  append(stream, data, 1, 1000);
  aclmdlRI graph = end_capture(stream); /* what was refused has not spoilt it */
  OK(aclmdlRIExecuteAsync(graph, stream));
  OK(aclrtSynchronizeEvent(event));
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(data) == 1);
  OK(aclmdlRIDestroy(graph));
  aclrtEvent events[] = {event, timed, simple, recorded};
  for (int i = 0; i < 4; i++) OK(aclrtDestroyEvent(events[i]));
  OK(aclrtDestroyStream(stream));
}

/* One way of recording an event, and one of waiting for it, for all its life: also where the first call itself failed. */
static void one_use(void) {
  aclrtStream stream = new_stream();
  aclrtEvent event = new_plain_event(), other = new_plain_event();
  OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  OK(aclrtRecordEventWithFlag(event, stream, ACL_EVENT_RECORD_EXTERNAL));
  aclmdlRI graph = end_capture(stream);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtRecordEvent(event, stream));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtRecordEventWithFlag(event, stream, ACL_EVENT_RECORD_DEFAULT));
  EXPECT(ACL_ERROR_RT_STREAM_NOT_CAPTURED, aclrtRecordEventWithFlag(other, stream, ACL_EVENT_RECORD_EXTERNAL));
  EXPECT(ACL_ERROR_RT_STREAM_NOT_CAPTURED, aclrtStreamWaitEventWithFlag(stream, other, 0, ACL_EVENT_WAIT_EXTERNAL));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtRecordEvent(other, stream));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtStreamWaitEvent(stream, other));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtStreamWaitEvent(stream, event));
  OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtStreamWaitEventWithFlag(stream, event, 0, ACL_EVENT_WAIT_EXTERNAL));
  aclmdlRI empty = end_capture(stream);
  OK(aclrtSynchronizeStream(stream));
  OK(aclmdlRIDestroy(empty));
  OK(aclmdlRIDestroy(graph));
  OK(aclrtDestroyEvent(event));
  OK(aclrtDestroyEvent(other));
  OK(aclrtDestroyStream(stream));
}

/* A graph outlives its events, and who waits for a record of a stream that ends goes on. */
static void ends(void) {
  aclrtStream inside = new_stream(), outside = new_stream();
  aclrtEvent recorded = new_plain_event(), awaited = new_plain_event();
  uint64_t *data = device_words(1), *other = device_words(1);
  OK(aclmdlRICaptureBegin(inside, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  OK(aclrtStreamWaitEventWithFlag(inside, awaited, 0, ACL_EVENT_WAIT_EXTERNAL));
  append(inside, data, 1, LONG);
  OK(aclrtRecordEventWithFlag(recorded, inside, ACL_EVENT_RECORD_EXTERNAL));
  aclmdlRI graph = end_capture(inside);
  OK(aclmdlRIExecuteAsync(graph, inside));
  OK(aclmdlRIExecuteAsync(graph, inside));
  OK(aclrtStreamWaitEvent(outside, recorded));
  append(outside, other, 7, 1000);
  OK(aclrtDestroyStreamForce(inside));
  OK(aclrtSynchronizeStream(outside));
  CHECK(word(other) == 7);
  inside = new_stream();
  set_word(data, 0);
  OK(aclrtDestroyEvent(awaited));
  OK(aclmdlRIExecuteAsync(graph, inside));
  OK(aclrtDestroyEvent(recorded));
  OK(aclmdlRIExecuteAsync(graph, inside));
  OK(aclrtSynchronizeStream(inside));
  CHECK(word(data) == 11);
  OK(aclmdlRIDestroy(graph));
  OK(aclrtDestroyStream(inside));
  OK(aclrtDestroyStream(outside));
}

/* Random runs and records: the digits of each stream's word say that every wait was kept. */
static void many(void) {
  enum { STREAMS = 4, ROUNDS = 40 };
  aclrtStream streams[STREAMS];
  aclrtEvent events[STREAMS];
  aclmdlRI graphs[STREAMS];
  uint64_t *data = device_words(1);
  for (int i = 0; i < STREAMS; i++) {
    streams[i] = new_stream();
    events[i] = new_plain_event();
  }
  /* Graph i waits for graph i - 1 and counts: run one after another round and round they never meet. */
  for (int i = 0; i < STREAMS; i++) {
    OK(aclmdlRICaptureBegin(streams[i], ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
    OK(aclrtStreamWaitEventWithFlag(streams[i], events[(i + STREAMS - 1) % STREAMS], 0, ACL_EVENT_WAIT_EXTERNAL));
    launch_mix(streams[i], data, 3, (uint64_t)i + 1);
    OK(aclrtRecordEventWithFlag(events[i], streams[i], ACL_EVENT_RECORD_EXTERNAL));
    graphs[i] = end_capture(streams[i]);
  }
  uint64_t x = 0;
  for (int round = 0; round < ROUNDS; round++) {
    for (uint64_t i = 0; i < STREAMS; i++) {
      OK(aclmdlRIExecuteAsync(graphs[i], streams[i]));
      x = x * 3 + i + 1;
    }
  }
  OK(aclrtSynchronizeDevice());
  CHECK(word(data) == x);
  for (int i = 0; i < STREAMS; i++) {
    OK(aclmdlRIDestroy(graphs[i]));
    OK(aclrtDestroyEvent(events[i]));
    OK(aclrtDestroyStream(streams[i]));
  }
}

int main(int argc, char **argv) {
  start(argc, argv);
  static const group groups[] = {
    {"graph waits", graph_waits}, {"graph records", graph_records}, {"between graphs", between_graphs},
    {"refused", refused}, {"one use", one_use}, {"ends", ends}, {"many", many},
  };
  (void)RUN_GROUPS(groups, argc, argv);
  end();
  return 0;
}
