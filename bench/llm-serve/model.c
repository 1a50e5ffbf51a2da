/* Memory of the model and one forward pass, kernel by kernel, as vLLM's Ascend back end issues Qwen2. */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "fail.h"

#define BF16 2u
#define QKV_WIDTH ((QWEN_HEADS + 2u * QWEN_KV_HEADS) * QWEN_HEAD_DIM)

/* Where the tensors of a layer begin in its part of the weights, in elements. */
enum { GAMMA1, QKV, OUT, GAMMA2, GATE_UP, DOWN, TENSORS };
static const uint64_t tensor_elements[TENSORS] = {QWEN_HIDDEN,
                                                  (uint64_t)QWEN_HIDDEN * QKV_WIDTH,
                                                  (uint64_t)QWEN_HIDDEN * QWEN_HIDDEN,
                                                  QWEN_HIDDEN,
                                                  2ull * QWEN_HIDDEN * QWEN_INTERMEDIATE,
                                                  (uint64_t)QWEN_INTERMEDIATE * QWEN_HIDDEN};
#define TABLE_ELEMENTS ((uint64_t)QWEN_VOCABULARY * QWEN_HIDDEN)

static uint64_t layer_elements(void) {
  uint64_t sum = 0;
  for (int i = 0; i < TENSORS; i++) sum += tensor_elements[i];
  return sum;
}

/* Embedding table, layers, final norm, LM head. */
static uint64_t weight_bytes(void) { return BF16 * (2 * TABLE_ELEMENTS + QWEN_LAYERS * layer_elements() + QWEN_HIDDEN); }

static const uint64_t *tensor(const model *m, uint32_t layer, int which) {
  uint64_t at = TABLE_ELEMENTS + layer * layer_elements();
  for (int i = 0; i < which; i++) at += tensor_elements[i];
  return (const uint64_t *)(const void *)(m->weights + BF16 * at);
}

static const uint64_t *embedding(const model *m) { return (const uint64_t *)(const void *)m->weights; }
static const uint64_t *final_gamma(const model *m) { return tensor(m, QWEN_LAYERS, GAMMA1); }
static const uint64_t *head(const model *m) {
  return (const uint64_t *)(const void *)(m->weights + BF16 * (TABLE_ELEMENTS + QWEN_LAYERS * layer_elements() + QWEN_HIDDEN));
}

/* The part of a tensor that is read at reduced width gets fixed, different contents. */
static void load_tensor(const uint64_t *at, uint64_t seed) {
  uint64_t words[QWEN_WEIGHT_WORDS];
  for (uint64_t i = 0; i < QWEN_WEIGHT_WORDS; i++) words[i] = (seed * 1000003u + i) * 0x9e3779b97f4a7c15u;
  ACL(aclrtMemcpy((void *)(uintptr_t)at, sizeof words, words, sizeof words, ACL_MEMCPY_HOST_TO_DEVICE));
}

static void *device_memory(uint64_t bytes) {
  void *address;
  ACL(aclrtMalloc(&address, bytes, ACL_MEM_MALLOC_HUGE_FIRST));
  return address;
}

static void *host_memory(uint64_t bytes) {
  void *address;
  ACL(aclrtMallocHost(&address, bytes));
  memset(address, 0, bytes);
  return address;
}

void model_load(model *m, const char *kernel_file) {
  kernels_load(&m->kernels, kernel_file);
  m->weights = device_memory(weight_bytes());
  load_tensor(embedding(m), 1);
  load_tensor(head(m), 2);
  load_tensor(final_gamma(m), 3);
  for (uint32_t layer = 0; layer < QWEN_LAYERS; layer++)
    for (int i = 0; i < TENSORS; i++) load_tensor(tensor(m, layer, i), 16u + layer * TENSORS + (uint32_t)i);
}

uint64_t model_cache_bytes(const model *m) { return (uint64_t)QWEN_KV_BYTES * QWEN_LAYERS * m->cache_tokens; }

void model_take_cache(model *m, uint64_t reserve_bytes) {
  size_t free_bytes, total_bytes;
  ACL(aclrtGetMemInfo(ACL_HBM_MEM, &free_bytes, &total_bytes));
  uint64_t block_bytes = (uint64_t)QWEN_KV_BYTES * QWEN_LAYERS * QWEN_BLOCK_TOKENS;
  uint64_t spare = reserve_bytes + total_bytes / 10; /* vLLM leaves a tenth (gpu_memory_utilization 0.9) */
  if (free_bytes < spare + block_bytes)
    fail(1, "%zu bytes of device memory are left, too few for a cache", free_bytes);
  uint64_t blocks = (free_bytes - spare) / block_bytes;
  m->cache_tokens = blocks * QWEN_BLOCK_TOKENS;
  m->cache = device_memory(blocks * block_bytes);
  m->cache_is_own = true;
}

