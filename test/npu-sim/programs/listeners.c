/* Functions of the program that hear of streams, devices and failed kernels, host functions on a thread of the program;
 * access to mapped memory; versions. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "check.h"

static int made, ended, set, reset, aborted;
static int32_t last; /* device: the one beside the current one, where there are two */

static void on_stream(aclrtStream stream, aclrtStreamState state, void *args) {
  if (stream == NULL || args != &made) return;
  if (state == ACL_RT_STREAM_STATE_CREATE_POST) made++;
  else ended++;
}
static void on_device(int32_t device, aclrtDeviceState state, void *args) {
  if (device != last || args != NULL) return;
  if (state == ACL_RT_DEVICE_STATE_SET_POST) set++;
  if (state == ACL_RT_DEVICE_STATE_RESET_POST) reset++;
}
static int32_t on_abort(int32_t device, aclrtDeviceTaskAbortStage stage, uint32_t timeout, void *args) {
  if (device == 0 && timeout == 1000 && args == NULL && stage == ACL_RT_DEVICE_TASK_ABORT_POST) aborted++;
  return 0;
}

static void states(void) {
  OK(aclrtRegStreamStateCallback("test", on_stream, &made));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtRegStreamStateCallback("test", on_stream, &made));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtRegStreamStateCallback("", on_stream, &made));
  aclrtStream stream = new_stream();
  CHECK(made == 1 && ended == 0);
  OK(aclrtDestroyStream(stream));
  CHECK(made == 1 && ended == 1);
  OK(aclrtRegStreamStateCallback("test", NULL, NULL));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtRegStreamStateCallback("test", NULL, NULL));
  OK(aclrtDestroyStream(new_stream()));
  CHECK(made == 1 && ended == 1);
  OK(aclrtRegDeviceStateCallback("test", on_device, NULL));
  uint32_t devices = 0;
  OK(aclrtGetDeviceCount(&devices));
  last = (int32_t)devices - 1;
  OK(aclrtSetDevice(last));
  OK(aclrtResetDevice(last));
  CHECK(set == 1 && reset == 1);
  OK(aclrtRegDeviceStateCallback("test", NULL, NULL));
  OK(aclrtSetDevice(0));
  OK(aclrtSetDeviceTaskAbortCallback("test", on_abort, NULL));
  OK(aclrtDeviceTaskAbort(0, 1000));
  CHECK(aborted == 1);
  OK(aclrtSetDeviceTaskAbortCallback("test", NULL, NULL));
  OK(aclrtResetDevice(0));
}

static int over;
static pthread_t where[2];
static aclrtContext context;

static void *pump(void *unused) {
  (void)unused;
  if (aclrtSetCurrentContext(context) != ACL_SUCCESS) return NULL;
  while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE)) (void)aclrtProcessHostFunc(10);
  return NULL;
}

static void *pump_reports(void *unused) {
  (void)unused;
  OK(aclrtSetCurrentContext(context));
  while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE)) (void)aclrtProcessReport(10);
  return NULL;
}

static void host(void *args) { *(pthread_t *)args = pthread_self(); }

static void host_functions(void) {
  pthread_t thread;
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(1);
  OK(aclrtGetCurrentContext(&context));
  CHECK(pthread_create(&thread, NULL, pump, NULL) == 0);
  OK(aclrtSubscribeHostFunc((uint64_t)thread, stream));
  EXPECT(ACL_ERROR_RT_STREAM_SUBSCRIBE, aclrtSubscribeHostFunc((uint64_t)thread, stream));
  launch_mix(stream, data, 0, 1);
  OK(aclrtLaunchHostFunc(stream, host, &where[0]));
  launch_mix(stream, data, 10, 1);
  OK(aclrtLaunchHostFunc(stream, host, &where[1]));
  OK(aclrtSynchronizeStream(stream));
  CHECK(pthread_equal(where[0], thread) && pthread_equal(where[1], thread));
  CHECK(word(data) == 11);
  /* A thread for callbacks beside it: each runs its own. */
  pthread_t reports;
  CHECK(pthread_create(&reports, NULL, pump_reports, NULL) == 0);
  OK(aclrtSubscribeReport((uint64_t)reports, stream));
  EXPECT(ACL_ERROR_RT_THREAD_SUBSCRIBE, aclrtUnSubscribeHostFunc((uint64_t)reports, stream));
  OK(aclrtLaunchCallback(host, &where[0], ACL_CALLBACK_BLOCK, stream));
  OK(aclrtLaunchHostFunc(stream, host, &where[1]));
  OK(aclrtSynchronizeStream(stream));
  CHECK(pthread_equal(where[0], reports) && pthread_equal(where[1], thread));
  OK(aclrtUnSubscribeReport((uint64_t)reports, stream));
  OK(aclrtUnSubscribeHostFunc((uint64_t)thread, stream));
  EXPECT(ACL_ERROR_RT_STREAM_SUBSCRIBE, aclrtUnSubscribeHostFunc((uint64_t)thread, stream));
  __atomic_store_n(&over, 1, __ATOMIC_RELEASE);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK(pthread_join(reports, NULL) == 0);
  OK(aclrtDestroyStream(stream));
}

