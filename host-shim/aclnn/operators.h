/*
 * The operators of aclnn: host code that stays in the program, whose calls are seen. dlsym hands out one of ours for phase
 * 1 of the few operators whose arguments say something, and for phase 2 of all.
 */
#ifndef FX_ACLNN_OPERATORS_H
#define FX_ACLNN_OPERATORS_H

#include <stdint.h>

#include "aclnn/acl_meta.h"

/* Phase 2 of every operator. */
typedef aclnnStatus (*fx_phase2_fn)(void *workspace, uint64_t bytes, aclOpExecutor *executor, aclrtStream stream);

/* Operators whose phase 1 is typed; their number in fx_meaning_keep. */
typedef enum {
  FX_OPERATOR_OTHER,
#define FX_TYPED_OPERATORS(X) \
  X(FusedInferAttentionScore) X(FusedInferAttentionScoreV2) X(FusedInferAttentionScoreV3) \
  X(FusedInferAttentionScoreV4) X(FusedInferAttentionScoreV5) X(Matmul) X(Mm)
#define FX_NUMBER(name) FX_OPERATOR_##name,
  FX_TYPED_OPERATORS(FX_NUMBER)
#undef FX_NUMBER
  FX_OPERATORS
} fx_operator_number;

/*
 * What a program gets that looks `name` up and for which a library has `theirs`. `sibling` is what the library has for the
 * name with "GetWorkspaceSize" behind it, NULL for nothing: then the name is no phase 2 and stays theirs.
 */
void *fx_operator_found(const char *name, void *theirs, const void *sibling);

/* Phase 2 by the number of a stub of the pool. */
aclnnStatus fx_operator_run(uint32_t stub, void *workspace, uint64_t bytes, aclOpExecutor *executor, aclrtStream stream);

/* Stubs, each of which calls fx_operator_run with its own number. */
#define FX_STUBS 2048
extern const fx_phase2_fn fx_stubs[FX_STUBS];

/* Our phase 1 of a typed operator, and where it keeps the library's. */
typedef struct fx_typed_operator {
  const char *name; /* of phase 1 */
  void *own;
  void *_Atomic *real;
} fx_typed_operator;
extern const fx_typed_operator fx_typed_operators[FX_OPERATORS];

/* Visits every operator whose phase 2 was called: its name and how often. */
void fx_operators_each(void (*visit)(const char *name, uint64_t calls, void *with), void *with);

#endif