void model_end(model *m) {
  if (m->cache_is_own) ACL(aclrtFree(m->cache));
  ACL(aclrtFree(m->weights));
  kernels_unload(&m->kernels);
}

/* Widths in elements of the activations of a row, in the order of the worker's pointers. */
static const uint64_t widths[] = {QWEN_HIDDEN, QWEN_HIDDEN, QWEN_HIDDEN, QKV_WIDTH, QWEN_HIDDEN, 2u * QWEN_INTERMEDIATE, QWEN_INTERMEDIATE};

uint64_t worker_bytes(uint32_t max_rows, uint32_t max_sequences, uint32_t max_table) {
  uint64_t row = 3u * sizeof(int32_t), sequence = 3u * sizeof(int32_t) + sizeof(sampled_token);
  for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) row += BF16 * widths[i];
  sequence += BF16 * (QWEN_HIDDEN + QWEN_VOCABULARY);
  return max_rows * row + max_sequences * sequence + max_table * sizeof(int32_t) + (64u << 20);
}

void worker_begin(worker *w, const model *m, uint32_t max_rows, uint32_t max_sequences, uint32_t max_table) {
  *w = (worker){.model = m, .max_rows = max_rows, .max_sequences = max_sequences, .max_table = max_table};
  ACL(aclrtCreateStream(&w->stream));
  int32_t **host[] = {&w->host.tokens, &w->host.positions, &w->host.slots, &w->host.query_lens, &w->host.context_lens, &w->host.last_rows, &w->host.block_tables};
  int32_t **device[] = {&w->device.tokens, &w->device.positions, &w->device.slots, &w->device.query_lens, &w->device.context_lens, &w->device.last_rows, &w->device.block_tables};
  for (int i = 0; i < 7; i++) {
    uint64_t bytes = sizeof(int32_t) * (i < 3 ? max_rows : i < 6 ? max_sequences : max_table);
    *host[i] = host_memory(bytes);
    *device[i] = device_memory(bytes);
  }
  w->sampled_host = host_memory(max_sequences * sizeof *w->sampled_host);
  w->sampled_device = device_memory(max_sequences * sizeof *w->sampled_device);
  uint64_t **rows[] = {&w->hidden, &w->residual, &w->normed, &w->qkv, &w->attended, &w->gate_up, &w->mixed};
  for (int i = 0; i < 7; i++) *rows[i] = device_memory(BF16 * widths[i] * max_rows);
  w->selected = device_memory((uint64_t)BF16 * QWEN_HIDDEN * max_sequences);
  w->logits = device_memory((uint64_t)BF16 * QWEN_VOCABULARY * max_sequences);
  w->clock.buckets = host_array(LAUNCH_BUCKETS, sizeof *w->clock.buckets);
}

void worker_end(worker *w) {
  void *device[] = {w->device.tokens, w->device.positions, w->device.slots, w->device.query_lens, w->device.context_lens, w->device.last_rows,
                    w->device.block_tables, w->sampled_device, w->hidden, w->residual, w->normed, w->qkv, w->attended, w->gate_up, w->mixed, w->selected, w->logits};
  void *host[] = {w->host.tokens, w->host.positions, w->host.slots, w->host.query_lens, w->host.context_lens, w->host.last_rows, w->host.block_tables, w->sampled_host};
  for (size_t i = 0; i < sizeof device / sizeof *device; i++) ACL(aclrtFree(device[i]));
  for (size_t i = 0; i < sizeof host / sizeof *host; i++) ACL(aclrtFreeHost(host[i]));
  ACL(aclrtDestroyStream(w->stream));
  free(w->clock.buckets);
}

static void copy_in(worker *w, int32_t *device, const int32_t *host, uint64_t count) {
  ACL(aclrtMemcpyAsync(device, count * sizeof *host, host, count * sizeof *host, ACL_MEMCPY_HOST_TO_DEVICE, w->stream));
}

/* Cores of a chip with 24: tilings use what there are, a step with few rows and heads uses fewer. */
#define CORES 24u
static uint32_t blocks_of(uint64_t tiles) { return tiles < 1 ? 1 : tiles > CORES ? CORES : (uint32_t)tiles; }
static uint32_t matmul_blocks(uint64_t m, uint64_t n) { return blocks_of((m + 127) / 128 * ((n + 127) / 128)); }
static uint32_t vector_blocks(uint64_t rows) { return 2u * blocks_of((rows + 1) / 2); }

