/*
 * Kernels by the runtime below AscendCL: binaries are AscendCL's, and a kernel is named by an address of the program (its
 * stub), or by its binary and a key. Which function that is is looked up once.
 */
#include <pthread.h>
#include <stdlib.h>

#include "real_table.h"
#include "remote/error.h"
#include "remote_client.h"

/* Kernels that are named; a power of two, half of which is ever used. */
#define PLACES 16384u
/* More addresses than any kernel's arguments hold. */
#define MOST_PLACEHOLDERS 128u

typedef struct named {
  const void *owner; /* a stub, or a binary; NULL: free */
  uint64_t key;      /* of a kernel of a binary */
  const void *binary;
  aclrtFuncHandle function; /* NULL: its binary is gone */
} named;

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static named *table; /* made at the first use */
static uint32_t used;

static named *place_of(const void *owner, uint64_t key) {
  uint64_t hash = ((uint64_t)(uintptr_t)owner ^ key * 0x9e3779b97f4a7c15ull) * 0xbf58476d1ce4e5b9ull;
  uint32_t at = (uint32_t)(hash >> 40) & (PLACES - 1);
  while (table[at].owner != NULL && (table[at].owner != owner || table[at].key != key)) at = (at + 1) & (PLACES - 1);
  return &table[at];
}

static aclrtFuncHandle find(const void *owner, uint64_t key) {
  pthread_rwlock_rdlock(&lock);
  aclrtFuncHandle function = table != NULL ? place_of(owner, key)->function : NULL;
  pthread_rwlock_unlock(&lock);
  return function;
}

static aclError keep(const void *owner, uint64_t key, const void *binary, aclrtFuncHandle function) {
  pthread_rwlock_wrlock(&lock);
  if (table == NULL) table = calloc(PLACES, sizeof *table);
  named *n = table != NULL ? place_of(owner, key) : NULL;
  bool room = n != NULL && (n->owner != NULL || used < PLACES / 2);
  if (room) {
    used += n->owner == NULL;
    *n = (named){owner, key, binary, function};
  }
  pthread_rwlock_unlock(&lock);
  return room ? ACL_SUCCESS : fx_remote_fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "no room to name another kernel");
}

/* ---- binaries ---- */

rtError_t fx_remote_rtDevBinaryRegister(const rtDevBinary_t *bin, void **hdl) {
  if (bin == NULL || hdl == NULL) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "a required pointer is NULL");
  aclrtBinaryLoadOption magic = {.type = ACL_RT_BINARY_LOAD_OPT_MAGIC, .value = {.magic = bin->magic}};
  aclrtBinaryLoadOptions options = {.options = &magic, .numOpt = 1};
  return fx_real.aclrtBinaryLoadFromData(bin->data, bin->length, &options, hdl);
}

rtError_t fx_remote_rtRegisterAllKernel(const rtDevBinary_t *bin, void **hdl) { return fx_remote_rtDevBinaryRegister(bin, hdl); }

rtError_t fx_remote_rtDevBinaryUnRegister(void *hdl) {
  pthread_rwlock_wrlock(&lock);
  for (uint32_t i = 0; table != NULL && i < PLACES; i++)
    if (table[i].binary == hdl) table[i].function = NULL;
  pthread_rwlock_unlock(&lock);
  return fx_real.aclrtBinaryUnLoad(hdl);
}

rtError_t fx_remote_rtFunctionRegister(void *binHandle, const void *stubFunc, const char *stubName, const void *kernelInfoExt, uint32_t funcMode) {
  (void)stubName; /* for people */
  (void)funcMode;
  if (stubFunc == NULL || kernelInfoExt == NULL) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "no stub, or no kernel for it");
  aclrtFuncHandle function = NULL;
  aclError error = fx_real.aclrtBinaryGetFunction(binHandle, kernelInfoExt, &function);
  return error == ACL_SUCCESS ? keep(stubFunc, 0, binHandle, function) : error;
}

/* ---- launches ---- */

