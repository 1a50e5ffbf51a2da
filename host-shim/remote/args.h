/*
 * The arguments of one launch while the program puts them together (aclrtKernelArgs*): host memory only, in a handle of
 * the thread or of the caller, with the rules of CANN's runtime about what may follow what. The launch packs them.
 */
#ifndef FX_REMOTE_ARGS_H
#define FX_REMOTE_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/acl.h"

/* As CANN: parameters of a kernel, and the buffer of the thread's own handle. */
#define FX_KERNEL_PARAMETERS 128u
#define FX_KERNEL_BUFFER_BYTES 32768u

typedef struct fx_kernel_param {
  uint32_t offset; /* of the value in the buffer */
  uint32_t bytes;
  uint32_t data_offset, data_bytes; /* placeholder: its data; no bytes before it has any */
  bool placeholder;
} fx_kernel_param;

typedef struct fx_kernel_args {
  uint64_t magic; /* the handle may be memory of the caller: says that it was initialized */
  aclrtFuncHandle function;
  uint8_t *buffer;
  size_t room, used;
  uint32_t count;
  bool finalized, updating, has_data;
  fx_kernel_param params[FX_KERNEL_PARAMETERS];
} fx_kernel_args;

/* The arguments of a handle; NULL and an error kept. */
fx_kernel_args *fx_kernel_args_of(aclrtArgsHandle handle, aclError *error);

#endif
