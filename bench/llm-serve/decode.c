/*
 * The decode thread: every running request gets one token a step; new ones join between steps, finished ones leave.
 */
#include <stdlib.h>

#include "fail.h"
#include "serve.h"

/* Requests that decode, and handovers that none of them needs any more once the step under way is done. */
typedef struct running {
  request **requests;
  uint32_t count;
  handover *used_up;
} running;

/* Lets prefilled requests join; waits for one where none is running. False where nothing runs and nothing comes. */
static bool join(server *s, running *now) {
  request_queue *q = &s->common->prefilled;
  pthread_mutex_lock(&q->lock);
  while (now->count == 0 && q->first == NULL && !q->closed) pthread_cond_wait(&q->changed, &q->lock);
  while (q->first != NULL && now->count < s->options.max_batch) now->requests[now->count++] = queue_take(q);
  pthread_mutex_unlock(&q->lock);
  return now->count > 0;
}

/* The stream waits for the prefill of the requests that joined. */
static void wait_for_prefill(worker *w, running *now) {
  handover *waited = NULL;
  for (uint32_t i = 0; i < now->count; i++) {
    handover *h = now->requests[i]->handover;
    if (h == NULL) continue;
    now->requests[i]->handover = NULL;
    if (h != waited) ACL(aclrtStreamWaitEvent(w->stream, h->event));
    waited = h;
    if (--h->requests > 0) continue;
    h->next = now->used_up;
    now->used_up = h;
  }
}

/* Events that the stream has waited for may go when it is known to be past them. */
static void destroy_used_up(running *now) {
  while (now->used_up != NULL) {
    handover *h = now->used_up;
    now->used_up = h->next;
    ACL(aclrtDestroyEvent(h->event));
    free(h);
  }
}

static step_shape prepare(worker *w, const running *now) {
  step_shape shape = {.rows = now->count, .sequences = now->count};
  for (uint32_t i = 0; i < now->count; i++) {
    uint32_t blocks = cache_blocks_for(now->requests[i]->context + 1);
    if (blocks > shape.blocks_per_sequence) shape.blocks_per_sequence = blocks;
  }
  for (uint32_t i = 0; i < now->count; i++) {
    request *r = now->requests[i];
    uint32_t position = r->context++;
    w->host.tokens[i] = r->last_token;
    w->host.positions[i] = (int32_t)position;
    w->host.slots[i] = request_slot(r, position);
    w->host.query_lens[i] = 1;
    w->host.context_lens[i] = (int32_t)r->context;
    w->host.last_rows[i] = (int32_t)i;
    request_table(r, &w->host.block_tables[(size_t)i * shape.blocks_per_sequence], shape.blocks_per_sequence);
    shape.context_tokens += r->context;
  }
  shape.attended_tokens = shape.context_tokens;
  return shape;
}

void *decode_main(void *argument) {
  server *s = argument;
  worker *w = &s->decode;
  running now = {.requests = host_array(s->options.max_batch, sizeof *now.requests)};
  ACL(aclrtSetCurrentContext(s->context));
  while (join(s, &now)) {
    uint64_t begin_ns = serve_now_ns();
    wait_for_prefill(w, &now);
    step_shape shape = prepare(w, &now);
    worker_step(w, &shape);
    ACL(aclrtSynchronizeStream(w->stream));
    uint64_t end_ns = serve_now_ns();
    s->common->decode_steps++;
    s->common->decode_busy_ns += end_ns - begin_ns;
    destroy_used_up(&now);
    uint32_t left = 0;
    for (uint32_t i = 0; i < now.count; i++) {
      request *r = now.requests[i];
      if (request_took(r, &w->sampled_host[i], end_ns)) request_finish(s, r);
      else now.requests[left++] = r;
    }
    now.count = left;
  }
  free(now.requests);
  return NULL;
}
