/* The server: arrivals in real time, the two phase threads, and what they hand on. */
#include "serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fail.h"
#include "shared.h"

uint64_t serve_now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int32_t prompt_token(const request *r, uint32_t position) {
  return (int32_t)(((uint64_t)r->id * 7919u + (uint64_t)position * 104729u + 17u) % QWEN_VOCABULARY);
}

int32_t request_slot(const request *r, uint32_t position) {
  return r->blocks[position / QWEN_BLOCK_TOKENS] * (int32_t)QWEN_BLOCK_TOKENS + (int32_t)(position % QWEN_BLOCK_TOKENS);
}

void request_table(const request *r, int32_t *row, uint32_t width) {
  for (uint32_t i = 0; i < width; i++) row[i] = i < r->block_count ? r->blocks[i] : 0;
}

bool request_took(request *r, const sampled_token *sampled, uint64_t now_ns) {
  r->last_token = (int32_t)sampled->token;
  const uint64_t *words = (const uint64_t *)(const void *)sampled;
  for (size_t i = 0; i < sizeof *sampled / sizeof *words; i++) r->digest = (r->digest ^ words[i]) * 0x100000001b3u;
  r->last_token_ns = now_ns;
  return ++r->sampled_tokens >= r->output_tokens;
}

void request_finish(server *s, request *r) {
  cache_give(&s->common->cache, r->blocks, r->block_count);
  uint32_t finished = atomic_fetch_add(&s->common->finished, 1) + 1;
  if (s->options.progress) fprintf(stderr, "progress %u %u\n", finished, s->common->count);
}

void queue_begin(request_queue *q) {
  memset(q, 0, sizeof *q);
  shared_lock_begin(&q->lock, &q->changed);
}

void queue_push(request_queue *q, request *r) {
  pthread_mutex_lock(&q->lock);
  r->next = NULL;
  if (q->last != NULL) q->last->next = r;
  else q->first = r;
  q->last = r;
  pthread_cond_signal(&q->changed);
  pthread_mutex_unlock(&q->lock);
}

request *queue_take(request_queue *q) {
  request *r = q->first;
  q->first = r->next;
  if (q->first == NULL) q->last = NULL;
  return r;
}

void queue_close(request_queue *q) {
  pthread_mutex_lock(&q->lock);
  q->closed = true;
  pthread_cond_broadcast(&q->changed);
  pthread_mutex_unlock(&q->lock);
}

static void sleep_until(uint64_t ns) {
  struct timespec at = {.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0) {}
}

void server_arrive(server *s, const trace *t) {
  uint64_t begin = serve_now_ns();
  for (uint32_t i = 0; i < s->common->count; i++) {
    request *r = &s->common->requests[i];
    r->arrival_ns = begin + (uint64_t)((double)t->requests[i].arrival_ns / s->options.rate);
    sleep_until(r->arrival_ns);
    queue_push(&s->common->arrived, r);
    if (s->options.progress) fprintf(stderr, "progress %u %u\n", atomic_load(&s->common->finished), s->common->count);
  }
  queue_close(&s->common->arrived);
}

static uint32_t all_tokens(const trace_request *r) { return r->input_tokens + r->output_tokens; }

/* The request with most tokens: one table must hold its blocks. */
static const trace_request *longest(const trace *t) {
  const trace_request *most = t->requests;
  for (size_t i = 1; i < t->count; i++)
    if (all_tokens(&t->requests[i]) > all_tokens(most)) most = &t->requests[i];
  return most;
}

static void begin_requests(common *c, const trace *t) {
  size_t blocks = 0;
  c->count = (uint32_t)t->count;
  c->requests = shared_array(t->count, sizeof *c->requests);
  for (uint32_t i = 0; i < c->count; i++) {
    request *r = &c->requests[i];
    *r = (request){.id = i, .input_tokens = t->requests[i].input_tokens, .output_tokens = t->requests[i].output_tokens,
                   .digest = 0xcbf29ce484222325u};
    r->block_count = cache_blocks_for(r->input_tokens + r->output_tokens);
    blocks += r->block_count;
  }
  int32_t *places = shared_array(blocks, sizeof *places);
  for (uint32_t i = 0; i < c->count; i++) {
    c->requests[i].blocks = places;
    places += c->requests[i].block_count;
  }
}

/* More blocks than any device has room for: addresses only, until they are used. */
#define MOST_BLOCKS (1u << 22)

sizes server_begin(server *s, const trace *t) {
  const trace_request *most = longest(t);
  sizes z = {.prefill_rows = s->options.max_prefill_tokens, .decode_rows = s->options.max_batch,
             .blocks = cache_blocks_for(all_tokens(most)), .line = most->line};
  /* A prefill step has at most one sequence for each 16 tokens' worth of budget; tables are as wide as the longest. */
  z.prefill_sequences = z.prefill_rows / 16 > 1 ? z.prefill_rows / 16 : 1;
  s->common = shared_array(1, sizeof *s->common);
  begin_requests(s->common, t);
  cache_room(&s->common->cache, MOST_BLOCKS);
  s->common->prefill_clock.buckets = shared_array(LAUNCH_BUCKETS, sizeof *s->common->prefill_clock.buckets);
  queue_begin(&s->common->arrived);
  queue_begin(&s->common->prefilled);
  return z;
}

uint64_t prefill_bytes(const sizes *z) { return worker_bytes(z->prefill_rows, z->prefill_sequences, z->prefill_sequences * z->blocks); }
uint64_t decode_bytes(const sizes *z) { return worker_bytes(z->decode_rows, z->decode_rows, z->decode_rows * z->blocks); }

void server_begin_prefill(server *s, const sizes *z) {
  worker_begin(&s->prefill, &s->model, z->prefill_rows, z->prefill_sequences, z->prefill_sequences * z->blocks);
}

void server_begin_decode(server *s, const sizes *z) {
  worker_begin(&s->decode, &s->model, z->decode_rows, z->decode_rows, z->decode_rows * z->blocks);
}

void server_take_cache(server *s, const sizes *z, uint64_t reserve_bytes) {
  model_take_cache(&s->model, reserve_bytes);
  uint64_t blocks = s->model.cache_tokens / QWEN_BLOCK_TOKENS;
  if (blocks < z->blocks)
    fail(2, "%s:%u: the request takes %u tokens of cache, there are %llu", s->options.trace, z->line, z->blocks * QWEN_BLOCK_TOKENS,
         (unsigned long long)s->model.cache_tokens);
  cache_begin(&s->common->cache, blocks < MOST_BLOCKS ? (uint32_t)blocks : MOST_BLOCKS);
}

void server_run(server *s, const trace *t) {
  sizes z = server_begin(s, t);
  ACL(aclInit(NULL));
  ACL(aclrtSetDevice(0));
  ACL(aclrtGetCurrentContext(&s->context));
  model_load(&s->model, s->options.kernels);
  server_take_cache(s, &z, prefill_bytes(&z) + decode_bytes(&z));
  server_begin_prefill(s, &z);
  server_begin_decode(s, &z);
  pthread_t prefill, decode;
  pthread_create(&prefill, NULL, prefill_main, s);
  pthread_create(&decode, NULL, decode_main, s);
  server_arrive(s, t);
  pthread_join(prefill, NULL);
  pthread_join(decode, NULL);
  cache_end(&s->common->cache);
}
