/*
 * An AscendCL program for the tests of the client of daemon mode: linked to libascendcl.so, run with FlexNPU preloaded and
 * FLEXNPU_DAEMON set. `client MODE [FILE]`; exits 0 where all was as expected, prints what the test compares.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "acl/acl.h"
#include "runtime/rt.h"

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      _exit(1);                                                       \
    }                                                                 \
  } while (0)

static void expect(int line, const char *call, aclError got, aclError wanted) {
  if (got == wanted) return;
  const char *why = aclGetRecentErrMsg();
  fprintf(stderr, "line %d: %s gave %d, not %d (%s)\n", line, call, got, wanted, why != NULL ? why : "no message");
  _exit(1);
}
#define EXPECT(wanted, call) expect(__LINE__, #call, call, wanted)
#define OK(call) EXPECT(ACL_SUCCESS, call)

static aclrtFuncHandle load_kernel(const char *file, const char *name) {
  aclrtBinHandle binary;
  aclrtFuncHandle function;
  OK(aclrtBinaryLoadFromFile(file, NULL, &binary));
  printf("binary %llx\n", (unsigned long long)(uintptr_t)binary);
  OK(aclrtBinaryGetFunction(binary, name, &function));
  return function;
}

static void setup(void) {
  OK(aclInit(NULL));
  EXPECT(ACL_ERROR_REPEAT_INITIALIZE, aclInit(NULL));
  OK(aclrtSetDevice(0));
}

static void values(void) {
  int32_t major = 0, minor = 0, patch = 0;
  uint32_t count = 0;
  int64_t value = 0;
  size_t free_bytes = 0, total = 0;
  float ms = 0;
  char name[8];
  OK(aclrtGetVersion(&major, &minor, &patch));
  OK(aclrtGetDeviceCount(&count));
  OK(aclrtGetDeviceInfo(0, ACL_DEV_ATTR_CUBE_CORE_NUM, &value));
  OK(aclrtGetMemInfo(ACL_HBM_MEM, &free_bytes, &total));
  printf("version %d %d %d, %u devices, soc %s, figure %lld, memory %zu %zu\n", major, minor, patch, count, aclrtGetSocName(),
         (long long)value, free_bytes, total);
  aclrtStream stream, urgent;
  aclrtEvent event;
  OK(aclrtCreateStream(&stream));
  OK(aclrtCreateStreamWithConfig(&urgent, 7, 0));
  OK(aclrtCreateEvent(&event));
  OK(aclrtRecordEvent(event, stream));
  OK(aclrtStreamWaitEvent(urgent, event));
  OK(aclrtStreamWaitEvent(NULL, event)); /* the default stream: its handle is asked for */
  OK(aclrtSynchronizeStreamWithTimeout(stream, -1));
  OK(aclrtSynchronizeStream(NULL));
  OK(aclrtEventElapsedTime(&ms, event, event));
  printf("elapsed %.2f\n", (double)ms);
  aclrtPhysicalMemProp prop = {.handleType = 1, .reserve = 0x1122334455667788};
  aclrtDrvMemHandle physical;
  OK(aclrtMallocPhysical(&physical, 4096, &prop, 9));
  printf("physical %llx\n", (unsigned long long)(uintptr_t)physical);
  memset(name, '#', sizeof name);
  OK(aclrtGetFunctionName((aclrtFuncHandle)0x00f1050001000001, 4, name));
  CHECK(memcmp(name, "a_na####", sizeof name) == 0);
}