enum { BYTES = 2 << 20 };

static void access(void) {
  void *address = NULL;
  aclrtDrvMemHandle handle = NULL;
  aclrtPhysicalMemProp prop = {.handleType = ACL_MEM_HANDLE_TYPE_NONE, .allocationType = ACL_MEM_ALLOCATION_TYPE_PINNED, .memAttr = ACL_HBM_MEM_HUGE,
                               .location = {0, ACL_MEM_LOCATION_TYPE_DEVICE}};
  OK(aclrtReserveMemAddress(&address, BYTES, 0, NULL, 1));
  OK(aclrtMallocPhysical(&handle, BYTES, &prop, 0));
  OK(aclrtMapMem(address, BYTES, 0, handle, 0));
  aclrtMemLocation own = {0, ACL_MEM_LOCATION_TYPE_DEVICE}, other = {1, ACL_MEM_LOCATION_TYPE_DEVICE};
  uint64_t flag = 9;
  OK(aclrtMemGetAccess(address, &own, &flag));
  CHECK(flag == ACL_RT_MEM_ACCESS_FLAGS_READWRITE);
  OK(aclrtMemGetAccess(address, &other, &flag));
  CHECK(flag == ACL_RT_MEM_ACCESS_FLAGS_NONE);
  aclrtMemAccessDesc wanted = {.flags = ACL_RT_MEM_ACCESS_FLAGS_READWRITE, .location = other};
  OK(aclrtMemSetAccess(address, BYTES, &wanted, 1));
  OK(aclrtMemGetAccess(address, &other, &flag));
  CHECK(flag == ACL_RT_MEM_ACCESS_FLAGS_READWRITE);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemSetAccess(address, BYTES / 2, &wanted, 1));
  wanted.location.id = 99;
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtMemSetAccess(address, BYTES, &wanted, 1));
  aclrtPhysicalMemProp told;
  OK(aclrtMemGetAllocationPropertiesFromHandle(handle, &told));
  CHECK(told.location.type == ACL_MEM_LOCATION_TYPE_DEVICE && told.location.id == 0);
  aclrtPtrAttributes attributes;
  OK(aclrtPointerGetAttributes((char *)address + 64, &attributes));
  CHECK(attributes.location.type == ACL_MEM_LOCATION_TYPE_DEVICE && attributes.pageSize == BYTES);
  OK(aclrtUnmapMem(address));
  OK(aclrtFreePhysical(handle));
  OK(aclrtReleaseMemAddress(address));
}

/* Each retaining is one more aclrtFreePhysical; what is mapped is there, and can be retained, after the last. */
static void retained(void) {
  void *address = NULL;
  aclrtDrvMemHandle handle = NULL, again = NULL;
  aclrtPhysicalMemProp told, prop = {.handleType = ACL_MEM_HANDLE_TYPE_NONE, .allocationType = ACL_MEM_ALLOCATION_TYPE_PINNED,
                                     .memAttr = ACL_HBM_MEM_HUGE, .location = {0, ACL_MEM_LOCATION_TYPE_DEVICE}};
  size_t before = free_hbm();
  OK(aclrtReserveMemAddress(&address, BYTES, 0, NULL, 1));
  OK(aclrtMallocPhysical(&handle, BYTES, &prop, 0));
  OK(aclrtMapMem(address, BYTES, 0, handle, 0));
  OK(aclrtMemRetainAllocationHandle(address, &again));
  CHECK(again == handle);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemRetainAllocationHandle((char *)address + 64, &again));
  OK(aclrtFreePhysical(again));
  OK(aclrtMemGetAllocationPropertiesFromHandle(handle, &told));
  CHECK(told.location.type == ACL_MEM_LOCATION_TYPE_DEVICE && told.location.id == 0);
  OK(aclrtFreePhysical(handle));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtFreePhysical(handle));
  CHECK(free_hbm() == before - BYTES);
  OK(aclrtMemRetainAllocationHandle(address, &again));
  OK(aclrtMemGetAllocationPropertiesFromHandle(again, &told));
  OK(aclrtUnmapMem(address));
  CHECK(free_hbm() == before - BYTES);
  OK(aclrtFreePhysical(again));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtFreePhysical(again));
  CHECK(free_hbm() == before);
  OK(aclrtReleaseMemAddress(address));
}

