/*
 * Operands of aclnn operators, of libnnopbase.so: objects of the host that hold what they are given. They need neither
 * aclInit nor a device.
 */
#include "check.h"

#include <stdint.h>

#include "aclnn/acl_meta.h"
#include "aclnn/aclnn_base.h"

#define NULL_POINTER 161001
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* `delete[]` of C++, with which a program gives back what a getter answers; a sanitizer has it in C too. */
extern void _ZdaPv(void *memory) __attribute__((weak));
static void give_back(int64_t *values) {
  if (_ZdaPv != NULL) _ZdaPv(values);
  else free(values);
}

/* Whether the getter answers these numbers. */
static bool answers(aclnnStatus (*getter)(const aclTensor *, int64_t **, uint64_t *), const aclTensor *tensor,
                    const int64_t *values, uint64_t count) {
  int64_t *got = NULL;
  uint64_t got_count = UINT64_MAX;
  OK(getter(tensor, &got, &got_count));
  bool same = got != NULL && got_count == count && (count == 0 || memcmp(got, values, count * sizeof *values) == 0);
  give_back(got);
  return same;
}

static void *address_of(const aclTensor *tensor) {
  void *address = NULL;
  OK(aclGetRawTensorAddr(tensor, &address));
  return address;
}

/* A view of memory: what was given is answered, also after what it was given in has changed. */
static void views(void) {
  char memory[64];
  int64_t dims[] = {2, 5, 4}, strides[] = {40, 4, 1}, storage[] = {10, 20};
  aclTensor *tensor = aclCreateTensor(dims, 3, ACL_FLOAT16, strides, 7, ACL_FORMAT_NCL, storage, 2, memory);
  CHECK(tensor != NULL);
  dims[0] = strides[0] = storage[0] = -1;
  CHECK(answers(aclGetViewShape, tensor, (const int64_t[]){2, 5, 4}, 3));
  CHECK(answers(aclGetViewStrides, tensor, (const int64_t[]){40, 4, 1}, 3));
  CHECK(answers(aclGetStorageShape, tensor, (const int64_t[]){10, 20}, 2));
  int64_t offset = 0;
  aclFormat format = ACL_FORMAT_UNDEFINED;
  aclDataType type = ACL_DT_UNDEFINED;
  OK(aclGetViewOffset(tensor, &offset));
  OK(aclGetFormat(tensor, &format));
  OK(aclGetDataType(tensor, &type));
  CHECK(offset == 7 && format == ACL_FORMAT_NCL && type == ACL_FLOAT16 && address_of(tensor) == memory);
  OK(aclSetRawTensorAddr(tensor, memory + 32));
  CHECK(address_of(tensor) == memory + 32);
  OK(aclSetRawTensorAddr(tensor, NULL));
  CHECK(address_of(tensor) == NULL);
  OK(aclDestroyTensor(tensor));

  /* Without strides rows lie one behind the other; a tensor may have no dimensions, and no place yet. */
  tensor = aclCreateTensor((const int64_t[]){2, 3, 5}, 3, ACL_INT4, NULL, 0, ACL_FORMAT_ND, NULL, 0, NULL);
  CHECK(answers(aclGetViewStrides, tensor, (const int64_t[]){15, 5, 1}, 3) && answers(aclGetStorageShape, tensor, NULL, 0));
  CHECK(address_of(tensor) == NULL);
  OK(aclDestroyTensor(tensor));
  tensor = aclCreateTensor(NULL, 0, ACL_FLOAT, NULL, 0, ACL_FORMAT_ND, NULL, 0, memory);
  CHECK(answers(aclGetViewShape, tensor, NULL, 0) && answers(aclGetViewStrides, tensor, NULL, 0));
  OK(aclDestroyTensor(tensor));

  /* Types and formats that AscendCL does not name. */
  tensor = aclCreateTensor(dims, 3, (aclDataType)28, strides, 0, (aclFormat)1000, dims, 3, memory);
  OK(aclGetFormat(tensor, &format));
  OK(aclGetDataType(tensor, &type));
  CHECK(type == ACL_DT_UNDEFINED && format == ACL_FORMAT_UNDEFINED);
  OK(aclDestroyTensor(tensor));
  CHECK(aclCreateTensor(NULL, 1, ACL_FLOAT, NULL, 0, ACL_FORMAT_ND, dims, 3, memory) == NULL);
  CHECK(aclCreateTensor(dims, 3, ACL_FLOAT, NULL, 0, ACL_FORMAT_ND, NULL, 1, memory) == NULL);
}

