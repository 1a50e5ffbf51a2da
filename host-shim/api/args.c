/* Argument handles: the real call, then the same in our log (kernel/args_log.h). */
#include "boot/counters.h"
#include "kernel/args_log.h"
#include "real_table.h"

FX_EXPORT aclError aclrtKernelArgsInit(aclrtFuncHandle funcHandle, aclrtArgsHandle *argsHandle) {
  FX_COUNT(aclrtKernelArgsInit);
  aclError error = fx_real.aclrtKernelArgsInit(funcHandle, argsHandle);
  if (error == ACL_SUCCESS) fx_args_begin(funcHandle, *argsHandle);
  return error;
}

FX_EXPORT aclError aclrtKernelArgsInitByUserMem(aclrtFuncHandle funcHandle, aclrtArgsHandle argsHandle,
                                                void *userHostMem, size_t actualArgsSize) {
  FX_COUNT(aclrtKernelArgsInitByUserMem);
  aclError error = fx_real.aclrtKernelArgsInitByUserMem(funcHandle, argsHandle, userHostMem, actualArgsSize);
  if (error == ACL_SUCCESS) fx_args_begin(funcHandle, argsHandle);
  return error;
}

FX_EXPORT aclError aclrtKernelArgsAppend(aclrtArgsHandle argsHandle, void *param, size_t paramSize,
                                         aclrtParamHandle *paramHandle) {
  FX_COUNT(aclrtKernelArgsAppend);
  aclError error = fx_real.aclrtKernelArgsAppend(argsHandle, param, paramSize, paramHandle);
  if (error == ACL_SUCCESS) fx_args_append(argsHandle, *paramHandle, param, paramSize);
  return error;
}

FX_EXPORT aclError aclrtKernelArgsAppendPlaceHolder(aclrtArgsHandle argsHandle, aclrtParamHandle *paramHandle) {
  FX_COUNT(aclrtKernelArgsAppendPlaceHolder);
  aclError error = fx_real.aclrtKernelArgsAppendPlaceHolder(argsHandle, paramHandle);
  if (error == ACL_SUCCESS) fx_args_placeholder(argsHandle, *paramHandle);
  return error;
}

FX_EXPORT aclError aclrtKernelArgsGetPlaceHolderBuffer(aclrtArgsHandle argsHandle, aclrtParamHandle paramHandle,
                                                       size_t dataSize, void **bufferAddr) {
  FX_COUNT(aclrtKernelArgsGetPlaceHolderBuffer);
  aclError error = fx_real.aclrtKernelArgsGetPlaceHolderBuffer(argsHandle, paramHandle, dataSize, bufferAddr);
  if (error == ACL_SUCCESS) fx_args_buffer(argsHandle, paramHandle, *bufferAddr, dataSize);
  return error;
}

FX_EXPORT aclError aclrtKernelArgsParaUpdate(aclrtArgsHandle argsHandle, aclrtParamHandle paramHandle, void *param,
                                             size_t paramSize) {
  FX_COUNT(aclrtKernelArgsParaUpdate);
  aclError error = fx_real.aclrtKernelArgsParaUpdate(argsHandle, paramHandle, param, paramSize);
  if (error == ACL_SUCCESS) fx_args_update(argsHandle, paramHandle, param, paramSize);
  return error;
}

FX_EXPORT aclError aclrtKernelArgsFinalize(aclrtArgsHandle argsHandle) {
  FX_COUNT(aclrtKernelArgsFinalize);
  aclError error = fx_real.aclrtKernelArgsFinalize(argsHandle);
  if (error == ACL_SUCCESS) fx_args_finalized(argsHandle);
  return error;
}
