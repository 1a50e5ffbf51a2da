/* Devices, contexts and threads: what is current where, reference counts, and handles of another context. Run with two
 * devices (FLEXNPU_SIM_DEVICES=2). */
#include <pthread.h>

#include "check.h"

static aclrtContext main_context;
static aclrtStream main_stream;

static void *other_thread(void *unused) {
  (void)unused;
  int32_t device = -1;
  aclrtContext context = NULL;
  aclrtStream stream = NULL;
  /* Nothing is current in a new thread. */
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtGetDevice(&device));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtGetCurrentContext(&context));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtCreateStream(&stream));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtSynchronizeStream(NULL));
  /* The last error is the thread's own. */
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtPeekAtLastError(ACL_RT_THREAD_LEVEL));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtGetLastError(ACL_RT_THREAD_LEVEL));
  EXPECT(ACL_SUCCESS, aclrtGetLastError(ACL_RT_THREAD_LEVEL));
  /* Threads that set the same device share its default context and may use each other's streams. */
  OK(aclrtSetDevice(0));
  OK(aclrtGetCurrentContext(&context));
  CHECK(context == main_context);
  uint64_t *data = device_words(1);
  launch_mix(main_stream, data, 0, 5);
  OK(aclrtSynchronizeStream(main_stream));
  CHECK(word(data) == 5);
  OK(aclrtResetDevice(0)); /* the main thread still holds it */
  OK(aclrtSynchronizeStream(main_stream));
  return NULL;
}

static void explicit_contexts(void) {
  aclrtContext first = NULL, second = NULL, current = NULL;
  aclrtStream stream = NULL, second_stream = NULL;
  int32_t device = -1;
  OK(aclrtCreateContext(&first, 0));
  OK(aclrtGetCurrentContext(&current));
  CHECK(current == first && first != main_context);
  OK(aclrtCreateStream(&stream));
  EXPECT(ACL_ERROR_RT_STREAM_CONTEXT, aclrtSynchronizeStream(main_stream));
  OK(aclrtCreateContext(&second, 1));
  OK(aclrtGetDevice(&device));
  CHECK(device == 1);
  OK(aclrtCreateStream(&second_stream));
  EXPECT(ACL_ERROR_RT_STREAM_CONTEXT, aclrtSynchronizeStream(stream));
  OK(aclrtSetCurrentContext(first));
  OK(aclrtGetDevice(&device));
  CHECK(device == 0);
  uint64_t *data = device_words(1);
  launch_mix(stream, data, 0, 8);
  /* An event orders work of two devices. */
  aclrtEvent event = new_event();
  OK(aclrtRecordEvent(event, stream));
  OK(aclrtSetCurrentContext(second));
  OK(aclrtStreamWaitEvent(second_stream, event));
  launch_mix(second_stream, data, 2, 1);
  OK(aclrtSynchronizeStream(second_stream));
  CHECK(word(data) == 17);
  OK(aclrtDestroyContext(first));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtSetCurrentContext(first));
  OK(aclrtDestroyContext(second));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtGetDevice(&device)); /* it was current here */
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtDestroyContext(main_context));
  OK(aclrtSetCurrentContext(main_context));
}

static void device_references(void) {
  uint32_t count = 0;
  OK(aclrtGetDeviceCount(&count));
  CHECK(count == 2);
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtSetDevice(2));
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtSetDevice(-1));
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtResetDevice(1));
  int64_t cores = 0, vector_cores = 0, bytes = 0;
  OK(aclrtGetDeviceInfo(0, ACL_DEV_ATTR_CUBE_CORE_NUM, &cores));
  OK(aclrtGetDeviceInfo(1, ACL_DEV_ATTR_VECTOR_CORE_NUM, &vector_cores));
  OK(aclrtGetDeviceInfo(1, ACL_DEV_ATTR_TOTAL_GLOBAL_MEM_SIZE, &bytes));
  CHECK(cores == 24 && vector_cores == 48 && bytes == 64ll << 30);
  CHECK(strcmp(aclrtGetSocName(), "Ascend910B2") == 0);
  /* The last reset waits for what is queued and gives everything back. */
  OK(aclrtSetDevice(1));
  size_t free_before = 0, total = 0;
  OK(aclrtGetMemInfo(ACL_HBM_MEM, &free_before, &total));
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(1 << 20);
  for (int i = 0; i < 100; i++) launch_mix(stream, data, 1, 1);
  OK(aclrtSetDevice(1));
  OK(aclrtResetDevice(1));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtResetDevice(1));
  EXPECT(ACL_ERROR_RT_CONTEXT_NULL, aclrtSynchronizeStream(stream));
  OK(aclrtSetDevice(1));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtSynchronizeStream(stream));
  size_t free_after = 0;
  OK(aclrtGetMemInfo(ACL_HBM_MEM, &free_after, &total));
  CHECK(free_after == free_before);
  stream = new_stream();
  data = device_words(1);
  for (int i = 0; i < 1000; i++) launch_mix_on(stream, 48, data, 1, 1, 1, (npu_sim_work){0, 0, 1000000000, 0});
  OK(aclrtSetDevice(1));
  OK(aclrtResetDeviceForce(1));
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtResetDevice(1));
  OK(aclrtSetCurrentContext(main_context));
}

int main(int argc, char **argv) {
  start(argc, argv);
  EXPECT(ACL_ERROR_REPEAT_INITIALIZE, aclInit(NULL));
  uint64_t references = 9;
  OK(aclFinalizeReference(&references));
  CHECK(references == 1);
  OK(aclrtGetCurrentContext(&main_context));
  main_stream = new_stream();
  pthread_t thread;
  pthread_create(&thread, NULL, other_thread, NULL);
  pthread_join(thread, NULL);
  puts("ok threads");
  explicit_contexts();
  puts("ok explicit contexts");
  device_references();
  puts("ok device references");
  end();
  EXPECT(ACL_ERROR_REPEAT_FINALIZE, aclFinalize());
  puts("ok finalized");
  return 0;
}
