/*
 * Kernels whose binary says what parameters they have: a launch may give pointers to them, one by one, and leave it to the
 * library to put them in their places.
 */
#include <string.h>

#include "engine.h"

/* More than any kernel has. */
#define MOST_BYTES 65536u

static size_t padded(size_t bytes) { return (bytes + 7u) & ~(size_t)7u; }

static aclError described(const void *handle, sim_function **function) {
  *function = sim_function_of((aclrtFuncHandle)(uintptr_t)handle);
  if (*function == NULL) return ACL_ERROR_RT_INVALID_HANDLE;
  if ((*function)->parameters != NULL) return ACL_SUCCESS;
  return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the kernel binary does not say what parameters %s has", (*function)->name);
}

aclError sim_aclrtFunctionGetParamCount(const void *handle, size_t *count) {
  sim_function *function;
  aclError error = described(handle, &function);
  if (error != ACL_SUCCESS) return error;
  *count = 0;
  while (function->parameters[*count] != 0) (*count)++;
  return ACL_SUCCESS;
}

aclError sim_aclrtFunctionGetParamInfo(const void *handle, size_t index, size_t *offset, size_t *bytes) {
  sim_function *function;
  aclError error = described(handle, &function);
  if (error != ACL_SUCCESS) return error;
  size_t at = 0, place = 0;
  for (; at < index && function->parameters[at] != 0; at++) place += padded(function->parameters[at]);
  if (function->parameters[at] == 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%s has %zu parameters, no number %zu", function->name, at, index);
  *offset = place;
  *bytes = function->parameters[at];
  return ACL_SUCCESS;
}

aclError sim_aclrtLaunchKernelWithArgsArray(void *handle, uint32_t blocks, aclrtStream stream, aclrtLaunchKernelCfg *config, void **given) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  sim_function *function;
  unsigned char args[MOST_BYTES];
  size_t bytes = 0;
  aclError error = described(handle, &function);
  if (error != ACL_SUCCESS) return error;
  for (size_t i = 0; function->parameters[i] != 0; i++) {
    uint32_t size = function->parameters[i];
    if (given == NULL || given[i] == NULL) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "parameter %zu of %s is at NULL", i, function->name);
    if (padded(size) > sizeof args - bytes) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the parameters of %s take more than %zu bytes", function->name, sizeof args);
    memcpy(args + bytes, given[i], size);
    bytes += padded(size);
  }
  return sim_aclrtLaunchKernelWithHostArgs((aclrtFuncHandle)handle, blocks, stream, config, args, bytes, NULL, 0);
}