static void errors(void) {
  int device = 0;
  aclrtRunMode mode;
  aclrtEvent event;
  CHECK(aclGetRecentErrMsg() != NULL); /* of the second aclInit */
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtSetDevice(7));
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtPeekAtLastError(ACL_RT_THREAD_LEVEL));
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtGetLastError(ACL_RT_THREAD_LEVEL));
  EXPECT(ACL_SUCCESS, aclrtGetLastError(ACL_RT_THREAD_LEVEL));
  const char *why = aclGetRecentErrMsg();
  CHECK(why != NULL && strcmp(why, "that device is not yours") == 0);
  CHECK(aclGetRecentErrMsg() == NULL);
  OK(aclrtCreateEvent(&event));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtRecordEvent(NULL, NULL));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtRecordEvent(event, event));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtRecordEvent(&device, NULL));
  aclrtStream ended;
  void *memory;
  OK(aclrtMalloc(&memory, 16, ACL_MEM_MALLOC_HUGE_FIRST));
  OK(aclrtCreateStream(&ended));
  OK(aclrtRecordEvent(event, ended));
  OK(aclrtDestroyStream(ended));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtRecordEvent(event, ended)); /* never sent: the daemon would end us for it */
  OK(aclrtDestroyEvent(event));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtRecordEvent(event, NULL));
  OK(aclrtCreateStream(&ended));
  OK(aclrtResetDeviceForce(0)); /* streams went with it: the daemon is asked, and says no */
  EXPECT(ACL_ERROR_RT_STREAM_CONTEXT, aclrtMemsetAsync(memory, 1, 0, 1, ended));
  EXPECT(ACL_ERROR_RT_STREAM_CONTEXT, aclrtMemsetAsync(memory, 1, 0, 1, ended));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemsetAsync((char *)memory + 1, 16, 0, 16, NULL));
  EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtMemcpyAsync(&device, 1, &mode, 1, ACL_MEMCPY_DEVICE_TO_HOST, NULL));
  OK(aclrtSetDevice(0));
  OK(aclrtFree(memory));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtLaunchKernelWithHostArgs(&device, 1, NULL, NULL, &device, sizeof device, NULL, 0));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemcpy(NULL, 1, &device, 1, ACL_MEMCPY_HOST_TO_DEVICE));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpy(&mode, 1, &device, 2, ACL_MEMCPY_HOST_TO_HOST));
  EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtMemcpyAsync(&mode, 4, &device, 4, ACL_MEMCPY_HOST_TO_HOST, NULL));
  EXPECT(ACL_ERROR_RT_INTERNAL_ERROR, aclrtGetRunMode(&mode)); /* the answer has no output in it */
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtFreeHost(&device));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtBinaryLoadFromFile("/no/such/file", NULL, &event));
}

static void launches(const char *file) {
  aclrtFuncHandle kernel = load_kernel(file, "PromptFlashAttention_x");
  uint32_t here[3] = {0xa1, 0xb2, 0xc3};
  aclrtLaunchKernelAttr attribute = {.id = ACL_RT_LAUNCH_KERNEL_ATTR_TIMEOUT, .value = {.timeout = 77}};
  aclrtLaunchKernelCfg cfg = {.attrs = &attribute, .numAttrs = 1};
  aclrtPlaceHolderInfo holder = {.addrOffset = 0, .dataOffset = 8};
  OK(aclrtLaunchKernel(kernel, 5, (void *)0x1234, 12, NULL));
  OK(aclrtLaunchKernelV2(kernel, 6, (void *)0x1234, 12, &cfg, NULL));
  OK(aclrtLaunchKernelWithHostArgs(kernel, 7, NULL, NULL, here, sizeof here, NULL, 0));
  OK(aclrtLaunchKernelWithHostArgs(kernel, 8, NULL, &cfg, here, sizeof here, &holder, 1));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtLaunchKernelWithHostArgs(kernel, 0, NULL, NULL, here, sizeof here, NULL, 0));
  holder.addrOffset = 5;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtLaunchKernelWithHostArgs(kernel, 1, NULL, NULL, here, sizeof here, &holder, 1));
  aclrtArgsHandle args;
  aclrtParamHandle value, pointer;
  void *buffer;
  OK(aclrtKernelArgsInit(kernel, &args));
  OK(aclrtKernelArgsAppend(args, here, 4, &value));
  OK(aclrtKernelArgsAppendPlaceHolder(args, &pointer));
  OK(aclrtKernelArgsGetPlaceHolderBuffer(args, pointer, 4, &buffer));
  memcpy(buffer, "data", 4);
  EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtKernelArgsAppend(args, here, 4, &value));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtLaunchKernelWithConfig(kernel, 9, NULL, NULL, args, NULL));
  OK(aclrtKernelArgsFinalize(args));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtLaunchKernelWithConfig(kernel, 9, NULL, NULL, args, &args));
  OK(aclrtLaunchKernelWithConfig(kernel, 9, NULL, &cfg, args, NULL));
  static uint8_t too_much[(1 << 20) + 8];
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtLaunchKernelWithHostArgs(kernel, 1, NULL, NULL, too_much, sizeof too_much, NULL, 0));
  OK(aclrtSynchronizeStream(NULL));
  OK(aclrtBinaryUnLoad((aclrtBinHandle)0x00f104000100000f));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtLaunchKernelWithHostArgs(kernel, 7, NULL, NULL, here, sizeof here, NULL, 0));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtKernelArgsInit(kernel, &args));
}

