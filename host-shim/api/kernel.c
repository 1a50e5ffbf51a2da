/* Kernel binaries: the names of functions are remembered, and a binary is not unloaded under a queued launch. */
#include "engine/submit.h"
#include "kernel/functions.h"
#include "real_table.h"

FX_EXPORT aclError aclrtBinaryGetFunction(const aclrtBinHandle binHandle, const char *kernelName,
                                          aclrtFuncHandle *funcHandle) {
  FX_COUNT(aclrtBinaryGetFunction);
  aclError error = fx_real.aclrtBinaryGetFunction(binHandle, kernelName, funcHandle);
  if (error == ACL_SUCCESS) fx_function_add(*funcHandle, kernelName);
  return error;
}

FX_EXPORT aclError aclrtBinaryUnLoad(aclrtBinHandle binHandle) {
  FX_COUNT(aclrtBinaryUnLoad);
  fx_drain_all();
  fx_functions_doubt();
  return fx_real.aclrtBinaryUnLoad(binHandle);
}
