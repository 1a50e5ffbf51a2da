/* Graphs that change: groups of tasks replaced from another stream, events between a graph and streams outside it, the
 * strictness of captures, names, descriptions; exceptions of kernels; what programs ask of kernels. */
#include <unistd.h>

#include "check.h"

static void capture_begin(aclrtStream stream) { OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_RELAXED)); }

/* As serving frameworks do it: the graph waits for an event that says that its arguments are there. */
static void replaced(void) {
  aclrtStream stream = new_stream(), update = new_stream();
  uint64_t *data = device_words(1);
  aclrtEvent ready = NULL;
  OK(aclrtCreateEventWithFlag(&ready, ACL_EVENT_EXTERNAL));
  aclmdlRI graph = NULL;
  aclrtTaskGrp group = NULL;
  capture_begin(stream);
  launch_mix(stream, data, 10, 1);
  OK(aclrtStreamWaitEvent(stream, ready));
  OK(aclrtResetEvent(ready, stream));
  OK(aclmdlRICaptureTaskGrpBegin(stream));
  launch_mix(stream, data, 1, 0);
  OK(aclmdlRICaptureTaskGrpEnd(stream, &group));
  launch_mix(stream, data, 10, 2);
  OK(aclmdlRICaptureEnd(stream, &graph));
  uint64_t x = 0;
  for (uint64_t i = 3; i < 8; i++) {
    OK(aclmdlRIExecuteAsync(graph, stream));
    OK(aclmdlRICaptureTaskUpdateBegin(update, group));
    launch_mix(update, data, 1, i * 1000);
    OK(aclmdlRICaptureTaskUpdateEnd(update));
    OK(aclrtRecordEvent(ready, update));
    OK(aclrtSynchronizeStream(stream)); /* a record before the graph's reset would be lost with it */
    x = (x * 10 + 1 + i * 1000) * 10 + 2;
  }
  CHECK(word(data) == x);
  /* Not as many, or not of the kind. */
  OK(aclmdlRICaptureTaskUpdateBegin(update, group));
  EXPECT(ACL_ERROR_RT_MODEL_UPDATE_FAILED, aclmdlRICaptureTaskUpdateEnd(update));
  OK(aclmdlRICaptureTaskUpdateBegin(update, group));
  EXPECT(ACL_ERROR_RT_TASK_TYPE_NOT_SUPPORT, aclrtMemsetAsync(data, 8, 0, 8, update));
  launch_mix(update, data, 1, 9000);
  OK(aclmdlRICaptureTaskUpdateEnd(update));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclmdlRICaptureTaskUpdateEnd(update));
  EXPECT(ACL_ERROR_RT_STREAM_NOT_CAPTURED, aclmdlRICaptureTaskGrpBegin(stream));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclmdlRICaptureTaskUpdateBegin(update, stream));
  OK(aclrtSynchronizeStream(update));
  OK(aclmdlRIDestroy(graph));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclmdlRICaptureTaskUpdateBegin(update, group));
  OK(aclrtDestroyEvent(ready));
  OK(aclrtDestroyStream(stream));
  OK(aclrtDestroyStream(update));
}

static void strictness(void) {
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(1), value = 7;
  aclmdlRI graph = NULL;
  OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_GLOBAL));
  launch_mix(stream, data, 1, 1);
  EXPECT(ACL_ERROR_RT_CAPTURE_MODE_NOT_SUPPORT, aclrtMemcpy(data, 8, &value, 8, ACL_MEMCPY_HOST_TO_DEVICE));
  aclmdlRICaptureMode mode = ACL_MODEL_RI_CAPTURE_MODE_RELAXED;
  OK(aclmdlRICaptureThreadExchangeMode(&mode));
  CHECK(mode == ACL_MODEL_RI_CAPTURE_MODE_GLOBAL);
  OK(aclrtMemcpy(data, 8, &value, 8, ACL_MEMCPY_HOST_TO_DEVICE));
  OK(aclmdlRICaptureThreadExchangeMode(&mode));
  CHECK(mode == ACL_MODEL_RI_CAPTURE_MODE_RELAXED);
  mode = (aclmdlRICaptureMode)9;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclmdlRICaptureThreadExchangeMode(&mode));
  OK(aclmdlRICaptureEnd(stream, &graph));
  OK(aclmdlRIExecute(graph, 10000));
  CHECK(word(data) == 8);
  OK(aclmdlRIDestroy(graph));
  OK(aclrtDestroyStream(stream));
}

