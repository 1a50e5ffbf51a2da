/* What a device says of itself, and the settings of the process. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"

/* ---- numbers: no device is hidden or renamed here, so all are the same ---- */

static aclError same_number(int32_t number, int32_t *other) {
  aclError error;
  if (sim_device_at(number, &error) != NULL) *other = number;
  return error;
}

aclError sim_aclrtGetLogicDevIdByUserDevId(const int32_t user, int32_t *const logic) { return same_number(user, logic); }
aclError sim_aclrtGetUserDevIdByLogicDevId(const int32_t logic, int32_t *const user) { return same_number(logic, user); }
aclError sim_aclrtGetLogicDevIdByPhyDevId(const int32_t physical, int32_t *const logic) { return same_number(physical, logic); }
aclError sim_aclrtGetPhyDevIdByLogicDevId(const int32_t logic, int32_t *const physical) { return same_number(logic, physical); }
aclError sim_aclrtGetUserDevIdByPhyDevId(const int32_t physical, int32_t *const user) { return same_number(physical, user); }
aclError sim_aclrtGetPhyDevIdByUserDevId(const int32_t user, int32_t *const physical) { return same_number(user, physical); }

/* The bytes name the machine (or the process, without one) and the device: the same for all processes that share it. */
aclError sim_aclrtDeviceGetUuid(int32_t id, aclrtUuid *uuid) {
  aclError error;
  if (sim_device_at(id, &error) == NULL) return error;
  uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
  for (const char *name = sim_configuration.machine != NULL ? sim_configuration.machine : "npu-sim"; *name != '\0'; name++) {
    hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
  }
  uint64_t words[2] = {hash, ((uint64_t)sim_configuration.chip << 32) | (uint32_t)id};
  memcpy(uuid, words, sizeof words);
  return ACL_SUCCESS;
}

/* Place on a bus: one domain, a bus a device from here. */
#define FIRST_BUS 0x3du
#define BUS_ID_BYTES 13

aclError sim_aclrtDeviceGetPCIBusId(int32_t id, char *text, int32_t room) {
  aclError error;
  if (sim_device_at(id, &error) == NULL) return error;
  if (room < BUS_ID_BYTES) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%d bytes: expected %d or more", room, BUS_ID_BYTES);
  snprintf(text, (size_t)room, "0000:%02x:00.0", FIRST_BUS + (unsigned)id);
  return ACL_SUCCESS;
}

aclError sim_aclrtDeviceGetByPCIBusId(const char *text, int32_t *id) {
  aclError error = sim_configure();
  if (error != ACL_SUCCESS) return error;
  for (uint32_t i = 0; i < sim_configuration.devices; i++) {
    char known[BUS_ID_BYTES];
    if (sim_aclrtDeviceGetPCIBusId((int32_t)i, known, sizeof known) == ACL_SUCCESS && strcmp(known, text) == 0) {
      *id = (int32_t)i;
      return ACL_SUCCESS;
    }
  }
  return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "no device is at %.40s", text);
}

/* ---- state ---- */

aclError sim_aclrtQueryDeviceStatus(int32_t id, aclrtDeviceStatus *status) {
  aclError error;
  if (sim_device_at(id, &error) != NULL) *status = ACL_RT_DEVICE_STATUS_NORMAL;
  return error;
}

aclError sim_aclrtGetPrimaryCtxState(int32_t id, uint32_t *flags, int32_t *active) {
  aclError error;
  const sim_device *device = sim_device_at(id, &error);
  if (device == NULL) return error;
  if (flags != NULL) *flags = 0;
  if (active != NULL) *active = device->default_context != NULL;
  return ACL_SUCCESS;
}

/* Since the first operator, in percent of the chip's peak; the CPUs of the device do nothing here. */
aclError sim_aclrtGetDeviceUtilizationRate(int32_t id, aclrtUtilizationInfo *info) {
  aclError error;
  sim_device *device = sim_device_at(id, &error);
  if (device == NULL) return error;
  sim_engine_lock();
  sim_totals totals = {0};
  if (device->model != NULL && device->first_ns != SIM_NEVER) {
    uint64_t now = sim_engine_now();
    totals = sim_model_totals(device->model, now > device->first_ns ? now - device->first_ns : 1);
  }
  sim_engine_unlock();
  info->cubeUtilization = (int32_t)(totals.cube_permille / 10);
  info->vectorUtilization = (int32_t)(totals.vector_permille / 10);
  info->aicpuUtilization = 0;
  info->memoryUtilization = -1; /* not offered, as by CANN */
  info->utilizationExtend = NULL;
  return ACL_SUCCESS;
}

