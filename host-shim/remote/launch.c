/*
 * Launches: the record that host-shim/api/launch.c packs for a launch that waits, written straight into the ring. The
 * kernel's key and what its name says of the phase come from kernel/functions.h, as in-process.
 */
#include "kernel/functions.h"
#include "real_table.h"
#include "remote/args.h"
#include "remote/error.h"
#include "remote/handles.h"
#include "remote/kernels.h"
#include "remote/operator.h"
#include "remote/streams.h"
#include "remote_client.h"

/* More than AscendCL knows: a wrong count is not followed. */
#define ATTRIBUTES_LIMIT 64u

static size_t aligned(size_t bytes) { return (bytes + 7u) & ~(size_t)7u; }

/* Checks what all launches have, and begins the operator. */
static aclError begin(fx_operator *o, uint32_t api, aclrtFuncHandle function, uint32_t blocks, const aclrtLaunchKernelCfg *cfg, aclrtStream *stream) {
  if (function == NULL) return fx_remote_no_pointer();
  if (blocks == 0) return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "a launch of 0 blocks");
  aclError error = fx_kernel_check(function);
  if (error != ACL_SUCCESS) return error;
  if (cfg != NULL && ((cfg->attrs == NULL && cfg->numAttrs > 0) || cfg->numAttrs > ATTRIBUTES_LIMIT))
    return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "a launch configuration of %zu attributes at %p", cfg->numAttrs, (void *)cfg->attrs);
  if ((error = fx_stream_resolve(stream)) != ACL_SUCCESS) return error;
  const fx_function *known = fx_function_of(function);
  *o = (fx_operator){.api = api, .op_class = FLEXNPU_OP_CLASS_KERNEL, .stream = fx_handle_number(*stream),
                     .sync_object = FLEXNPU_NONE, .blocks = blocks};
  if (known != NULL) {
    o->key = known->key;
    o->evidence = known->evidence;
  }
  return ACL_SUCCESS;
}

static size_t config_bytes(const aclrtLaunchKernelCfg *cfg) {
  return 8u + (cfg != NULL ? aligned(cfg->numAttrs * sizeof *cfg->attrs) : 0);
}

/* As fx_pack_add_config. */
static void put_config(fx_operator *o, const aclrtLaunchKernelCfg *cfg) {
  uint64_t attributes = cfg != NULL ? cfg->numAttrs + 1u : 0;
  fx_operator_put(o, &attributes, sizeof attributes);
  if (cfg != NULL) fx_operator_put(o, cfg->attrs, cfg->numAttrs * sizeof *cfg->attrs);
}

aclError fx_remote_aclrtLaunchKernel(aclrtFuncHandle funcHandle, uint32_t numBlocks, const void *argsData, size_t argsSize, aclrtStream stream) {
  fx_operator o;
  if (argsData == NULL) return fx_remote_no_pointer();
  aclError error = begin(&o, FX_API_aclrtLaunchKernel, funcHandle, numBlocks, NULL, &stream);
  if (error != ACL_SUCCESS) return error;
  o.args_bytes = (uint32_t)argsSize;
  if ((error = fx_operator_open(&o, sizeof(fx_args_aclrtLaunchKernel))) != ACL_SUCCESS) return error;
  fx_args_aclrtLaunchKernel *args = fx_operator_place(&o, sizeof *args);
  *args = (fx_args_aclrtLaunchKernel){funcHandle, numBlocks, argsData, argsSize, stream};
  return fx_operator_submit(&o);
}

aclError fx_remote_aclrtLaunchKernelV2(aclrtFuncHandle funcHandle, uint32_t numBlocks, const void *argsData, size_t argsSize, aclrtLaunchKernelCfg *cfg, aclrtStream stream) {
  fx_operator o;
  if (argsData == NULL) return fx_remote_no_pointer();
  aclError error = begin(&o, FX_API_aclrtLaunchKernelV2, funcHandle, numBlocks, cfg, &stream);
  if (error != ACL_SUCCESS) return error;
  o.args_bytes = (uint32_t)argsSize;
  if ((error = fx_operator_open(&o, aligned(sizeof(fx_args_aclrtLaunchKernelV2)) + config_bytes(cfg))) != ACL_SUCCESS) return error;
  fx_args_aclrtLaunchKernelV2 *args = fx_operator_place(&o, sizeof *args);
  *args = (fx_args_aclrtLaunchKernelV2){funcHandle, numBlocks, argsData, argsSize, NULL, stream};
  put_config(&o, cfg);
  return fx_operator_submit(&o);
}