/* A tensor described anew: shapes and the place stay where nothing is given. */
static void described_anew(void) {
  char memory[64];
  aclTensor *tensor = aclCreateTensor((const int64_t[]){4, 8}, 2, ACL_FLOAT, NULL, 3, ACL_FORMAT_ND, (const int64_t[]){32}, 1, memory);
  OK(aclInitTensor(tensor, (const int64_t[]){3, 2, 2}, 3, ACL_BF16, (const int64_t[]){8, 2, 1}, 1, ACL_FORMAT_NHWC, (const int64_t[]){5, 6}, 2, memory + 8));
  int64_t offset = 0;
  aclFormat format = ACL_FORMAT_UNDEFINED;
  aclDataType type = ACL_DT_UNDEFINED;
  OK(aclGetViewOffset(tensor, &offset));
  OK(aclGetFormat(tensor, &format));
  OK(aclGetDataType(tensor, &type));
  CHECK(offset == 1 && format == ACL_FORMAT_NHWC && type == ACL_BF16 && address_of(tensor) == memory + 8);
  CHECK(answers(aclGetViewShape, tensor, (const int64_t[]){3, 2, 2}, 3));
  CHECK(answers(aclGetViewStrides, tensor, (const int64_t[]){8, 2, 1}, 3));
  CHECK(answers(aclGetStorageShape, tensor, (const int64_t[]){5, 6}, 2));
  OK(aclInitTensor(tensor, NULL, 0, ACL_INT8, NULL, 0, ACL_FORMAT_ND, NULL, 0, NULL));
  CHECK(answers(aclGetViewShape, tensor, (const int64_t[]){3, 2, 2}, 3));
  CHECK(answers(aclGetViewStrides, tensor, (const int64_t[]){4, 2, 1}, 3));
  CHECK(answers(aclGetStorageShape, tensor, (const int64_t[]){5, 6}, 2) && address_of(tensor) == memory + 8);
  OK(aclDestroyTensor(tensor));
  EXPECT(NULL_POINTER, aclInitTensor(NULL, NULL, 0, ACL_INT8, NULL, 0, ACL_FORMAT_ND, NULL, 0, NULL));
}

static void numbers(void) {
  const aclDataType taken[] = {
    ACL_FLOAT, ACL_FLOAT16, ACL_INT8, ACL_INT32, ACL_UINT8, ACL_INT16, ACL_UINT16, ACL_UINT32, ACL_INT64, ACL_UINT64,
    ACL_DOUBLE, ACL_BOOL, ACL_COMPLEX64, ACL_COMPLEX128, ACL_BF16, ACL_HIFLOAT8, ACL_FLOAT8_E5M2, ACL_FLOAT4_E1M2,
  };
  double value[2] = {1.5, -2};
  for (size_t i = 0; i < COUNT(taken); i++) {
    aclScalar *scalar = aclCreateScalar(value, taken[i]);
    CHECK(scalar != NULL);
    OK(aclDestroyScalar(scalar));
  }
  const aclDataType refused[] = {ACL_DT_UNDEFINED, ACL_STRING, ACL_INT4, ACL_UINT1, ACL_COMPLEX32, (aclDataType)28};
  for (size_t i = 0; i < COUNT(refused); i++) CHECK(aclCreateScalar(value, refused[i]) == NULL);
  CHECK(aclCreateScalar(NULL, ACL_FLOAT) == NULL);
  char byte = 1; /* no more is read than the type has */
  char *small = malloc(1);
  CHECK(small != NULL);
  *small = byte;
  OK(aclDestroyScalar(aclCreateScalar(small, ACL_BOOL)));
  free(small);
}

static void arrays(void) {
  uint64_t size = 0;
  aclIntArray *whole = aclCreateIntArray((const int64_t[]){1, 2, 3}, 3);
  OK(aclGetIntArraySize(whole, &size));
  CHECK(size == 3);
  aclFloatArray *fractions = aclCreateFloatArray((const float[]){0.5f, 0.25f}, 2);
  OK(aclGetFloatArraySize(fractions, &size));
  CHECK(size == 2);
  aclBoolArray *truths = aclCreateBoolArray((const bool[]){true, false, true, true}, 4);
  OK(aclGetBoolArraySize(truths, &size));
  CHECK(size == 4);
  OK(aclDestroyIntArray(whole));
  OK(aclDestroyFloatArray(fractions));
  OK(aclDestroyBoolArray(truths));
  whole = aclCreateIntArray(NULL, 3); /* without values it is empty */
  OK(aclGetIntArraySize(whole, &size));
  CHECK(size == 0);
  OK(aclDestroyIntArray(whole));
}

