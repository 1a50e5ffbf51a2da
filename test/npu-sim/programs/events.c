/* Events: what a record and a wait bind to, across streams; queries and times; limits and refusals. */
#include "check.h"

static const npu_sim_work long_work = {0, 0, 1000000000, 0}; /* 1 GB: about 0.95 ms */

static void across_streams(void) {
  aclrtStream first = new_stream(), second = new_stream();
  aclrtEvent event = new_event();
  uint64_t *data = device_words(1);
  /* The first stream is slow; the second must not start before it. */
  for (int i = 0; i < 20; i++) {
    launch_mix_on(first, 48, data, 1, 3, 1, long_work);
    OK(aclrtRecordEvent(event, first));
    OK(aclrtStreamWaitEvent(second, event));
    launch_mix(second, data, 5, 2);
    OK(aclrtRecordEvent(event, second));
    OK(aclrtStreamWaitEvent(first, event));
  }
  OK(aclrtSynchronizeStream(first));
  uint64_t x = 0;
  for (int i = 0; i < 20; i++) x = (x * 3 + 1) * 5 + 2;
  CHECK(word(data) == x);
  OK(aclrtDestroyEvent(event));
  OK(aclrtDestroyStream(first));
  OK(aclrtDestroyStream(second));
}

static void binds_to_latest(void) {
  aclrtStream first = new_stream(), second = new_stream();
  aclrtEvent event = new_event();
  uint64_t *data = device_words(1), *other = device_words(1);
  /* Before the first record a wait passes and a query says complete. */
  OK(aclrtStreamWaitEvent(second, event));
  launch_mix(second, other, 0, 9);
  OK(aclrtSynchronizeStream(second));
  CHECK(word(other) == 9);
  aclrtEventRecordedStatus status = ACL_EVENT_RECORDED_STATUS_NOT_READY;
  OK(aclrtQueryEventStatus(event, &status));
  CHECK(status == ACL_EVENT_RECORDED_STATUS_COMPLETE);
  /* A wait keeps the record that was the latest when it was made: the second record, which is later, is not waited for. */
  launch_mix_on(first, 48, data, 1, 0, 1, long_work);
  OK(aclrtRecordEvent(event, first));
  OK(aclrtStreamWaitEvent(second, event));
  aclrtEvent passed = new_event();
  OK(aclrtRecordEvent(passed, second));
  for (int i = 0; i < 10; i++) launch_mix_on(first, 48, data, 1, 1, 1, long_work);
  OK(aclrtRecordEvent(event, first));
  OK(aclrtSynchronizeEvent(passed));
  OK(aclrtQueryEventStatus(event, &status));
  CHECK(late || status == ACL_EVENT_RECORDED_STATUS_NOT_READY);
  CHECK(word(data) < 11);
  OK(aclrtSynchronizeEvent(event));
  CHECK(word(data) == 11);
  OK(aclrtDestroyStream(first));
  OK(aclrtDestroyStream(second));
}

static void destroyed_early(void) {
  aclrtStream first = new_stream(), second = new_stream();
  aclrtEvent event = new_event();
  uint64_t *data = device_words(1);
  launch_mix_on(first, 48, data, 1, 0, 4, long_work);
  OK(aclrtRecordEvent(event, first));
  OK(aclrtStreamWaitEvent(second, event));
  launch_mix(second, data, 10, 1);
  OK(aclrtDestroyEvent(event));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtRecordEvent(event, first));
  OK(aclrtSynchronizeStream(second));
  CHECK(word(data) == 41);
  /* A stream destroyed by force lets go of those that wait for what it recorded. */
  event = new_event();
  for (int i = 0; i < 50; i++) launch_mix_on(first, 48, data, 1, 1, 1, long_work);
  OK(aclrtRecordEvent(event, first));
  OK(aclrtStreamWaitEvent(second, event));
  launch_mix(second, data, 0, 77);
  OK(aclrtDestroyStreamForce(first));
  OK(aclrtSynchronizeStream(second));
  CHECK(word(data) == 77);
  OK(aclrtDestroyStream(second));
}

static void queries_and_times(void) {
  aclrtStream stream = new_stream();
  aclrtEvent begin = new_event(), end = new_event();
  uint64_t *data = device_words(1), us = 0;
  float ms = 0;
  EXPECT(ACL_ERROR_RT_INTERNAL_ERROR, aclrtEventElapsedTime(&ms, begin, end));
  launch_mix_on(stream, 48, data, 1, 0, 1, long_work); /* so that the host is ahead at the clock's pace, too */
  OK(aclrtRecordEvent(begin, stream));
  launch_mix_on(stream, 48, data, 1, 0, 1, long_work);
  OK(aclrtRecordEvent(end, stream));
  CHECK(aclrtEventElapsedTime(&ms, begin, end) == ACL_ERROR_RT_EVENT_TIMESTAMP_INVALID || late);
  aclrtStreamStatus status;
  OK(aclrtStreamQuery(stream, &status));
  OK(aclrtSynchronizeStreamWithTimeout(stream, 60000));
  OK(aclrtStreamQuery(stream, &status));
  CHECK(status == ACL_STREAM_STATUS_COMPLETE);
  OK(aclrtEventElapsedTime(&ms, begin, end));
  /* 1e9 bytes at 0.6 * 1.6 TiB/s = 947.4 us, and 4 us to launch; where operators come late there is a gap besides. */
  CHECK(ms > 0.950f && (late || ms < 0.953f));
  OK(aclrtEventElapsedTime(&ms, end, begin));
  CHECK(ms < -0.950f);
  uint64_t later = 0;
  OK(aclrtEventGetTimestamp(begin, &us));
  OK(aclrtEventGetTimestamp(end, &later));
  CHECK(later - us >= 950 && (late || later - us <= 953));
  OK(aclrtDestroyStream(stream));
}

