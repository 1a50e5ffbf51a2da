/*
 * What the operands of aclnn operators were made of: shapes of tensors and the values of arrays of whole numbers, by the
 * address of the object. An object whose entry a later one took over is not known any more; nothing is asked of it then.
 */
#ifndef FX_ACLNN_OPERANDS_H
#define FX_ACLNN_OPERANDS_H

#include <stdbool.h>
#include <stdint.h>

#include "aclnn/acl_meta.h"

#define FX_SHAPE_DIMS 4

typedef struct fx_shape {
  uint64_t rank;               /* how many dimensions */
  int64_t dims[FX_SHAPE_DIMS]; /* the first of them */
  int64_t rows;                /* product of all but the last */
} fx_shape;

/* Lengths of sequences, as a sum that grows (TND) or each by itself. */
typedef struct fx_lengths {
  uint64_t count;
  int64_t sum, ones, largest, smallest;              /* each value a length; zeros left out but of count */
  int64_t step_sum, step_ones, step_largest, step_smallest; /* each step to the next value a length */
} fx_lengths;

/* False where the object is none that was seen. */
bool fx_tensor_shape(const aclTensor *tensor, fx_shape *shape);
bool fx_int_array_lengths(const aclIntArray *array, fx_lengths *lengths);

#endif
