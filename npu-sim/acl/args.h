/*
 * The arguments of one launch while the host puts them together (aclrtKernelArgs*): values on 8-byte boundaries, then
 * the data that placeholders point to, all in one buffer that the launch copies.
 */
#ifndef NPU_SIM_ARGS_H
#define NPU_SIM_ARGS_H

#include "sim.h"

/* As CANN: parameters of a kernel, and the buffer of the thread's own handle. */
#define SIM_ARGS_PARAMETERS 128u
#define SIM_ARGS_BUFFER_BYTES 32768u

typedef struct sim_param {
  uint32_t offset;      /* of the value in the buffer */
  uint32_t bytes;
  uint32_t data_offset; /* placeholder: where its data begins, 0 before it has any */
  bool placeholder;
} sim_param;

typedef struct sim_args {
  uint64_t magic; /* the handle may be memory of the caller: says that it was initialized */
  sim_function *function;
  unsigned char *buffer;
  size_t room, used;
  uint32_t count, placeholders;
  bool finalized, updating, has_data;
  sim_param params[SIM_ARGS_PARAMETERS];
} sim_args;

/* The arguments of a handle, or NULL with `*error`. */
sim_args *sim_args_of(aclrtArgsHandle handle, aclError *error);

#endif
