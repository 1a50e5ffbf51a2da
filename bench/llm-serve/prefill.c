/*
 * The prefill thread: whole prompts in order of arrival, as many as fit the token budget; a prompt that is longer than
 * the budget goes in chunks. Its last chunk gives the first token.
 */
#include <stdlib.h>

#include "acl_check.h"
#include "serve.h"

/* Prompts of one step, and how much of each. */
typedef struct batch {
  request **requests;
  uint32_t *tokens;
  uint32_t count;
} batch;

static request *take_first(request_queue *q) {
  request *r = q->first;
  q->first = r->next;
  if (q->first == NULL) q->last = NULL;
  return r;
}

/* The next prompts that fit; waits for the first. Empty where nothing more comes. */
static void form(server *s, batch *b, request **unfinished) {
  uint32_t budget = s->options.max_prefill_tokens;
  b->count = 0;
  if (*unfinished != NULL) {
    request *r = *unfinished;
    uint32_t left = r->input_tokens - r->done_tokens, now = left < budget ? left : budget;
    b->requests[b->count] = r;
    b->tokens[b->count++] = now;
    *unfinished = now < left ? r : NULL;
    budget -= now;
  }
  pthread_mutex_lock(&s->arrived.lock);
  while (b->count == 0 && s->arrived.first == NULL && !s->arrived.closed)
    pthread_cond_wait(&s->arrived.changed, &s->arrived.lock);
  while (s->arrived.first != NULL && b->count < s->prefill.max_sequences && *unfinished == NULL) {
    uint32_t tokens = s->arrived.first->input_tokens;
    if (tokens > budget && b->count > 0) break;
    request *r = take_first(&s->arrived);
    b->requests[b->count] = r;
    b->tokens[b->count++] = tokens < budget ? tokens : budget;
    if (tokens > budget) *unfinished = r;
    budget -= b->tokens[b->count - 1];
  }
  pthread_mutex_unlock(&s->arrived.lock);
}

static int32_t slot_of(const request *r, uint32_t position) {
  return r->blocks[position / QWEN_BLOCK_TOKENS] * (int32_t)QWEN_BLOCK_TOKENS + (int32_t)(position % QWEN_BLOCK_TOKENS);
}

static step_shape prepare(worker *w, const batch *b) {
  step_shape shape = {.sequences = b->count};
  for (uint32_t i = 0; i < b->count; i++)
    if (b->requests[i]->block_count > shape.blocks_per_sequence) shape.blocks_per_sequence = b->requests[i]->block_count;
  for (uint32_t i = 0; i < b->count; i++) {
    request *r = b->requests[i];
    for (uint32_t t = 0; t < b->tokens[i]; t++) {
      uint32_t position = r->done_tokens + t, row = shape.rows++;
      w->host.tokens[row] = prompt_token(r, position);
      w->host.positions[row] = (int32_t)position;
      w->host.slots[row] = slot_of(r, position);
      shape.attended_tokens += position + 1;
    }
    r->done_tokens += b->tokens[i];
    r->context = r->done_tokens;
    w->host.query_lens[i] = (int32_t)b->tokens[i];
    w->host.context_lens[i] = (int32_t)r->context;
    w->host.last_rows[i] = (int32_t)shape.rows - 1;
    shape.context_tokens += r->context;
    for (uint32_t k = 0; k < shape.blocks_per_sequence; k++)
      w->host.block_tables[i * shape.blocks_per_sequence + k] = k < r->block_count ? r->blocks[k] : 0;
  }
  return shape;
}

static void hand_on(server *s, const batch *b, handover *h, uint64_t now_ns) {
  uint32_t going = 0;
  for (uint32_t i = 0; i < b->count; i++) {
    request *r = b->requests[i];
    if (r->done_tokens == r->input_tokens && r->output_tokens > 1) going++;
  }
  h->requests = going;
  for (uint32_t i = 0; i < b->count; i++) {
    request *r = b->requests[i];
    if (r->done_tokens < r->input_tokens) continue;
    request_took(r, &s->prefill.sampled_host[i], now_ns);
    r->first_token_ns = now_ns;
    r->done_tokens = 1;
    if (r->output_tokens > 1) {
      r->handover = h;
      queue_push(&s->prefilled, r);
      continue;
    }
    cache_give(&s->cache, r->blocks, r->block_count);
    atomic_fetch_add(&s->finished, 1);
  }
  if (going > 0) return;
  ACL(aclrtDestroyEvent(h->event));
  free(h);
}

void *prefill_main(void *argument) {
  server *s = argument;
  worker *w = &s->prefill;
  batch b = {.requests = malloc(w->max_sequences * sizeof *b.requests), .tokens = malloc(w->max_sequences * sizeof *b.tokens)};
  request *unfinished = NULL;
  ACL(aclrtSetCurrentContext(s->context));
  for (;;) {
    form(s, &b, &unfinished);
    if (b.count == 0) break;
    for (uint32_t i = 0; i < b.count; i++)
      if (b.requests[i]->done_tokens == 0) cache_take(&s->cache, b.requests[i]->blocks, b.requests[i]->block_count);
    step_shape shape = prepare(w, &b);
    handover *h = calloc(1, sizeof *h);
    ACL(aclrtCreateEventWithFlag(&h->event, ACL_EVENT_SYNC));
    worker_step(w, &shape);
    ACL(aclrtRecordEvent(h->event, w->stream));
    ACL(aclrtSynchronizeStream(w->stream));
    s->prefill_steps++;
    hand_on(s, &b, h, serve_now_ns());
  }
  queue_close(&s->prefilled);
  free(b.requests);
  free(b.tokens);
  return NULL;
}
