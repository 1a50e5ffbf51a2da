/*
 * Devices and streams by the runtime below AscendCL (ATB, AI CPU operators, older CANN). What AscendCL itself asks of the
 * runtime was seen already and is passed on.
 */
#include "api/quiesce.h"
#include "boot/origin.h"
#include "engine/submit.h"
#include "kernel/functions.h"
#include "real_table.h"

FX_EXPORT rtError_t rtSetDevice(int32_t devId) {
  if (FX_FROM_BELOW()) return fx_real.rtSetDevice(devId);
  FX_COUNT(rtSetDevice);
  rtError_t error = fx_real.rtSetDevice(devId);
  fx_stream_context_changed();
  return error;
}

FX_EXPORT rtError_t rtDeviceReset(int32_t devId) {
  if (FX_FROM_BELOW()) return fx_real.rtDeviceReset(devId);
  FX_COUNT(rtDeviceReset);
  fx_device *d = fx_device_peek(devId);
  if (d != NULL) fx_ending_begin(d);
  rtError_t error = fx_real.rtDeviceReset(devId);
  if (d != NULL) fx_ending_end(d);
  fx_stream_context_changed();
  return error;
}

FX_EXPORT rtError_t rtStreamCreate(rtStream_t *stm, int32_t priority) {
  if (FX_FROM_BELOW()) return fx_real.rtStreamCreate(stm, priority);
  FX_COUNT(rtStreamCreate);
  rtError_t error = fx_real.rtStreamCreate(stm, priority);
  uint32_t known = priority < 0 ? 0 : priority > 7 ? 7 : (uint32_t)priority;
  if (error == RT_ERROR_NONE) fx_stream_created(*stm, known, 0);
  return error;
}

FX_EXPORT rtError_t rtStreamDestroy(rtStream_t stm) {
  if (FX_FROM_BELOW()) return fx_real.rtStreamDestroy(stm);
  FX_COUNT(rtStreamDestroy);
  if (stm != NULL) fx_stream_destroying(stm);
  return fx_real.rtStreamDestroy(stm);
}

FX_EXPORT rtError_t rtFunctionRegister(void *binHandle, const void *stubFunc, const char *stubName,
                                       const void *kernelInfoExt, uint32_t funcMode) {
  FX_COUNT(rtFunctionRegister);
  rtError_t error = fx_real.rtFunctionRegister(binHandle, stubFunc, stubName, kernelInfoExt, funcMode);
  if (error == RT_ERROR_NONE && stubFunc != NULL && stubName != NULL)
    fx_function_add((aclrtFuncHandle)(uintptr_t)stubFunc, stubName);
  return error;
}
