/*
 * Arguments of the kernels of Qwen2.5-7B (shared/facts/hardware.md, "Model shapes"), as host code passes them: 8-byte
 * values in order, pointers to device memory. The same kernels serve prefill and decode, as on a real card.
 *
 * A token's row is kept at reduced width (QWEN_ROW words) at the front of buffers of the true size: a host cannot
 * compute 7B parameters at pace. Every kernel reads all its inputs and writes all its rows, in integer arithmetic, so
 * that a wrong order or a lost operator gives other bytes. The work that a kernel declares is the full model's.
 */
#ifndef QWEN25_ARGS_H
#define QWEN25_ARGS_H

#include <stdint.h>

#define QWEN_LAYERS 28u
#define QWEN_HIDDEN 3584u
#define QWEN_HEADS 28u
#define QWEN_KV_HEADS 4u
#define QWEN_HEAD_DIM 128u
#define QWEN_INTERMEDIATE 18944u
#define QWEN_VOCABULARY 152064u
/* Keys and values of one token in one layer, bf16. */
#define QWEN_KV_BYTES (2u * QWEN_KV_HEADS * QWEN_HEAD_DIM * 2u)

/* Words of a row, and of a cached key-value entry, at reduced width. */
#define QWEN_ROW 4u
#define QWEN_KV_WORDS 2u
/* Words of a weight tensor that are read at reduced width. */
#define QWEN_WEIGHT_WORDS 512u
/* Tokens of one block of the paged cache. */
#define QWEN_BLOCK_TOKENS 128u

typedef struct gather_args {
  uint64_t *out;
  const uint64_t *table;
  const int32_t *tokens;
  uint64_t rows;
} gather_args;

/* residual += x (x may be NULL: begins the residual from itself); out = norm(residual). */
typedef struct norm_args {
  uint64_t *out, *residual;
  const uint64_t *x, *gamma;
  uint64_t rows;
} norm_args;

typedef struct matmul_args {
  uint64_t *out;
  const uint64_t *x, *weight;
  uint64_t m, n, k;
} matmul_args;

typedef struct rope_args {
  uint64_t *qkv;
  const int32_t *positions;
  uint64_t rows;
} rope_args;

typedef struct cache_args {
  const uint64_t *qkv;
  uint64_t *cache;        /* of this layer */
  const int32_t *slots;   /* where each row goes */
  uint64_t rows;
} cache_args;

/* One query row each, or many: rows of a sequence are consecutive. */
typedef struct attention_args {
  uint64_t *out;
  const uint64_t *qkv, *cache;
  const int32_t *query_lens;   /* rows of each sequence in this step */
  const int32_t *context_lens; /* tokens of each sequence in the cache, this step's included */
  const int32_t *block_tables; /* sequences x blocks_per_sequence */
  uint64_t sequences, blocks_per_sequence;
  uint64_t rows;               /* sum of query_lens, for the declared work */
  uint64_t context_tokens;     /* sum of context_lens */
  uint64_t attended_tokens;    /* sum over rows of the tokens each attends to */
} attention_args;

typedef struct swiglu_args {
  uint64_t *out;
  const uint64_t *gate_up;
  uint64_t rows;
} swiglu_args;

/* Rows of the last token of each sequence. */
typedef struct select_args {
  uint64_t *out;
  const uint64_t *rows;
  const int32_t *indices;
  uint64_t count;
} select_args;

/* What sampling leaves for the host: the token and the row it came from. */
typedef struct sampled_token {
  uint64_t token;
  uint64_t logits[QWEN_ROW];
} sampled_token;

typedef struct argmax_args {
  sampled_token *out;
  const uint64_t *logits;
  uint64_t rows;
} argmax_args;

#endif
