/*
 * Kernel launches by the runtime below AscendCL, as ATB makes them. Their arguments lie in host memory that the caller
 * may use again at once: a launch that has to wait takes copies along.
 */
#include "api/packed.h"
#include "boot/origin.h"
#include "kernel/functions.h"
#include "real_table.h"

/* More than any kernel takes: a size that is wrong is not copied, the real library says so. */
#define ARGS_LIMIT_BYTES (1u << 20)

/* Whether the arguments can be copied. */
static bool whole(const rtArgsEx_t *info) {
  if (info == NULL || info->args == NULL || info->argsSize > ARGS_LIMIT_BYTES) return false;
  return info->hostInputInfoNum == 0 || info->hostInputInfoPtr != NULL;
}

/* Arguments that are in device memory already stay where they are. */
static bool on_host(const rtArgsEx_t *info) { return info->isNoNeedH2DCopy == 0; }

static void pack(fx_pack *p, const void *fixed, size_t bytes, const rtArgsEx_t *info, const rtSmDesc_t *memory,
                 const rtTaskCfgInfo_t *settings) {
  fx_pack_begin(p);
  (void)fx_pack_add(p, fixed, bytes);
  (void)fx_pack_add(p, info, sizeof *info);
  if (on_host(info)) (void)fx_pack_add(p, info->args, info->argsSize);
  (void)fx_pack_add(p, info->hostInputInfoPtr, info->hostInputInfoNum * sizeof *info->hostInputInfoPtr);
  if (memory != NULL) (void)fx_pack_add(p, memory, sizeof *memory);
  if (settings != NULL) (void)fx_pack_add(p, settings, sizeof *settings);
}

static rtArgsEx_t *unpack(fx_unpack *u) {
  rtArgsEx_t *info = fx_unpack_next(u, sizeof *info);
  if (on_host(info)) info->args = fx_unpack_next(u, info->argsSize);
  rtHostInputInfo_t *inputs = fx_unpack_next(u, info->hostInputInfoNum * sizeof *inputs);
  if (info->hostInputInfoNum > 0) info->hostInputInfoPtr = inputs;
  return info;
}

/* Where the launch is not queued: it has credit, or is wrong. */
static bool at_once(fx_stream *s, const rtArgsEx_t *info, bool named) {
  if (FX_LIKELY(fx_credit_take(s))) return true;
  if (named && whole(info)) return false;
  fx_drain(s);
  return true;
}

FX_EXPORT rtError_t rtKernelLaunchWithFlag(const void *stubFunc, uint32_t numBlocks, rtArgsEx_t *argsInfo,
                                           rtSmDesc_t *smDesc, rtStream_t stm, uint32_t flags) {
  if (FX_FROM_BELOW()) return fx_real.rtKernelLaunchWithFlag(stubFunc, numBlocks, argsInfo, smDesc, stm, flags);
  FX_COUNT(rtKernelLaunchWithFlag);
  fx_stream *s = fx_stream_of(stm);
  if (at_once(s, argsInfo, stubFunc != NULL))
    return fx_real.rtKernelLaunchWithFlag(stubFunc, numBlocks, argsInfo, smDesc, stm, flags);
  fx_args_rtKernelLaunchWithFlag args = {stubFunc, numBlocks, argsInfo, smDesc, stm, flags};
  fx_op_meta meta = {.api = FX_API_rtKernelLaunchWithFlag, .op_class = FLEXNPU_OP_CLASS_KERNEL,
                     .function = fx_function_stub(stubFunc), .blocks = numBlocks, .args_bytes = argsInfo->argsSize};
  fx_pack p;
  pack(&p, &args, sizeof args, argsInfo, smDesc, NULL);
  return fx_submit_packed(s, &meta, &p);
}

aclError exec_rtKernelLaunchWithFlag(const void *record) {
  fx_unpack u = {.at = (uint8_t *)(uintptr_t)record};
  const fx_args_rtKernelLaunchWithFlag *a = fx_unpack_next(&u, sizeof *a);
  rtArgsEx_t *info = unpack(&u);
  rtSmDesc_t *memory = a->smDesc != NULL ? fx_unpack_next(&u, sizeof *memory) : NULL;
  return fx_real.rtKernelLaunchWithFlag(a->stubFunc, a->numBlocks, info, memory, a->stm, a->flags);
}

