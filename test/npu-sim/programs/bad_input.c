/* Calls with what a program should not give: before aclInit and after aclFinalize, NULL, wild and freed addresses,
 * handles of other kinds and of objects that ended, other devices, huge sizes. Each has an error of AscendCL's, and the
 * library works after all of it. */
#include "check.h"

static void before(void) {
  void *memory = NULL;
  aclrtStream stream = NULL;
  aclrtEvent event = NULL;
  aclrtNotify notify = NULL;
  aclrtContext context = NULL;
  int32_t device = -1;
  uint32_t word = 0;
  EXPECT(ACL_ERROR_REPEAT_FINALIZE, aclFinalize());
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtCreateStream(&stream));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtCreateEvent(&event));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtCreateNotify(&notify, 0));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtMalloc(&memory, 64, ACL_MEM_MALLOC_HUGE_FIRST));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtMallocHost(&memory, 64));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtGetDevice(&device));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtGetCurrentContext(&context));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtSynchronizeDevice());
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtSynchronizeStream(NULL));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtGetResInCurrentThread(ACL_RT_DEV_RES_CUBE_CORE, &word));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtGetStreamAvailableNum(&word));
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtSetDevice(-1));
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtSetDevice(1000));
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtResetDevice(0));
}

static void nothing(void) {
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(1), value = 0;
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMalloc(NULL, 64, ACL_MEM_MALLOC_HUGE_FIRST));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemcpy(NULL, 8, data, 8, ACL_MEMCPY_DEVICE_TO_HOST));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemcpy(&value, 8, NULL, 8, ACL_MEMCPY_DEVICE_TO_HOST));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemcpyAsync(NULL, 8, data, 8, ACL_MEMCPY_DEVICE_TO_HOST, stream));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemset(NULL, 8, 0, 8));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtCreateStream(NULL));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtCreateEvent(NULL));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtRecordEvent(NULL, stream));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtStreamWaitEvent(stream, NULL));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtDestroyStream(NULL));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtReduceAsync(NULL, data, 8, ACL_RT_MEMCPY_SDMA_AUTOMATIC_SUM, ACL_FLOAT, stream, NULL));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtBinaryLoadFromFile(NULL, NULL, &kernel_binary));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclmdlRIExecuteAsync(NULL, stream));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtGetDevice(NULL));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtGetStreamAttribute(stream, ACL_STREAM_ATTR_PRIORITY, NULL));
  OK(aclrtDestroyStream(stream));
}

static void wild(void) {
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(1), host = 0;
  char *freed = NULL, *odd = (char *)data + 3;
  void *nowhere = (void *)16;
  OK(aclrtMalloc((void **)&freed, 4096, ACL_MEM_MALLOC_HUGE_FIRST));
  OK(aclrtFree(freed));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtFree(freed));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtFree(odd));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtFree(&host));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtFreeHost(&host));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpy(freed, 8, &host, 8, ACL_MEMCPY_HOST_TO_DEVICE));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpyAsync(&host, 8, freed, 8, ACL_MEMCPY_DEVICE_TO_HOST, stream));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemsetAsync(freed, 8, 0, 8, stream));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemsetAsync(&host, 8, 0, 8, stream));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemsetD32(nowhere, 8, 0, 2));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtCmoAsync(nowhere, 64, ACL_RT_CMO_TYPE_PREFETCH, stream));
  EXPECT(ACL_ERROR_RT_ADDR_UNALIGNED, aclrtValueWrite(odd, 1, 0, stream));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpy(&host, 4, data, 8, ACL_MEMCPY_DEVICE_TO_HOST)); /* no room */
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtReleaseMemAddress(data));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtUnmapMem(data));
  /* An odd address is only odd. */
  OK(aclrtMemcpy(&host, 8, odd, 4, ACL_MEMCPY_DEVICE_TO_HOST));
  OK(aclrtDestroyStream(stream));
}