static void refused_here(const char *name, aclError got) {
  expect(__LINE__, name, got, ACL_ERROR_RT_FEATURE_NOT_SUPPORT);
  const char *why = aclGetRecentErrMsg();
  CHECK(why != NULL && strstr(why, name) != NULL && strstr(why, "daemon") != NULL);
  EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtGetLastError(ACL_RT_THREAD_LEVEL));
}

/* Host code is the client's own to run; what neither it nor the daemon can do is refused, by name. */
static void surface(void) {
  const int64_t dims[] = {3, 4};
  aclTensorDesc *desc = aclCreateTensorDesc(ACL_FLOAT16, 2, dims, ACL_FORMAT_ND);
  CHECK(desc != NULL && aclGetTensorDescSize(desc) == 24 && aclDataTypeSize(ACL_FLOAT) == 4);
  aclDestroyTensorDesc(desc);
  CHECK(aclFloat16ToFloat(aclFloatToFloat16(1.5f)) == 1.5f);
  aclAppLog(ACL_INFO, __func__, __FILE__, __LINE__, "%s", "for whom it concerns");
  refused_here("aclmdlUnload", aclmdlUnload(1));
  void *shared = NULL;
  refused_here("aclrtMemAllocManaged", aclrtMemAllocManaged(&shared, 64, 0));
  aclrtStream stream = NULL;
  OK(aclrtCreateStream(&stream));
  uint64_t word = 0, *arguments[] = {&word};
  refused_here("aclrtLaunchSIMTKernelWithArgsArray", aclrtLaunchSIMTKernelWithArgsArray(&word, (dim3){1, 1, 1}, (dim3){1, 1, 1}, 0, stream, NULL, (void **)arguments));
  uint32_t length = 0;
  refused_here("rtFusionLaunch", rtFusionLaunch(&word, stream, &word));
  refused_here("rtGetC2cCtrlAddr", rtGetC2cCtrlAddr(&word, &length));
  aclrtStreamConfigHandle *config = aclrtCreateStreamConfigHandle();
  uint32_t priority = 3;
  OK(aclrtSetStreamConfigOpt(config, ACL_RT_STREAM_PRIORITY, &priority, sizeof priority));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtSetStreamConfigOpt(config, ACL_RT_STREAM_PRIORITY, &priority, 1));
  aclrtStream chosen = NULL;
  OK(aclrtCreateStreamV2(&chosen, config));
  OK(aclrtDestroyStreamConfigHandle(config));
  aclrtStreamAttrValue value = {.failureMode = ACL_STOP_ON_FAILURE}, got = {0};
  OK(aclrtSetStreamAttribute(chosen, ACL_STREAM_ATTR_FAILURE_MODE, &value));
  OK(aclrtGetStreamAttribute(chosen, ACL_STREAM_ATTR_PRIORITY, &got));
  CHECK(got.streamPriority == 6);
  aclrtEvent event = NULL;
  void *memory = NULL;
  OK(aclrtCreateEvent(&event));
  OK(aclrtMalloc(&memory, 64, ACL_MEM_MALLOC_HUGE_FIRST));
  OK(aclrtMemsetD32Async(memory, 64, 7, 16, stream));
  OK(aclrtRecordEventWithFlag(event, stream, ACL_EVENT_RECORD_EXTERNAL));
  OK(aclrtStreamWaitEventWithTimeout(chosen, event, 1000));
  OK(aclrtFree(memory));
  CHECK(aclmdlCreateDataset() == NULL); /* host code that the client's own library does not have either */
  OK(aclrtDestroyStream(stream));
}

static void fill(uint8_t *bytes, size_t count, uint32_t seed) {
  for (size_t i = 0; i < count; i++) bytes[i] = (uint8_t)((seed = seed * 1664525u + 1013904223u) >> 24);
}

