/*
 * Kernel launches whose arguments point into memory of the application: a launch that has to wait takes copies along.
 */
#include "api/packed.h"
#include "engine/submit.h"
#include "kernel/args_log.h"
#include "kernel/pack.h"
#include "real_table.h"

/* More than any kernel takes: a size that is wrong is not copied, the real library says so. */
#define ARGS_LIMIT_BYTES (1u << 20)

FX_EXPORT aclError aclrtLaunchKernelV2(aclrtFuncHandle funcHandle, uint32_t numBlocks, const void *argsData,
                                       size_t argsSize, aclrtLaunchKernelCfg *cfg, aclrtStream stream) {
  FX_COUNT(aclrtLaunchKernelV2);
  fx_stream *s = fx_stream_of(stream);
  if (FX_LIKELY(fx_credit_take(s))) return fx_real.aclrtLaunchKernelV2(funcHandle, numBlocks, argsData, argsSize, cfg, stream);
  if (funcHandle == NULL || argsData == NULL) {
    fx_drain(s);
    return fx_real.aclrtLaunchKernelV2(funcHandle, numBlocks, argsData, argsSize, cfg, stream);
  }
  fx_args_aclrtLaunchKernelV2 args = {funcHandle, numBlocks, argsData, argsSize, NULL, stream};
  fx_op_meta meta = {.api = FX_API_aclrtLaunchKernelV2, .op_class = FLEXNPU_OP_CLASS_KERNEL, .function = funcHandle,
                     .blocks = numBlocks, .args_bytes = (uint32_t)argsSize};
  fx_pack pack;
  fx_pack_begin(&pack);
  (void)fx_pack_add(&pack, &args, sizeof args);
  fx_pack_add_config(&pack, cfg);
  return fx_submit_packed(s, &meta, &pack);
}

aclError exec_aclrtLaunchKernelV2(const void *record) {
  fx_unpack u = {.at = (uint8_t *)(uintptr_t)record};
  const fx_args_aclrtLaunchKernelV2 *a = fx_unpack_next(&u, sizeof *a);
  aclrtLaunchKernelCfg cfg;
  return fx_real.aclrtLaunchKernelV2(a->funcHandle, a->numBlocks, a->argsData, a->argsSize, fx_unpack_config(&u, &cfg),
                                     a->stream);
}

/* Whether the arguments are of a size that may be copied, and every placeholder lies inside of them. */
static bool within(const aclrtPlaceHolderInfo *placeholders, size_t count, size_t bytes) {
  if (bytes > ARGS_LIMIT_BYTES || (placeholders == NULL && count > 0)) return false;
  for (size_t i = 0; i < count; i++)
    if (bytes < sizeof(uint64_t) || placeholders[i].addrOffset > bytes - sizeof(uint64_t) || placeholders[i].dataOffset > bytes)
      return false;
  return true;
}

FX_EXPORT aclError aclrtLaunchKernelWithHostArgs(aclrtFuncHandle funcHandle, uint32_t numBlocks, aclrtStream stream,
                                                 aclrtLaunchKernelCfg *cfg, void *hostArgs, size_t argsSize,
                                                 aclrtPlaceHolderInfo *placeHolderArray, size_t placeHolderNum) {
  FX_COUNT(aclrtLaunchKernelWithHostArgs);
  fx_stream *s = fx_stream_of(stream);
  if (FX_LIKELY(fx_credit_take(s)))
    return fx_real.aclrtLaunchKernelWithHostArgs(funcHandle, numBlocks, stream, cfg, hostArgs, argsSize,
                                                 placeHolderArray, placeHolderNum);
  if (funcHandle == NULL || hostArgs == NULL || !within(placeHolderArray, placeHolderNum, argsSize)) {
    fx_drain(s);
    return fx_real.aclrtLaunchKernelWithHostArgs(funcHandle, numBlocks, stream, cfg, hostArgs, argsSize,
                                                 placeHolderArray, placeHolderNum);
  }
  fx_args_aclrtLaunchKernelWithHostArgs args = {funcHandle, numBlocks, stream, NULL, NULL, argsSize, NULL, placeHolderNum};
  fx_op_meta meta = {.api = FX_API_aclrtLaunchKernelWithHostArgs, .op_class = FLEXNPU_OP_CLASS_KERNEL,
                     .function = funcHandle, .blocks = numBlocks, .args_bytes = (uint32_t)argsSize};
  fx_pack pack;
  fx_pack_begin(&pack);
  (void)fx_pack_add(&pack, &args, sizeof args);
  fx_pack_add_config(&pack, cfg);
  (void)fx_pack_add(&pack, hostArgs, argsSize);
  (void)fx_pack_add(&pack, placeHolderArray, placeHolderNum * sizeof *placeHolderArray);
  return fx_submit_packed(s, &meta, &pack);
}