/* Whether every placeholder, and its data, lies inside of the arguments. */
static aclError check_placeholders(const aclrtPlaceHolderInfo *placeholders, size_t count, size_t bytes) {
  if (placeholders == NULL && count > 0) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "placeholders without a list");
  for (size_t i = 0; i < count; i++)
    if (bytes < sizeof(uint64_t) || placeholders[i].addrOffset > bytes - sizeof(uint64_t) || placeholders[i].dataOffset > bytes)
      return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "placeholder %zu (%u, %u) is outside the %zu bytes of arguments", i,
                            placeholders[i].addrOffset, placeholders[i].dataOffset, bytes);
  return ACL_SUCCESS;
}

aclError fx_remote_aclrtLaunchKernelWithHostArgs(aclrtFuncHandle funcHandle, uint32_t numBlocks, aclrtStream stream, aclrtLaunchKernelCfg *cfg, void *hostArgs,
                                                 size_t argsSize, aclrtPlaceHolderInfo *placeHolderArray, size_t placeHolderNum) {
  fx_operator o;
  if (hostArgs == NULL) return fx_remote_no_pointer();
  aclError error = begin(&o, FX_API_aclrtLaunchKernelWithHostArgs, funcHandle, numBlocks, cfg, &stream);
  if (error != ACL_SUCCESS) return error;
  if (placeHolderNum > 0 && (error = check_placeholders(placeHolderArray, placeHolderNum, argsSize)) != ACL_SUCCESS) return error;
  if (argsSize > FLEXNPU_RING_ARGS_BYTES || placeHolderNum > FLEXNPU_RING_ARGS_BYTES / sizeof *placeHolderArray)
    return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes of arguments", argsSize);
  size_t bytes = aligned(sizeof(fx_args_aclrtLaunchKernelWithHostArgs)) + config_bytes(cfg) + aligned(argsSize) + placeHolderNum * sizeof *placeHolderArray;
  o.args_bytes = (uint32_t)argsSize;
  if ((error = fx_operator_open(&o, bytes)) != ACL_SUCCESS) return error;
  fx_args_aclrtLaunchKernelWithHostArgs *args = fx_operator_place(&o, sizeof *args);
  *args = (fx_args_aclrtLaunchKernelWithHostArgs){funcHandle, numBlocks, stream, NULL, NULL, argsSize, NULL, placeHolderNum};
  put_config(&o, cfg);
  fx_operator_put(&o, hostArgs, argsSize);
  fx_operator_put(&o, placeHolderArray, placeHolderNum * sizeof *placeHolderArray);
  return fx_operator_submit(&o);
}

/* Bytes of the arguments, and what they take as fx_args_pack packs them. */
static size_t handle_bytes(const fx_kernel_args *args, size_t *packed) {
  size_t bytes = 0;
  *packed = 16;
  for (uint32_t i = 0; i < args->count; i++) {
    const fx_kernel_param *p = &args->params[i];
    bytes += p->placeholder ? 8u + p->data_bytes : p->bytes;
    *packed += 16u + aligned(p->placeholder ? p->data_bytes : p->bytes);
  }
  return bytes;
}

static void put_handle(fx_operator *o, const fx_kernel_args *args, size_t bytes) {
  uint64_t head[2] = {args->count, bytes};
  fx_operator_put(o, head, sizeof head);
  for (uint32_t i = 0; i < args->count; i++) {
    const fx_kernel_param *p = &args->params[i];
    uint64_t shape[2] = {p->placeholder, p->placeholder ? p->data_bytes : p->bytes};
    fx_operator_put(o, shape, sizeof shape);
    fx_operator_put(o, args->buffer + (p->placeholder ? p->data_offset : p->offset), shape[1]);
  }
}

aclError fx_remote_aclrtLaunchKernelWithConfig(aclrtFuncHandle funcHandle, uint32_t numBlocks, aclrtStream stream, aclrtLaunchKernelCfg *cfg,
                                               aclrtArgsHandle argsHandle, void *reserve) {
  fx_operator o;
  aclError error;
  if (reserve != NULL) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "reserve has to be NULL");
  const fx_kernel_args *given = fx_kernel_args_of(argsHandle, &error);
  if (given == NULL) return error;
  if ((error = begin(&o, FX_API_aclrtLaunchKernelWithConfig, funcHandle, numBlocks, cfg, &stream)) != ACL_SUCCESS) return error;
  if (!given->finalized || given->updating) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "the arguments are not finalized");
  if (given->function != funcHandle) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "the arguments are of another kernel");
  size_t packed, bytes = handle_bytes(given, &packed);
  o.args_bytes = (uint32_t)bytes;
  if ((error = fx_operator_open(&o, aligned(sizeof(fx_args_aclrtLaunchKernelWithConfig)) + config_bytes(cfg) + packed)) != ACL_SUCCESS) return error;
  fx_args_aclrtLaunchKernelWithConfig *args = fx_operator_place(&o, sizeof *args);
  *args = (fx_args_aclrtLaunchKernelWithConfig){funcHandle, numBlocks, stream, NULL, NULL, NULL};
  put_config(&o, cfg);
  put_handle(&o, given, bytes);
  return fx_operator_submit(&o);
}