/* There and back, each way of copying, at sizes around the pieces. */
static void round_trip(size_t bytes) {
  void *device, *pinned_out, *pinned_in;
  uint8_t *out = malloc(bytes), *in = malloc(bytes);
  OK(aclrtMalloc(&device, bytes, ACL_MEM_MALLOC_HUGE_FIRST));
  OK(aclrtMallocHost(&pinned_out, bytes));
  OK(aclrtMallocHost(&pinned_in, bytes));
  fill(out, bytes, 1);
  OK(aclrtMemcpy(device, bytes, out, bytes, ACL_MEMCPY_HOST_TO_DEVICE));
  OK(aclrtMemcpy(in, bytes, device, bytes, ACL_MEMCPY_DEVICE_TO_HOST));
  CHECK(memcmp(out, in, bytes) == 0);
  fill(out, bytes, 2);
  memcpy(in, out, bytes);
  OK(aclrtMemcpyAsync(device, bytes, in, bytes, ACL_MEMCPY_HOST_TO_DEVICE, NULL));
  memset(in, 0xee, bytes); /* pageable memory may be used again */
  OK(aclrtMemcpyAsync(in, bytes, device, bytes, ACL_MEMCPY_DEVICE_TO_HOST, NULL));
  CHECK(memcmp(out, in, bytes) == 0); /* and what comes from the device is there */
  fill(pinned_out, bytes, 3);
  OK(aclrtMemcpyAsync(device, bytes, pinned_out, bytes, ACL_MEMCPY_HOST_TO_DEVICE, NULL));
  OK(aclrtMemcpyAsync(pinned_in, bytes, device, bytes, ACL_MEMCPY_DEVICE_TO_HOST, NULL));
  OK(aclrtSynchronizeStream(NULL));
  CHECK(memcmp(pinned_out, pinned_in, bytes) == 0);
  fill(pinned_out, bytes, 4);
  OK(aclrtMemcpy(device, bytes, pinned_out, bytes, ACL_MEMCPY_DEFAULT));
  OK(aclrtMemcpy(in, bytes, device, bytes, ACL_MEMCPY_DEFAULT));
  CHECK(memcmp(pinned_out, in, bytes) == 0);
  OK(aclrtMemset(device, bytes, 0x5a, bytes));
  OK(aclrtMemset(pinned_in, bytes, 0x5b, bytes));
  OK(aclrtMemcpy(in, bytes, device, bytes, ACL_MEMCPY_DEVICE_TO_HOST));
  CHECK(in[0] == 0x5a && in[bytes - 1] == 0x5a && ((uint8_t *)pinned_in)[bytes - 1] == 0x5b);
  OK(aclrtFreeHost(pinned_in));
  OK(aclrtFreeHost(pinned_out));
  OK(aclrtFree(device));
  free(in);
  free(out);
}

static void copies(void) {
  static const size_t sizes[] = {1, 7, 4096, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (3 << 20) + 5, (9 << 20) + 3};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) round_trip(sizes[i]);
}

static aclrtFuncHandle kernel;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static uint64_t issued;
static pthread_barrier_t begun; /* each has issued one: none is over before the last has its ring */

/* Launches whose first argument says when they were issued, and whose size changes, so that places wrap everywhere. */
static void *issue(void *with) {
  uint64_t args[64] = {0};
  uint32_t count = *(uint32_t *)with, size = count;
  for (uint32_t i = 0; i < count; i++) {
    size = size * 1664525u + 1013904223u;
    pthread_mutex_lock(&turn);
    args[0] = args[1] = issued++;
    OK(aclrtLaunchKernelWithHostArgs(kernel, 1, NULL, NULL, args, 16 + (size >> 16) % 480, NULL, 0));
    if (i % 1000 == 999) OK(aclrtSynchronizeStream(NULL));
    pthread_mutex_unlock(&turn);
    if (i == 0) (void)pthread_barrier_wait(&begun);
  }
  return NULL;
}

static void many(const char *file, int threads, uint32_t count) {
  pthread_t handles[8];
  kernel = load_kernel(file, "k");
  CHECK(pthread_barrier_init(&begun, NULL, (unsigned)threads) == 0);
  for (int i = 0; i < threads; i++) CHECK(pthread_create(&handles[i], NULL, issue, &count) == 0);
  for (int i = 0; i < threads; i++) CHECK(pthread_join(handles[i], NULL) == 0);
  OK(aclrtSynchronizeDevice());
}

/* More than the ring takes, without a single wait in between. */
static void flood(const char *file) {
  kernel = load_kernel(file, "k");
  uint64_t args[64];
  for (uint64_t i = 0; i < 20000; i++) {
    args[0] = i;
    OK(aclrtLaunchKernelWithHostArgs(kernel, 1, NULL, NULL, args, 8 + i % 500, NULL, 0));
  }
  OK(aclrtSynchronizeDevice());
}

static void *visit(void *with) {
  (void)with;
  OK(aclrtSetDevice(0));
  OK(aclrtSynchronizeStream(NULL));
  return NULL;
}

/* More threads than the daemon has rings, one after another. */
static void visits(void) {
  for (int i = 0; i < 200; i++) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, visit, NULL) == 0 && pthread_join(thread, NULL) == 0);
  }
}