aclError exec_aclrtLaunchKernelWithHostArgs(const void *record) {
  fx_unpack u = {.at = (uint8_t *)(uintptr_t)record};
  const fx_args_aclrtLaunchKernelWithHostArgs *a = fx_unpack_next(&u, sizeof *a);
  aclrtLaunchKernelCfg cfg, *configuration = fx_unpack_config(&u, &cfg);
  void *host_args = fx_unpack_next(&u, a->argsSize);
  aclrtPlaceHolderInfo *placeholders = a->placeHolderNum > 0 ? (aclrtPlaceHolderInfo *)(void *)u.at : NULL;
  return fx_real.aclrtLaunchKernelWithHostArgs(a->funcHandle, a->numBlocks, a->stream, configuration, host_args,
                                               a->argsSize, placeholders, a->placeHolderNum);
}

FX_EXPORT aclError aclrtLaunchKernelWithConfig(aclrtFuncHandle funcHandle, uint32_t numBlocks, aclrtStream stream,
                                               aclrtLaunchKernelCfg *cfg, aclrtArgsHandle argsHandle, void *reserve) {
  FX_COUNT(aclrtLaunchKernelWithConfig);
  fx_stream *s = fx_stream_of(stream);
  if (FX_LIKELY(fx_credit_take(s)))
    return fx_real.aclrtLaunchKernelWithConfig(funcHandle, numBlocks, stream, cfg, argsHandle, reserve);
  fx_args_log *log = argsHandle != NULL ? fx_args_find(argsHandle) : NULL;
  if (log == NULL || !log->whole || !log->finalized || log->function != funcHandle || reserve != NULL) {
    fx_drain(s); /* nothing to build it from later, or wrong: it goes now, in its turn */
    return fx_real.aclrtLaunchKernelWithConfig(funcHandle, numBlocks, stream, cfg, argsHandle, reserve);
  }
  fx_args_aclrtLaunchKernelWithConfig args = {funcHandle, numBlocks, stream, NULL, NULL, NULL};
  fx_op_meta meta = {.api = FX_API_aclrtLaunchKernelWithConfig, .op_class = FLEXNPU_OP_CLASS_KERNEL,
                     .function = funcHandle, .blocks = numBlocks, .args_bytes = (uint32_t)fx_args_bytes(log)};
  fx_pack pack;
  fx_pack_begin(&pack);
  (void)fx_pack_add(&pack, &args, sizeof args);
  fx_pack_add_config(&pack, cfg);
  fx_args_pack(log, &pack);
  return fx_submit_packed(s, &meta, &pack);
}

aclError exec_aclrtLaunchKernelWithConfig(const void *record) {
  fx_unpack u = {.at = (uint8_t *)(uintptr_t)record};
  const fx_args_aclrtLaunchKernelWithConfig *a = fx_unpack_next(&u, sizeof *a);
  aclrtLaunchKernelCfg cfg, *configuration = fx_unpack_config(&u, &cfg);
  aclError error;
  aclrtArgsHandle handle = fx_args_rebuild(a->funcHandle, &u, &error);
  if (handle == NULL) return error;
  return fx_real.aclrtLaunchKernelWithConfig(a->funcHandle, a->numBlocks, a->stream, configuration, handle, NULL);
}
