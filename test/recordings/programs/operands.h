/*
 * What the stand-ins for CANN's operator libraries share: executors that are planned from operands (nnopbase.c, for
 * opapi.c), and the arguments of their kernels.
 */
#ifndef OPERANDS_H
#define OPERANDS_H

#include <stdint.h>

#include "acl/acl.h"
#include "aclnn/acl_meta.h"

#define MOST_REGIONS 8

typedef struct region {
  void *data;
  uint64_t bytes;
} region;

/* A kernel reads `reads` regions, then writes `writes` that follow; `key` is what its numbers say. */
typedef struct kernel_args {
  uint64_t key, reads, writes;
  region regions[MOST_REGIONS];
} kernel_args;

/* An executor of the kernel of that name; NULL where there is none. */
aclOpExecutor *plan_begin(const char *kernel);
void plan_number(aclOpExecutor *plan, uint64_t number);
void plan_read(aclOpExecutor *plan, const aclTensor *tensor);
void plan_write(aclOpExecutor *plan, const aclTensor *tensor);
uint64_t scalar_bits(const aclScalar *scalar);
uint64_t int_array_digest(const aclIntArray *array);
const aclTensor *list_tensor(const aclTensorList *list, uint64_t place);

/* Launches and ends it. */
aclnnStatus plan_run(aclOpExecutor *plan, aclrtStream stream);

#endif