static void *wait_for_stream(void *with) {
  EXPECT(ACL_ERROR_RT_LOST_HEARTBEAT, aclrtSynchronizeStream(with));
  CHECK(strstr(aclGetRecentErrMsg(), "gone") != NULL);
  return NULL;
}

/* The daemon ends while one thread waits in a call and another issues operators. */
static void loss(const char *file) {
  pthread_t waiter;
  aclrtStream stream;
  aclrtEvent event;
  kernel = load_kernel(file, "k");
  uint64_t args[1] = {0};
  OK(aclrtCreateStream(&stream));
  OK(aclrtCreateEvent(&event));
  CHECK(pthread_create(&waiter, NULL, wait_for_stream, stream) == 0);
  aclError error = ACL_SUCCESS;
  while (error == ACL_SUCCESS) error = aclrtLaunchKernelWithHostArgs(kernel, 1, stream, NULL, args, sizeof args, NULL, 0);
  CHECK(error == ACL_ERROR_RT_LOST_HEARTBEAT);
  CHECK(pthread_join(waiter, NULL) == 0);
  EXPECT(ACL_ERROR_RT_LOST_HEARTBEAT, aclrtSynchronizeDevice());
  EXPECT(ACL_ERROR_RT_LOST_HEARTBEAT, aclrtRecordEvent(event, stream));
  EXPECT(ACL_ERROR_RT_LOST_HEARTBEAT, aclrtMalloc((void **)args, 1, ACL_MEM_MALLOC_HUGE_FIRST));
  EXPECT(ACL_ERROR_RT_LOST_HEARTBEAT, aclInit(NULL));
}

static void forks(void) {
  aclrtStream stream;
  OK(aclrtCreateStream(&stream));
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    int32_t device;
    EXPECT(ACL_ERROR_RT_NO_DEVICE, aclrtGetDevice(&device));
    CHECK(strstr(aclGetRecentErrMsg(), "fork") != NULL);
    EXPECT(ACL_ERROR_RT_NO_DEVICE, aclrtSynchronizeStream(stream));
    EXPECT(ACL_ERROR_RT_NO_DEVICE, aclInit(NULL));
    CHECK(aclrtGetSocName() == NULL);
    _exit(0);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  OK(aclrtSynchronizeStream(stream)); /* the parent's ring is as it was */
}

static void without(aclError wanted, const char *text) {
  int32_t device;
  void *memory;
  EXPECT(wanted, aclInit(NULL));
  CHECK(strstr(aclGetRecentErrMsg(), text) != NULL);
  EXPECT(wanted, aclrtSetDevice(0));
  EXPECT(wanted, aclrtGetDevice(&device));
  EXPECT(wanted, aclrtMalloc(&memory, 1, ACL_MEM_MALLOC_HUGE_FIRST));
  EXPECT(wanted, aclrtMallocHost(&memory, 1));
  EXPECT(wanted, aclrtSynchronizeStream(NULL));
  EXPECT(wanted, aclrtResetOverflowStatus(NULL));
  CHECK(aclrtGetSocName() == NULL);
}

int main(int count, char **texts) {
  const char *mode = count > 1 ? texts[1] : "", *file = count > 2 ? texts[2] : texts[0];
  bool refused = strcmp(mode, "refused") == 0;
  if (strcmp(mode, "nonsense") == 0) {
    without(ACL_ERROR_RT_NO_DEVICE, "FlexNPU daemon");
    return 0;
  }
  if (refused || strcmp(mode, "absent") == 0) {
    without(refused ? ACL_ERROR_RT_NO_PERMISSION : ACL_ERROR_RT_NO_DEVICE, refused ? "not \"you\"" : "no FlexNPU daemon");
    return 0;
  }
  setup();
  if (strcmp(mode, "values") == 0) values();
  else if (strcmp(mode, "errors") == 0) errors();
  else if (strcmp(mode, "surface") == 0) surface();
  else if (strcmp(mode, "launches") == 0) launches(file);
  else if (strcmp(mode, "copies") == 0) copies();
  else if (strcmp(mode, "threads") == 0) many(file, 6, 3000);
  else if (strcmp(mode, "flood") == 0) flood(file);
  else if (strcmp(mode, "forks") == 0) forks();
  else if (strcmp(mode, "visits") == 0) visits();
  else if (strcmp(mode, "loss") == 0) {
    loss(file);
    return 0;
  } else return 64;
  OK(aclFinalize());
  EXPECT(ACL_ERROR_REPEAT_FINALIZE, aclFinalize());
  return 0;
}
