/* Graphs whose runs depend on values in device memory: conditional tasks, and graphs built of persistent streams with
 * labels, switches and streams that activate others. */
#include "check.h"

/* A graph with one conditional task, whose branch i sets data to 10 + i, and 100 added behind it. */
static aclmdlRI conditional(aclmdlRICondTaskType type, uint32_t size, uint64_t *data, uint32_t initial, int flag, uint64_t **value) {
  aclrtStream stream = new_stream(), other = new_stream();
  aclmdlRI graph = NULL, during = NULL, branches[3] = {0}, ended = NULL;
  aclmdlRICaptureStatus status;
  aclmdlRICondHandle condition = NULL;
  OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  OK(aclmdlRICaptureGetInfo(stream, &status, &during));
  OK(aclmdlRICondHandleCreate(during, initial, (aclmdlRICondHandleFlag)flag, &condition));
  OK(aclmdlRICondHandleGetCondPtr(condition, value));
  launch_mix(stream, data, 0, 1);
  aclmdlRICondTaskParams task = {.handle = condition, .type = type, .size = size, .modelRIArray = branches};
  OK(aclmdlRIAddCondTask(task, stream, 0));
  for (uint32_t i = 0; i < size; i++) {
    OK(aclmdlRICaptureToModelRIBegin(other, branches[i], ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
    launch_mix(other, data, 0, 10 + i);
    OK(aclmdlRICaptureEnd(other, i == 0 ? &ended : NULL));
    CHECK(i > 0 || ended == branches[0]);
  }
  launch_mix(stream, data, 1, 100);
  OK(aclmdlRICaptureEnd(stream, &graph));
  CHECK(graph == during);
  OK(aclrtDestroyStream(stream));
  OK(aclrtDestroyStream(other));
  return graph;
}

static uint64_t result(aclmdlRI graph, aclrtStream stream, const uint64_t *data) {
  OK(aclmdlRIExecuteAsync(graph, stream));
  OK(aclrtSynchronizeStream(stream));
  return word(data);
}

static void if_and_switch(void) {
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(1), *value = NULL;
  aclmdlRI graph = conditional(ACL_MODEL_RI_COND_TYPE_IF, 2, data, 0, 0, &value);
  CHECK(result(graph, stream, data) == 111);
  set_word(value, 7);
  CHECK(result(graph, stream, data) == 110);
  CHECK(result(graph, stream, data) == 110);
  OK(aclmdlRIDestroy(graph));

  graph = conditional(ACL_MODEL_RI_COND_TYPE_IF, 1, data, 0, 0, &value);
  CHECK(result(graph, stream, data) == 101);
  OK(aclmdlRIDestroy(graph));

  graph = conditional(ACL_MODEL_RI_COND_TYPE_SWITCH, 3, data, 2, 0, &value);
  CHECK(result(graph, stream, data) == 112);
  for (uint64_t i = 0; i < 5; i++) {
    set_word(value, i);
    CHECK(result(graph, stream, data) == (i < 3 ? 110 + i : 101));
  }
  OK(aclmdlRIDestroy(graph));

  /* The condition begins anew with every run. */
  graph = conditional(ACL_MODEL_RI_COND_TYPE_SWITCH, 3, data, 1, ACL_MODEL_RI_COND_HANDLE_ASSIGN_DEFAULT, &value);
  set_word(value, 2);
  CHECK(result(graph, stream, data) == 111);
  CHECK(word(value) == 1);
  OK(aclmdlRIDestroy(graph));
  OK(aclrtDestroyStream(stream));
}

/* A loop that counts itself down, with a branch inside that runs in the first two rounds. */
static void loop(void) {
  aclrtStream stream = new_stream(), body_stream = new_stream(), inner_stream = new_stream();
  uint64_t *data = device_words(1), *left = NULL, *first = NULL;
  aclmdlRI graph = NULL, during = NULL, body = NULL, inner = NULL;
  aclmdlRICaptureStatus status;
  aclmdlRICondHandle rounds = NULL, twice = NULL;
  OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_THREAD_LOCAL));
  OK(aclmdlRICaptureGetInfo(stream, &status, &during));
  OK(aclmdlRICondHandleCreate(during, 5, ACL_MODEL_RI_COND_HANDLE_ASSIGN_DEFAULT, &rounds));
  OK(aclmdlRICondHandleGetCondPtr(rounds, &left));
  OK(aclmdlRIAddCondTask((aclmdlRICondTaskParams){rounds, ACL_MODEL_RI_COND_TYPE_WHILE, 1, &body}, stream, 0));
  OK(aclmdlRICaptureToModelRIBegin(body_stream, body, ACL_MODEL_RI_CAPTURE_MODE_THREAD_LOCAL));
  OK(aclmdlRICondHandleCreate(body, 2, 0, &twice));
  OK(aclmdlRICondHandleGetCondPtr(twice, &first));
  OK(aclmdlRIAddCondTask((aclmdlRICondTaskParams){twice, ACL_MODEL_RI_COND_TYPE_IF, 1, &inner}, body_stream, 0));
  OK(aclmdlRICaptureToModelRIBegin(inner_stream, inner, ACL_MODEL_RI_CAPTURE_MODE_THREAD_LOCAL));
  launch_mix(inner_stream, data, 1, 1000);
  launch_mix(inner_stream, first, 1, UINT64_MAX);
  OK(aclmdlRICaptureEnd(inner_stream, &inner));
  launch_mix(body_stream, data, 1, 1);
  launch_mix(body_stream, left, 1, UINT64_MAX);
  OK(aclmdlRICaptureEnd(body_stream, &body));
  launch_mix(stream, data, 2, 0);
  OK(aclmdlRICaptureEnd(stream, &graph));
  CHECK(result(graph, stream, data) == 2 * 2005);
  CHECK(result(graph, stream, data) == 2 * (4010 + 5));
  OK(aclmdlRIDestroy(graph));
  OK(aclrtDestroyStream(inner_stream));
  OK(aclrtDestroyStream(body_stream));
  OK(aclrtDestroyStream(stream));
}

