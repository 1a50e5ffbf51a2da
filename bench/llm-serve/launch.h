/* Kernels by name, their launches, and how long the launching thread spends in one. */
#ifndef SERVE_LAUNCH_H
#define SERVE_LAUNCH_H

#include <stddef.h>
#include <stdint.h>

#include "acl/acl.h"

typedef struct kernels {
  aclrtBinHandle binary;
  aclrtFuncHandle gather, norm, matmul, rope, cache, attention, swiglu, select, argmax;
} kernels;

/* Loads the binary; one that is none ends the program with its path and what AscendCL says, code 2. */
void kernels_load(kernels *k, const char *path);
void kernels_unload(kernels *k);

/* Times of launches of one thread, in buckets of one nanosecond up to LAUNCH_BUCKETS, the rest in the last. */
#define LAUNCH_BUCKETS 65536
typedef struct launch_clock {
  uint64_t count, sum_ns;
  uint32_t *buckets;
} launch_clock;

/* Launches with arguments in host memory. */
void launch(launch_clock *c, aclrtFuncHandle kernel, uint32_t blocks, aclrtStream stream, void *args, size_t bytes);

/* Launches with an argument handle; `args` are 8-byte values. The clock sees the launch alone, not the filling in. */
void launch_with_handle(launch_clock *c, aclrtFuncHandle kernel, uint32_t blocks, aclrtStream stream,
                        const uint64_t *args, size_t count);

#endif
