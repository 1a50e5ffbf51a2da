/* What programs ask of the software and of their kernels: attributes, versions of chips, exceptions. */
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "memory.h"
#include "listeners.h"

/* ---- CANN ---- */

static const aclCannAttr attributes[] = {ACL_CANN_ATTR_INF_NAN, ACL_CANN_ATTR_BF16};

aclError sim_aclGetCannAttributeList(const aclCannAttr **list, size_t *count) {
  *list = attributes;
  *count = sizeof attributes / sizeof attributes[0];
  return ACL_SUCCESS;
}

aclError sim_aclGetCannAttribute(aclCannAttr attribute, int32_t *value) {
  if ((int)attribute < ACL_CANN_ATTR_INF_NAN || (int)attribute > ACL_CANN_ATTR_JIT_COMPILE) {
    return sim_fail(ACL_ERROR_INVALID_PARAM, "attribute %d is not known", (int)attribute);
  }
  *value = 0; /* nothing is compiled here */
  for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
    if (attributes[i] == attribute) *value = 1;
  }
  return ACL_SUCCESS;
}

aclError sim_aclGetDeviceCapability(uint32_t id, aclDeviceInfo info, int64_t *value) {
  switch ((int)info) {
    case ACL_DEVICE_INFO_AI_CORE_NUM:
      return sim_aclrtGetDeviceInfo(id, ACL_DEV_ATTR_AICORE_CORE_NUM, value);
    case ACL_DEVICE_INFO_VECTOR_CORE_NUM:
      return sim_aclrtGetDeviceInfo(id, ACL_DEV_ATTR_VECTOR_CORE_NUM, value);
    case ACL_DEVICE_INFO_L2_SIZE:
      return sim_aclrtGetDeviceInfo(id, ACL_DEV_ATTR_L2_CACHE_SIZE, value);
    default:
      return sim_fail(ACL_ERROR_INVALID_PARAM, "device capability %d is not known", (int)info);
  }
}

/* The version of all packages that this stands for: CANN runtime's, whose API it follows. */
#define PACKAGE_MAJOR 9
#define PACKAGE_MINOR 1
#define PACKAGE_PATCH 0
/* What CANN makes a number of: a later version is a larger one. */
#define WEIGHT_MAJOR 10000000
#define WEIGHT_MINOR 100000
#define WEIGHT_PATCH 1000

static aclError check_package(const char *name) {
  static const char *const known[] = {"runtime", "cann", "toolkit", "compiler", "opp", "ops", "hccl", "driver", "firmware"};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    if (strcmp(name, known[i]) == 0) return ACL_SUCCESS;
  }
  return sim_fail(ACL_ERROR_INVALID_PARAM, "package %.60s is not known", name);
}

aclError sim_aclsysGetVersionStr(char *name, char *version) {
  aclError error = check_package(name);
  if (error == ACL_SUCCESS) snprintf(version, ACL_PKG_VERSION_MAX_SIZE, "%d.%d.%d", PACKAGE_MAJOR, PACKAGE_MINOR, PACKAGE_PATCH);
  return error;
}

aclError sim_aclsysGetVersionNum(char *name, int32_t *version) {
  aclError error = check_package(name);
  if (error == ACL_SUCCESS) *version = PACKAGE_MAJOR * WEIGHT_MAJOR + PACKAGE_MINOR * WEIGHT_MINOR + PACKAGE_PATCH * WEIGHT_PATCH;
  return error;
}

/* Kernels of one chip of a family run on the others of it: "Ascend910B" of Ascend910B2. */
aclError sim_aclrtCheckArchCompatibility(const char *soc, int32_t *compatible) {
  aclError error = sim_configure();
  if (error != ACL_SUCCESS) return error;
  const char *own = sim_configuration.soc_name;
  size_t family = strcspn(own, "_");
  if (own[family] == '\0') family--; /* the bin is the last digit */
  *compatible = strncmp(soc, own, family) == 0;
  return ACL_SUCCESS;
}

/* ---- kernels ---- */

aclError sim_aclrtFunctionGetBinary(const aclrtFuncHandle handle, aclrtBinHandle *binary) {
  const sim_function *function = sim_function_of(handle);
  if (function == NULL) return ACL_ERROR_RT_INVALID_HANDLE;
  *binary = function->binary;
  return ACL_SUCCESS;
}

/* A kernel that computes on the host is of no one kind of core: what it is shows in its work only. */
aclError sim_aclrtGetFunctionAttribute(aclrtFuncHandle handle, aclrtFuncAttribute attribute, int64_t *value) {
  if (sim_function_of(handle) == NULL) return ACL_ERROR_RT_INVALID_HANDLE;
  switch ((int)attribute) {
    case ACL_FUNC_ATTR_KERNEL_TYPE:
      *value = ACL_KERNEL_TYPE_MIX;
      return ACL_SUCCESS;
    case ACL_FUNC_ATTR_KERNEL_RATIO: /* a cube core to two vector cores, as the chips have them, 16 bits each */
      *value = 1 | 2 << 16;
      return ACL_SUCCESS;
    case ACL_FUNC_ATTR_KERNEL_SCHED_MODE:
      *value = 0;
      return ACL_SUCCESS;
    default:
      return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "kernel attribute %d is not known", (int)attribute);
  }
}

/* Words of the device by which the cores of a kernel wait for one another: made at the first question, then kept. */
#define SYNC_BYTES 512u

aclError sim_aclrtGetHardwareSyncAddr(void **address) {
  sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  sim_device *device = context->device;
  sim_engine_lock();
  aclError error = ACL_SUCCESS;
  if (device->sync_words == NULL) error = sim_aclrtMalloc(&device->sync_words, SYNC_BYTES, ACL_MEM_MALLOC_NORMAL_ONLY);
  *address = device->sync_words;
  sim_engine_unlock();
  return error;
}

