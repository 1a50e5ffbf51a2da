/*
 * Phase 1 of the operators whose arguments say something of the phase: passed on as it is, and what the arguments say is
 * kept by the executor that comes of it. The versions of FusedInferAttentionScore differ in what stands before the number
 * of heads and before the output.
 */
#include <stdatomic.h>
#include <stdbool.h>

#include "aclnn/meaning.h"
#include "aclnn/operators.h"

#define T const aclTensor *

/* Arguments that a version has more than the one before: declared, and passed on. */
#define MORE_V1
#define PASS_V1
#define MORE_V2 MORE_V1 T t17, T t18, T t19, T t20, T t21, T t22, const aclIntArray *t23,
#define PASS_V2 PASS_V1 t17, t18, t19, t20, t21, t22, t23,
#define MORE_V3 MORE_V2 T t24, T t25, T t26,
#define PASS_V3 PASS_V2 t24, t25, t26,
#define MORE_V4 MORE_V3 T t27, T t28,
#define PASS_V4 PASS_V3 t27, t28,
#define MORE_V5 MORE_V4 const aclIntArray *t29, const aclIntArray *t30,
#define PASS_V5 PASS_V4 t29, t30,
#define MODES_V1
#define MODE_V1
#define MODES_V2 int64_t m1, int64_t m2,
#define MODE_V2 m1, m2,
#define MODES_V3 MODES_V2
#define MODE_V3 MODE_V2
#define MODES_V4 MODES_V2 int64_t m3,
#define MODE_V4 MODE_V2 m3,
#define MODES_V5 MODES_V4 int64_t m4,
#define MODE_V5 MODE_V4 m4,

#define PARAMETERS(v)                                                                                                \
  T query, const aclTensorList *key, const aclTensorList *value, T t3, T t4, const aclIntArray *lengths,            \
      const aclIntArray *t6, T t7, T t8, T t9, T t10, T t11, T t12, T t13, T block_table, T t15, T t16, MORE_##v     \
      int64_t heads, double scale, int64_t before, int64_t after, char *layout, int64_t key_heads, int64_t sparse,   \
      int64_t precise, int64_t block_size, int64_t quant, bool lse, MODES_##v T out, T lse_out, uint64_t *bytes,     \
      aclOpExecutor **executor
#define ARGUMENTS(v)                                                                                                 \
  query, key, value, t3, t4, lengths, t6, t7, t8, t9, t10, t11, t12, t13, block_table, t15, t16, PASS_##v heads,     \
      scale, before, after, layout, key_heads, sparse, precise, block_size, quant, lse, MODE_##v out, lse_out, bytes, \
      executor

#define ATTENTION(name, v)                                                                                       \
  static void *_Atomic real_##name;                                                                              \
  static aclnnStatus own_##name(PARAMETERS(v)) {                                                                  \
    aclnnStatus (*real)(PARAMETERS(v)) = (aclnnStatus(*)(PARAMETERS(v)))atomic_load(&real_##name);                 \
    fx_meaning meaning = fx_meaning_of_attention(query, lengths, block_table, layout);                             \
    aclnnStatus status = real(ARGUMENTS(v));                                                                       \
    if (status == 0 && executor != NULL) fx_meaning_keep(*executor, FX_OPERATOR_##name, meaning);                  \
    return status;                                                                                                 \
  }

ATTENTION(FusedInferAttentionScore, V1)
ATTENTION(FusedInferAttentionScoreV2, V2)
ATTENTION(FusedInferAttentionScoreV3, V3)
ATTENTION(FusedInferAttentionScoreV4, V4)
ATTENTION(FusedInferAttentionScoreV5, V5)

#define PRODUCT(name)                                                                                                \
  static void *_Atomic real_##name;                                                                                  \
  static aclnnStatus own_##name(T left, T right, T out, int8_t precision, uint64_t *bytes, aclOpExecutor **executor) { \
    aclnnStatus (*real)(T, T, T, int8_t, uint64_t *, aclOpExecutor **) =                                             \
        (aclnnStatus(*)(T, T, T, int8_t, uint64_t *, aclOpExecutor **))atomic_load(&real_##name);                    \
    fx_meaning meaning = fx_meaning_of_product(left);                                                                \
    aclnnStatus status = real(left, right, out, precision, bytes, executor);                                         \
    if (status == 0 && executor != NULL) fx_meaning_keep(*executor, FX_OPERATOR_##name, meaning);                    \
    return status;                                                                                                   \
  }

PRODUCT(Matmul)
PRODUCT(Mm)

#define ROW(name) [FX_OPERATOR_##name] = {"aclnn" #name "GetWorkspaceSize", (void *)own_##name, &real_##name},
const fx_typed_operator fx_typed_operators[FX_OPERATORS] = {FX_TYPED_OPERATORS(ROW)};
