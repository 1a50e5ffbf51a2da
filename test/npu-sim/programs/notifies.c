/* Notifies and counting notifies: who waits, who is let go, in which order, for how long; in a graph; bad arguments. */
#include "check.h"

static const npu_sim_work long_work = {0, 0, 1000000000, 0}; /* 1 GB: about 0.95 ms */

static aclrtNotify new_notify(void) {
  aclrtNotify notify = NULL;
  OK(aclrtCreateNotify(&notify, ACL_NOTIFY_DEFAULT));
  return notify;
}

static void between_streams(void) {
  aclrtStream first = new_stream(), second = new_stream();
  aclrtNotify there = new_notify(), back = new_notify();
  uint64_t *data = device_words(1);
  /* The waits come first, and each takes one record. */
  for (int i = 0; i < 20; i++) {
    OK(aclrtWaitAndResetNotify(there, second, 0));
    launch_mix(second, data, 5, 2);
    OK(aclrtRecordNotify(back, second));
    launch_mix_on(first, 48, data, 1, 3, 1, long_work);
    OK(aclrtRecordNotify(there, first));
    OK(aclrtWaitAndResetNotify(back, first, 0));
  }
  OK(aclrtSynchronizeStream(first));
  uint64_t x = 0;
  for (int i = 0; i < 20; i++) x = (x * 3 + 1) * 5 + 2;
  CHECK(word(data) == x);
  OK(aclrtSynchronizeStream(second));
  uint32_t id = UINT32_MAX, other = UINT32_MAX;
  OK(aclrtGetNotifyId(there, &id));
  OK(aclrtGetNotifyId(back, &other));
  CHECK(id != other && id < 16384 && other < 16384);
  OK(aclrtDestroyNotify(there));
  OK(aclrtDestroyNotify(back));
  OK(aclrtDestroyStream(first));
  OK(aclrtDestroyStream(second));
}

/* A record stays until a wait takes it, two records before a wait are one, and a reset takes it too. */
static void one_at_a_time(void) {
  aclrtStream stream = new_stream();
  aclrtNotify notify = new_notify();
  OK(aclrtRecordNotify(notify, stream));
  OK(aclrtRecordNotify(notify, stream));
  OK(aclrtWaitAndResetNotify(notify, stream, 0));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtWaitAndResetNotify(notify, stream, 1));
  EXPECT(ACL_ERROR_RT_TASK_TIMEOUT, aclrtSynchronizeStream(stream));
  OK(aclrtSynchronizeStream(stream)); /* said once */
  OK(aclrtRecordNotify(notify, stream));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtNotifyBatchReset(&notify, 1));
  OK(aclrtWaitAndResetNotify(notify, stream, 1));
  uint64_t *data = device_words(1);
  launch_mix(stream, data, 0, 6); /* what follows runs */
  EXPECT(ACL_ERROR_RT_TASK_TIMEOUT, aclrtSynchronizeDevice());
  CHECK(word(data) == 6);
  OK(aclrtDestroyNotify(notify));
  OK(aclrtDestroyStream(stream));
}

static void destroyed_early(void) {
  aclrtStream first = new_stream(), second = new_stream();
  aclrtNotify notify = new_notify();
  uint64_t *data = device_words(1);
  OK(aclrtWaitAndResetNotify(notify, second, 0));
  launch_mix(second, data, 0, 3);
  OK(aclrtRecordNotify(notify, first));
  OK(aclrtDestroyNotify(notify));
  OK(aclrtSynchronizeStream(second));
  CHECK(word(data) == 3);
  OK(aclrtSynchronizeStream(first));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtRecordNotify(notify, first));
  /* A stream that waits for what never comes ends by force. */
  notify = new_notify();
  OK(aclrtWaitAndResetNotify(notify, second, 0));
  launch_mix(second, data, 0, 4);
  OK(aclrtDestroyStreamForce(second));
  OK(aclrtDestroyNotify(notify));
  OK(aclrtDestroyStream(first));
}

static void count(aclrtCntNotify notify, aclrtStream stream, aclrtCntNotifyRecordMode mode, uint32_t value) {
  aclrtCntNotifyRecordInfo info = {mode, value};
  OK(aclrtCntNotifyRecord(notify, stream, &info));
}

static void await(aclrtCntNotify notify, aclrtStream stream, aclrtCntNotifyWaitMode mode, uint32_t value, uint8_t clear) {
  aclrtCntNotifyWaitInfo info = {mode, value, 0, clear, {0}};
  OK(aclrtCntNotifyWaitWithTimeout(notify, stream, &info));
}

