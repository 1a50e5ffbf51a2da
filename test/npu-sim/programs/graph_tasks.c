/* The tasks of a captured graph: what they are, other parameters for them, leaving them out; who hears of its end. */
#include "check.h"

static aclmdlRITask tasks[8];
static uint32_t count;

static aclmdlRITaskType type_of(aclmdlRITask task) {
  aclmdlRITaskType type = ACL_MODEL_RI_TASK_DEFAULT;
  OK(aclmdlRITaskGetType(task, &type));
  return type;
}

/* data = data * 10 + 1, a copy, `flag` = 5, data = data * 10 + 2, a wait for `flag`. */
static aclmdlRI capture(aclrtStream stream, uint64_t *data, uint64_t *copy, uint64_t *flag) {
  aclmdlRI graph = NULL;
  OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  launch_mix(stream, data, 10, 1);
  OK(aclrtMemcpyAsync(copy, 8, data, 8, ACL_MEMCPY_DEVICE_TO_DEVICE, stream));
  OK(aclrtValueWrite(flag, 5, 0, stream));
  launch_mix(stream, data, 10, 2);
  OK(aclrtValueWait(flag, 5, ACL_STREAM_WAIT_VALUE_GEQ, stream));
  OK(aclmdlRICaptureEnd(stream, &graph));
  return graph;
}

/* The same, and what it is made of in `tasks`. */
static aclmdlRI graph_of(aclrtStream stream, uint64_t *data, uint64_t *copy, uint64_t *flag) {
  aclmdlRI graph = capture(stream, data, copy, flag);
  aclrtStream streams[2] = {stream, stream};
  uint32_t of_graph = 7;
  OK(aclmdlRIGetStreams(graph, NULL, &of_graph));
  CHECK(of_graph == 1);
  of_graph = 2;
  OK(aclmdlRIGetStreams(graph, streams, &of_graph));
  CHECK(of_graph == 1 && streams[0] != NULL && streams[1] == NULL);
  OK(aclmdlRIGetTasksByStream(streams[0], NULL, &count));
  CHECK(count == 5);
  count = 8;
  OK(aclmdlRIGetTasksByStream(streams[0], tasks, &count));
  CHECK(count == 5 && tasks[5] == NULL && tasks[7] == NULL);
  return graph;
}

static void kinds(void) {
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(3);
  aclmdlRI graph = graph_of(stream, data, data + 1, data + 2);
  static const aclmdlRITaskType expected[] = {ACL_MODEL_RI_TASK_KERNEL, ACL_MODEL_RI_TASK_DEFAULT, ACL_MODEL_RI_TASK_VALUE_WRITE,
                                              ACL_MODEL_RI_TASK_KERNEL, ACL_MODEL_RI_TASK_VALUE_WAIT};
  aclmdlRITaskParams params;
  uint32_t before = 0, id = 0, few = 2;
  for (uint32_t i = 0; i < count; i++) {
    CHECK(type_of(tasks[i]) == expected[i]);
    OK(aclmdlRITaskGetSeqId(tasks[i], &id));
    CHECK(i == 0 || id > before);
    before = id;
  }
  OK(aclmdlRITaskGetParams(tasks[0], &params));
  CHECK(params.type == ACL_MODEL_RI_TASK_KERNEL && params.taskGrp == NULL && params.kernelTaskParams.funcHandle == kernel("mix"));
  CHECK(params.kernelTaskParams.numBlocks == 8 && params.kernelTaskParams.argsSize == sizeof(mix_args) && params.kernelTaskParams.isHostArgs == 0);
  OK(aclmdlRITaskGetParams(tasks[2], &params));
  CHECK(params.type == ACL_MODEL_RI_TASK_VALUE_WRITE && params.valueWriteTaskParams.devAddr == data + 2 && params.valueWriteTaskParams.value == 5);
  OK(aclmdlRITaskGetParams(tasks[4], &params));
  CHECK(params.type == ACL_MODEL_RI_TASK_VALUE_WAIT && params.valueWaitTaskParams.flag == ACL_STREAM_WAIT_VALUE_GEQ);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclmdlRITaskGetParams(tasks[1], &params));
  aclrtStream streams[1];
  few = 0;
  EXPECT(ACL_ERROR_RT_INSUFFICIENT_INPUT_ARRAY, aclmdlRIGetStreams(graph, streams, &few));
  few = 1;
  OK(aclmdlRIGetStreams(graph, streams, &few));
  few = 2;
  EXPECT(ACL_ERROR_RT_INSUFFICIENT_INPUT_ARRAY, aclmdlRIGetTasksByStream(streams[0], tasks, &few));
  CHECK(few == 2);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclmdlRIGetTasksByStream(stream, NULL, &few)); /* of no graph */
  OK(aclmdlRIDestroy(graph));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclmdlRIGetStreams(graph, NULL, &few));
  aclmdlRITaskType type;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclmdlRITaskGetType(tasks[0], &type));
  OK(aclrtDestroyStream(stream));
}

