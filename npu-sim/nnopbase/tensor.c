/* Tensors: how memory is seen, and where it is. As in CANN nobody looks whether shape, strides and memory fit together. */
#include <stdlib.h>
#include <string.h>

#include "operands.h"

typedef struct numbers {
  int64_t *values;
  uint64_t count;
} numbers;

struct aclTensor {
  aclDataType type;
  aclFormat format;
  int64_t offset;
  numbers shape, strides, storage;
  void *data;
};

/*
 * The program gives what a getter answers back with `delete[]`, so it has to come from its `new[]` where it has one:
 * a program in C++ may have replaced both. `nothrow` is what tells this form of `new[]` from the other.
 */
extern void *_ZnamRKSt9nothrow_t(size_t bytes, const void *nothrow) __attribute__((weak));
extern const char _ZSt7nothrow __attribute__((weak));

static void *for_program(size_t bytes) {
  return _ZnamRKSt9nothrow_t != NULL ? _ZnamRKSt9nothrow_t(bytes, &_ZSt7nothrow) : malloc(bytes > 0 ? bytes : 1);
}

/* Room for `count` numbers in place of those that were there; false where there is no memory. */
static bool make_room(numbers *to, uint64_t count) {
  size_t bytes;
  if (!operands_bytes(count, sizeof *to->values, &bytes)) return false;
  int64_t *values = realloc(to->values, bytes > 0 ? bytes : 1);
  if (values == NULL) return false;
  *to = (numbers){.values = values, .count = count};
  return true;
}

static bool set_numbers(numbers *to, const int64_t *values, uint64_t count) {
  if (!make_room(to, count)) return false;
  if (count > 0) memcpy(to->values, values, count * sizeof *values);
  return true;
}

/* Strides of rows that lie one behind the other; of an absurd shape they wrap, which nobody reads. */
static bool set_contiguous(numbers *to, const numbers *shape) {
  if (!make_room(to, shape->count)) return false;
  uint64_t stride = 1;
  for (uint64_t i = shape->count; i-- > 0;) {
    to->values[i] = (int64_t)stride;
    stride *= (uint64_t)shape->values[i];
  }
  return true;
}

static void end_tensor(aclTensor *tensor) {
  free(tensor->shape.values);
  free(tensor->strides.values);
  free(tensor->storage.values);
  free(tensor);
}

/* Types and formats that AscendCL does not name are undefined ones. */
static aclDataType known_type(aclDataType type) {
  switch (type) {
    case ACL_FLOAT:
    case ACL_FLOAT16:
    case ACL_INT8:
    case ACL_INT32:
    case ACL_UINT8:
    case ACL_INT16:
    case ACL_UINT16:
    case ACL_UINT32:
    case ACL_INT64:
    case ACL_UINT64:
    case ACL_DOUBLE:
    case ACL_BOOL:
    case ACL_STRING:
    case ACL_COMPLEX64:
    case ACL_COMPLEX128:
    case ACL_BF16:
    case ACL_INT4:
    case ACL_UINT1:
    case ACL_COMPLEX32:
    case ACL_HIFLOAT8:
    case ACL_FLOAT8_E5M2:
    case ACL_FLOAT8_E4M3FN:
    case ACL_FLOAT8_E8M0:
    case ACL_FLOAT6_E3M2:
    case ACL_FLOAT6_E2M3:
    case ACL_FLOAT4_E2M1:
    case ACL_FLOAT4_E1M2: return type;
    default: return ACL_DT_UNDEFINED;
  }
}

static aclFormat known_format(aclFormat format) {
  switch (format) {
    case ACL_FORMAT_NCHW:
    case ACL_FORMAT_NHWC:
    case ACL_FORMAT_ND:
    case ACL_FORMAT_NC1HWC0:
    case ACL_FORMAT_FRACTAL_Z:
    case ACL_FORMAT_NC1HWC0_C04:
    case ACL_FORMAT_HWCN:
    case ACL_FORMAT_NDHWC:
    case ACL_FORMAT_FRACTAL_NZ:
    case ACL_FORMAT_NCDHW:
    case ACL_FORMAT_NDC1HWC0:
    case ACL_FRACTAL_Z_3D:
    case ACL_FORMAT_NC:
    case ACL_FORMAT_NCL:
    case ACL_FORMAT_FRACTAL_NZ_C0_16:
    case ACL_FORMAT_FRACTAL_NZ_C0_32:
    case ACL_FORMAT_FRACTAL_NZ_C0_2:
    case ACL_FORMAT_FRACTAL_NZ_C0_4:
    case ACL_FORMAT_FRACTAL_NZ_C0_8: return format;
    default: return ACL_FORMAT_UNDEFINED;
  }
}

