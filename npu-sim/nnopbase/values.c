/* Numbers, arrays and lists: copies of what the program gave. Only operators read them. */
#include <stdlib.h>
#include <string.h>

#include "operands.h"

struct aclScalar {
  aclDataType type;
  _Alignas(16) unsigned char value[16];
};

/* An array of any kind, or a list, whose elements are pointers. */
typedef struct sequence {
  uint64_t count;
  _Alignas(16) unsigned char bytes[];
} sequence;

/* Bytes of a number that operators take; 0 for types that they do not. */
static size_t scalar_bytes(aclDataType type) {
  switch (type) {
    case ACL_BOOL:
    case ACL_INT8:
    case ACL_UINT8:
    case ACL_HIFLOAT8:
    case ACL_FLOAT8_E5M2:
    case ACL_FLOAT8_E4M3FN:
    case ACL_FLOAT8_E8M0:
    case ACL_FLOAT6_E3M2:
    case ACL_FLOAT6_E2M3:
    case ACL_FLOAT4_E2M1:
    case ACL_FLOAT4_E1M2: return 1;
    case ACL_FLOAT16:
    case ACL_BF16:
    case ACL_INT16:
    case ACL_UINT16: return 2;
    case ACL_FLOAT:
    case ACL_INT32:
    case ACL_UINT32: return 4;
    case ACL_DOUBLE:
    case ACL_INT64:
    case ACL_UINT64:
    case ACL_COMPLEX64: return 8;
    case ACL_COMPLEX128: return 16;
    default: return 0;
  }
}

aclScalar *sim_aclCreateScalar(void *value, aclDataType type) {
  size_t bytes = scalar_bytes(type);
  aclScalar *scalar = value != NULL && bytes > 0 ? calloc(1, sizeof *scalar) : NULL;
  if (scalar == NULL) return NULL;
  scalar->type = type;
  memcpy(scalar->value, value, bytes);
  return scalar;
}

aclnnStatus sim_aclDestroyScalar(const aclScalar *scalar) {
  free((void *)(uintptr_t)scalar);
  return OPERANDS_OK;
}

/* Without values it is empty, whatever the count says. */
static void *create(const void *values, uint64_t count, size_t each) {
  if (values == NULL) count = 0;
  size_t bytes, whole;
  if (!operands_bytes(count, each, &bytes) || __builtin_add_overflow(bytes, sizeof(sequence), &whole)) return NULL;
  sequence *made = malloc(whole);
  if (made == NULL) return NULL;
  made->count = count;
  if (bytes > 0) memcpy(made->bytes, values, bytes);
  return made;
}

static aclnnStatus destroy(const void *array) {
  free((void *)(uintptr_t)array);
  return OPERANDS_OK;
}

static aclnnStatus size_of(const void *array, uint64_t *size) {
  if (array == NULL || size == NULL) return OPERANDS_NULL_POINTER;
  *size = ((const sequence *)array)->count;
  return OPERANDS_OK;
}

aclIntArray *sim_aclCreateIntArray(const int64_t *value, uint64_t size) { return create(value, size, sizeof *value); }
aclFloatArray *sim_aclCreateFloatArray(const float *value, uint64_t size) { return create(value, size, sizeof *value); }
aclBoolArray *sim_aclCreateBoolArray(const bool *value, uint64_t size) { return create(value, size, sizeof *value); }

aclTensorList *sim_aclCreateTensorList(const aclTensor *const *value, uint64_t size) {
  return create(value, size, sizeof *value);
}

aclScalarList *sim_aclCreateScalarList(const aclScalar *const *value, uint64_t size) {
  return create(value, size, sizeof *value);
}

aclnnStatus sim_aclDestroyIntArray(const aclIntArray *array) { return destroy(array); }
aclnnStatus sim_aclDestroyFloatArray(const aclFloatArray *array) { return destroy(array); }
aclnnStatus sim_aclDestroyBoolArray(const aclBoolArray *array) { return destroy(array); }

/* A list owns its elements from its creation on. */
aclnnStatus sim_aclDestroyTensorList(const aclTensorList *array) {
  const sequence *list = (const void *)array;
  const aclTensor *const *tensors = list != NULL ? (const void *)list->bytes : NULL;
  for (uint64_t i = 0; list != NULL && i < list->count; i++) (void)sim_aclDestroyTensor(tensors[i]);
  return destroy(array);
}

aclnnStatus sim_aclDestroyScalarList(const aclScalarList *array) {
  const sequence *list = (const void *)array;
  const aclScalar *const *scalars = list != NULL ? (const void *)list->bytes : NULL;
  for (uint64_t i = 0; list != NULL && i < list->count; i++) (void)sim_aclDestroyScalar(scalars[i]);
  return destroy(array);
}

aclnnStatus sim_aclGetIntArraySize(const aclIntArray *array, uint64_t *size) { return size_of(array, size); }
aclnnStatus sim_aclGetFloatArraySize(const aclFloatArray *array, uint64_t *size) { return size_of(array, size); }
aclnnStatus sim_aclGetBoolArraySize(const aclBoolArray *array, uint64_t *size) { return size_of(array, size); }
aclnnStatus sim_aclGetTensorListSize(const aclTensorList *list, uint64_t *size) { return size_of(list, size); }
aclnnStatus sim_aclGetScalarListSize(const aclScalarList *list, uint64_t *size) { return size_of(list, size); }

/*
 * Nothing has to be readied: there are no operators, and the configuration chooses among their kernels only. As in CANN a
 * file that cannot be read is none, and neither the order nor the number of the calls matters.
 */
aclnnStatus sim_aclnnInit(const char *config_path) {
  (void)config_path;
  return OPERANDS_OK;
}

aclnnStatus sim_aclnnFinalize(void) { return OPERANDS_OK; }
