/* Argument handles; see remote/args.h. Nothing of them is known to the daemon before the launch. */
#include "remote/args.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "remote/error.h"
#include "remote/kernels.h"
#include "remote_client.h"

#define ARGS_MAGIC 0x7367726178656c66u /* "flexargs" */
#define ALIGNMENT 8u

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_key(void) { (void)pthread_key_create(&key, free); }

/* The thread's own handle with its buffer behind it, or NULL where there is no host memory. */
static fx_kernel_args *thread_args(void) {
  pthread_once(&once, make_key);
  fx_kernel_args *args = pthread_getspecific(key);
  if (args != NULL) return args;
  args = calloc(1, sizeof *args + FX_KERNEL_BUFFER_BYTES);
  if (args != NULL && pthread_setspecific(key, args) != 0) {
    free(args);
    return NULL;
  }
  return args;
}

static void begin(fx_kernel_args *args, aclrtFuncHandle function, void *buffer, size_t room) {
  memset(args, 0, sizeof *args);
  args->magic = ARGS_MAGIC;
  args->function = function;
  args->buffer = buffer;
  args->room = room;
}

static aclError null_pointer(void) { return fx_remote_no_pointer(); }

static aclError check_function(aclrtFuncHandle function) {
  if (function == NULL) return null_pointer();
  return fx_kernel_check(function);
}

fx_kernel_args *fx_kernel_args_of(aclrtArgsHandle handle, aclError *error) {
  fx_kernel_args *args = handle;
  *error = ACL_SUCCESS;
  if (handle == NULL) *error = null_pointer();
  else if ((uintptr_t)handle % _Alignof(fx_kernel_args) != 0 || args->magic != ARGS_MAGIC)
    *error = fx_remote_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p holds no kernel arguments", handle);
  return *error == ACL_SUCCESS ? args : NULL;
}

static fx_kernel_param *param_of(fx_kernel_args *args, aclrtParamHandle handle, aclError *error) {
  uintptr_t offset = (uintptr_t)handle - (uintptr_t)args->params;
  if (handle == NULL) *error = null_pointer();
  else if (offset % sizeof(fx_kernel_param) != 0 || offset / sizeof(fx_kernel_param) >= args->count)
    *error = fx_remote_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is no parameter of these arguments", handle);
  return *error == ACL_SUCCESS ? handle : NULL;
}

aclError fx_remote_aclrtKernelArgsGetHandleMemSize(aclrtFuncHandle funcHandle, size_t *memSize) {
  if (memSize == NULL) return null_pointer();
  aclError error = check_function(funcHandle);
  if (error == ACL_SUCCESS) *memSize = sizeof(fx_kernel_args);
  return error;
}

aclError fx_remote_aclrtKernelArgsGetMemSize(aclrtFuncHandle funcHandle, size_t userArgsSize, size_t *actualArgsSize) {
  if (actualArgsSize == NULL) return null_pointer();
  aclError error = check_function(funcHandle);
  /* Every parameter may need padding, and there is at most one a byte. */
  size_t parameters = userArgsSize < FX_KERNEL_PARAMETERS ? userArgsSize : FX_KERNEL_PARAMETERS;
  if (error == ACL_SUCCESS) *actualArgsSize = userArgsSize + parameters * ALIGNMENT;
  return error;
}

aclError fx_remote_aclrtKernelArgsInit(aclrtFuncHandle funcHandle, aclrtArgsHandle *argsHandle) {
  if (argsHandle == NULL) return null_pointer();
  aclError error = check_function(funcHandle);
  if (error != ACL_SUCCESS) return error;
  fx_kernel_args *args = thread_args();
  if (args == NULL) return fx_remote_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for kernel arguments");
  begin(args, funcHandle, args + 1, FX_KERNEL_BUFFER_BYTES);
  *argsHandle = args;
  return ACL_SUCCESS;
}

aclError fx_remote_aclrtKernelArgsInitByUserMem(aclrtFuncHandle funcHandle, aclrtArgsHandle argsHandle, void *userHostMem, size_t actualArgsSize) {
  if (argsHandle == NULL || userHostMem == NULL) return null_pointer();
  aclError error = check_function(funcHandle);
  if (error != ACL_SUCCESS) return error;
  if (actualArgsSize == 0) return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "the memory for arguments has 0 bytes");
  if ((uintptr_t)argsHandle % _Alignof(fx_kernel_args) != 0)
    return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "the memory of the handle is not aligned to 8");
  begin(argsHandle, funcHandle, userHostMem, actualArgsSize);
  return ACL_SUCCESS;
}