static void counting(void) {
  enum { PARTS = 4 };
  aclrtStream parts[PARTS], last = new_stream();
  aclrtCntNotify notify = NULL;
  OK(aclrtCntNotifyCreate(&notify, 0));
  uint64_t *data = device_words(PARTS + 1);
  /* The last stream goes on when all parts have counted. */
  await(notify, last, ACL_RT_CNT_NOTIFY_WAIT_BIGGER_OR_EQUAL_MODE, PARTS, 1);
  launch_mix_on(last, 8, data, PARTS, 10, 1, (npu_sim_work){0, 1000, 1000, 0});
  for (int i = 0; i < PARTS; i++) {
    parts[i] = new_stream();
    launch_mix_on(parts[i], 8, data + i, 1, 0, (uint64_t)i + 1, long_work);
    count(notify, parts[i], ACL_RT_CNT_NOTIFY_RECORD_ADD_MODE, 1);
  }
  OK(aclrtSynchronizeStream(last));
  for (int i = 0; i < PARTS; i++) CHECK(word(data + i) == (uint64_t)(i + 1) * 10 + 1);
  /* It was cleared; every mode of a wait. */
  await(notify, last, ACL_RT_CNT_NOTIFY_WAIT_EQUAL_MODE, 0, 0);
  count(notify, last, ACL_RT_CNT_NOTIFY_RECORD_SET_VALUE_MODE, 12);
  await(notify, last, ACL_RT_CNT_NOTIFY_WAIT_BIGGER_MODE, 11, 0);
  await(notify, last, ACL_RT_CNT_NOTIFY_WAIT_LESS_MODE, 13, 0);
  count(notify, last, ACL_RT_CNT_NOTIFY_RECORD_BIT_OR_MODE, 3);
  await(notify, last, ACL_RT_CNT_NOTIFY_WAIT_EQUAL_MODE, 15, 0);
  count(notify, last, ACL_RT_CNT_NOTIFY_RECORD_BIT_AND_MODE, 6);
  await(notify, last, ACL_RT_CNT_NOTIFY_WAIT_EQUAL_WITH_BITMASK_MODE, 4, 0);
  OK(aclrtCntNotifyReset(notify, last));
  await(notify, last, ACL_RT_CNT_NOTIFY_WAIT_EQUAL_MODE, 0, 0);
  OK(aclrtSynchronizeStream(last));
  aclrtCntNotifyWaitInfo never = {ACL_RT_CNT_NOTIFY_WAIT_EQUAL_MODE, 77, 1, 0, {0}};
  OK(aclrtCntNotifyWaitWithTimeout(notify, last, &never));
  EXPECT(ACL_ERROR_RT_TASK_TIMEOUT, aclrtSynchronizeStream(last));
  uint32_t id = UINT32_MAX;
  OK(aclrtCntNotifyGetId(notify, &id));
  CHECK(id != UINT32_MAX);
  OK(aclrtCntNotifyDestroy(notify));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtCntNotifyReset(notify, last));
  for (int i = 0; i < PARTS; i++) OK(aclrtDestroyStream(parts[i]));
  OK(aclrtDestroyStream(last));
}

/* A captured notify is raised and waited for at each run. */
static void in_a_graph(void) {
  aclrtStream stream = new_stream(), other = new_stream();
  aclrtNotify notify = new_notify(), done = new_notify();
  uint64_t *data = device_words(1);
  aclmdlRI graph = NULL;
  OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  launch_mix(stream, data, 2, 1);
  OK(aclrtRecordNotify(notify, stream));
  OK(aclrtWaitAndResetNotify(done, stream, 0));
  launch_mix(stream, data, 2, 1);
  OK(aclmdlRICaptureEnd(stream, &graph));
  for (int i = 0; i < 3; i++) {
    OK(aclmdlRIExecuteAsync(graph, stream));
    OK(aclrtWaitAndResetNotify(notify, other, 0));
    launch_mix(other, data, 10, 0);
    OK(aclrtRecordNotify(done, other));
  }
  OK(aclrtSynchronizeStream(stream));
  uint64_t x = 0;
  for (int i = 0; i < 3; i++) x = (x * 2 + 1) * 10 * 2 + 1;
  CHECK(word(data) == x);
  OK(aclmdlRIDestroy(graph));
  OK(aclrtDestroyNotify(notify));
  OK(aclrtDestroyNotify(done));
  OK(aclrtDestroyStream(stream));
  OK(aclrtDestroyStream(other));
}

static void bad_arguments(void) {
  aclrtStream stream = new_stream();
  aclrtNotify notify = new_notify(), none = NULL;
  aclrtCntNotify counted = NULL;
  OK(aclrtCntNotifyCreate(&counted, 0));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtCreateNotify(NULL, 0));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtCreateNotify(&none, 2));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtRecordNotify(NULL, stream));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtRecordNotify(stream, stream));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtRecordNotify(counted, stream));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtRecordNotify(notify, notify));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtNotifyBatchReset(NULL, 1));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtNotifyBatchReset(&notify, 0));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtCntNotifyRecord(counted, stream, NULL));
  aclrtCntNotifyRecordInfo wrong = {(aclrtCntNotifyRecordMode)9, 1};
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtCntNotifyRecord(counted, stream, &wrong));
  OK(aclrtDestroyNotify(notify));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtDestroyNotify(notify));
  OK(aclrtCntNotifyDestroy(counted));
  enum { ALL = 8192 };
  aclrtNotify *all = calloc(ALL, sizeof *all);
  for (int i = 0; i < ALL; i++) OK(aclrtCreateNotify(&all[i], 0));
  EXPECT(ACL_ERROR_RT_NO_NOTIFY_RESOURCE, aclrtCreateNotify(&none, 0));
  for (int i = 0; i < ALL; i++) OK(aclrtDestroyNotify(all[i]));
  free(all);
  OK(aclrtDestroyStream(stream));
}

int main(int argc, char **argv) {
  start(argc, argv);
  between_streams();
  puts("ok between streams");
  one_at_a_time();
  puts("ok one at a time");
  destroyed_early();
  puts("ok destroyed early");
  counting();
  puts("ok counting");
  in_a_graph();
  puts("ok in a graph");
  bad_arguments();
  puts("ok bad arguments");
  end();
  return 0;
}