static atomic_int heard, heard_too;
static atomic_uint heard_stream, heard_error, heard_device, heard_task;
static _Atomic(aclrtFuncHandle) heard_function;

static void hear(aclrtExceptionInfo *info) {
  aclrtFuncHandle function = NULL;
  atomic_store(&heard_task, aclrtGetTaskIdFromExceptionInfo(info));
  atomic_store(&heard_stream, aclrtGetStreamIdFromExceptionInfo(info));
  atomic_store(&heard_error, aclrtGetErrorCodeFromExceptionInfo(info));
  atomic_store(&heard_device, aclrtGetDeviceIdFromExceptionInfo(info));
  if (aclrtGetFuncHandleFromExceptionInfo(info, &function) == ACL_SUCCESS) atomic_store(&heard_function, function);
  atomic_fetch_add(&heard, 1);
}
static void hear_too(aclrtExceptionInfo *info) {
  if (aclrtGetErrorCodeFromExceptionInfo(info) == ACL_ERROR_RT_AICORE_EXCEPTION) atomic_fetch_add(&heard_too, 1);
}

static void launch_failing(aclrtStream stream) {
  uint64_t args[1] = {NPU_SIM_EXCEPTION};
  OK(aclrtLaunchKernelWithHostArgs(kernel("ending"), 1, stream, NULL, args, sizeof args, NULL, 0));
}

/* A kernel that fails is heard of before the synchronization says so, by all who asked for it, once each. */
static void exceptions(void) {
  aclrtStream stream = new_stream(), other = new_stream();
  int32_t id = -1;
  OK(aclrtStreamGetId(stream, &id));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtExceptionInfoCallbackRegister(NULL));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtExceptionInfoCallbackUnregister(NULL));
  OK(aclrtExceptionInfoCallbackUnregister(hear_too)); /* not registered: nothing to do */
  OK(aclrtSetExceptionInfoCallback(hear));
  OK(aclrtExceptionInfoCallbackRegister(hear_too));
  OK(aclrtExceptionInfoCallbackRegister(hear_too));
  uint32_t task = UINT32_MAX;
  launch_failing(stream);
  OK(aclrtGetThreadLastTaskId(&task));
  EXPECT(ACL_ERROR_RT_AICORE_EXCEPTION, aclrtSynchronizeStream(stream));
  CHECK(atomic_load(&heard_task) == task);
  CHECK(atomic_load(&heard) == 1 && atomic_load(&heard_too) == 1);
  CHECK(atomic_load(&heard_stream) == (uint32_t)id && atomic_load(&heard_device) == 0);
  CHECK(atomic_load(&heard_error) == ACL_ERROR_RT_AICORE_EXCEPTION && atomic_load(&heard_function) == kernel("ending"));
  OK(aclrtExceptionInfoCallbackUnregister(hear_too));
  launch_failing(other);
  while (atomic_load(&heard) < 2) OK(sched_yield()); /* nobody synchronizes */
  OK(aclrtStreamGetId(other, &id));
  CHECK(atomic_load(&heard_stream) == (uint32_t)id);
  EXPECT(ACL_ERROR_RT_AICORE_EXCEPTION, aclrtSynchronizeStream(other));
  OK(aclrtSetExceptionInfoCallback(NULL));
  launch_failing(stream);
  EXPECT(ACL_ERROR_RT_AICORE_EXCEPTION, aclrtSynchronizeStream(stream));
  CHECK(atomic_load(&heard) == 2 && atomic_load(&heard_too) == 1);
  CHECK(aclrtGetTaskIdFromExceptionInfo(NULL) == UINT32_MAX);
  OK(aclrtDestroyStream(stream));
  OK(aclrtDestroyStream(other));
}

static void versions(void) {
  char package[] = "runtime", none[] = "no-such-package", text[ACL_PKG_VERSION_MAX_SIZE];
  int32_t number = 0;
  OK(aclsysGetVersionStr(package, text));
  CHECK(strcmp(text, "9.1.0") == 0);
  OK(aclsysGetVersionNum(package, &number));
  CHECK(number == 90100000);
  EXPECT(ACL_ERROR_INVALID_PARAM, aclsysGetVersionStr(none, text));
  aclrtErrorInfo info;
  memset(&info, 0xff, sizeof info);
  OK(aclrtGetErrorVerbose(0, &info));
  CHECK(info.errorType == ACL_RT_NO_ERROR && info.tryRepair == 0);
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtGetErrorVerbose(99, &info));
}

int main(int argc, char **argv) {
  static const group groups[] = {
    {"states", states},
    {"host functions", host_functions},
    {"access", access},
    {"retained", retained},
    {"versions", versions},
    {"exceptions", exceptions},
  };
  start(argc, argv);
  (void)RUN_GROUPS(groups, argc, argv);
  end();
  return 0;
}
