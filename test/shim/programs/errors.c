/*
 * What AscendCL answers to wrong calls. Each line is a call and its code; where the call is asynchronous, the code of the
 * synchronization after it follows, which also shows that the stream still works. Arguments: kernel binary, a file that
 * is no kernel binary.
 */
#include "program.h"

static kernels k;
static aclrtStream stream;
static device_log *log_;
static uint8_t *memory;

#define SAY(call) printf("%s: %d\n", #call, (int)(call))
#define SAY_ASYNC(call)                                      \
  do {                                                       \
    int said_ = (int)(call);                                 \
    printf("%s: %d, then %d\n", #call, said_, (int)aclrtSynchronizeStream(stream)); \
  } while (0)

/* A handle that is none, at an address that may be read. */
static uint64_t nothing[64];

static void without_context(void) {
  void *p = NULL;
  uint8_t here[8] = {0};
  append_args args = {NULL, 1, 0};
  aclrtContext context;
  int32_t device;
  SAY(aclrtMalloc(&p, 64, ACL_MEM_MALLOC_HUGE_FIRST));
  SAY(aclrtCreateStream(&stream));
  SAY(aclrtGetDevice(&device));
  SAY(aclrtGetCurrentContext(&context));
  SAY(aclrtSynchronizeDevice());
  SAY(aclrtSynchronizeStream(NULL));
  SAY(aclrtMemsetAsync(here, 8, 0, 8, NULL));
  SAY(aclrtMemcpy(here, 8, here, 8, ACL_MEMCPY_HOST_TO_DEVICE));
  SAY(aclrtLaunchKernelWithHostArgs(NULL, 1, NULL, NULL, &args, sizeof args, NULL, 0));
}

static void devices_and_memory(void) {
  void *p = NULL;
  uint8_t here[64] = {0};
  SAY(aclrtSetDevice(-1));
  SAY(aclrtSetDevice(99));
  SAY(aclrtResetDevice(7));
  SAY(aclrtSetCurrentContext(NULL));
  SAY(aclrtSetCurrentContext((aclrtContext)nothing));
  SAY(aclrtDestroyContext(NULL));
  SAY(aclrtDestroyContext((aclrtContext)nothing));
  SAY(aclrtMalloc(NULL, 64, ACL_MEM_MALLOC_HUGE_FIRST));
  SAY(aclrtMalloc(&p, 0, ACL_MEM_MALLOC_HUGE_FIRST));
  SAY(aclrtMalloc(&p, 1ull << 45, ACL_MEM_MALLOC_HUGE_FIRST));
  SAY(aclrtFree(NULL));
  SAY(aclrtFree(here));
  SAY(aclrtMalloc(&p, 64, ACL_MEM_MALLOC_HUGE_FIRST));
  SAY(aclrtFree(p));
  SAY(aclrtFree(p));
  SAY(aclrtMallocHost(NULL, 64));
  SAY(aclrtFreeHost(NULL));
  SAY(aclrtFreeHost(here));
  SAY(aclrtMemcpy(memory, 64, here, 65, ACL_MEMCPY_HOST_TO_DEVICE));
  SAY(aclrtMemcpy(memory, 64, here, 64, (aclrtMemcpyKind)77));
}

static void copies(void) {
  uint8_t here[64] = {0}, *pinned = pinned_memory(64);
  SAY_ASYNC(aclrtMemcpyAsync(NULL, 64, pinned, 64, ACL_MEMCPY_HOST_TO_DEVICE, stream));
  SAY_ASYNC(aclrtMemcpyAsync(memory, 64, NULL, 64, ACL_MEMCPY_HOST_TO_DEVICE, stream));
  SAY_ASYNC(aclrtMemcpyAsync(memory, 16, pinned, 64, ACL_MEMCPY_HOST_TO_DEVICE, stream));
  SAY_ASYNC(aclrtMemcpyAsync(memory, 64, pinned, 64, (aclrtMemcpyKind)77, stream));
  SAY_ASYNC(aclrtMemcpyAsync(here, 64, pinned, 64, ACL_MEMCPY_HOST_TO_HOST, stream));
  SAY_ASYNC(aclrtMemcpyAsync(memory, 0, pinned, 0, ACL_MEMCPY_HOST_TO_DEVICE, stream));
  SAY_ASYNC(aclrtMemsetAsync(NULL, 64, 0, 64, stream));
  SAY_ASYNC(aclrtMemsetAsync(memory, 16, 0, 64, stream));
  SAY_ASYNC(aclrtMemsetAsync(memory, 0, 0, 0, stream));
  OK(aclrtFreeHost(pinned));
}

static void launches(void) {
  append_args args = {log_, 1, 0};
  uint8_t *there = device_memory(64);
  aclrtPlaceHolderInfo outside = {4096, 0};
  SAY_ASYNC(aclrtLaunchKernel(NULL, 1, there, sizeof args, stream));
  SAY_ASYNC(aclrtLaunchKernel(k.append, 1, NULL, sizeof args, stream));
  SAY_ASYNC(aclrtLaunchKernel(k.append, 0, there, sizeof args, stream));
  SAY_ASYNC(aclrtLaunchKernelV2(NULL, 1, there, sizeof args, NULL, stream));
  SAY_ASYNC(aclrtLaunchKernelV2(k.append, 0, there, sizeof args, NULL, stream));
  SAY_ASYNC(aclrtLaunchKernelWithHostArgs(NULL, 1, stream, NULL, &args, sizeof args, NULL, 0));
  SAY_ASYNC(aclrtLaunchKernelWithHostArgs(k.append, 1, stream, NULL, NULL, sizeof args, NULL, 0));
  SAY_ASYNC(aclrtLaunchKernelWithHostArgs(k.append, 0, stream, NULL, &args, sizeof args, NULL, 0));
  SAY_ASYNC(aclrtLaunchKernelWithHostArgs(k.append, 1, stream, NULL, &args, sizeof args, NULL, 2));
  SAY_ASYNC(aclrtLaunchKernelWithHostArgs(k.append, 1, stream, NULL, &args, sizeof args, &outside, 1));
  SAY_ASYNC(aclrtLaunchKernelWithConfig(NULL, 1, stream, NULL, NULL, NULL));
  SAY_ASYNC(aclrtLaunchKernelWithConfig(k.append, 1, stream, NULL, NULL, NULL));
  SAY_ASYNC(aclrtLaunchKernelWithConfig(k.append, 1, stream, NULL, (aclrtArgsHandle)nothing, NULL));
}

static void argument_handles(void) {
  append_args args = {log_, 1, 0};
  aclrtArgsHandle handle = NULL;
  aclrtParamHandle param = NULL;
  void *buffer = NULL;
  SAY(aclrtKernelArgsInit(NULL, &handle));
  SAY(aclrtKernelArgsInit(k.append, NULL));
  OK(aclrtKernelArgsInit(k.append, &handle));
  SAY(aclrtKernelArgsAppend(handle, &args, 0, &param));
  SAY(aclrtKernelArgsAppend(NULL, &args, 8, &param));
  OK(aclrtKernelArgsAppend(handle, &args, sizeof args, &param));
  SAY(aclrtKernelArgsGetPlaceHolderBuffer(handle, param, 8, &buffer));
  SAY(aclrtKernelArgsParaUpdate(handle, param, &args, 3));
  SAY_ASYNC(aclrtLaunchKernelWithConfig(k.append, 1, stream, NULL, handle, NULL)); /* not finalized */
  OK(aclrtKernelArgsFinalize(handle));
  SAY(aclrtKernelArgsAppend(handle, &args, 8, &param));
  SAY_ASYNC(aclrtLaunchKernelWithConfig(k.digest, 1, stream, NULL, handle, NULL)); /* of another kernel */
  SAY_ASYNC(aclrtLaunchKernelWithConfig(k.append, 1, stream, NULL, handle, nothing));
  SAY_ASYNC(aclrtLaunchKernelWithConfig(k.append, 0, stream, NULL, handle, NULL));
  SAY_ASYNC(aclrtLaunchKernelWithConfig(k.append, 1, stream, NULL, handle, NULL));
  OK(aclrtKernelArgsParaUpdate(handle, param, &args, sizeof args));
  SAY_ASYNC(aclrtLaunchKernelWithConfig(k.append, 1, stream, NULL, handle, NULL)); /* changed, not finalized again */
}

static void events(void) {
  aclrtEvent event = NULL, extended = NULL, gone = NULL, none = (aclrtEvent)nothing;
  aclrtEventStatus status;
  aclrtEventRecordedStatus recorded;
  float ms;
  SAY(aclrtCreateEvent(NULL));
  SAY(aclrtCreateEventWithFlag(&event, 0));
  OK(aclrtCreateEvent(&event));
  OK(aclrtCreateEventExWithFlag(&extended, ACL_EVENT_SYNC));
  OK(aclrtCreateEvent(&gone));
  OK(aclrtDestroyEvent(gone));
  SAY_ASYNC(aclrtRecordEvent(NULL, stream));
  SAY_ASYNC(aclrtStreamWaitEvent(stream, NULL));
  SAY_ASYNC(aclrtResetEvent(NULL, stream));
  SAY(aclrtSynchronizeEvent(NULL));
  SAY(aclrtSynchronizeEvent(none));
  SAY(aclrtSynchronizeEvent(gone));
  SAY(aclrtSynchronizeEventWithTimeout(event, -2));
  SAY(aclrtSynchronizeEventWithTimeout(event, 0));
  SAY(aclrtQueryEvent(NULL, &status));
  SAY(aclrtQueryEvent(event, NULL));
  SAY(aclrtQueryEvent(extended, &status));
  SAY(aclrtQueryEventStatus(NULL, &recorded));
  SAY(aclrtQueryEventStatus(gone, &recorded));
  SAY(aclrtEventElapsedTime(&ms, NULL, event));
  SAY(aclrtEventElapsedTime(&ms, event, event));
  SAY(aclrtDestroyEvent(NULL));
  SAY(aclrtDestroyEvent(none));
  SAY(aclrtDestroyEvent(gone));
  SAY(aclrtResetEvent(extended, stream) == ACL_SUCCESS ? aclrtSynchronizeStream(stream) : ACL_ERROR_RT_FEATURE_NOT_SUPPORT);
}

static void streams(void) {
  aclrtStream gone = new_stream(), none = (aclrtStream)nothing, foreign = NULL;
  aclrtContext own = NULL, other = NULL;
  aclrtStreamStatus state;
  append_args args = {log_, 1, 0};
  OK(aclrtDestroyStream(gone));
  SAY(aclrtCreateStream(NULL));
  SAY(aclrtDestroyStream(NULL));
  SAY(aclrtDestroyStream(gone));
  SAY(aclrtDestroyStream(none));
  SAY(aclrtDestroyStreamForce(none));
  SAY(aclrtSynchronizeStream(gone));
  SAY(aclrtSynchronizeStream(none));
  SAY(aclrtSynchronizeStreamWithTimeout(stream, -2));
  SAY(aclrtSynchronizeStreamWithTimeout(stream, 0));
  SAY(aclrtStreamQuery(stream, NULL));
  SAY(aclrtStreamQuery(none, &state));
  SAY(aclrtLaunchKernelWithHostArgs(k.append, 1, gone, NULL, &args, sizeof args, NULL, 0));
  SAY(aclrtLaunchKernelWithHostArgs(k.append, 1, none, NULL, &args, sizeof args, NULL, 0));
  SAY(aclrtMemsetAsync(memory, 8, 0, 8, none));
  SAY(aclmdlRICaptureBegin(none, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  OK(aclrtGetCurrentContext(&own));
  OK(aclrtCreateContext(&other, 0));
  foreign = new_stream();
  OK(aclrtSetCurrentContext(own));
  SAY(aclrtLaunchKernelWithHostArgs(k.append, 1, foreign, NULL, &args, sizeof args, NULL, 0));
  SAY(aclrtMemsetAsync(memory, 8, 0, 8, foreign));
  SAY(aclrtSynchronizeStream(foreign));
  SAY(aclrtDestroyStream(foreign));
  OK(aclrtSetCurrentContext(other));
  SAY(aclrtSynchronizeStream(foreign));
  OK(aclrtDestroyContext(other));
  OK(aclrtSetCurrentContext(own));
}

static void binaries_and_graphs(const char *no_binary) {
  aclrtBinHandle binary = NULL;
  aclrtFuncHandle function = NULL;
  SAY(aclrtBinaryLoadFromFile("/nowhere/at/all.o", NULL, &binary));
  printf("a file that is none: %d\n", aclrtBinaryLoadFromFile(no_binary, NULL, &binary));
  SAY(aclrtBinaryGetFunction(k.binary, "no_such_kernel", &function));
  SAY(aclrtBinaryGetFunction(k.binary, NULL, &function));
  SAY(aclrtBinaryUnLoad(NULL));
  SAY_ASYNC(aclmdlRIExecuteAsync(NULL, stream));
  SAY(aclmdlRIExecute(NULL, -1));
  SAY(aclmdlRIDestroy(NULL));
  SAY(aclmdlRIDestroy((aclmdlRI)nothing));
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  without_context();
  SAY(aclFinalize());
  SAY(aclInit(NULL));
  SAY(aclInit(NULL));
  without_context();
  OK(aclrtSetDevice(0));
  k = load_kernels(argv[1]);
  stream = new_stream();
  log_ = device_memory(sizeof *log_);
  memory = device_memory(64);
  devices_and_memory();
  copies();
  launches();
  argument_handles();
  events();
  streams();
  binaries_and_graphs(argv[2]);
  append_to(&k, stream, log_, 0x600d, 0);
  OK(aclrtSynchronizeStream(stream));
  print_log("the stream still works", log_);
  return 0;
}
