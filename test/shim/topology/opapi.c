/*
 * A libopapi.so with a few operators. Each digests all of its arguments in phase 1 and appends the digest in phase 2, so
 * that the log of a run is the same only where every argument came through.
 */
#include <stdbool.h>
#include <string.h>

#include "log_kernels.h"
#include "nnopbase.h"

#define OUT __attribute__((visibility("default")))

/* Phase 2 is the same for all. */
#define RUN(name)                                                                                             \
  OUT aclnnStatus aclnn##name(void *workspace, uint64_t bytes, aclOpExecutor *executor, aclrtStream stream);   \
  OUT aclnnStatus aclnn##name(void *workspace, uint64_t bytes, aclOpExecutor *executor, aclrtStream stream) {  \
    return toy_run(workspace, bytes, executor, stream);                                                       \
  }

#define O(object) toy_digest(object)
#define PLAN(...)                                                    \
  do {                                                              \
    uint64_t all_[] = {__VA_ARGS__};                                \
    return toy_plan(bytes_digest((uint8_t *)all_, sizeof all_), bytes, executor); \
  } while (0)

static uint64_t real(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

typedef const aclTensor *tensor;
typedef const aclIntArray *array;
typedef const aclTensorList *list;

/* The versions of FusedInferAttentionScore: what each has more, declared and digested. */
#define FUSED(name, MORE, MORE_D, MODES, MODES_D)                                                                      \
  OUT aclnnStatus aclnn##name##GetWorkspaceSize(                                                                       \
      tensor q, list k, list v, tensor pse, tensor mask, array lengths, array key_lengths, tensor a0, tensor a1,       \
      tensor a2, tensor a3, tensor a4, tensor a5, tensor a6, tensor table, tensor pad, tensor key_pad, MORE int64_t heads, \
      double scale, int64_t before, int64_t after, char *layout, int64_t key_heads, int64_t sparse, int64_t precise,   \
      int64_t block, int64_t quant, bool lse, MODES tensor out, tensor lse_out, uint64_t *bytes, aclOpExecutor **executor); \
  OUT aclnnStatus aclnn##name##GetWorkspaceSize(                                                                       \
      tensor q, list k, list v, tensor pse, tensor mask, array lengths, array key_lengths, tensor a0, tensor a1,       \
      tensor a2, tensor a3, tensor a4, tensor a5, tensor a6, tensor table, tensor pad, tensor key_pad, MORE int64_t heads, \
      double scale, int64_t before, int64_t after, char *layout, int64_t key_heads, int64_t sparse, int64_t precise,   \
      int64_t block, int64_t quant, bool lse, MODES tensor out, tensor lse_out, uint64_t *bytes, aclOpExecutor **executor) { \
    PLAN(O(q), O(k), O(v), O(pse), O(mask), O(lengths), O(key_lengths), O(a0), O(a1), O(a2), O(a3), O(a4), O(a5), O(a6), \
         O(table), O(pad), O(key_pad), MORE_D(uint64_t) heads, real(scale), (uint64_t)before, (uint64_t)after,          \
         bytes_digest((uint8_t *)layout, strlen(layout)), (uint64_t)key_heads, (uint64_t)sparse, (uint64_t)precise,    \
         (uint64_t)block, (uint64_t)quant, (uint64_t)lse, MODES_D O(out), O(lse_out));                                 \
  }                                                                                                                    \
  RUN(name)

#define COMMA ,
#define V2 tensor b0 COMMA tensor b1 COMMA tensor b2 COMMA tensor b3 COMMA tensor b4 COMMA tensor b5 COMMA array b6 COMMA
#define V2_D O(b0) COMMA O(b1) COMMA O(b2) COMMA O(b3) COMMA O(b4) COMMA O(b5) COMMA O(b6) COMMA
#define V3 V2 tensor c0 COMMA tensor c1 COMMA tensor c2 COMMA
#define V3_D V2_D O(c0) COMMA O(c1) COMMA O(c2) COMMA
#define V4 V3 tensor d0 COMMA tensor d1 COMMA
#define V4_D V3_D O(d0) COMMA O(d1) COMMA
#define V5 V4 array e0 COMMA array e1 COMMA
#define V5_D V4_D O(e0) COMMA O(e1) COMMA
#define M2 int64_t m0 COMMA int64_t m1 COMMA
#define M2_D (uint64_t) m0 COMMA(uint64_t) m1 COMMA
#define M4 M2 int64_t m2 COMMA
#define M4_D M2_D(uint64_t) m2 COMMA
#define M5 M4 int64_t m3 COMMA
#define M5_D M4_D(uint64_t) m3 COMMA

FUSED(FusedInferAttentionScore, , , , )
FUSED(FusedInferAttentionScoreV2, V2, V2_D, M2, M2_D)
FUSED(FusedInferAttentionScoreV3, V3, V3_D, M2, M2_D)
FUSED(FusedInferAttentionScoreV4, V4, V4_D, M4, M4_D)
FUSED(FusedInferAttentionScoreV5, V5, V5_D, M5, M5_D)

/* Operators with one argument that matters here. */
#define SIMPLE(name)                                                                                          \
  OUT aclnnStatus aclnn##name##GetWorkspaceSize(tensor x, uint64_t *bytes, aclOpExecutor **executor);          \
  OUT aclnnStatus aclnn##name##GetWorkspaceSize(tensor x, uint64_t *bytes, aclOpExecutor **executor) {         \
    PLAN(O(x));                                                                                               \
  }                                                                                                           \
  RUN(name)
SIMPLE(Relu)
SIMPLE(PromptFlashAttentionV3)
SIMPLE(IncreFlashAttentionV4)

#define PRODUCT(name)                                                                                           \
  OUT aclnnStatus aclnn##name##GetWorkspaceSize(tensor x, tensor y, tensor out, int8_t mode, uint64_t *bytes,    \
                                                aclOpExecutor **executor);                                      \
  OUT aclnnStatus aclnn##name##GetWorkspaceSize(tensor x, tensor y, tensor out, int8_t mode, uint64_t *bytes,    \
                                                aclOpExecutor **executor) {                                     \
    PLAN(O(x), O(y), O(out), (uint64_t)mode);                                                                   \
  }                                                                                                             \
  RUN(name)
PRODUCT(Matmul)
PRODUCT(Mm)

/* No operator, though its name begins like one's: no phase 1 stands beside it. */
OUT aclnnStatus aclnnCalculateMatmulWeightSizeV2(array shape, aclDataType type, uint64_t *size);
OUT aclnnStatus aclnnCalculateMatmulWeightSizeV2(array shape, aclDataType type, uint64_t *size) {
  *size = toy_digest(shape) + (uint64_t)type;
  return 0;
}