FX_EXPORT rtError_t rtKernelLaunchWithFlagV2(const void *stubFunc, uint32_t numBlocks, rtArgsEx_t *argsInfo,
                                             rtSmDesc_t *smDesc, rtStream_t stm, uint32_t flags,
                                             const rtTaskCfgInfo_t *cfgInfo) {
  if (FX_FROM_BELOW()) return fx_real.rtKernelLaunchWithFlagV2(stubFunc, numBlocks, argsInfo, smDesc, stm, flags, cfgInfo);
  FX_COUNT(rtKernelLaunchWithFlagV2);
  fx_stream *s = fx_stream_of(stm);
  if (at_once(s, argsInfo, stubFunc != NULL))
    return fx_real.rtKernelLaunchWithFlagV2(stubFunc, numBlocks, argsInfo, smDesc, stm, flags, cfgInfo);
  fx_args_rtKernelLaunchWithFlagV2 args = {stubFunc, numBlocks, argsInfo, smDesc, stm, flags, cfgInfo};
  fx_op_meta meta = {.api = FX_API_rtKernelLaunchWithFlagV2, .op_class = FLEXNPU_OP_CLASS_KERNEL,
                     .function = fx_function_stub(stubFunc), .blocks = numBlocks, .args_bytes = argsInfo->argsSize};
  fx_pack p;
  pack(&p, &args, sizeof args, argsInfo, smDesc, cfgInfo);
  return fx_submit_packed(s, &meta, &p);
}

aclError exec_rtKernelLaunchWithFlagV2(const void *record) {
  fx_unpack u = {.at = (uint8_t *)(uintptr_t)record};
  const fx_args_rtKernelLaunchWithFlagV2 *a = fx_unpack_next(&u, sizeof *a);
  rtArgsEx_t *info = unpack(&u);
  rtSmDesc_t *memory = a->smDesc != NULL ? fx_unpack_next(&u, sizeof *memory) : NULL;
  rtTaskCfgInfo_t *settings = a->cfgInfo != NULL ? fx_unpack_next(&u, sizeof *settings) : NULL;
  return fx_real.rtKernelLaunchWithFlagV2(a->stubFunc, a->numBlocks, info, memory, a->stm, a->flags, settings);
}

FX_EXPORT rtError_t rtKernelLaunchWithHandleV2(void *hdl, uint64_t tilingKey, uint32_t numBlocks, rtArgsEx_t *argsInfo,
                                               rtSmDesc_t *smDesc, rtStream_t stm, const rtTaskCfgInfo_t *cfgInfo) {
  if (FX_FROM_BELOW()) return fx_real.rtKernelLaunchWithHandleV2(hdl, tilingKey, numBlocks, argsInfo, smDesc, stm, cfgInfo);
  FX_COUNT(rtKernelLaunchWithHandleV2);
  fx_stream *s = fx_stream_of(stm);
  if (at_once(s, argsInfo, hdl != NULL))
    return fx_real.rtKernelLaunchWithHandleV2(hdl, tilingKey, numBlocks, argsInfo, smDesc, stm, cfgInfo);
  fx_args_rtKernelLaunchWithHandleV2 args = {hdl, tilingKey, numBlocks, argsInfo, smDesc, stm, cfgInfo};
  fx_op_meta meta = {.api = FX_API_rtKernelLaunchWithHandleV2, .op_class = FLEXNPU_OP_CLASS_KERNEL,
                     .function = fx_function_keyed(hdl, tilingKey), .blocks = numBlocks, .args_bytes = argsInfo->argsSize};
  fx_pack p;
  pack(&p, &args, sizeof args, argsInfo, smDesc, cfgInfo);
  return fx_submit_packed(s, &meta, &p);
}

aclError exec_rtKernelLaunchWithHandleV2(const void *record) {
  fx_unpack u = {.at = (uint8_t *)(uintptr_t)record};
  const fx_args_rtKernelLaunchWithHandleV2 *a = fx_unpack_next(&u, sizeof *a);
  rtArgsEx_t *info = unpack(&u);
  rtSmDesc_t *memory = a->smDesc != NULL ? fx_unpack_next(&u, sizeof *memory) : NULL;
  rtTaskCfgInfo_t *settings = a->cfgInfo != NULL ? fx_unpack_next(&u, sizeof *settings) : NULL;
  return fx_real.rtKernelLaunchWithHandleV2(a->hdl, a->tilingKey, a->numBlocks, info, memory, a->stm, settings);
}
