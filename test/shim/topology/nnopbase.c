/*
 * A libnnopbase.so: host objects, and executors that launch through libacl_rt.so, as CANN's does since 8.5. A digest of an
 * object says what it was made of, so that a test sees arguments that were lost on their way.
 */
#include "nnopbase.h"

#include <stdlib.h>
#include <string.h>

#include "log_kernels.h"

#define OUT __attribute__((visibility("default")))

struct aclTensor {
  uint64_t digest;
};
struct aclIntArray {
  uint64_t digest;
};
struct aclTensorList {
  uint64_t digest;
};
struct aclOpExecutor {
  uint64_t digest;
  int kept;
};

static aclrtBinHandle binary;
static aclrtFuncHandle append;

static void *object_of(const void *bytes, size_t count) {
  uint64_t *object = malloc(sizeof *object);
  if (object != NULL) *object = bytes_digest(bytes, count);
  return object;
}

OUT aclTensor *aclCreateTensor(const int64_t *dims, uint64_t rank, aclDataType type, const int64_t *stride,
                               int64_t offset, aclFormat format, const int64_t *storage, uint64_t storage_rank,
                               void *data) {
  (void)type, (void)stride, (void)offset, (void)format, (void)storage, (void)storage_rank, (void)data;
  return object_of(dims, rank * sizeof *dims);
}
OUT aclIntArray *aclCreateIntArray(const int64_t *values, uint64_t count) {
  return object_of(values, count * sizeof *values);
}
OUT aclTensorList *aclCreateTensorList(const aclTensor *const *tensors, uint64_t count) {
  uint64_t digests[8] = {0};
  for (uint64_t i = 0; i < count && i < 8; i++) digests[i] = tensors[i]->digest;
  return object_of(digests, sizeof digests);
}
OUT aclnnStatus aclDestroyTensor(const aclTensor *tensor) { return free((void *)(uintptr_t)tensor), 0; }
OUT aclnnStatus aclDestroyIntArray(const aclIntArray *array) { return free((void *)(uintptr_t)array), 0; }
OUT aclnnStatus aclDestroyTensorList(const aclTensorList *list) { return free((void *)(uintptr_t)list), 0; }
OUT aclnnStatus aclSetAclOpExecutorRepeatable(aclOpExecutor *executor) { return executor->kept = 1, 0; }
OUT aclnnStatus aclDestroyAclOpExecutor(aclOpExecutor *executor) { return free(executor), 0; }

OUT uint64_t toy_digest(const void *object) { return object != NULL ? *(const uint64_t *)object : 7; }

OUT void toy_open(const char *kernels) {
  if (aclrtBinaryLoadFromFile(kernels, NULL, &binary) == ACL_SUCCESS) (void)aclrtBinaryGetFunction(binary, "append", &append);
}

OUT aclnnStatus toy_plan(uint64_t digest, uint64_t *bytes, aclOpExecutor **executor) {
  aclOpExecutor *e = calloc(1, sizeof *e);
  if (e == NULL) return 361001;
  e->digest = digest;
  *executor = e;
  *bytes = sizeof(device_log);
  return 0;
}

OUT aclnnStatus toy_run(void *workspace, uint64_t bytes, aclOpExecutor *executor, aclrtStream stream) {
  append_args args = {workspace, executor->digest ^ bytes, 1000};
  aclError error = aclrtLaunchKernelWithHostArgs(append, 4, stream, NULL, &args, sizeof args, NULL, 0);
  if (!executor->kept) free(executor);
  return error;
}