/* A list owns its elements: they end with it, once. */
static void lists(void) {
  const int64_t dims[] = {4};
  const aclTensor *tensors[3];
  for (size_t i = 0; i < COUNT(tensors); i++) {
    tensors[i] = i == 1 ? NULL : aclCreateTensor(dims, 1, ACL_FLOAT, NULL, 0, ACL_FORMAT_ND, dims, 1, NULL);
  }
  aclTensorList *list = aclCreateTensorList(tensors, COUNT(tensors));
  uint64_t size = 0;
  OK(aclGetTensorListSize(list, &size));
  CHECK(size == 3 && answers(aclGetViewShape, tensors[2], dims, 1));
  OK(aclDestroyTensorList(list));
  float one = 1;
  const aclScalar *scalars[] = {aclCreateScalar(&one, ACL_FLOAT), aclCreateScalar(&one, ACL_BOOL)};
  aclScalarList *numbers_of = aclCreateScalarList(scalars, COUNT(scalars));
  OK(aclGetScalarListSize(numbers_of, &size));
  CHECK(size == 2);
  OK(aclDestroyScalarList(numbers_of));
  list = aclCreateTensorList(NULL, 0);
  OK(aclGetTensorListSize(list, &size));
  CHECK(size == 0);
  OK(aclDestroyTensorList(list));
}

static void nothing(void) {
  uint64_t size = 0;
  int64_t *values = NULL, offset = 0;
  aclFormat format;
  aclDataType type;
  void *address = NULL;
  OK(aclDestroyTensor(NULL));
  OK(aclDestroyScalar(NULL));
  OK(aclDestroyIntArray(NULL));
  OK(aclDestroyFloatArray(NULL));
  OK(aclDestroyBoolArray(NULL));
  OK(aclDestroyTensorList(NULL));
  OK(aclDestroyScalarList(NULL));
  EXPECT(NULL_POINTER, aclGetViewShape(NULL, &values, &size));
  EXPECT(NULL_POINTER, aclGetStorageShape(NULL, &values, &size));
  EXPECT(NULL_POINTER, aclGetViewStrides(NULL, &values, &size));
  EXPECT(NULL_POINTER, aclGetViewOffset(NULL, &offset));
  EXPECT(NULL_POINTER, aclGetFormat(NULL, &format));
  EXPECT(NULL_POINTER, aclGetDataType(NULL, &type));
  EXPECT(NULL_POINTER, aclGetRawTensorAddr(NULL, &address));
  EXPECT(NULL_POINTER, aclSetRawTensorAddr(NULL, address));
  EXPECT(NULL_POINTER, aclGetIntArraySize(NULL, &size));
  EXPECT(NULL_POINTER, aclGetFloatArraySize(NULL, &size));
  EXPECT(NULL_POINTER, aclGetBoolArraySize(NULL, &size));
  EXPECT(NULL_POINTER, aclGetTensorListSize(NULL, &size));
  EXPECT(NULL_POINTER, aclGetScalarListSize(NULL, &size));
  aclTensor *tensor = aclCreateTensor(NULL, 0, ACL_FLOAT, NULL, 0, ACL_FORMAT_ND, NULL, 0, NULL);
  aclIntArray *array = aclCreateIntArray(NULL, 0);
  EXPECT(NULL_POINTER, aclGetViewShape(tensor, NULL, &size));
  EXPECT(NULL_POINTER, aclGetViewStrides(tensor, &values, NULL));
  EXPECT(NULL_POINTER, aclGetStorageShape(tensor, NULL, NULL));
  EXPECT(NULL_POINTER, aclGetViewOffset(tensor, NULL));
  EXPECT(NULL_POINTER, aclGetRawTensorAddr(tensor, NULL));
  EXPECT(NULL_POINTER, aclGetIntArraySize(array, NULL));
  OK(aclDestroyTensor(tensor));
  OK(aclDestroyIntArray(array));
}

/* The library is ready without and with them, in any order; a configuration that is not there is none. */
static void beginning_and_end(void) {
  OK(aclnnFinalize());
  OK(aclnnInit(NULL));
  OK(aclnnInit("/nowhere/acl.json"));
  OK(aclnnFinalize());
  OK(aclnnFinalize());
}

int main(int argc, char **argv) {
  static const group groups[] = {
    {"views", views}, {"described anew", described_anew}, {"numbers", numbers}, {"arrays", arrays},
    {"lists", lists}, {"nothing", nothing}, {"beginning and end", beginning_and_end},
  };
  (void)RUN_GROUPS(groups, argc, argv);
  return 0;
}
