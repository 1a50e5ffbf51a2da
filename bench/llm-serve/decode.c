/*
 * The decode thread: every running request gets one token a step; new ones join between steps, finished ones leave.
 */
#include <stdlib.h>

#include "acl_check.h"
#include "serve.h"

/* Lets prefilled requests join; waits for one where none is running. False where nothing runs and nothing comes. */
static bool join(server *s, request **running, uint32_t *count) {
  request_queue *q = &s->prefilled;
  pthread_mutex_lock(&q->lock);
  while (*count == 0 && q->first == NULL && !q->closed) pthread_cond_wait(&q->changed, &q->lock);
  while (q->first != NULL && *count < s->options.max_batch) {
    request *r = q->first;
    q->first = r->next;
    if (q->first == NULL) q->last = NULL;
    running[(*count)++] = r;
  }
  pthread_mutex_unlock(&q->lock);
  return *count > 0;
}

/* The stream waits for the prefill of the requests that joined. */
static void wait_for_prefill(worker *w, request **running, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    handover *h = running[i]->handover;
    if (h == NULL) continue;
    running[i]->handover = NULL;
    ACL(aclrtStreamWaitEvent(w->stream, h->event));
    if (--h->requests > 0) continue;
    ACL(aclrtSynchronizeStream(w->stream)); /* the wait is over: the event may go */
    ACL(aclrtDestroyEvent(h->event));
    free(h);
  }
}

static step_shape prepare(worker *w, request **running, uint32_t count) {
  step_shape shape = {.rows = count, .sequences = count};
  for (uint32_t i = 0; i < count; i++) {
    uint32_t blocks = cache_blocks_for(running[i]->context + 1);
    if (blocks > shape.blocks_per_sequence) shape.blocks_per_sequence = blocks;
  }
  for (uint32_t i = 0; i < count; i++) {
    request *r = running[i];
    uint32_t position = r->context++;
    w->host.tokens[i] = r->last_token;
    w->host.positions[i] = (int32_t)position;
    w->host.slots[i] = r->blocks[position / QWEN_BLOCK_TOKENS] * (int32_t)QWEN_BLOCK_TOKENS + (int32_t)(position % QWEN_BLOCK_TOKENS);
    w->host.query_lens[i] = 1;
    w->host.context_lens[i] = (int32_t)r->context;
    w->host.last_rows[i] = (int32_t)i;
    shape.context_tokens += r->context;
    for (uint32_t k = 0; k < shape.blocks_per_sequence; k++)
      w->host.block_tables[i * shape.blocks_per_sequence + k] = k < r->block_count ? r->blocks[k] : 0;
  }
  shape.attended_tokens = shape.context_tokens;
  return shape;
}

void *decode_main(void *argument) {
  server *s = argument;
  worker *w = &s->decode;
  request **running = malloc(s->options.max_batch * sizeof *running);
  uint32_t count = 0;
  ACL(aclrtSetCurrentContext(s->context));
  while (join(s, running, &count)) {
    wait_for_prefill(w, running, count);
    step_shape shape = prepare(w, running, count);
    worker_step(w, &shape);
    ACL(aclrtSynchronizeStream(w->stream));
    s->decode_steps++;
    uint64_t now = serve_now_ns();
    uint32_t left = 0;
    for (uint32_t i = 0; i < count; i++) {
      request *r = running[i];
      request_took(r, &w->sampled_host[i], now);
      if (++r->done_tokens < r->output_tokens) {
        running[left++] = r;
        continue;
      }
      cache_give(&s->cache, r->blocks, r->block_count);
      uint32_t finished = atomic_fetch_add(&s->finished, 1) + 1;
      if (s->options.progress) fprintf(stderr, "progress %u %u\n", finished, s->count);
    }
    count = left;
  }
  free(running);
  return NULL;
}
