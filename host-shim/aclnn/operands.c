/*
 * Operands; see aclnn/operands.h. Tables of fixed size, an entry an object, the place by its address: a program makes and
 * drops thousands of tensors a step, so an entry is written over, never looked for or freed.
 */
#include "aclnn/operands.h"

#include <pthread.h>

#include "boot/counters.h"
#include "real_table.h"

#define ENTRIES 4096
#define LOCKS 64

typedef enum { NONE, TENSOR, ARRAY } kind;

typedef struct entry {
  const void *object;
  kind is;
  union {
    fx_shape shape;
    fx_lengths lengths;
  };
} entry;

static entry entries[ENTRIES];
static pthread_mutex_t locks[LOCKS] = {[0 ... LOCKS - 1] = PTHREAD_MUTEX_INITIALIZER};

static uint32_t place_of(const void *object) {
  return (uint32_t)(((uint64_t)(uintptr_t)object >> 4) * 0x9e3779b97f4a7c15u >> 52);
}

static void keep(const entry *e) {
  uint32_t place = place_of(e->object);
  pthread_mutex_lock(&locks[place % LOCKS]);
  entries[place] = *e;
  pthread_mutex_unlock(&locks[place % LOCKS]);
}

static bool find(const void *object, kind is, entry *e) {
  if (object == NULL) return false;
  uint32_t place = place_of(object);
  pthread_mutex_lock(&locks[place % LOCKS]);
  *e = entries[place];
  pthread_mutex_unlock(&locks[place % LOCKS]);
  return e->object == object && e->is == is;
}

bool fx_tensor_shape(const aclTensor *tensor, fx_shape *shape) {
  entry e;
  if (!find(tensor, TENSOR, &e)) return false;
  *shape = e.shape;
  return true;
}

bool fx_int_array_lengths(const aclIntArray *array, fx_lengths *lengths) {
  entry e;
  if (!find(array, ARRAY, &e)) return false;
  *lengths = e.lengths;
  return true;
}

static void note_tensor(const aclTensor *tensor, const int64_t *dims, uint64_t rank) {
  if (tensor == NULL || (dims == NULL && rank > 0)) return;
  entry e = {.object = tensor, .is = TENSOR, .shape = {.rank = rank, .rows = 1}};
  for (uint64_t i = 0; i < rank; i++) {
    if (i < FX_SHAPE_DIMS) e.shape.dims[i] = dims[i];
    if (i + 1 < rank && __builtin_mul_overflow(e.shape.rows, dims[i], &e.shape.rows)) e.shape.rows = INT64_MAX;
  }
  keep(&e);
}

static void note_length(int64_t length, int64_t *sum, int64_t *ones, int64_t *largest, int64_t *smallest) {
  if (length <= 0 || __builtin_add_overflow(*sum, length, sum)) return; /* a place that is padded */
  if (length == 1) ++*ones;
  if (length > *largest) *largest = length;
  if (*smallest == 0 || length < *smallest) *smallest = length;
}

static void note_array(const aclIntArray *array, const int64_t *values, uint64_t count) {
  if (array == NULL || (values == NULL && count > 0)) return;
  entry e = {.object = array, .is = ARRAY, .lengths = {.count = count}};
  fx_lengths *l = &e.lengths;
  int64_t before = 0;
  for (uint64_t i = 0; i < count; i++) {
    int64_t step;
    note_length(values[i], &l->sum, &l->ones, &l->largest, &l->smallest);
    if (!__builtin_sub_overflow(values[i], before, &step))
      note_length(step, &l->step_sum, &l->step_ones, &l->step_largest, &l->step_smallest);
    before = values[i];
  }
  keep(&e);
}

FX_EXPORT aclTensor *aclCreateTensor(const int64_t *viewDims, uint64_t viewDimsNum, aclDataType dataType,
                                     const int64_t *stride, int64_t offset, aclFormat format,
                                     const int64_t *storageDims, uint64_t storageDimsNum, void *tensorData) {
  FX_COUNT(aclCreateTensor);
  aclTensor *tensor = fx_real.aclCreateTensor(viewDims, viewDimsNum, dataType, stride, offset, format, storageDims,
                                              storageDimsNum, tensorData);
  note_tensor(tensor, viewDims, viewDimsNum);
  return tensor;
}

FX_EXPORT aclnnStatus aclInitTensor(aclTensor *tensor, const int64_t *viewDims, uint64_t viewDimsNum,
                                    aclDataType dataType, const int64_t *stride, int64_t offset, aclFormat format,
                                    const int64_t *storageDims, uint64_t storageDimsNum, void *tensorDataAddr) {
  FX_COUNT(aclInitTensor);
  aclnnStatus status = fx_real.aclInitTensor(tensor, viewDims, viewDimsNum, dataType, stride, offset, format,
                                             storageDims, storageDimsNum, tensorDataAddr);
  if (status == 0) note_tensor(tensor, viewDims, viewDimsNum);
  return status;
}

FX_EXPORT aclIntArray *aclCreateIntArray(const int64_t *value, uint64_t size) {
  FX_COUNT(aclCreateIntArray);
  aclIntArray *array = fx_real.aclCreateIntArray(value, size);
  note_array(array, value, size);
  return array;
}
