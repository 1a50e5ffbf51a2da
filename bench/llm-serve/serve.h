/*
 * Continuous batching on two threads: one runs prefill steps on its stream, the other decode steps on its own; a request
 * goes from the first to the second with an event behind its prefill.
 */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "cache.h"
#include "model.h"
#include "options.h"
#include "trace.h"

/* One request; owned by one thread at a time. */
typedef struct request {
  uint32_t id, input_tokens, output_tokens;
  uint64_t arrival_ns, first_token_ns, last_token_ns; /* CLOCK_MONOTONIC */
  uint32_t done_tokens;  /* prefill: prompt tokens in the cache; then: output tokens */
  uint32_t context;      /* tokens in the cache */
  int32_t last_token;
  int32_t *blocks;
  uint32_t block_count;
  uint64_t digest;       /* of every token and the row it was sampled from */
  struct handover *handover;
  struct request *next;
} request;

/* A prefill step that requests wait for before decoding; shared by them. */
typedef struct handover {
  aclrtEvent event;
  uint32_t requests; /* that have not begun to decode */
} handover;

/* Requests in order, with a lock. */
typedef struct request_queue {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  request *first, *last;
  bool closed; /* nothing more comes */
} request_queue;

typedef struct server {
  options options;
  model model;
  cache cache;
  request_queue arrived, prefilled;
  request *requests;
  uint32_t count;
  atomic_uint finished;
  uint64_t prefill_steps, decode_steps;
  worker prefill, decode;
  aclrtContext context;
} server;

/* Serves the whole trace in real time; returns when every request has all its tokens. */
void server_run(server *s, const trace *t);

/* CLOCK_MONOTONIC. */
uint64_t serve_now_ns(void);

/* The token of a prompt at a position: any fixed function of both will do. */
int32_t prompt_token(const request *r, uint32_t position);

/* Takes the sampled token of a request in. */
void request_took(request *r, const sampled_token *sampled, uint64_t now_ns);

void queue_begin(request_queue *q);
void queue_push(request_queue *q, request *r);
void queue_close(request_queue *q);

/* The bodies of the two threads. */
void *prefill_main(void *server);
void *decode_main(void *server);

#endif