static void changed(void) {
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(4);
  aclmdlRI graph = graph_of(stream, data, data + 1, data + 2);
  aclmdlRITaskParams params;
  OK(aclmdlRIUpdate(graph)); /* nothing is changed */
  OK(aclmdlRIExecute(graph, 10000));
  CHECK(word(data) == 12 && word(data + 1) == 1 && word(data + 2) == 5);
  mix_args args = {data, 1, 10, 7, {0, 1000, 1000, 0}};
  OK(aclmdlRITaskGetParams(tasks[3], &params));
  params.kernelTaskParams.args = &args;
  params.kernelTaskParams.isHostArgs = 1;
  params.kernelTaskParams.argsSize = sizeof args;
  OK(aclmdlRITaskSetParams(tasks[3], &params));
  args.addend = 9; /* the program's again */
  OK(aclmdlRITaskGetParams(tasks[2], &params));
  params.valueWriteTaskParams.value = 6;
  OK(aclmdlRITaskSetParams(tasks[2], &params));
  OK(aclmdlRIUpdate(graph));
  OK(aclmdlRIExecute(graph, 10000));
  CHECK(word(data) == 1217 && word(data + 2) == 6);
  /* Arguments that stand in device memory, which are read when the kernel runs. */
  void *there = NULL;
  OK(aclrtMalloc(&there, sizeof args, ACL_MEM_MALLOC_HUGE_FIRST));
  args = (mix_args){data, 1, 0, 3, {0, 1000, 1000, 0}};
  OK(aclmdlRITaskGetParams(tasks[3], &params));
  params.kernelTaskParams.args = there;
  OK(aclmdlRITaskSetParams(tasks[3], &params));
  OK(aclmdlRIUpdate(graph));
  OK(aclrtMemcpy(there, sizeof args, &args, sizeof args, ACL_MEMCPY_HOST_TO_DEVICE));
  OK(aclmdlRIExecuteAsync(graph, stream));
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(data) == 3 && word(data + 1) == 12171);
  /* Left out: it stays as it is. */
  OK(aclmdlRITaskDisable(tasks[3]));
  OK(aclmdlRIUpdate(graph));
  OK(aclmdlRIExecute(graph, 10000));
  CHECK(word(data) == 31 && word(data + 1) == 31);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclmdlRITaskDisable(tasks[1]));
  OK(aclmdlRITaskGetParams(tasks[0], &params));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclmdlRITaskSetParams(tasks[2], &params)); /* of another kind */
  params.kernelTaskParams.args = NULL;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclmdlRITaskSetParams(tasks[0], &params));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclmdlRITaskSetParams(stream, &params));
  OK(aclmdlRIExecute(graph, 10000));
  CHECK(word(data) == 311);
  OK(aclmdlRIDestroy(graph));
  OK(aclrtFree(there));
  OK(aclrtDestroyStream(stream));
}

static void running(void) {
  aclrtStream stream = new_stream(), other = new_stream();
  uint64_t *data = device_words(4);
  aclmdlRI graph = graph_of(stream, data, data + 1, data + 2);
  aclmdlRITaskParams params;
  OK(aclmdlRITaskGetParams(tasks[0], &params));
  OK(aclrtValueWait(data + 3, 1, ACL_STREAM_WAIT_VALUE_EQ, stream));
  OK(aclmdlRIExecuteAsync(graph, stream));
  EXPECT(ACL_ERROR_RT_MODEL_UPDATE_FAILED, aclmdlRITaskSetParams(tasks[0], &params));
  EXPECT(ACL_ERROR_RT_MODEL_UPDATE_FAILED, aclmdlRITaskDisable(tasks[0]));
  OK(aclrtValueWrite(data + 3, 1, 0, other));
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(data) == 12);
  OK(aclmdlRITaskSetParams(tasks[0], &params)); /* its own arguments, which stay what they were */
  OK(aclmdlRIUpdate(graph));
  OK(aclmdlRIExecute(graph, 10000));
  CHECK(word(data) == 1212);
  OK(aclmdlRIDestroy(graph));
  OK(aclrtDestroyStream(other));
  OK(aclrtDestroyStream(stream));
}

static void hear(void *times) { ++*(int *)times; }
static void hear_too(void *times) { *(int *)times += 10; }

static void ends(void) {
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(3);
  int heard = 0;
  aclmdlRI graph = capture(stream, data, data + 1, data + 2);
  OK(aclmdlRIDestroyRegisterCallback(graph, hear, &heard));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclmdlRIDestroyRegisterCallback(graph, hear, &heard));
  OK(aclmdlRIDestroyRegisterCallback(graph, hear_too, &heard));
  OK(aclmdlRIExecute(graph, 10000));
  CHECK(heard == 0);
  OK(aclmdlRIDestroyUnregisterCallback(graph, hear_too));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclmdlRIDestroyUnregisterCallback(graph, hear_too));
  OK(aclmdlRIDestroy(graph));
  CHECK(heard == 1);
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclmdlRIDestroyRegisterCallback(graph, hear, &heard));
  OK(aclrtDestroyStream(stream));
}

int main(int argc, char **argv) {
  static const group groups[] = {
    {"kinds", kinds},
    {"changed", changed},
    {"running", running},
    {"ends", ends},
  };
  start(argc, argv);
  (void)RUN_GROUPS(groups, argc, argv);
  end();
  return 0;
}