static void wrong_conditions(void) {
  aclrtStream stream = new_stream(), other = new_stream();
  aclmdlRI graph = NULL, during = NULL, branch = NULL;
  aclmdlRICaptureStatus status;
  aclmdlRICondHandle condition = NULL;
  uint64_t *value = NULL;
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclmdlRICondHandleCreate((aclmdlRI)stream, 0, 0, &condition));
  OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  OK(aclmdlRICaptureGetInfo(stream, &status, &during));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclmdlRICondHandleCreate(during, 0, (aclmdlRICondHandleFlag)2, &condition));
  OK(aclmdlRICondHandleCreate(during, 0, 0, &condition));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclmdlRICondHandleGetCondPtr((aclmdlRICondHandle)stream, &value));
  aclmdlRICondTaskParams task = {condition, ACL_MODEL_RI_COND_TYPE_IF, 3, &branch};
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclmdlRIAddCondTask(task, stream, 0));
  task.size = 0;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclmdlRIAddCondTask(task, stream, 0));
  task.size = 1;
  EXPECT(ACL_ERROR_RT_STREAM_NOT_CAPTURED, aclmdlRIAddCondTask(task, other, 0));
  task.handle = (aclmdlRICondHandle)stream;
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclmdlRIAddCondTask(task, stream, 0));
  task.handle = condition;
  OK(aclmdlRIAddCondTask(task, stream, 0));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclmdlRIDestroy(branch));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclmdlRIExecuteAsync(branch, other));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclmdlRICaptureToModelRIBegin(other, during, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  OK(aclmdlRICaptureToModelRIBegin(other, branch, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  /* The branch is not at its end. */
  EXPECT(ACL_ERROR_RT_STREAM_UNJOINED, aclmdlRICaptureEnd(stream, &graph));
  EXPECT(ACL_ERROR_RT_STREAM_CAPTURE_INVALIDATED, aclmdlRICaptureEnd(other, NULL));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclmdlRICondHandleGetCondPtr(condition, &value));
  /* Only what is captured into a branch needs no place for its handle. */
  OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclmdlRICaptureEnd(stream, NULL));
  OK(aclmdlRICaptureEnd(stream, &graph));
  OK(aclmdlRIDestroy(graph));
  OK(aclrtDestroyStream(stream));
  OK(aclrtDestroyStream(other));
}

static aclrtStream persistent(void) {
  aclrtStream stream = NULL;
  OK(aclrtCreateStreamWithConfig(&stream, 0, ACL_STREAM_PERSISTENT));
  return stream;
}

