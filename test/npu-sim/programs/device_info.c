/* What devices say of themselves and their neighbours, settings, and values that streams write and wait for. */
#include "check.h"

static void numbers(void) {
  int32_t other = -1, active = -1;
  uint32_t flags = 1;
  OK(aclrtGetLogicDevIdByUserDevId(1, &other));
  CHECK(other == 1);
  OK(aclrtGetPhyDevIdByLogicDevId(0, &other));
  CHECK(other == 0);
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtGetUserDevIdByPhyDevId(99, &other));
  aclrtUuid first, second, again;
  OK(aclrtDeviceGetUuid(0, &first));
  OK(aclrtDeviceGetUuid(1, &second));
  OK(aclrtDeviceGetUuid(0, &again));
  CHECK(memcmp(&first, &second, sizeof first) != 0 && memcmp(&first, &again, sizeof first) == 0);
  char bus[16];
  OK(aclrtDeviceGetPCIBusId(1, bus, sizeof bus));
  CHECK(strlen(bus) == 12);
  OK(aclrtDeviceGetByPCIBusId(bus, &other));
  CHECK(other == 1);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtDeviceGetPCIBusId(1, bus, 12));
  OK(aclrtGetPrimaryCtxState(0, &flags, &active));
  CHECK(active == 1);
  OK(aclrtGetPrimaryCtxState(1, &flags, &active));
  CHECK(active == 0);
}

static void neighbours(void) {
  int32_t can = 0, status = -1;
  uint64_t topology = 0;
  OK(aclrtDeviceCanAccessPeer(&can, 0, 1));
  CHECK(can == 1);
  OK(aclrtDevicePeerAccessStatus(0, 1, &status));
  CHECK(status == 0);
  OK(aclrtDeviceEnablePeerAccess(1, 0));
  OK(aclrtDevicePeerAccessStatus(0, 1, &status));
  CHECK(status == 1);
  OK(aclrtDevicePeerAccessStatus(1, 0, &status));
  CHECK(status == 0); /* one way */
  OK(aclrtDeviceDisablePeerAccess(1));
  OK(aclrtDevicePeerAccessStatus(0, 1, &status));
  CHECK(status == 0);
  OK(aclrtGetDevicesTopo(0, 1, &topology));
  CHECK(topology == ACL_RT_DEVS_TOPOLOGY_HCCS);
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtDeviceEnablePeerAccess(99, 0));
}

static void states(void) {
  aclrtDeviceStatus status = ACL_RT_DEVICE_STATUS_ABNORMAL;
  OK(aclrtQueryDeviceStatus(0, &status));
  CHECK(status == ACL_RT_DEVICE_STATUS_NORMAL);
  uint64_t *data = device_words(1);
  launch_mix_on(NULL, 48, data, 1, 0, 1, (npu_sim_work){4000000000000, 0, 1000, 0});
  OK(aclrtSynchronizeDeviceWithTimeout(60000));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtSynchronizeDeviceWithTimeout(-2));
  launch_mix_on(NULL, 48, data, 1, 0, 1, (npu_sim_work){0, 0, 100000000000, 0});
  EXPECT(ACL_ERROR_RT_STREAM_SYNC_TIMEOUT, aclrtSynchronizeDeviceWithTimeout(1));
  aclrtUtilizationInfo info;
  memset(&info, 0xff, sizeof info);
  OK(aclrtGetDeviceUtilizationRate(0, &info));
  CHECK(info.cubeUtilization >= 0 && info.cubeUtilization <= 100 && info.vectorUtilization >= 0);
  OK(aclrtSynchronizeDevice());
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtGetDeviceUtilizationRate(99, &info));
}

