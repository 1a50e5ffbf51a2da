/*
 * The kernels of Qwen2.5-7B for the simulated NPU: computation at reduced width, declared work at full width
 * (qwen25_args.h). Bytes are bf16; weights are read once a launch, activations once in and once out.
 */
#include "qwen25_args.h"

#include "npu_sim_kernel.h"

NPU_SIM_KERNEL_MAGIC;
NPU_SIM_WORK_FROM_ARGS;

#define BF16 2u

static uint64_t mix(uint64_t a, uint64_t b) {
  uint64_t h = (a ^ (b + 0x9e3779b97f4a7c15u)) * 0xbf58476d1ce4e5b9u;
  return h ^ (h >> 29);
}

void GatherV2(const npu_sim_launch *l) {
  const gather_args *a = l->args;
  for (uint64_t r = 0; r < a->rows; r++)
    for (uint32_t i = 0; i < QWEN_ROW; i++)
      a->out[r * QWEN_ROW + i] = mix((uint64_t)(uint32_t)a->tokens[r] * QWEN_ROW + i, a->table[((uint32_t)a->tokens[r] + i) % QWEN_WEIGHT_WORDS]);
}
void GatherV2__work(const npu_sim_launch *l, npu_sim_work *w) {
  const gather_args *a = l->args;
  w->hbm_bytes = a->rows * (2u * QWEN_HIDDEN * BF16 + 4u);
}

void AddRmsNorm(const npu_sim_launch *l) {
  const norm_args *a = l->args;
  for (uint64_t r = 0; r < a->rows; r++) {
    uint64_t *residual = a->residual + r * QWEN_ROW, *out = a->out + r * QWEN_ROW, sum = 0;
    for (uint32_t i = 0; i < QWEN_ROW; i++) {
      if (a->x) residual[i] += a->x[r * QWEN_ROW + i];
      sum += residual[i] >> 7;
    }
    for (uint32_t i = 0; i < QWEN_ROW; i++) out[i] = mix(residual[i] ^ sum, a->gamma[i]);
  }
}
void AddRmsNorm__work(const npu_sim_launch *l, npu_sim_work *w) {
  const norm_args *a = l->args;
  w->vector_ops = a->rows * QWEN_HIDDEN * 6u;
  w->hbm_bytes = a->rows * QWEN_HIDDEN * BF16 * (a->x ? 4u : 2u);
}

void MatMulV2(const npu_sim_launch *l) {
  const matmul_args *a = l->args;
  for (uint64_t r = 0; r < a->m; r++) {
    const uint64_t *x = a->x + r * QWEN_ROW;
    uint64_t *out = a->out + r * QWEN_ROW;
    for (uint32_t i = 0; i < QWEN_ROW; i++) {
      uint64_t sum = 0;
      for (uint32_t j = 0; j < QWEN_ROW; j++) sum += x[j] * (a->weight[i * QWEN_ROW + j] | 1u);
      out[i] = sum ^ (sum >> 31);
    }
  }
}
void MatMulV2__work(const npu_sim_launch *l, npu_sim_work *w) {
  const matmul_args *a = l->args;
  w->cube_ops = 2u * a->m * a->n * a->k;
  w->hbm_bytes = BF16 * (a->m * a->k + a->k * a->n + a->m * a->n);
}

void RotaryMul(const npu_sim_launch *l) {
  const rope_args *a = l->args;
  for (uint64_t r = 0; r < a->rows; r++) {
    uint32_t turn = (uint32_t)a->positions[r] % 63u + 1u;
    for (uint32_t i = 0; i < 2; i++) {
      uint64_t v = a->qkv[r * QWEN_ROW + i];
      a->qkv[r * QWEN_ROW + i] = (v << turn | v >> (64u - turn)) + (uint64_t)(uint32_t)a->positions[r];
    }
  }
}
void RotaryMul__work(const npu_sim_launch *l, npu_sim_work *w) {
  const rope_args *a = l->args;
  uint64_t width = (QWEN_HEADS + QWEN_KV_HEADS) * QWEN_HEAD_DIM;
  w->vector_ops = a->rows * width * 6u;
  w->hbm_bytes = a->rows * width * BF16 * 2u;
}

