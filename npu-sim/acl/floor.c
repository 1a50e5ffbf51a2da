/*
 * The rt* functions of the runtime below AscendCL, for libraries that call them directly: the same streams, memory and
 * kernels by other names. A kernel is named by an address of the program (its stub), under which it was registered.
 */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define MAX_STUBS 4096u

typedef struct sim_stub {
  const void *address;
  aclrtFuncHandle function;
} sim_stub;

static pthread_mutex_t stubs_lock = PTHREAD_MUTEX_INITIALIZER;
static sim_stub stubs[MAX_STUBS];
static size_t stub_count;

/* The place of a stub; its number of entries where it has none. */
static size_t place_of(const void *address) {
  size_t i = 0;
  while (i < stub_count && stubs[i].address != address) i++;
  return i;
}

rtError_t sim_rtSetDevice(int32_t device) { return sim_aclrtSetDevice(device); }
rtError_t sim_rtDeviceReset(int32_t device) { return sim_aclrtResetDevice(device); }

rtError_t sim_rtGetSocVersion(char *name, uint32_t room) {
  const char *chip = sim_aclrtGetSocName();
  if (name == NULL || chip == NULL || strlen(chip) >= room) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "no room for the chip's name");
  memcpy(name, chip, strlen(chip) + 1);
  return ACL_SUCCESS;
}

static rtError_t cores(uint32_t *count, aclrtDevAttr attribute) {
  int32_t device = 0;
  int64_t value = 0;
  if (count == NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "no place for the number of cores");
  aclError error = sim_aclrtGetDevice(&device);
  if (error == ACL_SUCCESS) error = sim_aclrtGetDeviceInfo((uint32_t)device, attribute, &value);
  *count = (uint32_t)value;
  return error;
}

rtError_t sim_rtGetAiCoreCount(uint32_t *count) { return cores(count, ACL_DEV_ATTR_AICORE_CORE_NUM); }
rtError_t sim_rtGetAiCpuCount(uint32_t *count) { return cores(count, ACL_DEV_ATTR_AICPU_CORE_NUM); }

rtError_t sim_rtStreamCreate(rtStream_t *stream, int32_t priority) {
  if (stream == NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "no place for the stream");
  return sim_aclrtCreateStreamWithConfig(stream, priority < 0 ? 0 : (uint32_t)priority, 0);
}
rtError_t sim_rtStreamDestroy(rtStream_t stream) { return sim_aclrtDestroyStream(stream); }
rtError_t sim_rtStreamSynchronize(rtStream_t stream) { return sim_aclrtSynchronizeStream(stream); }
rtError_t sim_rtStreamWaitEvent(rtStream_t stream, rtEvent_t event) { return sim_aclrtStreamWaitEvent(stream, event); }
rtError_t sim_rtEventRecord(rtEvent_t event, rtStream_t stream) { return sim_aclrtRecordEvent(event, stream); }

rtError_t sim_rtMalloc(void **address, uint64_t size, rtMemType_t type, uint16_t module) {
  (void)type; /* every kind is the device's memory */
  (void)module;
  if (address == NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "no place for the address");
  return sim_aclrtMalloc(address, size, ACL_MEM_MALLOC_HUGE_FIRST);
}
rtError_t sim_rtFree(void *address) { return sim_aclrtFree(address); }

rtError_t sim_rtMallocHost(void **address, uint64_t size, uint16_t module) {
  (void)module;
  if (address == NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "no place for the address");
  return sim_aclrtMallocHost(address, size);
}
rtError_t sim_rtFreeHost(void *address) { return sim_aclrtFreeHost(address); }

static aclrtMemcpyKind kind_of(rtMemcpyKind_t kind) {
  return kind <= RT_MEMCPY_DEVICE_TO_DEVICE ? (aclrtMemcpyKind)kind : ACL_MEMCPY_DEFAULT;
}

rtError_t sim_rtMemcpy(void *dst, uint64_t room, const void *src, uint64_t count, rtMemcpyKind_t kind) {
  return sim_aclrtMemcpy(dst, room, src, count, kind_of(kind));
}
rtError_t sim_rtMemcpyAsync(void *dst, uint64_t room, const void *src, uint64_t count, rtMemcpyKind_t kind, rtStream_t stream) {
  return sim_aclrtMemcpyAsync(dst, room, src, count, kind_of(kind), stream);
}
rtError_t sim_rtMemsetAsync(void *address, uint64_t room, uint32_t value, uint64_t count, rtStream_t stream) {
  return sim_aclrtMemsetAsync(address, room, (int32_t)value, count, stream);
}

