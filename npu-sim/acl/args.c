/* Argument handles; args.h says what they hold. The rules (what may follow what) are those of CANN's runtime. */
#include "args.h"

#include <stdlib.h>
#include <string.h>

#define ARGS_MAGIC 0x73677261206d6973ull /* "sim args" */
#define ALIGNMENT 8u

static pthread_key_t thread_args_key;
static pthread_once_t thread_args_once = PTHREAD_ONCE_INIT;
static bool thread_args_ready;

static void make_key(void) { thread_args_ready = pthread_key_create(&thread_args_key, free) == 0; }

/* The thread's own handle with its buffer behind it, or NULL where there is no host memory. */
static sim_args *thread_args(void) {
  pthread_once(&thread_args_once, make_key);
  if (!thread_args_ready) return NULL;
  sim_args *args = pthread_getspecific(thread_args_key);
  if (args == NULL) {
    args = calloc(1, sizeof *args + SIM_ARGS_BUFFER_BYTES);
    if (args != NULL && pthread_setspecific(thread_args_key, args) != 0) {
      free(args);
      args = NULL;
    }
  }
  return args;
}

static void begin(sim_args *args, sim_function *function, void *buffer, size_t room) {
  memset(args, 0, sizeof *args);
  args->magic = ARGS_MAGIC;
  args->function = function;
  args->buffer = buffer;
  args->room = room;
}

sim_args *sim_args_of(aclrtArgsHandle handle, aclError *error) {
  sim_args *args = handle;
  if ((uintptr_t)handle % _Alignof(sim_args) != 0 || args->magic != ARGS_MAGIC) {
    *error = sim_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p holds no kernel arguments", handle);
    return NULL;
  }
  *error = ACL_SUCCESS;
  return args;
}

static sim_param *param_of(sim_args *args, aclrtParamHandle handle, aclError *error) {
  uintptr_t offset = (uintptr_t)handle - (uintptr_t)args->params;
  if (offset % sizeof(sim_param) != 0 || offset / sizeof(sim_param) >= args->count) {
    *error = sim_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is no parameter of these arguments", handle);
    return NULL;
  }
  return handle;
}

aclError sim_aclrtKernelArgsGetHandleMemSize(aclrtFuncHandle function, size_t *bytes) {
  if (sim_function_of(function) == NULL) return ACL_ERROR_RT_INVALID_HANDLE;
  *bytes = sizeof(sim_args);
  return ACL_SUCCESS;
}

aclError sim_aclrtKernelArgsGetMemSize(aclrtFuncHandle function, size_t user_bytes, size_t *bytes) {
  if (sim_function_of(function) == NULL) return ACL_ERROR_RT_INVALID_HANDLE;
  /* Every parameter may need padding, and there is at most one a byte. */
  size_t parameters = user_bytes < SIM_ARGS_PARAMETERS ? user_bytes : SIM_ARGS_PARAMETERS;
  *bytes = user_bytes + parameters * ALIGNMENT;
  return ACL_SUCCESS;
}

aclError sim_aclrtKernelArgsInit(aclrtFuncHandle function_handle, aclrtArgsHandle *handle) {
  sim_function *function = sim_function_of(function_handle);
  if (function == NULL) return ACL_ERROR_RT_INVALID_HANDLE;
  sim_args *args = thread_args();
  if (args == NULL) return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for kernel arguments");
  begin(args, function, args + 1, SIM_ARGS_BUFFER_BYTES);
  *handle = args;
  return ACL_SUCCESS;
}

