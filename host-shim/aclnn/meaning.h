/*
 * What a call of an aclnn operator says of the phase. Phase 1 of the operator notes it by executor; phase 2 finds it
 * there, on whatever thread, and the stream that it names is believed to run that phase from here on.
 */
#ifndef FX_ACLNN_MEANING_H
#define FX_ACLNN_MEANING_H

#include <stdbool.h>
#include <stdint.h>

#include "aclnn/acl_meta.h"
#include "records.h"

typedef struct fx_meaning {
  uint32_t phase;  /* FLEXNPU_PHASE_*; UNKNOWN says nothing */
  uint32_t source; /* FLEXNPU_PHASE_SOURCE_ARGUMENTS or _NAMES; _SHAPE for rows of a product, which come last */
  uint32_t prefill_tokens, decode_tokens;
} fx_meaning;

/* What the arguments of attention say; `layout` is that of the query, NULL for none. */
fx_meaning fx_meaning_of_attention(const aclTensor *query, const aclIntArray *lengths, const aclTensor *block_table,
                                   const char *layout);

/* What the rows of a matrix product say. */
fx_meaning fx_meaning_of_product(const aclTensor *left);

/* Phase 1 of the operator (a number that the caller chooses) made the executor. */
void fx_meaning_keep(const aclOpExecutor *executor, uint32_t operator_number, fx_meaning meaning);

/* What phase 1 of that operator said of the executor; false where it was skipped or is forgotten. */
bool fx_meaning_find(const aclOpExecutor *executor, uint32_t operator_number, fx_meaning *meaning);

/* The stream runs it: the core is told where that is something new. */
void fx_meaning_apply(aclrtStream stream, const fx_meaning *meaning);

#endif