static void handles(void) {
  aclrtStream stream = new_stream(), ended = new_stream();
  aclrtEvent event = new_event();
  uint64_t *data = device_words(1);
  OK(aclrtDestroyStream(ended));
  mix_args args = {data, 1, 0, 1, {0, 1000, 1000, 0}};
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtLaunchKernelWithHostArgs(kernel("mix"), 1, ended, NULL, &args, sizeof args, NULL, 0));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtLaunchKernelWithHostArgs(event, 1, stream, NULL, &args, sizeof args, NULL, 0));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtMemsetAsync(data, 8, 0, 8, ended));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtSynchronizeStream(ended));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtDestroyStream(ended));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtDestroyStream(event));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtDestroyEvent(stream));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtRecordEvent(event, ended));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclmdlRICaptureBegin(ended, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclmdlRIExecuteAsync(stream, stream));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtSetStreamFailureMode(ended, ACL_STOP_ON_FAILURE));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtGetStreamResLimit(ended, ACL_RT_DEV_RES_CUBE_CORE, (uint32_t *)&args));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtSetCurrentContext(stream));
  OK(aclrtDestroyEvent(event));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtDestroyEvent(event));
  OK(aclrtDestroyStream(stream));
}

static void devices(void) {
  aclrtStream here = new_stream();
  aclrtNotify notify = NULL;
  OK(aclrtCreateNotify(&notify, 0));
  OK(aclrtSetDevice(1));
  EXPECT(ACL_ERROR_RT_STREAM_CONTEXT, aclrtSynchronizeStream(here));
  EXPECT(ACL_ERROR_RT_STREAM_CONTEXT, aclrtSetStreamFailureMode(here, ACL_STOP_ON_FAILURE));
  aclrtStream there = new_stream();
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtWaitAndResetNotify(notify, there, 0));
  OK(aclrtRecordNotify(notify, there)); /* another device may raise it */
  OK(aclrtSynchronizeStream(there));
  OK(aclrtDestroyStream(there));
  OK(aclrtResetDevice(1));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtSynchronizeDevice());
  OK(aclrtSetDevice(0));
  OK(aclrtWaitAndResetNotify(notify, here, 0));
  OK(aclrtSynchronizeStream(here));
  OK(aclrtDestroyNotify(notify));
  OK(aclrtDestroyStream(here));
  OK(aclrtResetDevice(0));
}

static void huge(void) {
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(1), host = 0;
  void *memory = NULL;
  EXPECT(ACL_ERROR_RT_DEVICE_OOM, aclrtMalloc(&memory, (size_t)1 << 40, ACL_MEM_MALLOC_HUGE_FIRST));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMalloc(&memory, SIZE_MAX, ACL_MEM_MALLOC_HUGE_FIRST));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMallocHost(&memory, SIZE_MAX));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMalloc(&memory, 0, ACL_MEM_MALLOC_HUGE_FIRST));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpy(data, SIZE_MAX, &host, SIZE_MAX, ACL_MEMCPY_HOST_TO_DEVICE));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemsetAsync(data, SIZE_MAX, 0, SIZE_MAX, stream));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemsetD32(data, SIZE_MAX, 0, SIZE_MAX / 4));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemcpy2d(data, SIZE_MAX, &host, SIZE_MAX, 8, 2, ACL_MEMCPY_HOST_TO_DEVICE));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtReserveMemAddress(&memory, SIZE_MAX, 0, NULL, 0));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtLaunchKernelWithHostArgs(kernel("mix"), 1, stream, NULL, &host, SIZE_MAX, NULL, 0));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtLaunchKernelWithHostArgs(kernel("mix"), 0, stream, NULL, &host, 8, NULL, 0));
  /* After all of this the stream still works. */
  launch_mix(stream, data, 0, 5);
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(data) == 5);
  OK(aclrtDestroyStream(stream));
}

static void after(aclrtStream stream, void *memory) {
  uint64_t host = 0;
  EXPECT(ACL_ERROR_REPEAT_FINALIZE, aclFinalize());
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtSynchronizeStream(stream));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtMemcpy(memory, 8, &host, 8, ACL_MEMCPY_HOST_TO_DEVICE));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtFree(memory));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtMalloc(&memory, 8, ACL_MEM_MALLOC_HUGE_FIRST));
}

int main(int argc, char **argv) {
  static const group groups[] = {
    {"nothing given", nothing},
    {"wild addresses", wild},
    {"handles", handles},
    {"devices", devices},
    {"huge", huge},
  };
  before();
  puts("ok before");
  start(argc, argv);
  bool some = RUN_GROUPS(groups, argc, argv);
  aclrtStream stream = new_stream();
  void *memory = device_words(1);
  end();
  if (some) return 0;
  after(stream, memory);
  puts("ok after");
  return 0;
}