void ReshapeAndCache(const npu_sim_launch *l) {
  const cache_args *a = l->args;
  for (uint64_t r = 0; r < a->rows; r++)
    for (uint32_t i = 0; i < QWEN_KV_WORDS; i++)
      a->cache[(uint64_t)(uint32_t)a->slots[r] * QWEN_KV_WORDS + i] = a->qkv[r * QWEN_ROW + 1u + i];
}
void ReshapeAndCache__work(const npu_sim_launch *l, npu_sim_work *w) {
  const cache_args *a = l->args;
  w->hbm_bytes = a->rows * QWEN_KV_BYTES * 2u;
}

/* A row looks at these parts of its context (in sixteenths), first and last token among them. */
static const uint32_t looks[] = {0, 3, 7, 11, 15, 16};

void FusedInferAttentionScore(const npu_sim_launch *l) {
  const attention_args *a = l->args;
  uint64_t row = 0;
  for (uint64_t s = 0; s < a->sequences; s++) {
    const int32_t *blocks = a->block_tables + s * a->blocks_per_sequence;
    uint64_t queries = (uint64_t)a->query_lens[s], context = (uint64_t)a->context_lens[s];
    for (uint64_t q = 0; q < queries; q++, row++) {
      uint64_t last = context - queries + q, score = a->qkv[row * QWEN_ROW];
      for (uint32_t k = 0; k < sizeof looks / sizeof *looks; k++) {
        uint64_t position = last * looks[k] / 16u;
        uint64_t slot = (uint64_t)(uint32_t)blocks[position / QWEN_BLOCK_TOKENS] * QWEN_BLOCK_TOKENS + position % QWEN_BLOCK_TOKENS;
        score = mix(score, a->cache[slot * QWEN_KV_WORDS] + a->cache[slot * QWEN_KV_WORDS + 1u]);
      }
      for (uint32_t i = 0; i < QWEN_ROW; i++) a->out[row * QWEN_ROW + i] = mix(score, a->qkv[row * QWEN_ROW + i] + i);
    }
  }
}
void FusedInferAttentionScore__work(const npu_sim_launch *l, npu_sim_work *w) {
  const attention_args *a = l->args;
  uint64_t width = QWEN_HEADS * QWEN_HEAD_DIM;
  w->cube_ops = 4u * a->attended_tokens * width;
  w->vector_ops = 5u * a->attended_tokens * QWEN_HEADS;
  w->hbm_bytes = a->context_tokens * QWEN_KV_BYTES + 2u * a->rows * width * BF16;
}

void SwiGlu(const npu_sim_launch *l) {
  const swiglu_args *a = l->args;
  for (uint64_t i = 0; i < a->rows * QWEN_ROW; i++) a->out[i] = mix(a->gate_up[i], a->gate_up[i] >> 17);
}
void SwiGlu__work(const npu_sim_launch *l, npu_sim_work *w) {
  const swiglu_args *a = l->args;
  w->vector_ops = a->rows * QWEN_INTERMEDIATE * 6u;
  w->hbm_bytes = a->rows * QWEN_INTERMEDIATE * BF16 * 3u;
}

void IndexSelect(const npu_sim_launch *l) {
  const select_args *a = l->args;
  for (uint64_t r = 0; r < a->count; r++)
    for (uint32_t i = 0; i < QWEN_ROW; i++) a->out[r * QWEN_ROW + i] = a->rows[(uint64_t)(uint32_t)a->indices[r] * QWEN_ROW + i];
}
void IndexSelect__work(const npu_sim_launch *l, npu_sim_work *w) {
  const select_args *a = l->args;
  w->hbm_bytes = a->count * QWEN_HIDDEN * BF16 * 2u;
}

void ArgMaxV2(const npu_sim_launch *l) {
  const argmax_args *a = l->args;
  for (uint64_t r = 0; r < a->rows; r++) {
    uint64_t hash = 0;
    for (uint32_t i = 0; i < QWEN_ROW; i++) hash = mix(hash, a->out[r].logits[i] = a->logits[r * QWEN_ROW + i]);
    a->out[r].token = hash % QWEN_VOCABULARY;
  }
}
void ArgMaxV2__work(const npu_sim_launch *l, npu_sim_work *w) {
  const argmax_args *a = l->args;
  w->vector_ops = a->rows * QWEN_VOCABULARY;
  w->hbm_bytes = a->rows * QWEN_VOCABULARY * BF16;
}
