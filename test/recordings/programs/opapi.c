/*
 * A libopapi.so with the operators of the recorded programs. Phase 1 says what the kernel reads and writes; none needs a
 * workspace. Numbers among the arguments go into what the kernel computes.
 */
#include <string.h>

#include "aclnnop.h"
#include "operands.h"

#define OUT __attribute__((visibility("default")))
#define NO_PLAN 561000

static uint64_t bits(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

#define IN(name) plan_read(plan, name);
#define RESULT(name) plan_write(plan, name);
#define NUMBER(value) plan_number(plan, (uint64_t)(value));

/* NAME, its kernel, its parameters in brackets, and what they are. */
#define DEFINE(name, kernel, parameters, operands)                                                           \
  OUT aclnnStatus aclnn##name##GetWorkspaceSize parameters {                                                 \
    aclOpExecutor *plan = plan_begin(#kernel);                                                               \
    if (plan == NULL) return NO_PLAN;                                                                        \
    operands                                                                                                 \
    *workspaceSize = 0;                                                                                      \
    *executor = plan;                                                                                        \
    return 0;                                                                                                \
  }                                                                                                          \
  OUT aclnnStatus aclnn##name(void *workspace, uint64_t workspaceSize, aclOpExecutor *executor, aclrtStream stream) { \
    (void)workspace, (void)workspaceSize;                                                                    \
    return plan_run(executor, stream);                                                                       \
  }
#define END uint64_t *workspaceSize, aclOpExecutor **executor

#define UNARY(name) DEFINE(name, name, (tensor self, tensor out, END), IN(self) RESULT(out))
UNARY(Cos)
UNARY(Silu)
UNARY(Sin)

DEFINE(Add, Add, (tensor self, tensor other, const aclScalar *alpha, tensor out, END),
       IN(self) IN(other) NUMBER(scalar_bits(alpha)) RESULT(out))
DEFINE(Cast, Cast, (tensor self, aclDataType dtype, tensor out, END), IN(self) NUMBER(dtype) RESULT(out))
DEFINE(GatherV2, GatherV2, (tensor self, int64_t dim, tensor index, tensor out, END),
       IN(self) NUMBER(dim) IN(index) RESULT(out))
DEFINE(InplaceFillScalar, InplaceFillScalar, (tensor selfRef, const aclScalar *value, END),
       NUMBER(scalar_bits(value)) RESULT(selfRef))
DEFINE(InplaceIndexCopy, InplaceIndexCopy, (tensor selfRef, int64_t dim, tensor index, tensor source, END),
       IN(selfRef) NUMBER(dim) IN(index) IN(source) RESULT(selfRef))
DEFINE(InplaceMul, InplaceMul, (tensor selfRef, tensor other, END), IN(selfRef) IN(other) RESULT(selfRef))
DEFINE(Mm, Mm, (tensor self, tensor mat2, tensor out, int8_t cubeMathType, END),
       IN(self) IN(mat2) NUMBER(cubeMathType) RESULT(out))
DEFINE(Mul, Mul, (tensor self, tensor other, tensor out, END), IN(self) IN(other) RESULT(out))
DEFINE(Repeat, Repeat, (tensor self, array repeats, tensor out, END),
       IN(self) NUMBER(int_array_digest(repeats)) RESULT(out))
DEFINE(RmsNorm, RmsNorm, (tensor x, tensor gamma, double epsilon, tensor yOut, tensor rstdOut, END),
       IN(x) IN(gamma) NUMBER(bits(epsilon)) RESULT(yOut) RESULT(rstdOut))
DEFINE(RotaryPositionEmbedding, RotaryPositionEmbedding,
       (tensor x, tensor cos, tensor sin, int64_t mode, tensor out, END), IN(x) IN(cos) IN(sin) NUMBER(mode) RESULT(out))
DEFINE(TransMatmulWeight, TransMatmulWeight, (tensor mmWeightRef, END), RESULT(mmWeightRef))

#define NONE(object) if (object != NULL) return NO_PLAN;
DEFINE(FusedInferAttentionScoreV2, FusedInferAttentionScore,
       (tensor query, list key, list value, tensor pseShift, tensor attenMask, array lengths, array lengthsKv,
        tensor deqScale1, tensor quantScale1, tensor deqScale2, tensor quantScale2, tensor quantOffset2,
        tensor antiquantScale, tensor antiquantOffset, tensor blockTable, tensor queryPadding, tensor kvPadding,
        tensor keyAntiquantScale, tensor keyAntiquantOffset, tensor valueAntiquantScale, tensor valueAntiquantOffset,
        tensor keySharedPrefix, tensor valueSharedPrefix, array actualSharedPrefixLen, int64_t numHeads, double scale,
        int64_t preTokens, int64_t nextTokens, char *inputLayout, int64_t numKeyValueHeads, int64_t sparseMode,
        int64_t innerPrecise, int64_t blockSize, int64_t antiquantMode, bool softmaxLse, int64_t keyAntiquantMode,
        int64_t valueAntiquantMode, tensor attentionOut, tensor softmaxLseOut, END),
       NONE(attenMask) NONE(lengths) NONE(lengthsKv) NONE(deqScale1) NONE(quantScale1) NONE(deqScale2)
       NONE(quantScale2) NONE(quantOffset2) NONE(antiquantScale) NONE(antiquantOffset) NONE(blockTable)
       NONE(queryPadding) NONE(kvPadding) NONE(keyAntiquantScale) NONE(keyAntiquantOffset) NONE(valueAntiquantScale)
       NONE(valueAntiquantOffset) NONE(keySharedPrefix) NONE(valueSharedPrefix) NONE(actualSharedPrefixLen)
       NONE(softmaxLseOut)
       IN(query) IN(list_tensor(key, 0)) IN(list_tensor(value, 0)) IN(pseShift)
       NUMBER(numHeads) NUMBER(bits(scale)) NUMBER(preTokens) NUMBER(nextTokens) NUMBER(inputLayout[0])
       NUMBER(numKeyValueHeads) NUMBER(sparseMode) NUMBER(innerPrecise) NUMBER(blockSize) NUMBER(antiquantMode)
       NUMBER(softmaxLse) NUMBER(keyAntiquantMode) NUMBER(valueAntiquantMode)
       RESULT(attentionOut))
