/* Attributes of streams and what follows from them: failures, ends of work, limits of cores, overflow. */
#include <stdbool.h>

#include "check.h"

static const npu_sim_work long_work = {0, 0, 100000000000, 0}; /* 95 ms */

static void launch_ending(aclrtStream stream, uint64_t outcome) {
  uint64_t args[1] = {outcome};
  OK(aclrtLaunchKernelWithHostArgs(kernel("ending"), 1, stream, NULL, args, sizeof args, NULL, 0));
}

static void attributes(void) {
  aclrtStream stream = NULL;
  uint32_t flags = 0, count = 0, less = 0, word = 0;
  int32_t least = -1, greatest = -1;
  OK(aclrtDeviceGetStreamPriorityRange(&least, &greatest));
  CHECK(least == 7 && greatest == 0);
  OK(aclrtGetStreamAvailableNum(&count));
  OK(aclrtCreateStreamWithConfig(&stream, 3, ACL_STREAM_FAST_LAUNCH | ACL_STREAM_FAST_SYNC));
  OK(aclrtGetStreamAvailableNum(&less));
  CHECK(less == count - 1);
  OK(aclrtStreamGetFlags(stream, &flags));
  CHECK(flags == (ACL_STREAM_FAST_LAUNCH | ACL_STREAM_FAST_SYNC));
  aclrtStreamAttrValue value = {0};
  OK(aclrtGetStreamAttribute(stream, ACL_STREAM_ATTR_PRIORITY, &value));
  CHECK(value.streamPriority == 3);
  value.userCustomTag = 77;
  OK(aclrtSetStreamAttribute(stream, ACL_STREAM_ATTR_USER_CUSTOM_TAG, &value));
  value.userCustomTag = 0;
  OK(aclrtGetStreamAttribute(stream, ACL_STREAM_ATTR_USER_CUSTOM_TAG, &value));
  CHECK(value.userCustomTag == 77);
  OK(aclrtSetStreamOverflowSwitch(stream, 1));
  OK(aclrtGetStreamOverflowSwitch(stream, &word));
  CHECK(word == 1);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtSetStreamOverflowSwitch(stream, 2));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtGetStreamAttribute(stream, (aclrtStreamAttr)99, &value));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtSetStreamFailureMode(stream, 9));
  aclrtStreamConfigHandle *config = aclrtCreateStreamConfigHandle();
  uint32_t priority = 5;
  OK(aclrtSetStreamConfigOpt(config, ACL_RT_STREAM_PRIORITY, &priority, sizeof priority));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtSetStreamConfigOpt(config, ACL_RT_STREAM_PRIORITY, &priority, 3));
  uint32_t too_low = 8;
  flags = ACL_STREAM_FAST_LAUNCH;
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtSetStreamConfigOpt(config, ACL_RT_STREAM_PRIORITY, &too_low, sizeof too_low));
  OK(aclrtSetStreamConfigOpt(config, ACL_RT_STREAM_FLAG, &flags, sizeof flags));
  aclrtStream plain = NULL;
  OK(aclrtCreateStreamV2(&plain, NULL));
  OK(aclrtDestroyStream(plain));
  aclrtStream second = NULL;
  OK(aclrtCreateStreamV2(&second, config));
  OK(aclrtStreamGetPriority(second, &word));
  CHECK(word == 5);
  OK(aclrtDestroyStreamConfigHandle(config));
  OK(aclrtDestroyStream(second));
  OK(aclrtDestroyStream(stream));
}

static void failures(void) {
  uint64_t *data = device_words(1);
  aclrtStream stream = new_stream();
  /* By default what follows a failure runs. */
  launch_ending(stream, NPU_SIM_EXCEPTION);
  launch_mix(stream, data, 0, 3);
  EXPECT(ACL_ERROR_RT_AICORE_EXCEPTION, aclrtSynchronizeStream(stream));
  EXPECT(ACL_ERROR_RT_AICORE_EXCEPTION, aclrtPeekAtLastError(ACL_RT_THREAD_LEVEL));
  EXPECT(ACL_ERROR_RT_AICORE_EXCEPTION, aclrtGetLastError(ACL_RT_THREAD_LEVEL));
  EXPECT(ACL_SUCCESS, aclrtGetLastError(ACL_RT_THREAD_LEVEL));
  CHECK(word(data) == 3);
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtDestroyStream(stream));
  /* In a context that stops, nothing does, on no stream. */
  aclrtContext before = NULL, context = NULL;
  OK(aclrtGetCurrentContext(&before));
  OK(aclrtCreateContext(&context, 0));
  stream = new_stream();
  aclrtStream other = new_stream();
  aclrtEvent event = new_event();
  OK(aclrtSetStreamFailureMode(stream, ACL_STOP_ON_FAILURE));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtSetStreamFailureMode(stream, ACL_CONTINUE_ON_FAILURE));
  /* All is submitted before it fails: afterwards nothing is taken any more. */
  aclrtNotify open = NULL;
  OK(aclrtCreateNotify(&open, 0));
  OK(aclrtWaitAndResetNotify(open, stream, 0));
  launch_mix(stream, data, 0, 4);
  launch_ending(stream, NPU_SIM_EXCEPTION);
  launch_mix(stream, data, 0, 5);
  OK(aclrtRecordEvent(event, stream));
  OK(aclrtStreamWaitEvent(other, event));
  launch_mix(other, data, 0, 6);
  aclrtStream opener = new_stream();
  OK(aclrtRecordNotify(open, opener));
  EXPECT(ACL_ERROR_RT_AICORE_EXCEPTION, aclrtSynchronizeStream(other));
  EXPECT(ACL_ERROR_RT_AICORE_EXCEPTION, aclrtSynchronizeStream(stream));
  CHECK(word(data) == 4);
  OK(aclrtDestroyStream(opener));
  OK(aclrtDestroyNotify(open));
  OK(aclrtDestroyEvent(event));
  OK(aclrtDestroyStream(stream));
  OK(aclrtDestroyStream(other));
  OK(aclrtDestroyContext(context));
  OK(aclrtSetCurrentContext(before));
  stream = new_stream();
  launch_mix(stream, data, 0, 7);
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(data) == 7);
  OK(aclrtDestroyStream(stream));
}

