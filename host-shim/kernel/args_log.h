/*
 * What an argument handle holds, as the program built it. AscendCL's handle cannot be copied and belongs to its thread,
 * so a launch that has to wait is built anew from this log when its time comes.
 */
#ifndef FX_ARGS_LOG_H
#define FX_ARGS_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "acl/acl.h"
#include "kernel/pack.h"

/* CANN's limit of arguments of one kernel is 128. */
#define FX_ARGS_MAX 128

typedef struct fx_arg {
  aclrtParamHandle handle;
  const void *data;  /* value: offset into the log's bytes (see at); placeholder: where the application writes */
  size_t at, bytes;
  bool placeholder;
} fx_arg;

typedef struct fx_args_log {
  struct fx_args_log *next;
  /* Stored after every change, read before: AscendCL gives the memory of a handle from one thread to the next. */
  _Atomic uint32_t changes;
  aclrtArgsHandle handle;
  aclrtFuncHandle function;
  bool finalized; /* since the last change */
  bool whole; /* false: more arguments than the log takes; such a launch is not held */
  uint32_t count;
  size_t value_bytes, values_room;
  uint8_t *values;
  fx_arg args[FX_ARGS_MAX];
} fx_args_log;

/* Begins the log of a handle anew. */
void fx_args_begin(aclrtFuncHandle function, aclrtArgsHandle handle);

/* The program has finalized the handle. */
void fx_args_finalized(aclrtArgsHandle handle);

/* The log of a handle, NULL where it was not seen to begin. */
fx_args_log *fx_args_find(aclrtArgsHandle handle);

void fx_args_append(aclrtArgsHandle handle, aclrtParamHandle param, const void *value, size_t bytes);
void fx_args_placeholder(aclrtArgsHandle handle, aclrtParamHandle param);
void fx_args_buffer(aclrtArgsHandle handle, aclrtParamHandle param, const void *buffer, size_t bytes);
void fx_args_update(aclrtArgsHandle handle, aclrtParamHandle param, const void *value, size_t bytes);

/* Packs what the handle holds now. */
void fx_args_pack(const fx_args_log *log, fx_pack *pack);

/* Bytes of all arguments. */
size_t fx_args_bytes(const fx_args_log *log);

/*
 * Builds a handle from a packed log, in memory of the calling thread that lasts until its next call. NULL and an error
 * of AscendCL where it cannot.
 */
aclrtArgsHandle fx_args_rebuild(aclrtFuncHandle function, fx_unpack *unpack, aclError *error);

#endif