rtError_t sim_rtDevBinaryRegister(const rtDevBinary_t *binary, void **handle) {
  if (binary == NULL || handle == NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "no binary, or no place for its handle");
  return sim_aclrtBinaryLoadFromData(binary->data, binary->length, NULL, handle);
}
rtError_t sim_rtDevBinaryUnRegister(void *handle) { return sim_aclrtBinaryUnLoad(handle); }

rtError_t sim_rtFunctionRegister(void *binary, const void *stub, const char *stub_name, const void *kernel, uint32_t mode) {
  (void)stub_name;
  (void)mode;
  aclrtFuncHandle function = NULL;
  if (stub == NULL || kernel == NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "no stub, or no kernel for it");
  aclError error = sim_aclrtBinaryGetFunction(binary, kernel, &function);
  if (error != ACL_SUCCESS) return error;
  pthread_mutex_lock(&stubs_lock);
  size_t at = place_of(stub);
  if (at == MAX_STUBS) error = sim_fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "more than %u stubs", MAX_STUBS);
  else {
    stubs[at] = (sim_stub){.address = stub, .function = function};
    if (at == stub_count) stub_count++;
  }
  pthread_mutex_unlock(&stubs_lock);
  return error;
}

/* Each address in the arguments that points to data behind them is a placeholder of AscendCL's, tiling data too. */
static rtError_t launch(const void *stub, uint32_t blocks, rtArgsEx_t *info, rtStream_t stream) {
  if (stub == NULL || info == NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "no kernel, or no arguments for it");
  if (info->isNoNeedH2DCopy != 0) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "arguments in device memory are not simulated");
  pthread_mutex_lock(&stubs_lock);
  size_t at = place_of(stub);
  aclrtFuncHandle function = at < stub_count ? stubs[at].function : NULL;
  pthread_mutex_unlock(&stubs_lock);
  if (function == NULL) return sim_fail(ACL_ERROR_RT_KERNEL_LOOKUP, "no kernel is registered for this stub");
  size_t count = info->hostInputInfoNum + (size_t)(info->hasTiling != 0);
  aclrtPlaceHolderInfo *places = count > 0 ? malloc(count * sizeof *places) : NULL;
  if (count > 0 && places == NULL) return sim_fail(ACL_ERROR_BAD_ALLOC, "no memory for %zu addresses", count);
  for (size_t i = 0; i < info->hostInputInfoNum; i++)
    places[i] = (aclrtPlaceHolderInfo){info->hostInputInfoPtr[i].addrOffset, info->hostInputInfoPtr[i].dataOffset};
  if (info->hasTiling != 0) places[count - 1] = (aclrtPlaceHolderInfo){info->tilingAddrOffset, info->tilingDataOffset};
  aclError error = sim_aclrtLaunchKernelWithHostArgs(function, blocks, stream, NULL, info->args, info->argsSize, places, count);
  free(places);
  return error;
}

rtError_t sim_rtKernelLaunch(const void *stub, uint32_t blocks, void *args, uint32_t bytes, rtSmDesc_t *memory, rtStream_t stream) {
  (void)memory; /* how the cache is used: no part of the model */
  rtArgsEx_t info = {.args = args, .argsSize = bytes};
  return launch(stub, blocks, &info, stream);
}

rtError_t sim_rtKernelLaunchWithFlag(const void *stub, uint32_t blocks, rtArgsEx_t *info, rtSmDesc_t *memory, rtStream_t stream,
                                     uint32_t flags) {
  (void)memory;
  (void)flags; /* dumps */
  return launch(stub, blocks, info, stream);
}

rtError_t sim_rtKernelLaunchWithFlagV2(const void *stub, uint32_t blocks, rtArgsEx_t *info, rtSmDesc_t *memory, rtStream_t stream,
                                       uint32_t flags, const rtTaskCfgInfo_t *settings) {
  (void)settings;
  return sim_rtKernelLaunchWithFlag(stub, blocks, info, memory, stream, flags);
}