static void aborts(void) {
  uint64_t *data = device_words(2);
  aclrtStream stream = new_stream(), other = new_stream();
  aclrtNotify never = NULL;
  OK(aclrtCreateNotify(&never, 0));
  OK(aclrtWaitAndResetNotify(never, stream, 0));
  for (int i = 0; i < 100; i++) launch_mix(stream, data, 1, 1);
  OK(aclrtStreamAbort(stream));
  OK(aclrtSynchronizeStream(stream)); /* nothing is left */
  CHECK(word(data) == 0);
  launch_mix(stream, data, 0, 9); /* and it goes on */
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(data) == 9);
  OK(aclrtWaitAndResetNotify(never, stream, 0));
  launch_mix(stream, data, 0, 1);
  OK(aclrtWaitAndResetNotify(never, other, 0));
  launch_mix(other, data + 1, 0, 1);
  OK(aclrtDeviceTaskAbort(0, 0));
  OK(aclrtSynchronizeDevice());
  CHECK(word(data) == 9 && word(data + 1) == 0);
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtDeviceTaskAbort(99, 0));
  OK(aclrtDestroyStream(stream));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtStreamAbort(stream));
  OK(aclrtDestroyStream(other));
  OK(aclrtDestroyNotify(never));
}

/* Only what runs ends, and what follows comes. Where device time jumps, it may be over before. */
static void stops(void) {
  uint64_t *data = device_words(1);
  aclrtStream stream = new_stream();
  bool jumps = getenv("FLEXNPU_SIM_SPEED") != NULL;
  launch_mix_on(stream, 48, data, 1, 0, 70, (npu_sim_work){0, 0, 20000000000000, 0}); /* 19 s */
  launch_mix(stream, data, 10, 3);
  OK(aclrtStreamStop(stream));
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(data) == 3 || (jumps && word(data) == 703) || (late && word(data) == 70));
  OK(aclrtDestroyStream(stream));
}

static void cores(void) {
  aclrtStream stream = new_stream(), other = new_stream();
  uint32_t cube = 0, vector = 0, value = 0;
  OK(aclrtGetDeviceResLimit(0, ACL_RT_DEV_RES_CUBE_CORE, &cube));
  OK(aclrtGetDeviceResLimit(0, ACL_RT_DEV_RES_VECTOR_CORE, &vector));
  CHECK(cube == 24 && vector == 48);
  OK(aclrtSetDeviceResLimit(0, ACL_RT_DEV_RES_CUBE_CORE, 16));
  OK(aclrtGetResInCurrentThread(ACL_RT_DEV_RES_CUBE_CORE, &value));
  CHECK(value == 16);
  OK(aclrtSetStreamResLimit(stream, ACL_RT_DEV_RES_CUBE_CORE, 8));
  OK(aclrtGetStreamResLimit(stream, ACL_RT_DEV_RES_CUBE_CORE, &value));
  CHECK(value == 8);
  OK(aclrtGetStreamResLimit(other, ACL_RT_DEV_RES_CUBE_CORE, &value));
  CHECK(value == 16);
  OK(aclrtGetResInCurrentThread(ACL_RT_DEV_RES_CUBE_CORE, &value));
  CHECK(value == 16); /* set, but not used yet */
  OK(aclrtUseStreamResInCurrentThread(stream));
  OK(aclrtGetResInCurrentThread(ACL_RT_DEV_RES_CUBE_CORE, &value));
  CHECK(value == 8);
  OK(aclrtGetResInCurrentThread(ACL_RT_DEV_RES_VECTOR_CORE, &value));
  CHECK(value == vector);
  OK(aclrtUnuseStreamResInCurrentThread(stream));
  OK(aclrtGetResInCurrentThread(ACL_RT_DEV_RES_CUBE_CORE, &value));
  CHECK(value == 16);
  OK(aclrtResetStreamResLimit(stream));
  OK(aclrtResetDeviceResLimit(0));
  OK(aclrtGetStreamResLimit(stream, ACL_RT_DEV_RES_CUBE_CORE, &value));
  CHECK(value == cube);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtSetDeviceResLimit(0, ACL_RT_DEV_RES_CUBE_CORE, cube + 1));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtSetStreamResLimit(stream, (aclrtDevResLimitType)7, 1));
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtGetDeviceResLimit(99, ACL_RT_DEV_RES_CUBE_CORE, &value));
  OK(aclrtDestroyStream(stream));
  OK(aclrtDestroyStream(other));
}