/* ---- exceptions ---- */

struct rtExceptionInfo {
  uint32_t task, stream, thread, device;
  aclError error;
  const sim_task *kernel;
};

#define MOST_CALLBACKS 64u
/* The first is aclrtSetExceptionInfoCallback's. */
static aclrtExceptionInfoCallback callbacks[1 + MOST_CALLBACKS];

aclError sim_aclrtSetExceptionInfoCallback(aclrtExceptionInfoCallback callback) {
  sim_engine_lock();
  callbacks[0] = callback;
  sim_engine_unlock();
  return ACL_SUCCESS;
}

/* Puts `to` where `from` stands. */
static bool exchange(aclrtExceptionInfoCallback from, aclrtExceptionInfoCallback to) {
  for (uint32_t i = 1; i <= MOST_CALLBACKS; i++) {
    if (callbacks[i] != from) continue;
    callbacks[i] = to;
    return true;
  }
  return false;
}

aclError sim_aclrtExceptionInfoCallbackRegister(aclrtExceptionInfoCallback callback) {
  if (callback == NULL) return sim_fail(ACL_ERROR_INVALID_PARAM, "no function");
  sim_engine_lock();
  bool there = exchange(callback, callback) || exchange(NULL, callback); /* twice is once */
  sim_engine_unlock();
  return there ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "more than %u functions that hear of exceptions", MOST_CALLBACKS);
}

aclError sim_aclrtExceptionInfoCallbackUnregister(aclrtExceptionInfoCallback callback) {
  if (callback == NULL) return sim_fail(ACL_ERROR_INVALID_PARAM, "no function");
  sim_engine_lock();
  (void)exchange(callback, NULL); /* nothing where it did not hear of any */
  sim_engine_unlock();
  return ACL_SUCCESS;
}

/* The last one set counts. */
aclError sim_aclrtBinarySetExceptionCallback(aclrtBinHandle handle, aclrtOpExceptionCallback callback, void *data) {
  if (callback == NULL) return sim_fail(ACL_ERROR_INVALID_PARAM, "no function");
  sim_engine_lock();
  aclError error;
  sim_binary *binary = sim_binary_of(handle, &error);
  if (binary != NULL) {
    binary->on_exception = callback;
    binary->on_exception_data = data;
  }
  sim_engine_unlock();
  return error;
}

/* After those that hear of all kernels; the launch keeps an unloaded binary, but nobody listens to it any more. */
static void tell_binary(sim_stream *stream, struct rtExceptionInfo *info) {
  const sim_binary *binary = info->kernel->u.kernel.function->binary;
  if (binary->on_exception == NULL || binary->unloaded) return;
  aclrtOpExceptionCallback callback = binary->on_exception;
  void *data = binary->on_exception_data;
  stream->executing = true;
  sim_engine_unlock();
  callback(info, data);
  sim_engine_lock();
  stream->executing = false;
}

void sim_exception(sim_stream *stream, const sim_task *kernel, aclError error) {
  aclrtExceptionInfoCallback list[1 + MOST_CALLBACKS];
  memcpy(list, callbacks, sizeof list);
  struct rtExceptionInfo info = {(uint32_t)stream->completed + 1, (uint32_t)stream->id, (uint32_t)(uintptr_t)pthread_self(), stream->device->index, error, kernel};
  for (uint32_t i = 0; i <= MOST_CALLBACKS; i++) {
    if (list[i] == NULL) continue;
    stream->executing = true; /* nobody ends it meanwhile */
    sim_engine_unlock();
    list[i](&info);
    sim_engine_lock();
    stream->executing = false;
  }
  tell_binary(stream, &info);
}

/* What is wrong with a device: here only what its kernels said, which nothing repairs. */
aclError sim_aclrtGetErrorVerbose(int32_t id, aclrtErrorInfo *info) {
  aclError error;
  const sim_device *device = sim_device_at(id, &error);
  if (device == NULL) return error;
  memset(info, 0, sizeof *info);
  if (device->excepted) {
    info->errorType = ACL_RT_ERROR_AICORE;
    info->hasDetail = 1;
    info->detail.aicoreErrType = ACL_RT_AICORE_ERROR_SW;
  }
  return ACL_SUCCESS;
}

uint32_t sim_aclrtGetTaskIdFromExceptionInfo(const aclrtExceptionInfo *info) { return info != NULL ? info->task : UINT32_MAX; }
uint32_t sim_aclrtGetStreamIdFromExceptionInfo(const aclrtExceptionInfo *info) { return info != NULL ? info->stream : UINT32_MAX; }
uint32_t sim_aclrtGetThreadIdFromExceptionInfo(const aclrtExceptionInfo *info) { return info != NULL ? info->thread : UINT32_MAX; }
uint32_t sim_aclrtGetDeviceIdFromExceptionInfo(const aclrtExceptionInfo *info) { return info != NULL ? info->device : UINT32_MAX; }
uint32_t sim_aclrtGetErrorCodeFromExceptionInfo(const aclrtExceptionInfo *info) { return info != NULL ? (uint32_t)info->error : UINT32_MAX; }

aclError sim_aclrtGetArgsFromExceptionInfo(const aclrtExceptionInfo *info, void **args, uint32_t *bytes) {
  *args = (void *)info->kernel->u.kernel.args;
  *bytes = (uint32_t)info->kernel->u.kernel.args_bytes;
  return ACL_SUCCESS;
}

aclError sim_aclrtGetFuncHandleFromExceptionInfo(const aclrtExceptionInfo *info, aclrtFuncHandle *function) {
  *function = info->kernel->u.kernel.function;
  return ACL_SUCCESS;
}