static void settings(void) {
  int64_t value = -1;
  OK(aclrtSetTsDevice(ACL_TS_ID_AICORE));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtSetTsDevice(ACL_TS_ID_RESERVED));
  OK(aclrtGetSysParamOpt(ACL_OPT_DETERMINISTIC, &value));
  CHECK(value == 0);
  EXPECT(ACL_ERROR_RT_SYSPARAMOPT_NOT_SET, aclrtCtxGetSysParamOpt(ACL_OPT_DETERMINISTIC, &value));
  OK(aclrtCtxSetSysParamOpt(ACL_OPT_DETERMINISTIC, 1));
  OK(aclrtCtxGetSysParamOpt(ACL_OPT_DETERMINISTIC, &value));
  CHECK(value == 1);
  OK(aclrtGetSysParamOpt(ACL_OPT_DETERMINISTIC, &value));
  CHECK(value == 0);
  OK(aclrtSetSysParamOpt(ACL_OPT_DETERMINISTIC, 2));
  OK(aclrtGetSysParamOpt(ACL_OPT_DETERMINISTIC, &value));
  CHECK(value == 2);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtSetSysParamOpt((aclSysParamOpt)99, 0));
  uint64_t step = 0, actual = 0;
  uint32_t ms = 0;
  OK(aclrtGetOpTimeOutInterval(&step));
  OK(aclrtSetOpExecuteTimeOutV2(step + 1, &actual));
  CHECK(actual == 2 * step);
  OK(aclrtGetOpExecuteTimeout(&ms));
  CHECK(ms == (uint32_t)(actual / 1000));
  OK(aclrtSetOpExecuteTimeOut(0));
  OK(aclrtSetOpWaitTimeout(0));
}

static void values(void) {
  aclrtStream first = new_stream(), second = new_stream();
  uint64_t *flag = device_words(1), *data = device_words(1);
  /* A stream waits for what another writes, and for what a kernel or a copy leaves. */
  OK(aclrtValueWait(flag, 5, ACL_STREAM_WAIT_VALUE_GEQ, second));
  launch_mix(second, data, 10, 1);
  launch_mix_on(first, 48, data, 1, 0, 4, (npu_sim_work){0, 0, 1000000000, 0});
  OK(aclrtValueWrite(flag, 5, 0, first));
  OK(aclrtSynchronizeStream(second));
  CHECK(word(data) == 41);
  OK(aclrtValueWait(flag, 9, ACL_STREAM_WAIT_VALUE_EQ, second));
  launch_mix(second, data, 10, 2);
  launch_mix(first, flag, 0, 9);
  OK(aclrtSynchronizeStream(second));
  CHECK(word(data) == 412);
  OK(aclrtValueWait(flag, 16, ACL_STREAM_WAIT_VALUE_AND, second));
  launch_mix(second, data, 10, 3);
  set_word(flag, 48);
  OK(aclrtSynchronizeStream(second));
  CHECK(word(data) == 4123);
  OK(aclrtValueWait(flag, 0, ACL_STREAM_WAIT_VALUE_NOR, second));
  OK(aclrtSynchronizeStream(second));
  OK(aclrtSynchronizeStream(first));
  EXPECT(ACL_ERROR_RT_ADDR_UNALIGNED, aclrtValueWrite((char *)flag + 1, 5, 0, first));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtValueWrite(flag, 5, 1, first));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtValueWait(flag, 5, 4, first));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtValueWait(NULL, 5, 0, first));
  uint64_t host = 0;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtValueWrite(&host, 5, 0, first));
  OK(aclrtDestroyStream(first));
  OK(aclrtDestroyStream(second));
}

static void atomics(void) {
  const aclrtAtomicOperation operations[4] = {ACL_RT_ATOMIC_OPERATION_DMA_ADD, ACL_RT_ATOMIC_OPERATION_INTEGER_ADD, ACL_RT_ATOMIC_OPERATION_DMA_MAX,
                                              ACL_RT_ATOMIC_OPERATION_SIMD_SCALAR_CAS};
  const uint32_t copied = ACL_RT_ATOMIC_CAPABILITY_SIGNED | ACL_RT_ATOMIC_CAPABILITY_SCALAR8 | ACL_RT_ATOMIC_CAPABILITY_SCALAR16 | ACL_RT_ATOMIC_CAPABILITY_SCALAR32;
  uint32_t capabilities[4] = {9, 9, 9, 9};
  OK(aclrtDeviceGetP2PAtomicCapabilities(capabilities, operations, 4, 0, 1));
  CHECK(capabilities[0] == copied && capabilities[1] == 0 && capabilities[2] == copied && capabilities[3] == 0);
  OK(aclrtDeviceGetHostAtomicCapabilities(capabilities, operations, 4, 1));
  CHECK(capabilities[0] == 0 && capabilities[1] == 0 && capabilities[2] == 0 && capabilities[3] == 0);
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtDeviceGetP2PAtomicCapabilities(capabilities, operations, 4, 1, 1));
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtDeviceGetP2PAtomicCapabilities(capabilities, operations, 4, 0, 2));
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtDeviceGetHostAtomicCapabilities(capabilities, operations, 4, -1));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtDeviceGetHostAtomicCapabilities(NULL, operations, 4, 0));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtDeviceGetP2PAtomicCapabilities(capabilities, NULL, 4, 0, 1));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtDeviceGetHostAtomicCapabilities(capabilities, operations, 0, 0));
  const aclrtAtomicOperation unknown = (aclrtAtomicOperation)45;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtDeviceGetHostAtomicCapabilities(capabilities, &unknown, 1, 0));
}