/* Each address in the arguments that points to data behind them is a placeholder of AscendCL's, tiling data's too. */
static rtError_t launch(aclrtFuncHandle function, uint32_t blocks, const rtArgsEx_t *info, const rtTaskCfgInfo_t *settings, rtStream_t stream) {
  if (info == NULL || (info->hostInputInfoNum > 0 && info->hostInputInfoPtr == NULL))
    return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "no arguments for the kernel");
  if (info->isNoNeedH2DCopy != 0) return fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "arguments in device memory do not go through a daemon");
  aclrtPlaceHolderInfo places[MOST_PLACEHOLDERS];
  size_t count = info->hostInputInfoNum + (size_t)(info->hasTiling != 0);
  if (count > MOST_PLACEHOLDERS) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu addresses in the arguments of a kernel", count);
  for (size_t i = 0; i < info->hostInputInfoNum; i++)
    places[i] = (aclrtPlaceHolderInfo){info->hostInputInfoPtr[i].addrOffset, info->hostInputInfoPtr[i].dataOffset};
  if (info->hasTiling != 0) places[count - 1] = (aclrtPlaceHolderInfo){info->tilingAddrOffset, info->tilingDataOffset};
  aclrtLaunchKernelAttr mode = {.id = ACL_RT_LAUNCH_KERNEL_ATTR_SCHEM_MODE};
  aclrtLaunchKernelCfg config = {.attrs = &mode, .numAttrs = 1};
  if (settings != NULL) mode.value.schemMode = settings->schemMode;
  return fx_real.aclrtLaunchKernelWithHostArgs(function, blocks, stream, settings != NULL && settings->schemMode != 0 ? &config : NULL,
                                               info->args, info->argsSize, places, count);
}

static rtError_t launch_stub(const void *stub, uint32_t blocks, const rtArgsEx_t *info, const rtTaskCfgInfo_t *settings, rtStream_t stream) {
  aclrtFuncHandle function = stub != NULL ? find(stub, 0) : NULL;
  if (function == NULL) return fx_remote_fail(ACL_ERROR_RT_KERNEL_LOOKUP, "no kernel is registered for this stub");
  return launch(function, blocks, info, settings, stream);
}

rtError_t fx_remote_rtKernelLaunch(const void *stubFunc, uint32_t numBlocks, void *args, uint32_t argsSize, rtSmDesc_t *smDesc, rtStream_t stm) {
  (void)smDesc; /* how the cache is used: AscendCL has no word for it */
  rtArgsEx_t info = {.args = args, .argsSize = argsSize};
  return launch_stub(stubFunc, numBlocks, &info, NULL, stm);
}

rtError_t fx_remote_rtKernelLaunchWithFlag(const void *stubFunc, uint32_t numBlocks, rtArgsEx_t *argsInfo, rtSmDesc_t *smDesc, rtStream_t stm,
                                           uint32_t flags) {
  (void)smDesc;
  (void)flags; /* of dumps */
  return launch_stub(stubFunc, numBlocks, argsInfo, NULL, stm);
}

rtError_t fx_remote_rtKernelLaunchWithFlagV2(const void *stubFunc, uint32_t numBlocks, rtArgsEx_t *argsInfo, rtSmDesc_t *smDesc, rtStream_t stm,
                                             uint32_t flags, const rtTaskCfgInfo_t *cfgInfo) {
  (void)smDesc;
  (void)flags;
  return launch_stub(stubFunc, numBlocks, argsInfo, cfgInfo, stm);
}

rtError_t fx_remote_rtKernelLaunchWithHandleV2(void *hdl, const uint64_t tilingKey, uint32_t numBlocks, rtArgsEx_t *argsInfo, rtSmDesc_t *smDesc,
                                               rtStream_t stm, const rtTaskCfgInfo_t *cfgInfo) {
  (void)smDesc;
  aclrtFuncHandle function = find(hdl, tilingKey);
  aclError error = ACL_SUCCESS;
  if (function == NULL) {
    error = fx_real.aclrtBinaryGetFunctionByEntry(hdl, tilingKey, &function);
    if (error == ACL_SUCCESS) error = keep(hdl, tilingKey, hdl, function);
  }
  return error == ACL_SUCCESS ? launch(function, numBlocks, argsInfo, cfgInfo, stm) : error;
}
