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

int main(int argc, char **argv) {
  static const group groups[] = {
    {"numbers", numbers}, {"neighbours", neighbours}, {"states", states}, {"settings", settings}, {"values", values},
  };
  start(argc, argv);
  (void)RUN_GROUPS(groups, argc, argv);
  end();
  return 0;
}