static void descriptions(void) {
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(1);
  aclmdlRI graph = NULL;
  capture_begin(stream);
  launch_mix(stream, data, 1, 1);
  OK(aclrtMemsetAsync(data, 8, 0, 8, stream));
  OK(aclmdlRICaptureEnd(stream, &graph));
  char name[64], path[4096], text[4096] = {0};
  OK(aclmdlRIGetName(graph, sizeof name, name));
  CHECK(name[0] == '\0');
  OK(aclmdlRISetName(graph, "step"));
  OK(aclmdlRIGetName(graph, sizeof name, name));
  CHECK(strcmp(name, "step") == 0);
  uint32_t id = UINT32_MAX;
  OK(aclmdlRIGetId(graph, &id));
  CHECK(id != UINT32_MAX);
  snprintf(path, sizeof path, "/tmp/graph-%d.json", (int)getpid());
  OK(aclmdlRIDebugJsonPrint(graph, path, ACL_MDLRI_DEBUG_JSON_PRINT_VERBOSE));
  FILE *file = fopen(path, "r");
  CHECK(file != NULL && fread(text, 1, sizeof text - 1, file) > 0);
  fclose(file);
  remove(path);
  CHECK(text[0] == '[' && strstr(text, "\"name\": \"mix\"") != NULL && strstr(text, "MEMSET") != NULL);
  EXPECT(ACL_ERROR_RT_FILE_WRITE, aclmdlRIDebugJsonPrint(graph, "/no/such/folder/graph.json", 0));
  OK(aclmdlRIDestroy(graph));
  capture_begin(stream);
  for (int i = 0; i < 2000; i++) launch_mix(stream, data, 1, 1);
  OK(aclmdlRICaptureEnd(stream, &graph));
  OK(aclmdlRIDebugJsonPrint(graph, path, ACL_MDLRI_DEBUG_JSON_PRINT_VERBOSE));
  file = fopen(path, "r");
  CHECK(file != NULL && fseek(file, -2, SEEK_END) == 0 && ftell(file) > 2 << 16);
  CHECK(fgetc(file) == ']' && fgetc(file) == '\n');
  fclose(file);
  remove(path);
  OK(aclmdlRIDestroy(graph));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclmdlRISetName(graph, "ended"));
  OK(aclrtDestroyStream(stream));
}

static int exceptions;
static uint32_t exception_error, exception_bytes;
static aclrtFuncHandle exception_function;

static void note(aclrtExceptionInfo *info) {
  void *args = NULL;
  exception_error = aclrtGetErrorCodeFromExceptionInfo(info);
  if (aclrtGetArgsFromExceptionInfo(info, &args, &exception_bytes) != ACL_SUCCESS) return;
  if (aclrtGetFuncHandleFromExceptionInfo(info, &exception_function) != ACL_SUCCESS) return;
  if (aclrtGetDeviceIdFromExceptionInfo(info) == 0) exceptions++;
}

static void told(void) {
  aclrtStream stream = new_stream();
  uint64_t args[1] = {NPU_SIM_EXCEPTION};
  OK(aclrtSetExceptionInfoCallback(note));
  OK(aclrtLaunchKernelWithHostArgs(kernel("ending"), 1, stream, NULL, args, sizeof args, NULL, 0));
  EXPECT(ACL_ERROR_RT_AICORE_EXCEPTION, aclrtSynchronizeStream(stream));
  CHECK(exceptions == 1 && exception_error == ACL_ERROR_RT_AICORE_EXCEPTION && exception_bytes == sizeof args);
  CHECK(exception_function == kernel("ending"));
  OK(aclrtSetExceptionInfoCallback(NULL));
  OK(aclrtLaunchKernelWithHostArgs(kernel("ending"), 1, stream, NULL, args, sizeof args, NULL, 0));
  EXPECT(ACL_ERROR_RT_AICORE_EXCEPTION, aclrtSynchronizeStream(stream));
  CHECK(exceptions == 1);
  OK(aclrtDestroyStream(stream));
}

static void asked(void) {
  aclrtBinHandle binary = NULL;
  int64_t value = 0;
  int32_t is = -1;
  void *words = NULL, *again = NULL;
  OK(aclrtFunctionGetBinary(kernel("mix"), &binary));
  CHECK(binary == kernel_binary);
  OK(aclrtGetFunctionAttribute(kernel("mix"), ACL_FUNC_ATTR_KERNEL_TYPE, &value));
  CHECK(value == ACL_KERNEL_TYPE_MIX);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtGetFunctionAttribute(kernel("mix"), (aclrtFuncAttribute)77, &value));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtGetFunctionAttribute(words = &value, ACL_FUNC_ATTR_KERNEL_TYPE, &value));
  OK(aclrtGetHardwareSyncAddr(&words));
  OK(aclrtGetHardwareSyncAddr(&again));
  CHECK(words != NULL && words == again);
  OK(aclGetDeviceCapability(0, ACL_DEVICE_INFO_VECTOR_CORE_NUM, &value));
  CHECK(value == 48);
  OK(aclrtCheckArchCompatibility("Ascend910B3", &is));
  CHECK(is == 1);
  OK(aclrtCheckArchCompatibility("Ascend310P3", &is));
  CHECK(is == 0);
  const aclCannAttr *list = NULL;
  size_t count = 0;
  OK(aclGetCannAttributeList(&list, &count));
  CHECK(count == 2);
  OK(aclGetCannAttribute(ACL_CANN_ATTR_BF16, &is));
  CHECK(is == 1);
}

int main(int argc, char **argv) {
  static const group groups[] = {
    {"replaced", replaced},
    {"strictness", strictness},
    {"descriptions", descriptions},
    {"exceptions", told},
    {"questions", asked},
  };
  start(argc, argv);
  (void)RUN_GROUPS(groups, argc, argv);
  end();
  return 0;
}
