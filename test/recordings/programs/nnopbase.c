/*
 * A libnnopbase.so for the recorded programs: operands of operators, which are host objects, and executors that launch
 * their kernel through AscendCL, as CANN's does since 8.5. The kernel binary lies beside this library.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "operands.h"

#define OUT __attribute__((visibility("default")))
#define MOST_VALUES 8
#define NO_ROOM 361001

struct aclTensor {
  region region;
};
struct aclScalar {
  uint64_t bits;
};
struct aclIntArray {
  uint64_t count;
  int64_t values[MOST_VALUES];
};
struct aclTensorList {
  uint64_t count;
  const aclTensor *tensors[MOST_VALUES];
};
struct aclOpExecutor {
  aclrtFuncHandle kernel;
  kernel_args args;
};

static uint64_t element_bytes(aclDataType type) { return type == ACL_FLOAT16 ? 2 : 4; }

OUT aclTensor *aclCreateTensor(const int64_t *dims, uint64_t rank, aclDataType type, const int64_t *stride, int64_t offset,
                               aclFormat format, const int64_t *storage, uint64_t storage_rank, void *data) {
  (void)stride, (void)offset, (void)format, (void)storage, (void)storage_rank;
  aclTensor *tensor = malloc(sizeof *tensor);
  if (tensor == NULL) return NULL;
  tensor->region = (region){data, element_bytes(type)};
  for (uint64_t i = 0; i < rank; i++) tensor->region.bytes *= (uint64_t)dims[i];
  return tensor;
}

OUT aclScalar *aclCreateScalar(void *value, aclDataType type) {
  aclScalar *scalar = calloc(1, sizeof *scalar);
  if (scalar != NULL) memcpy(&scalar->bits, value, element_bytes(type));
  return scalar;
}

OUT aclIntArray *aclCreateIntArray(const int64_t *values, uint64_t count) {
  aclIntArray *array = count <= MOST_VALUES ? calloc(1, sizeof *array) : NULL;
  if (array == NULL) return NULL;
  array->count = count;
  memcpy(array->values, values, count * sizeof *values);
  return array;
}

OUT aclTensorList *aclCreateTensorList(const aclTensor *const *tensors, uint64_t count) {
  aclTensorList *list = count <= MOST_VALUES ? calloc(1, sizeof *list) : NULL;
  if (list == NULL) return NULL;
  list->count = count;
  memcpy(list->tensors, tensors, count * sizeof *tensors);
  return list;
}

static aclnnStatus end(const void *object) { return free((void *)(uintptr_t)object), 0; }
OUT aclnnStatus aclDestroyTensor(const aclTensor *tensor) { return end(tensor); }
OUT aclnnStatus aclDestroyScalar(const aclScalar *scalar) { return end(scalar); }
OUT aclnnStatus aclDestroyIntArray(const aclIntArray *array) { return end(array); }

/* With its tensors, as CANN's does. */
OUT aclnnStatus aclDestroyTensorList(const aclTensorList *list) {
  for (uint64_t i = 0; i < list->count; i++) (void)end(list->tensors[i]);
  return end(list);
}

static aclrtBinHandle binary_beside(void) {
  static aclrtBinHandle binary;
  Dl_info here;
  if (binary != NULL || dladdr((void *)(uintptr_t)binary_beside, &here) == 0) return binary;
  char path[4096];
  int folder = (int)(strrchr(here.dli_fname, '/') - here.dli_fname);
  snprintf(path, sizeof path, "%.*s/kernels.o", folder, here.dli_fname);
  (void)aclrtBinaryLoadFromFile(path, NULL, &binary);
  return binary;
}

OUT aclOpExecutor *plan_begin(const char *kernel) {
  aclOpExecutor *plan = calloc(1, sizeof *plan);
  aclrtBinHandle binary = binary_beside();
  if (plan != NULL && binary != NULL && aclrtBinaryGetFunction(binary, kernel, &plan->kernel) == ACL_SUCCESS) return plan;
  free(plan);
  return NULL;
}

OUT void plan_number(aclOpExecutor *plan, uint64_t number) { plan->args.key = (plan->args.key ^ number) * 0x100000001b3u + 1; }

static void plan_region(aclOpExecutor *plan, const aclTensor *tensor) {
  plan->args.regions[plan->args.reads + plan->args.writes] = tensor->region;
}
OUT void plan_read(aclOpExecutor *plan, const aclTensor *tensor) { plan_region(plan, tensor), plan->args.reads++; }
OUT void plan_write(aclOpExecutor *plan, const aclTensor *tensor) { plan_region(plan, tensor), plan->args.writes++; }

OUT uint64_t scalar_bits(const aclScalar *scalar) { return scalar->bits; }

OUT uint64_t int_array_digest(const aclIntArray *array) {
  uint64_t digest = array->count;
  for (uint64_t i = 0; i < array->count; i++) digest = digest * 31 + (uint64_t)array->values[i];
  return digest;
}

OUT const aclTensor *list_tensor(const aclTensorList *list, uint64_t place) {
  return place < list->count ? list->tensors[place] : NULL;
}

OUT aclnnStatus plan_run(aclOpExecutor *plan, aclrtStream stream) {
  if (plan == NULL) return NO_ROOM;
  aclError error = aclrtLaunchKernelWithHostArgs(plan->kernel, 8, stream, NULL, &plan->args, sizeof plan->args, NULL, 0);
  free(plan);
  return error;
}