static void mapped_for_others(void) {
  uint64_t *data = device_words(8);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemP2PMap(data, 64, 1, 0)); /* not before they reach one another */
  OK(aclrtDeviceEnablePeerAccess(1, 0));
  OK(aclrtMemP2PMap(data, 64, 1, 0));
  OK(aclrtMemP2PMap(data, 64, 0, 0));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemP2PMap(NULL, 64, 1, 0));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemP2PMap(data, 0, 1, 0));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemP2PMap(data, 64, 1, 1));
  EXPECT(ACL_ERROR_RT_INVALID_DEVICEID, aclrtMemP2PMap(data, 64, 2, 0));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemP2PMap(&data, 8, 1, 0));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemP2PMap(data, 1 << 20, 1, 0));
  OK(aclrtDeviceDisablePeerAccess(1));
  OK(aclrtFree(data));
}

static size_t limit(aclrtDeviceLimit which) {
  size_t value = 0;
  OK(aclrtDeviceGetLimit(which, &value));
  return value;
}

static void limits(void) {
  CHECK(limit(ACL_RT_DEV_LIMIT_SIMD_STACK_SIZE) == 32768 && limit(ACL_RT_DEV_LIMIT_SIMD_PRINTF_FIFO_SIZE_PER_CORE) == 32768);
  OK(aclrtDeviceSetLimit(ACL_RT_DEV_LIMIT_SIMD_STACK_SIZE, 40000));
  CHECK(limit(ACL_RT_DEV_LIMIT_SIMD_STACK_SIZE) == 49152);
  OK(aclrtDeviceSetLimit(ACL_RT_DEV_LIMIT_SIMD_STACK_SIZE, 100)); /* less than every kernel has */
  CHECK(limit(ACL_RT_DEV_LIMIT_SIMD_STACK_SIZE) == 49152);
  OK(aclrtDeviceSetLimit(ACL_RT_DEV_LIMIT_SIMD_PRINTF_FIFO_SIZE_PER_CORE, 2001));
  CHECK(limit(ACL_RT_DEV_LIMIT_SIMD_PRINTF_FIFO_SIZE_PER_CORE) == 2008);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtDeviceSetLimit(ACL_RT_DEV_LIMIT_SIMD_PRINTF_FIFO_SIZE_PER_CORE, 1023));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtDeviceSetLimit(ACL_RT_DEV_LIMIT_SIMD_PRINTF_FIFO_SIZE_PER_CORE, (64 << 20) + 1));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtDeviceSetLimit(ACL_RT_DEV_LIMIT_SIMD_STACK_SIZE, 1ull << 32));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtDeviceSetLimit((aclrtDeviceLimit)5, 40000));
  size_t value = 0;
  for (int simt = 0; simt < 5; simt += 4) {
    EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtDeviceSetLimit((aclrtDeviceLimit)simt, 4096));
    EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtDeviceGetLimit((aclrtDeviceLimit)simt, &value));
  }
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtDeviceGetLimit((aclrtDeviceLimit)-1, &value));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtDeviceGetLimit(ACL_RT_DEV_LIMIT_SIMD_STACK_SIZE, NULL));
}

int main(int argc, char **argv) {
  static const group groups[] = {
    {"numbers", numbers}, {"neighbours", neighbours}, {"states", states},   {"settings", settings},
    {"values", values},   {"atomics", atomics},       {"limits", limits},   {"mapped for others", mapped_for_others},
  };
  start(argc, argv);
  (void)RUN_GROUPS(groups, argc, argv);
  end();
  return 0;
}