static void matmul(worker *w, uint64_t *out, const uint64_t *x, const uint64_t *weight, uint64_t m, uint64_t n, uint64_t k) {
  matmul_args a = {out, x, weight, m, n, k};
  launch(&w->clock, w->model->kernels.matmul, matmul_blocks(m, n), w->stream, &a, sizeof a);
}

static void norm(worker *w, uint64_t *out, uint64_t *residual, const uint64_t *x, const uint64_t *gamma, uint64_t rows) {
  const uint64_t a[] = {(uintptr_t)out, (uintptr_t)residual, (uintptr_t)x, (uintptr_t)gamma, rows};
  launch_with_handle(&w->clock, w->model->kernels.norm, vector_blocks(rows), w->stream, a, sizeof a / sizeof *a);
}

static void layer(worker *w, const step_shape *s, uint32_t number) {
  const model *m = w->model;
  uint64_t rows = s->rows;
  uint64_t *cache = (uint64_t *)(void *)(m->cache + number * m->cache_tokens * QWEN_KV_BYTES);
  norm(w, w->normed, w->residual, number == 0 ? NULL : w->hidden, tensor(m, number, GAMMA1), rows);
  matmul(w, w->qkv, w->normed, tensor(m, number, QKV), rows, QKV_WIDTH, QWEN_HIDDEN);
  rope_args rope = {w->qkv, w->device.positions, rows};
  launch(&w->clock, m->kernels.rope, vector_blocks(rows), w->stream, &rope, sizeof rope);
  cache_args store = {w->qkv, cache, w->device.slots, rows};
  launch(&w->clock, m->kernels.cache, vector_blocks(rows), w->stream, &store, sizeof store);
  attention_args attention = {w->attended, w->qkv, cache, w->device.query_lens, w->device.context_lens, w->device.block_tables,
                              s->sequences, s->blocks_per_sequence, rows, s->context_tokens, s->attended_tokens};
  uint32_t cores = rows > s->sequences ? CORES : blocks_of((uint64_t)s->sequences * QWEN_KV_HEADS);
  launch(&w->clock, m->kernels.attention, cores, w->stream, &attention, sizeof attention);
  matmul(w, w->hidden, w->attended, tensor(m, number, OUT), rows, QWEN_HIDDEN, QWEN_HIDDEN);
  norm(w, w->normed, w->residual, w->hidden, tensor(m, number, GAMMA2), rows);
  matmul(w, w->gate_up, w->normed, tensor(m, number, GATE_UP), rows, 2u * QWEN_INTERMEDIATE, QWEN_HIDDEN);
  swiglu_args swiglu = {w->mixed, w->gate_up, rows};
  launch(&w->clock, m->kernels.swiglu, vector_blocks(rows), w->stream, &swiglu, sizeof swiglu);
  matmul(w, w->hidden, w->mixed, tensor(m, number, DOWN), rows, QWEN_HIDDEN, QWEN_INTERMEDIATE);
}

void worker_step(worker *w, const step_shape *s) {
  const model *m = w->model;
  copy_in(w, w->device.tokens, w->host.tokens, s->rows);
  copy_in(w, w->device.positions, w->host.positions, s->rows);
  copy_in(w, w->device.slots, w->host.slots, s->rows);
  copy_in(w, w->device.query_lens, w->host.query_lens, s->sequences);
  copy_in(w, w->device.context_lens, w->host.context_lens, s->sequences);
  copy_in(w, w->device.last_rows, w->host.last_rows, s->sequences);
  copy_in(w, w->device.block_tables, w->host.block_tables, (uint64_t)s->sequences * s->blocks_per_sequence);
  gather_args gather = {w->residual, embedding(m), w->device.tokens, s->rows};
  launch(&w->clock, m->kernels.gather, vector_blocks(s->rows), w->stream, &gather, sizeof gather);
  for (uint32_t number = 0; number < QWEN_LAYERS; number++) layer(w, s, number);
  norm(w, w->normed, w->residual, w->hidden, final_gamma(m), s->rows);
  select_args select = {w->selected, w->normed, w->device.last_rows, s->sequences};
  launch(&w->clock, m->kernels.select, vector_blocks(s->sequences), w->stream, &select, sizeof select);
  matmul(w, w->logits, w->selected, head(m), s->sequences, QWEN_VOCABULARY, QWEN_HIDDEN);
  argmax_args argmax = {w->sampled_device, w->logits, s->sequences};
  launch(&w->clock, m->kernels.argmax, vector_blocks(s->sequences), w->stream, &argmax, sizeof argmax);
  uint64_t bytes = s->sequences * sizeof *w->sampled_host;
  ACL(aclrtMemcpyAsync(w->sampled_host, bytes, w->sampled_device, bytes, ACL_MEMCPY_DEVICE_TO_HOST, w->stream));
}