aclError sim_aclrtGetDeviceCapability(int32_t id, aclrtDevFeatureType feature, int32_t *value) {
  aclError error;
  if (sim_device_at(id, &error) == NULL) return error;
  if (feature != ACL_FEATURE_TSCPU_TASK_UPDATE_SUPPORT_AIC_AIV && feature != ACL_FEATURE_SYSTEM_MEMQ_EVENT_CROSS_DEV) {
    return sim_fail(ACL_ERROR_INVALID_PARAM, "feature %d is not known", (int)feature);
  }
  *value = ACL_DEV_FEATURE_NOT_SUPPORT;
  return ACL_SUCCESS;
}

aclError sim_aclrtSetTsDevice(aclrtTsId id) {
  if (id != ACL_TS_ID_AICORE && id != ACL_TS_ID_AIVECTOR) return sim_fail(ACL_ERROR_INVALID_PARAM, "scheduler %d is not known", (int)id);
  return ACL_SUCCESS; /* the chips have one for both */
}

/* ---- how long a kernel may take: no kernel is ended, so only what was asked for is kept ---- */

/* A2 and A3: steps of the hardware's counter, 254 of them at most (CANN's documentation gives 1,091 s). */
#define INTERVAL_US 4295000u
#define MOST_INTERVALS 254u

static uint64_t execute_us = (uint64_t)INTERVAL_US * MOST_INTERVALS;

static uint64_t set_execute_us(uint64_t us) {
  uint64_t steps = us == 0 ? MOST_INTERVALS : us / INTERVAL_US + (us % INTERVAL_US != 0);
  if (steps > MOST_INTERVALS) steps = MOST_INTERVALS;
  uint64_t actual = steps * INTERVAL_US;
  __atomic_store_n(&execute_us, actual, __ATOMIC_RELAXED);
  return actual;
}

aclError sim_aclrtSetOpExecuteTimeOut(uint32_t seconds) {
  set_execute_us(seconds * 1000000ull);
  return ACL_SUCCESS;
}
aclError sim_aclrtSetOpExecuteTimeOutWithMs(uint32_t ms) {
  set_execute_us(ms * 1000ull);
  return ACL_SUCCESS;
}
aclError sim_aclrtSetOpExecuteTimeOutV2(uint64_t us, uint64_t *actual) {
  *actual = set_execute_us(us);
  return ACL_SUCCESS;
}
aclError sim_aclrtGetOpTimeOutInterval(uint64_t *us) {
  *us = INTERVAL_US;
  return ACL_SUCCESS;
}
aclError sim_aclrtGetOpExecuteTimeout(uint32_t *const ms) {
  *ms = (uint32_t)(__atomic_load_n(&execute_us, __ATOMIC_RELAXED) / 1000u);
  return ACL_SUCCESS;
}

/* ---- settings ---- */

static int64_t system_options[SIM_SYSTEM_OPTIONS];

static aclError check_option(int option) {
  if (option >= 0 && option < (int)SIM_SYSTEM_OPTIONS) return ACL_SUCCESS;
  return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "setting %d is not known", option);
}

aclError sim_aclrtSetSysParamOpt(aclSysParamOpt option, int64_t value) {
  aclError error = check_option((int)option);
  if (error == ACL_SUCCESS) __atomic_store_n(&system_options[option], value, __ATOMIC_RELAXED);
  return error;
}

aclError sim_aclrtGetSysParamOpt(aclSysParamOpt option, int64_t *value) {
  aclError error = check_option((int)option);
  if (error == ACL_SUCCESS) *value = __atomic_load_n(&system_options[option], __ATOMIC_RELAXED);
  return error;
}

aclError sim_aclrtCtxSetSysParamOpt(aclSysParamOpt option, int64_t value) {
  aclError error = check_option((int)option);
  if (error != ACL_SUCCESS) return error;
  sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  context->system_options[option] = value;
  return ACL_SUCCESS;
}

aclError sim_aclrtCtxGetSysParamOpt(aclSysParamOpt option, int64_t *value) {
  aclError error = check_option((int)option);
  if (error != ACL_SUCCESS) return error;
  const sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  if (context->system_options[option] == SIM_UNSET) return sim_fail(ACL_ERROR_RT_SYSPARAMOPT_NOT_SET, "setting %d of the context was never set", (int)option);
  *value = context->system_options[option];
  return ACL_SUCCESS;
}

aclError sim_aclrtGetThreadLastTaskId(uint32_t *id) {
  *id = sim_self.last_task;
  return ACL_SUCCESS;
}
