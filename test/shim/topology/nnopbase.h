/* What the toy libnnopbase.so does for the toy libopapi.so: executors, and their launches. */
#ifndef TOY_NNOPBASE_H
#define TOY_NNOPBASE_H

#include <stdint.h>

#include "acl/acl.h"
#include "aclnn/acl_meta.h"

/* Makes an executor that will append `digest` to the log in the workspace. */
aclnnStatus toy_plan(uint64_t digest, uint64_t *bytes, aclOpExecutor **executor);

/* Runs it and ends it, unless it was made repeatable. */
aclnnStatus toy_run(void *workspace, uint64_t bytes, aclOpExecutor *executor, aclrtStream stream);

uint64_t toy_digest(const void *object);

/* The binary whose kernel `append` executors launch. */
void toy_open(const char *kernels);

#endif
