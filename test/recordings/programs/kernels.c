/*
 * The kernel binary of the stand-in operators. All but one compute the same: every word of what they write depends on
 * every word of what they read, so that an operator that is lost, or comes too early or too late, leaves other bytes
 * behind. It does not depend on the order of the words within a region: TransMatmulWeight only changes that order, and the
 * recorded program does not make the operators that read its results wait for it (it runs on another stream).
 */
#include <string.h>

#include "npu_sim_kernel.h"
#include "operands.h"

NPU_SIM_KERNEL_MAGIC;
NPU_SIM_WORK_FROM_ARGS;

static uint64_t mixed(uint64_t word) {
  word *= 0x9e3779b97f4a7c15u;
  return word ^ word >> 29;
}

static uint64_t spread(uint64_t word) { return word ^ word >> 29; }

static uint64_t word_at(const region *r, uint64_t place) {
  uint64_t word = 0, at = place * 8;
  memcpy(&word, (const char *)r->data + at, r->bytes - at < 8 ? r->bytes - at : 8);
  return word;
}

static uint64_t sum_of(const region *r) {
  uint64_t sum = r->bytes;
  /* Plain enough for the compiler to make vectors of it: the recordings read some 2 GB. */
  for (uint64_t i = 0; i < r->bytes / 8; i++) sum += spread(((const uint64_t *)r->data)[i]);
  if (r->bytes % 8 != 0) sum += spread(word_at(r, r->bytes / 8));
  return sum;
}

static void compute(const npu_sim_launch *l) {
  const kernel_args *a = l->args;
  uint64_t all = a->key;
  for (uint64_t i = 0; i < a->reads; i++) all = mixed(all ^ sum_of(&a->regions[i])) + i;
  for (uint64_t i = a->reads; i < a->reads + a->writes; i++) {
    const region *r = &a->regions[i];
    uint64_t *words = r->data, first = mixed(all + i), count = r->bytes / 8;
    for (uint64_t at = 0; at < count; at++) words[at] = first + (at << 32);
    memcpy(words + count, &first, r->bytes % 8);
  }
}

/* Another order of the same words: the first becomes the last. */
static void turn(const npu_sim_launch *l) {
  const region *r = ((const kernel_args *)l->args)->regions;
  uint64_t *words = r->data;
  for (uint64_t i = 0, j = r->bytes / 8; i + 1 < j; i++) {
    uint64_t word = words[i];
    words[i] = words[--j];
    words[j] = word;
  }
}

#define KERNEL(name, function)                                               \
  void name(const npu_sim_launch *l) { function(l); }                        \
  void name##__work(const npu_sim_launch *l, npu_sim_work *w) {              \
    const kernel_args *a = l->args;                                          \
    for (uint64_t i = 0; i < a->reads + a->writes; i++) w->hbm_bytes += a->regions[i].bytes; \
  }

KERNEL(Add, compute)
KERNEL(Cast, compute)
KERNEL(Cos, compute)
KERNEL(FusedInferAttentionScore, compute)
KERNEL(GatherV2, compute)
KERNEL(InplaceFillScalar, compute)
KERNEL(InplaceIndexCopy, compute)
KERNEL(InplaceMul, compute)
KERNEL(Mm, compute)
KERNEL(Mul, compute)
KERNEL(Repeat, compute)
KERNEL(RmsNorm, compute)
KERNEL(RotaryPositionEmbedding, compute)
KERNEL(Silu, compute)
KERNEL(Sin, compute)
KERNEL(TransMatmulWeight, turn)