aclTensor *sim_aclCreateTensor(const int64_t *view_dims, uint64_t rank, aclDataType type, const int64_t *strides,
                               int64_t offset, aclFormat format, const int64_t *storage_dims, uint64_t storage_rank,
                               void *data) {
  if ((view_dims == NULL && rank > 0) || (storage_dims == NULL && storage_rank > 0)) return NULL;
  aclTensor *tensor = calloc(1, sizeof *tensor);
  if (tensor == NULL) return NULL;
  tensor->type = type;
  tensor->format = format;
  tensor->offset = offset;
  tensor->data = data;
  if (set_numbers(&tensor->shape, view_dims, rank) && set_numbers(&tensor->storage, storage_dims, storage_rank) &&
      (strides != NULL ? set_numbers(&tensor->strides, strides, rank) : set_contiguous(&tensor->strides, &tensor->shape)))
    return tensor;
  end_tensor(tensor);
  return NULL;
}

aclnnStatus sim_aclDestroyTensor(const aclTensor *tensor) {
  if (tensor != NULL) end_tensor((aclTensor *)(uintptr_t)tensor);
  return OPERANDS_OK;
}

/* What is NULL of shapes and address stays as it was; without strides rows lie one behind the other. */
aclnnStatus sim_aclInitTensor(aclTensor *tensor, const int64_t *view_dims, uint64_t rank, aclDataType type,
                              const int64_t *strides, int64_t offset, aclFormat format, const int64_t *storage_dims,
                              uint64_t storage_rank, void *data) {
  if (tensor == NULL) return OPERANDS_NULL_POINTER;
  if (view_dims != NULL && rank > 0 && !set_numbers(&tensor->shape, view_dims, rank)) return OPERANDS_NO_MEMORY;
  if (storage_dims != NULL && storage_rank > 0 && !set_numbers(&tensor->storage, storage_dims, storage_rank))
    return OPERANDS_NO_MEMORY;
  if (!(strides != NULL ? set_numbers(&tensor->strides, strides, rank) : set_contiguous(&tensor->strides, &tensor->shape)))
    return OPERANDS_NO_MEMORY;
  tensor->type = type;
  tensor->format = format;
  tensor->offset = offset;
  if (data != NULL) tensor->data = data;
  return OPERANDS_OK;
}

static aclnnStatus give_numbers(const numbers *from, int64_t **values, uint64_t *count) {
  int64_t *copy = for_program(from->count * sizeof *copy);
  if (copy == NULL) return OPERANDS_NO_MEMORY;
  memcpy(copy, from->values, from->count * sizeof *copy);
  *values = copy;
  *count = from->count;
  return OPERANDS_OK;
}

aclnnStatus sim_aclGetViewShape(const aclTensor *tensor, int64_t **dims, uint64_t *rank) {
  if (tensor == NULL || dims == NULL || rank == NULL) return OPERANDS_NULL_POINTER;
  return give_numbers(&tensor->shape, dims, rank);
}

aclnnStatus sim_aclGetStorageShape(const aclTensor *tensor, int64_t **dims, uint64_t *rank) {
  if (tensor == NULL || dims == NULL || rank == NULL) return OPERANDS_NULL_POINTER;
  return give_numbers(&tensor->storage, dims, rank);
}

aclnnStatus sim_aclGetViewStrides(const aclTensor *tensor, int64_t **strides, uint64_t *rank) {
  if (tensor == NULL || strides == NULL || rank == NULL) return OPERANDS_NULL_POINTER;
  return give_numbers(&tensor->strides, strides, rank);
}

aclnnStatus sim_aclGetViewOffset(const aclTensor *tensor, int64_t *offset) {
  if (tensor == NULL || offset == NULL) return OPERANDS_NULL_POINTER;
  *offset = tensor->offset;
  return OPERANDS_OK;
}

aclnnStatus sim_aclGetFormat(const aclTensor *tensor, aclFormat *format) {
  if (tensor == NULL || format == NULL) return OPERANDS_NULL_POINTER;
  *format = known_format(tensor->format);
  return OPERANDS_OK;
}

aclnnStatus sim_aclGetDataType(const aclTensor *tensor, aclDataType *type) {
  if (tensor == NULL || type == NULL) return OPERANDS_NULL_POINTER;
  *type = known_type(tensor->type);
  return OPERANDS_OK;
}

aclnnStatus sim_aclSetRawTensorAddr(aclTensor *tensor, void *address) {
  if (tensor == NULL) return OPERANDS_NULL_POINTER;
  tensor->data = address;
  return OPERANDS_OK;
}

aclnnStatus sim_aclGetRawTensorAddr(const aclTensor *tensor, void **address) {
  if (tensor == NULL || address == NULL) return OPERANDS_NULL_POINTER;
  *address = tensor->data;
  return OPERANDS_OK;
}
