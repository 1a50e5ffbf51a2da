/* The operators of the recorded programs, as CANN declares them: phase 1 of each, and phase 2, which is the same for all. */
#ifndef ACLNNOP_H
#define ACLNNOP_H

#include "acl/acl.h"
#include "aclnn/acl_meta.h"

typedef const aclTensor *tensor;
typedef const aclIntArray *array;
typedef const aclTensorList *list;

#define OPERATOR(name, ...)                                                                               \
  aclnnStatus aclnn##name##GetWorkspaceSize(__VA_ARGS__, uint64_t *workspaceSize, aclOpExecutor **executor); \
  aclnnStatus aclnn##name(void *workspace, uint64_t workspaceSize, aclOpExecutor *executor, aclrtStream stream)

OPERATOR(Add, tensor self, tensor other, const aclScalar *alpha, tensor out);
OPERATOR(Cast, tensor self, aclDataType dtype, tensor out);
OPERATOR(Cos, tensor self, tensor out);
OPERATOR(FusedInferAttentionScoreV2, tensor query, list key, list value, tensor pseShift, tensor attenMask, array lengths,
         array lengthsKv, tensor deqScale1, tensor quantScale1, tensor deqScale2, tensor quantScale2, tensor quantOffset2,
         tensor antiquantScale, tensor antiquantOffset, tensor blockTable, tensor queryPadding, tensor kvPadding,
         tensor keyAntiquantScale, tensor keyAntiquantOffset, tensor valueAntiquantScale, tensor valueAntiquantOffset,
         tensor keySharedPrefix, tensor valueSharedPrefix, array actualSharedPrefixLen, int64_t numHeads, double scale,
         int64_t preTokens, int64_t nextTokens, char *inputLayout, int64_t numKeyValueHeads, int64_t sparseMode,
         int64_t innerPrecise, int64_t blockSize, int64_t antiquantMode, bool softmaxLse, int64_t keyAntiquantMode,
         int64_t valueAntiquantMode, tensor attentionOut, tensor softmaxLseOut);
OPERATOR(GatherV2, tensor self, int64_t dim, tensor index, tensor out);
OPERATOR(InplaceFillScalar, tensor selfRef, const aclScalar *value);
OPERATOR(InplaceIndexCopy, tensor selfRef, int64_t dim, tensor index, tensor source);
OPERATOR(InplaceMul, tensor selfRef, tensor other);
OPERATOR(Mm, tensor self, tensor mat2, tensor out, int8_t cubeMathType);
OPERATOR(Mul, tensor self, tensor other, tensor out);
OPERATOR(Repeat, tensor self, array repeats, tensor out);
OPERATOR(RmsNorm, tensor x, tensor gamma, double epsilon, tensor yOut, tensor rstdOut);
OPERATOR(RotaryPositionEmbedding, tensor x, tensor cos, tensor sin, int64_t mode, tensor out);
OPERATOR(Silu, tensor self, tensor out);
OPERATOR(Sin, tensor self, tensor out);
OPERATOR(TransMatmulWeight, tensor mmWeightRef);

#endif