/* Room for `bytes` on the next boundary, at `*offset`. */
static aclError claim(fx_kernel_args *args, size_t bytes, size_t *offset) {
  size_t at = (args->used + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (at > args->room || bytes > args->room - at)
    return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes of arguments do not fit %zu", bytes, args->room);
  *offset = at;
  args->used = at + bytes;
  return ACL_SUCCESS;
}

/* A new parameter; NULL and an error kept. */
static fx_kernel_param *append(fx_kernel_args *args, size_t bytes, bool placeholder, aclError *error) {
  size_t offset = 0;
  if (args->finalized) *error = fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "the arguments are finalized: nothing can be appended");
  else if (args->has_data) *error = fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "nothing can be appended after aclrtKernelArgsGetPlaceHolderBuffer");
  else if (args->count == FX_KERNEL_PARAMETERS) *error = fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "more than %u parameters", FX_KERNEL_PARAMETERS);
  else *error = claim(args, bytes, &offset);
  if (*error != ACL_SUCCESS) return NULL;
  fx_kernel_param *param = &args->params[args->count++];
  *param = (fx_kernel_param){.offset = (uint32_t)offset, .bytes = (uint32_t)bytes, .placeholder = placeholder};
  return param;
}

aclError fx_remote_aclrtKernelArgsAppend(aclrtArgsHandle argsHandle, void *param, size_t paramSize, aclrtParamHandle *paramHandle) {
  if (param == NULL || paramHandle == NULL) return null_pointer();
  aclError error;
  fx_kernel_args *args = fx_kernel_args_of(argsHandle, &error);
  if (args == NULL) return error;
  if (paramSize == 0) return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "a parameter of 0 bytes");
  fx_kernel_param *made = append(args, paramSize, false, &error);
  if (made == NULL) return error;
  memcpy(args->buffer + made->offset, param, paramSize);
  *paramHandle = made;
  return ACL_SUCCESS;
}

aclError fx_remote_aclrtKernelArgsAppendPlaceHolder(aclrtArgsHandle argsHandle, aclrtParamHandle *paramHandle) {
  if (paramHandle == NULL) return null_pointer();
  aclError error;
  fx_kernel_args *args = fx_kernel_args_of(argsHandle, &error);
  fx_kernel_param *made = args != NULL ? append(args, sizeof(uint64_t), true, &error) : NULL;
  if (made != NULL) *paramHandle = made;
  return error;
}

aclError fx_remote_aclrtKernelArgsGetPlaceHolderBuffer(aclrtArgsHandle argsHandle, aclrtParamHandle paramHandle, size_t dataSize, void **bufferAddr) {
  if (bufferAddr == NULL) return null_pointer();
  aclError error;
  fx_kernel_args *args = fx_kernel_args_of(argsHandle, &error);
  if (args != NULL && dataSize == 0) return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "a placeholder of 0 bytes");
  fx_kernel_param *param = args != NULL ? param_of(args, paramHandle, &error) : NULL;
  if (param == NULL) return error;
  if (!param->placeholder) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "the parameter is no placeholder");
  if (args->finalized) return fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "the arguments are finalized: no placeholder gets a buffer");
  size_t offset = 0;
  if ((error = claim(args, dataSize, &offset)) != ACL_SUCCESS) return error;
  args->has_data = true;
  param->data_offset = (uint32_t)offset;
  param->data_bytes = (uint32_t)dataSize;
  *bufferAddr = args->buffer + offset;
  return ACL_SUCCESS;
}

aclError fx_remote_aclrtKernelArgsParaUpdate(aclrtArgsHandle argsHandle, aclrtParamHandle paramHandle, void *value, size_t paramSize) {
  if (value == NULL) return null_pointer();
  aclError error;
  fx_kernel_args *args = fx_kernel_args_of(argsHandle, &error);
  fx_kernel_param *param = args != NULL ? param_of(args, paramHandle, &error) : NULL;
  if (param == NULL) return error;
  if (param->placeholder) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "a placeholder is changed through its buffer");
  if (paramSize != param->bytes) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "the parameter has %u bytes, not %zu", param->bytes, paramSize);
  memcpy(args->buffer + param->offset, value, paramSize);
  args->updating = true;
  return ACL_SUCCESS;
}

aclError fx_remote_aclrtKernelArgsFinalize(aclrtArgsHandle argsHandle) {
  aclError error;
  fx_kernel_args *args = fx_kernel_args_of(argsHandle, &error);
  if (args == NULL) return error;
  args->finalized = true;
  args->updating = false;
  return ACL_SUCCESS;
}