static void old_and_new(void) {
  aclrtStream stream = new_stream();
  aclrtEvent plain = NULL, flagged = NULL, extended = new_event();
  uint64_t *data = device_words(1);
  OK(aclrtCreateEvent(&plain));
  OK(aclrtCreateEventWithFlag(&flagged, ACL_EVENT_TIME_LINE));
  aclrtEventStatus status;
  aclrtEventWaitStatus waits;
  OK(aclrtQueryEvent(plain, &status));
  CHECK(status == ACL_EVENT_STATUS_COMPLETE);
  aclrtStream other = new_stream();
  launch_mix_on(stream, 48, data, 1, 0, 1, long_work);
  OK(aclrtRecordEvent(plain, stream));
  OK(aclrtStreamWaitEvent(other, plain));
  OK(aclrtQueryEvent(plain, &status));
  CHECK(late || status == ACL_EVENT_STATUS_NOT_READY);
  OK(aclrtQueryEventWaitStatus(plain, &waits));
  CHECK(late || waits == ACL_EVENT_WAIT_STATUS_NOT_READY);
  OK(aclrtSynchronizeStream(other));
  OK(aclrtQueryEvent(plain, &status));
  CHECK(status == ACL_EVENT_STATUS_COMPLETE);
  OK(aclrtQueryEventWaitStatus(plain, &waits));
  CHECK(waits == ACL_EVENT_WAIT_STATUS_COMPLETE);
  OK(aclrtResetEvent(plain, stream));
  EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtResetEvent(extended, stream));
  EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtQueryEvent(extended, &status));
  EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtQueryEventWaitStatus(extended, &waits));
  aclrtEvent none;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtCreateEventWithFlag(&none, 0x8000));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtRecordEvent(NULL, stream));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtRecordEvent(stream, stream));
  OK(aclrtDestroyStream(stream));
  OK(aclrtDestroyStream(other));
}

static void timeouts(void) {
  aclrtStream stream = new_stream();
  aclrtEvent event = new_event();
  uint64_t *data = device_words(1);
  npu_sim_work very_long = {0, 0, 100000000000, 0}; /* 95 ms */
  launch_mix_on(stream, 48, data, 1, 0, 1, very_long);
  OK(aclrtRecordEvent(event, stream));
  EXPECT(ACL_ERROR_RT_STREAM_SYNC_TIMEOUT, aclrtSynchronizeStreamWithTimeout(stream, 5));
  EXPECT(ACL_ERROR_RT_EVENT_SYNC_TIMEOUT, aclrtSynchronizeEventWithTimeout(event, 5));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtSynchronizeStreamWithTimeout(stream, -2));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtSynchronizeEventWithTimeout(event, 0));
  CHECK(word(data) == 0);
  OK(aclrtSynchronizeEventWithTimeout(event, -1));
  CHECK(word(data) == 1);
  OK(aclrtDestroyStream(stream));
}

static void limits(void) {
  enum { ALL = 65536 };
  aclrtEvent *events = calloc(ALL, sizeof *events), one_more;
  int made = 0;
  aclError error = ACL_SUCCESS;
  while (made < ALL && (error = aclrtCreateEvent(&events[made])) == ACL_SUCCESS) made++;
  if (error == ACL_SUCCESS) error = aclrtCreateEvent(&one_more);
  EXPECT(ACL_ERROR_RT_NO_EVENT_RESOURCE, error);
  CHECK(made > ALL - (late ? 1000 : 100)); /* who makes operators late may have events of its own */
  for (int i = 0; i < made; i++) OK(aclrtDestroyEvent(events[i]));
  OK(aclrtCreateEvent(&one_more));
  OK(aclrtDestroyEvent(one_more));
  aclrtStream streams[1984];
  int streams_made = 0;
  while (streams_made < 1984) OK(aclrtCreateStreamWithConfig(&streams[streams_made++], 9, ACL_STREAM_FAST_LAUNCH | ACL_STREAM_FAST_SYNC));
  aclrtStream extra;
  EXPECT(ACL_ERROR_RT_NO_STREAM_RESOURCE, aclrtCreateStream(&extra));
  uint32_t priority = 0;
  OK(aclrtStreamGetPriority(streams[0], &priority));
  CHECK(priority == 7);
  int32_t id = -1, second = -1;
  OK(aclrtStreamGetId(streams[0], &id));
  OK(aclrtStreamGetId(streams[1], &second));
  CHECK(id >= 0 && second >= 0 && id != second);
  /* All at once: every stream runs, none is lost. */
  uint64_t *data = device_words(1984);
  for (int i = 0; i < 1984; i++) launch_mix(streams[i], data + i, 0, (uint64_t)i + 1);
  OK(aclrtSynchronizeDevice());
  for (int i = 0; i < 1984; i++) CHECK(word(data + i) == (uint64_t)i + 1);
  for (int i = 0; i < streams_made; i++) OK(aclrtDestroyStream(streams[i]));
  free(events);
}

int main(int argc, char **argv) {
  start(argc, argv);
  across_streams();
  puts("ok across streams");
  binds_to_latest();
  puts("ok a wait binds to the latest record");
  destroyed_early();
  puts("ok destroyed early");
  queries_and_times();
  puts("ok queries and times");
  old_and_new();
  puts("ok old and new events");
  timeouts();
  puts("ok timeouts");
  limits();
  puts("ok limits");
  end();
  return 0;
}