/* head adds 1 and goes to `one` where *choice is 1, and on to `two` where it is 2; each activates `last`. */
static void switched_streams(void) {
  aclrtStream head = persistent(), one = persistent(), two = persistent(), last = persistent(), stream = new_stream();
  uint64_t *data = device_words(1), *choice = device_words(1), *values = device_words(2);
  set_word(values + 1, 2);
  int32_t one_narrow = 1;
  void *narrow = NULL; /* a number of 32 bits needs no more than these */
  OK(aclrtMalloc(&narrow, sizeof one_narrow, ACL_MEM_MALLOC_HUGE_FIRST));
  OK(aclrtMemcpy(narrow, sizeof one_narrow, &one_narrow, sizeof one_narrow, ACL_MEMCPY_HOST_TO_DEVICE));
  aclmdlRI graph = NULL;
  OK(aclmdlRIBuildBegin(&graph, 0));
  OK(aclmdlRIBindStream(graph, head, ACL_MODEL_STREAM_FLAG_HEAD));
  EXPECT(ACL_ERROR_RT_STREAM_MODEL, aclrtActiveStream(last, one));
  OK(aclmdlRIBindStream(graph, one, ACL_MODEL_STREAM_FLAG_DEFAULT));
  OK(aclmdlRIBindStream(graph, two, ACL_MODEL_STREAM_FLAG_DEFAULT));
  OK(aclmdlRIBindStream(graph, last, ACL_MODEL_STREAM_FLAG_DEFAULT));
  EXPECT(ACL_ERROR_RT_STREAM_MODEL, aclmdlRIBindStream(graph, last, ACL_MODEL_STREAM_FLAG_DEFAULT));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclmdlRIBindStream(graph, stream, ACL_MODEL_STREAM_FLAG_DEFAULT));
  launch_mix(head, data, 0, 1);
  OK(aclrtSwitchStream(choice, ACL_RT_EQUAL, narrow, ACL_RT_SWITCH_INT32, one, NULL, head));
  OK(aclrtSwitchStream(choice, ACL_RT_GREATER_OR_EQUAL, values + 1, ACL_RT_SWITCH_INT64, two, NULL, head));
  launch_mix(head, data, 1, 5); /* where it goes to neither */
  OK(aclrtActiveStream(last, head));
  launch_mix(one, data, 1, 10);
  OK(aclrtActiveStream(last, one));
  launch_mix(two, data, 1, 20);
  OK(aclrtActiveStream(last, two));
  launch_mix(last, data, 1, 100);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclmdlRIBuildEnd(graph, NULL));
  OK(aclmdlRIEndTask(graph, last));
  OK(aclmdlRIBuildEnd(graph, NULL));
  CHECK(word(data) == 0);
  OK(aclrtSynchronizeStream(head));
  CHECK(result(graph, stream, data) == 106);
  set_word(choice, 1);
  CHECK(result(graph, stream, data) == 111);
  set_word(choice, 9);
  CHECK(result(graph, stream, data) == 121);
  EXPECT(ACL_ERROR_RT_STREAM_MODEL, aclrtPersistentTaskClean(one));
  aclrtStream all[] = {head, one, two, last};
  for (int i = 0; i < 4; i++) OK(aclmdlRIUnbindStream(graph, all[i]));
  EXPECT(ACL_ERROR_RT_STREAM_MODEL, aclmdlRIUnbindStream(graph, one));
  OK(aclrtPersistentTaskClean(one));
  OK(aclmdlRIDestroy(graph));
  for (int i = 0; i < 4; i++) OK(aclrtDestroyStream(all[i]));
  OK(aclrtDestroyStream(stream));
}

/* Jumps to a label forwards, and backwards until a count is down. */
static void labels(void) {
  aclrtStream steps = persistent(), stream = new_stream();
  uint64_t *data = device_words(1), *rounds = device_words(1), *where = device_words(1);
  aclrtLabel label[2] = {0};
  aclrtLabelList list = NULL;
  aclmdlRI graph = NULL;
  for (int i = 0; i < 2; i++) OK(aclrtCreateLabel(&label[i]));
  OK(aclrtCreateLabelList(label, 2, &list));
  EXPECT(ACL_ERROR_RT_STREAM_MODEL, aclrtSetLabel(label[0], steps));
  OK(aclmdlRIBuildBegin(&graph, 0));
  OK(aclmdlRIBindStream(graph, steps, ACL_MODEL_STREAM_FLAG_HEAD));
  launch_mix(steps, data, 1, 1);
  OK(aclrtSetLabel(label[0], steps)); /* here again while the upper half of where is 0 */
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtSetLabel(label[0], steps));
  launch_mix(steps, data, 1, 10);
  launch_mix(steps, rounds, 1, 1);
  launch_mix(steps, where, 1, 0x55555556u); /* 1 after three rounds */
  OK(aclrtSwitchLabelByIndex((char *)where + 4, 2, list, steps));
  launch_mix(steps, data, 1, 1000000); /* skipped */
  OK(aclrtSetLabel(label[1], steps));
  launch_mix(steps, data, 1, 100);
  OK(aclmdlRIEndTask(graph, steps));
  OK(aclmdlRIBuildEnd(graph, NULL));
  OK(aclmdlRIExecuteAsync(graph, stream));
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(data) == 131 && word(rounds) == 3);
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtCreateLabelList((aclrtLabel[]){(aclrtLabel)stream}, 1, &list));
  OK(aclmdlRIDestroy(graph));
  OK(aclrtDestroyLabelList(list));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtDestroyLabelList(list));
  for (int i = 0; i < 2; i++) OK(aclrtDestroyLabel(label[i]));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtDestroyLabel(label[0]));
  OK(aclrtDestroyStream(steps));
  OK(aclrtDestroyStream(stream));
}

int main(int argc, char **argv) {
  start(argc, argv);
  if_and_switch();
  puts("ok if and switch");
  loop();
  puts("ok loop");
  wrong_conditions();
  puts("ok wrong conditions");
  switched_streams();
  puts("ok switched streams");
  labels();
  puts("ok labels");
  end();
  return 0;
}
