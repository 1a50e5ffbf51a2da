/*
 * Qwen2.5-7B on one device: weights and cache in HBM, and one forward pass as a sequence of kernel launches on a stream.
 * A worker is one of the two phases: its stream, its activations, and the inputs of its step in pinned memory.
 */
#ifndef SERVE_MODEL_H
#define SERVE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "acl/acl.h"
#include "launch.h"
#include "qwen25_args.h"

typedef struct model {
  kernels kernels;
  uint8_t *weights;      /* all tensors, bf16, 15.2 GB */
  uint8_t *cache;        /* all layers */
  uint64_t cache_tokens; /* tokens the cache holds */
  bool cache_is_own;     /* not another process's */
} model;

/* Inputs of a step; on the host in pinned memory, on the device beside it. */
typedef struct step_inputs {
  int32_t *tokens, *positions, *slots; /* one a row */
  int32_t *query_lens, *context_lens;  /* one a sequence */
  int32_t *last_rows;                  /* the row of each sequence's last token */
  int32_t *block_tables;               /* sequences x blocks_per_sequence */
} step_inputs;

typedef struct worker {
  const model *model;
  aclrtStream stream;
  uint32_t max_rows, max_sequences, max_table;
  step_inputs host, device;
  sampled_token *sampled_host, *sampled_device;
  uint64_t *hidden, *residual, *normed, *qkv, *attended, *gate_up, *mixed, *selected, *logits; /* device */
  launch_clock clock;
} worker;

/* Sizes of one step. */
typedef struct step_shape {
  uint32_t rows, sequences, blocks_per_sequence;
  uint64_t context_tokens, attended_tokens;
} step_shape;

/* Loads kernels and weights into the current device. */
void model_load(model *m, const char *kernel_file);
/* Takes the rest of its memory (less `reserve_bytes`) as cache. */
void model_take_cache(model *m, uint64_t reserve_bytes);
uint64_t model_cache_bytes(const model *m);
void model_end(model *m);

/* Device memory that a worker of these sizes takes. */
uint64_t worker_bytes(uint32_t max_rows, uint32_t max_sequences, uint32_t max_table);
void worker_begin(worker *w, const model *m, uint32_t max_rows, uint32_t max_sequences, uint32_t max_table);
void worker_end(worker *w);

/* Issues a step: copies its inputs, the layers, sampling, and the copy of the sampled tokens back. Does not wait. */
void worker_step(worker *w, const step_shape *shape);

#endif
