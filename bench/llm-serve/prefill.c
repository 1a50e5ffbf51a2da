/*
 * The prefill thread: whole prompts in order of arrival, as many as fit the token budget; a prompt that is longer than
 * the budget goes in chunks. Its last chunk gives the first token.
 */
#include <stdlib.h>

#include "fail.h"
#include "serve.h"

/* Prompts of one step, and how much of each. */
typedef struct batch {
  request **requests;
  uint32_t *tokens;
  uint32_t count, budget_left;
  request *unfinished; /* a prompt that goes on in the next step; it is the last one of this step */
} batch;

static void add(batch *b, request *r) {
  uint32_t left = r->input_tokens - r->prefilled_tokens, now = left < b->budget_left ? left : b->budget_left;
  b->requests[b->count] = r;
  b->tokens[b->count++] = now;
  b->budget_left -= now;
  b->unfinished = now < left ? r : NULL;
}

/* The first arrival, for which the thread waits; NULL where nothing more comes. */
static request *wait_for_one(request_queue *q) {
  pthread_mutex_lock(&q->lock);
  while (q->first == NULL && !q->closed) pthread_cond_wait(&q->changed, &q->lock);
  request *r = q->first != NULL ? queue_take(q) : NULL;
  pthread_mutex_unlock(&q->lock);
  return r;
}

/* The next prompts that fit; waits for the first. Empty where nothing more comes. */
static void form(server *s, batch *b) {
  b->count = 0;
  b->budget_left = s->options.max_prefill_tokens;
  if (b->unfinished != NULL) {
    add(b, b->unfinished);
  } else {
    request *r = wait_for_one(&s->common->arrived);
    if (r == NULL) return;
    cache_take(&s->common->cache, r->blocks, r->block_count, true);
    add(b, r);
  }
  pthread_mutex_lock(&s->common->arrived.lock);
  while (s->common->arrived.first != NULL && b->count < s->prefill.max_sequences) {
    request *r = s->common->arrived.first;
    if (r->input_tokens > b->budget_left || !cache_take(&s->common->cache, r->blocks, r->block_count, false)) break;
    add(b, queue_take(&s->common->arrived));
  }
  pthread_mutex_unlock(&s->common->arrived.lock);
}

static step_shape prepare(worker *w, const batch *b) {
  step_shape shape = {.sequences = b->count};
  for (uint32_t i = 0; i < b->count; i++) {
    uint32_t blocks = cache_blocks_for(b->requests[i]->prefilled_tokens + b->tokens[i]);
    if (blocks > shape.blocks_per_sequence) shape.blocks_per_sequence = blocks;
  }
  for (uint32_t i = 0; i < b->count; i++) {
    request *r = b->requests[i];
    for (uint32_t t = 0; t < b->tokens[i]; t++) {
      uint32_t position = r->prefilled_tokens++, row = shape.rows++;
      w->host.tokens[row] = prompt_token(r, position);
      w->host.positions[row] = (int32_t)position;
      w->host.slots[row] = request_slot(r, position);
      shape.attended_tokens += position + 1;
    }
    r->context = r->prefilled_tokens;
    w->host.query_lens[i] = (int32_t)b->tokens[i];
    w->host.context_lens[i] = (int32_t)r->context;
    w->host.last_rows[i] = (int32_t)shape.rows - 1;
    request_table(r, &w->host.block_tables[(size_t)i * shape.blocks_per_sequence], shape.blocks_per_sequence);
    shape.context_tokens += r->context;
  }
  return shape;
}

/* What the decode stream waits for; NULL without an event: the prefill stream is known to be past the step. */
static handover *handover_of(const batch *b, aclrtEvent event) {
  if (event == NULL) return NULL;
  handover *h = host_array(1, sizeof *h);
  h->event = event;
  for (uint32_t i = 0; i < b->count; i++)
    h->requests += b->requests[i] != b->unfinished && b->requests[i]->output_tokens > 1;
  return h;
}

/* First tokens go to their requests, and those that are to have more go on to the decode thread. */
static void hand_on(server *s, const batch *b, aclrtEvent event, uint64_t now_ns) {
  handover *h = handover_of(b, event);
  bool unneeded = h != NULL && h->requests == 0; /* the decode thread counts down as soon as it has the first */
  for (uint32_t i = 0; i < b->count; i++) {
    request *r = b->requests[i];
    if (r == b->unfinished) continue;
    r->first_token_ns = now_ns;
    if (request_took(r, &s->prefill.sampled_host[i], now_ns)) {
      request_finish(s, r);
      continue;
    }
    r->handover = h;
    queue_push(&s->common->prefilled, r);
  }
  if (!unneeded) return;
  ACL(aclrtDestroyEvent(event));
  free(h);
}

void *prefill_main(void *argument) {
  server *s = argument;
  worker *w = &s->prefill;
  batch b = {.requests = host_array(w->max_sequences, sizeof *b.requests),
             .tokens = host_array(w->max_sequences, sizeof *b.tokens)};
  ACL(aclrtSetCurrentContext(s->context));
  for (form(s, &b); b.count > 0; form(s, &b)) {
    uint64_t begin_ns = serve_now_ns();
    step_shape shape = prepare(w, &b);
    aclrtEvent prefilled = NULL;
    if (!s->is_apart) ACL(aclrtCreateEventWithFlag(&prefilled, ACL_EVENT_SYNC));
    worker_step(w, &shape);
    if (!s->is_apart) ACL(aclrtRecordEvent(prefilled, w->stream));
    ACL(aclrtSynchronizeStream(w->stream));
    uint64_t end_ns = serve_now_ns();
    s->common->prefill_steps++;
    s->common->prefill_busy_ns += end_ns - begin_ns;
    hand_on(s, &b, prefilled, end_ns);
  }
  queue_close(&s->common->prefilled);
  free(b.requests);
  free(b.tokens);
  return NULL;
}
