/*
 * What arguments say of the phase (shared/facts/acl.md, "Recognising the phase"): query rows against sequences for
 * attention, rows of the left matrix for a product.
 */
#include <string.h>

#include "aclnn/meaning.h"
#include "aclnn/operands.h"

/*
 * Query rows of one sequence up to which it may be decode that checks speculated tokens (1 + k, k up to 7), where there is
 * a paged cache to decode from.
 */
#define SPECULATED 8
/* Rows of a product from which on it is prefill; decode has a row a sequence, and batches beyond this are rare. */
#define PREFILL_ROWS 128

static uint32_t tokens(int64_t count) {
  return count < 0 ? 0 : count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
}

static fx_meaning says(uint32_t phase, int64_t prefill, int64_t decode) {
  return (fx_meaning){phase, FLEXNPU_PHASE_SOURCE_ARGUMENTS, tokens(prefill), tokens(decode)};
}

static const fx_meaning nothing = {.phase = FLEXNPU_PHASE_UNKNOWN};

/* Sequences of these lengths in one batch. */
static fx_meaning of_lengths(int64_t sum, int64_t ones, int64_t largest, int64_t smallest, bool paged) {
  if (largest <= 1) return says(FLEXNPU_PHASE_DECODE, 0, sum);
  if (paged && largest <= SPECULATED && largest == smallest) return says(FLEXNPU_PHASE_DECODE, 0, sum);
  if (paged && ones > 0) return says(FLEXNPU_PHASE_MIXED, sum - ones, ones);
  return says(FLEXNPU_PHASE_PREFILL, sum, 0);
}

/* Rows of all sequences behind one another. */
static fx_meaning of_rows(int64_t rows, const aclIntArray *lengths, const aclTensor *block_table) {
  fx_lengths l;
  fx_shape table;
  if (fx_int_array_lengths(lengths, &l) && l.step_largest > 0)
    return of_lengths(l.step_sum, l.step_ones, l.step_largest, l.step_smallest, block_table != NULL);
  /* Without lengths the table of blocks tells how many sequences there are. */
  if (!fx_tensor_shape(block_table, &table) || table.rank == 0) return nothing;
  return rows <= table.dims[0] ? says(FLEXNPU_PHASE_DECODE, 0, rows) : says(FLEXNPU_PHASE_PREFILL, rows, 0);
}

/* Batches of sequences that are padded to one length. */
static fx_meaning of_batch(int64_t batch, int64_t length, const aclIntArray *lengths, bool paged) {
  fx_lengths l;
  if (length <= 1) return says(FLEXNPU_PHASE_DECODE, 0, batch * length);
  if (fx_int_array_lengths(lengths, &l) && l.largest > 0 && l.largest <= length)
    return of_lengths(l.sum, l.ones, l.largest, l.smallest, paged);
  return of_lengths(batch * length, 0, length, length, paged);
}

fx_meaning fx_meaning_of_attention(const aclTensor *query, const aclIntArray *lengths, const aclTensor *block_table,
                                   const char *layout) {
  fx_shape q;
  if (layout == NULL || !fx_tensor_shape(query, &q)) return nothing;
  /* "BNSD_BSND" is the query's layout and that of the output. */
  size_t length = strcspn(layout, "_");
  const char *sequence = memchr(layout, 'S', length), *rows = memchr(layout, 'T', length);
  const char *batch = memchr(layout, 'B', length);
  const char *at = rows != NULL ? rows : sequence;
  if (at == NULL || length != q.rank || q.rank > FX_SHAPE_DIMS) return nothing;
  for (size_t i = 0; i < length; i++)
    if (q.dims[i] < 0 || q.dims[i] > INT32_MAX) return nothing;
  int64_t along = q.dims[at - layout];
  if (rows != NULL) return of_rows(along, lengths, block_table);
  return of_batch(batch != NULL ? q.dims[batch - layout] : 1, along, lengths, block_table != NULL);
}

fx_meaning fx_meaning_of_product(const aclTensor *left) {
  fx_shape shape;
  if (!fx_tensor_shape(left, &shape) || shape.rank < 2) return nothing;
  bool many = shape.rows >= PREFILL_ROWS;
  return (fx_meaning){many ? FLEXNPU_PHASE_PREFILL : FLEXNPU_PHASE_DECODE, FLEXNPU_PHASE_SOURCE_SHAPE,
                      many ? tokens(shape.rows) : 0, many ? 0 : tokens(shape.rows)};
}