static void overflow(void) {
  aclrtStream stream = new_stream();
  uint64_t *status = device_words(8);
  aclrtFloatOverflowMode mode = ACL_RT_OVERFLOW_MODE_UNDEF;
  OK(aclrtSetDeviceSatMode(ACL_RT_OVERFLOW_MODE_INFNAN));
  OK(aclrtGetDeviceSatMode(&mode));
  CHECK(mode == ACL_RT_OVERFLOW_MODE_INFNAN);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtSetDeviceSatMode(ACL_RT_OVERFLOW_MODE_UNDEF));
  OK(aclrtSetDeviceSatMode(ACL_RT_OVERFLOW_MODE_SATURATION));
  OK(aclrtGetOverflowStatus(status, 64, stream));
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(status) == 0);
  launch_ending(stream, NPU_SIM_OVERFLOW);
  OK(aclrtGetOverflowStatus(status, 64, stream));
  OK(aclrtResetOverflowStatus(stream));
  OK(aclrtSynchronizeStream(stream));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtGetOverflowStatus(status, 32, stream));
  CHECK((uint32_t)word(status) == 1);
  OK(aclrtGetOverflowStatus(status, 64, stream));
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(status) == 0);
  launch_ending(stream, NPU_SIM_OVERFLOW);
  OK(aclrtGetFloatOverflowStatus(status, 64, stream));
  OK(aclrtSynchronizeStream(stream));
  CHECK((uint32_t)word(status) == 1);
  OK(aclrtResetFloatOverflowStatus(stream));
  OK(aclrtGetFloatOverflowStatus(status, 64, stream));
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(status) == 0);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtGetFloatOverflowStatus(status, 8, stream));
  aclmdlRI graph = NULL;
  OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  EXPECT(ACL_ERROR_RT_STREAM_CAPTURED, aclrtGetFloatOverflowStatus(status, 64, stream));
  EXPECT(ACL_ERROR_RT_STREAM_CAPTURED, aclrtResetOverflowStatus(stream));
  OK(aclmdlRICaptureEnd(stream, &graph));
  OK(aclmdlRIDestroy(graph));
  OK(aclrtDestroyStream(stream));
}

static void event_forms(void) {
  aclrtStream stream = new_stream(), other = new_stream();
  aclrtEvent event = new_event(), plain = NULL, timed = NULL;
  uint64_t *data = device_words(1);
  uint32_t before = 0, after = 0, id = UINT32_MAX, second = UINT32_MAX;
  OK(aclrtGetEventAvailNum(&before));
  OK(aclrtCreateEvent(&plain));
  OK(aclrtCreateEventWithFlag(&timed, ACL_EVENT_TIME_LINE));
  OK(aclrtGetEventAvailNum(&after));
  CHECK(after == before - 2);
  OK(aclrtGetEventId(event, &id));
  OK(aclrtGetEventId(plain, &second));
  CHECK(id != second);
  launch_mix_on(stream, 48, data, 1, 0, 2, long_work);
  OK(aclrtRecordEventWithFlag(event, stream, ACL_EVENT_RECORD_DEFAULT));
  OK(aclrtStreamWaitEventWithTimeout(other, event, 10));
  OK(aclrtStreamWaitEventWithFlag(other, event, 10, ACL_EVENT_WAIT_DEFAULT));
  launch_mix(other, data, 10, 1);
  OK(aclrtSynchronizeStream(other));
  CHECK(word(data) == 21);
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtStreamWaitEventWithTimeout(other, event, -1));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtRecordEventWithFlag(event, stream, 8));
  /* A wait that lasts too long is an error of its stream. */
  npu_sim_work two_seconds = {0, 0, 2100000000000, 0};
  launch_mix_on(stream, 48, data, 1, 0, 3, two_seconds);
  OK(aclrtRecordEvent(event, stream));
  OK(aclrtStreamWaitEventWithTimeout(other, event, 1));
  aclError error = aclrtSynchronizeStream(other);
  if (!late) EXPECT(ACL_ERROR_RT_TASK_TIMEOUT, error);
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtDestroyEvent(event));
  OK(aclrtDestroyEvent(plain));
  OK(aclrtDestroyEvent(timed));
  OK(aclrtDestroyStream(stream));
  OK(aclrtDestroyStream(other));
}

int main(int argc, char **argv) {
  static const group groups[] = {
    {"attributes", attributes},
    {"failures", failures},
    {"aborts", aborts},
    {"stops", stops},
    {"cores", cores},
    {"overflow", overflow},
    {"event forms", event_forms},
  };
  start(argc, argv);
  (void)RUN_GROUPS(groups, argc, argv);
  end();
  return 0;
}
