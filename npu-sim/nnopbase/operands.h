/*
 * The simulated libnnopbase.so: operands of aclnn operators, which are objects of the host. There are no operators here
 * and so no executors: who brings operators of their own brings a libnnopbase.so with them.
 */
#ifndef NPU_SIM_OPERANDS_H
#define NPU_SIM_OPERANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "libnnopbase.h"

/* Answers of aclnn, where CANN's public headers have no names for them. */
#define OPERANDS_OK 0
#define OPERANDS_NULL_POINTER 161001
#define OPERANDS_NO_MEMORY 561103

/* Bytes times count; false where that is more than there is. */
static inline bool operands_bytes(uint64_t count, size_t each, size_t *bytes) {
  return !__builtin_mul_overflow(count, each, bytes);
}

#endif