aclError sim_aclrtKernelArgsInitByUserMem(aclrtFuncHandle function_handle, aclrtArgsHandle handle, void *memory, size_t bytes) {
  sim_function *function = sim_function_of(function_handle);
  if (function == NULL) return ACL_ERROR_RT_INVALID_HANDLE;
  if (bytes == 0) return sim_fail(ACL_ERROR_INVALID_PARAM, "the memory for arguments has 0 bytes");
  if ((uintptr_t)handle % _Alignof(sim_args) != 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the memory of the handle is not aligned to 8");
  begin(handle, function, memory, bytes);
  return ACL_SUCCESS;
}

/* Room for `bytes` on the next boundary, at `*offset`. */
static aclError claim(sim_args *args, size_t bytes, size_t *offset) {
  size_t at = (args->used + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (at > args->room || bytes > args->room - at) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes of arguments do not fit %zu", at + bytes, args->room);
  }
  *offset = at;
  args->used = at + bytes;
  return ACL_SUCCESS;
}

/* A new parameter of `bytes` bytes. */
static aclError append(sim_args *args, size_t bytes, bool placeholder, sim_param **made) {
  if (args->finalized) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "the arguments are finalized: nothing can be appended");
  if (args->has_data) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "nothing can be appended after aclrtKernelArgsGetPlaceHolderBuffer");
  if (args->count == SIM_ARGS_PARAMETERS) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "more than %u parameters", SIM_ARGS_PARAMETERS);
  size_t offset = 0;
  aclError error = claim(args, bytes, &offset);
  if (error != ACL_SUCCESS) return error;
  sim_param *param = &args->params[args->count++];
  *param = (sim_param){.offset = (uint32_t)offset, .bytes = (uint32_t)bytes, .placeholder = placeholder};
  *made = param;
  return ACL_SUCCESS;
}

aclError sim_aclrtKernelArgsAppend(aclrtArgsHandle handle, void *value, size_t bytes, aclrtParamHandle *param_handle) {
  if (bytes == 0) return sim_fail(ACL_ERROR_INVALID_PARAM, "a parameter of 0 bytes");
  aclError error;
  sim_args *args = sim_args_of(handle, &error);
  if (args == NULL) return error;
  sim_param *param = NULL;
  error = append(args, bytes, false, &param);
  if (error != ACL_SUCCESS) return error;
  memcpy(args->buffer + param->offset, value, bytes);
  *param_handle = param;
  return ACL_SUCCESS;
}

aclError sim_aclrtKernelArgsAppendPlaceHolder(aclrtArgsHandle handle, aclrtParamHandle *param_handle) {
  aclError error;
  sim_args *args = sim_args_of(handle, &error);
  if (args == NULL) return error;
  sim_param *param = NULL;
  error = append(args, sizeof(uint64_t), true, &param);
  if (error != ACL_SUCCESS) return error;
  memset(args->buffer + param->offset, 0, sizeof(uint64_t));
  args->placeholders++;
  *param_handle = param;
  return ACL_SUCCESS;
}

aclError sim_aclrtKernelArgsGetPlaceHolderBuffer(aclrtArgsHandle handle, aclrtParamHandle param_handle, size_t bytes, void **buffer) {
  if (bytes == 0) return sim_fail(ACL_ERROR_INVALID_PARAM, "a placeholder of 0 bytes");
  aclError error;
  sim_args *args = sim_args_of(handle, &error);
  sim_param *param = args != NULL ? param_of(args, param_handle, &error) : NULL;
  if (param == NULL) return error;
  if (!param->placeholder) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the parameter is no placeholder");
  if (args->finalized) return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "the arguments are finalized: no placeholder gets a buffer");
  size_t offset = 0;
  error = claim(args, bytes, &offset);
  if (error != ACL_SUCCESS) return error;
  args->has_data = true;
  param->data_offset = (uint32_t)offset;
  *buffer = args->buffer + offset;
  return ACL_SUCCESS;
}

aclError sim_aclrtKernelArgsParaUpdate(aclrtArgsHandle handle, aclrtParamHandle param_handle, void *value, size_t bytes) {
  aclError error;
  sim_args *args = sim_args_of(handle, &error);
  sim_param *param = args != NULL ? param_of(args, param_handle, &error) : NULL;
  if (param == NULL) return error;
  if (param->placeholder) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a placeholder is changed through its buffer");
  if (bytes != param->bytes) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the parameter has %u bytes, not %zu", param->bytes, bytes);
  memcpy(args->buffer + param->offset, value, bytes);
  args->updating = true;
  return ACL_SUCCESS;
}

aclError sim_aclrtKernelArgsFinalize(aclrtArgsHandle handle) {
  aclError error;
  sim_args *args = sim_args_of(handle, &error);
  if (args == NULL) return error;
  args->finalized = true;
  args->updating = false;
  return ACL_SUCCESS;
}
