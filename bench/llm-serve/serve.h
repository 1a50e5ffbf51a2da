/*
 * Continuous batching on two threads, or in two processes: one runs prefill steps on its stream, the other decode steps on its own; a request
 * goes from the first to the second with an event behind its prefill. What is computed for a request depends on its own
 * tokens only, never on what it was batched with or when, so digests are equal between any two runs of a trace.
 */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "cache.h"
#include "model.h"
#include "options.h"
#include "trace.h"

/* One request; owned by one thread at a time. */
typedef struct request {
  uint32_t id, input_tokens, output_tokens;
  uint64_t arrival_ns, first_token_ns, last_token_ns; /* CLOCK_MONOTONIC */
  uint32_t prefilled_tokens; /* of the prompt, that are in the cache or on their way */
  uint32_t sampled_tokens;   /* of the answer, that the host has */
  uint32_t context;          /* tokens in the cache */
  int32_t last_token;
  int32_t *blocks;
  uint32_t block_count;
  uint64_t digest; /* of every token and of the row it was sampled from */
  struct handover *handover;
  struct request *next;
} request;

/* A prefill step that requests wait for before decoding; shared by them. */
typedef struct handover {
  aclrtEvent event;
  uint32_t requests; /* that have not begun to decode */
  struct handover *next;
} handover;

/* Requests in order, with a lock. */
typedef struct request_queue {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  request *first, *last;
  bool closed; /* nothing more comes */
} request_queue;

/* What the two phases share, in memory that both have, be they threads of one process or two processes. */
typedef struct common {
  cache cache;
  request_queue arrived, prefilled;
  request *requests;
  uint32_t count;
  atomic_uint finished;
  uint64_t prefill_steps, decode_steps;
  uint64_t prefill_busy_ns, decode_busy_ns; /* between the issue of a step and its tokens on the host, summed */
  launch_clock prefill_clock;               /* of a prefill process, when it has ended */
} common;

/* A process that serves: both phases of it, or one. */
typedef struct server {
  options options;
  model model;
  common *common;
  worker prefill, decode;
  aclrtContext context;
  bool is_apart; /* the other phase is another process */
} server;

/* How large the steps of this trace may become. */
typedef struct sizes {
  uint32_t prefill_rows, prefill_sequences, decode_rows;
  uint32_t blocks; /* of the longest request */
  uint32_t line;   /* and where it is in the trace */
} sizes;

/* Queues and requests of a trace, in memory that processes made by fork share. */
sizes server_begin(server *s, const trace *t);
/* The workers of the phases, and the cache for both: what is left of the device's memory. Ends the program where a request does not fit. */
void server_begin_prefill(server *s, const sizes *z);
void server_begin_decode(server *s, const sizes *z);
void server_take_cache(server *s, const sizes *z, uint64_t reserve_bytes);
uint64_t prefill_bytes(const sizes *z);
uint64_t decode_bytes(const sizes *z);
/* Requests come, in real time; returns when the last has. */
void server_arrive(server *s, const trace *t);

/* Serves the whole trace in real time; returns when every request has all its tokens. */
void server_run(server *s, const trace *t);
/* The same with a prefill process and a decode process; only the latter returns. */
void server_run_apart(server *s, const trace *t);

/* CLOCK_MONOTONIC. */
uint64_t serve_now_ns(void);

/* The token of a prompt at a position: any fixed function of both will do. */
int32_t prompt_token(const request *r, uint32_t position);

/* Where in the cache the token at a position is. */
int32_t request_slot(const request *r, uint32_t position);

/* The row of a request in a block table that is `width` wide. */
void request_table(const request *r, int32_t *row, uint32_t width);

/* Takes the sampled token of a request in; true where it was the last: then the request is to be finished. */
bool request_took(request *r, const sampled_token *sampled, uint64_t now_ns);

/* Takes leave of a request that has all its tokens: its blocks go back to the cache. Both threads may be here. */
void request_finish(server *s, request *r);

void queue_begin(request_queue *q);
void queue_push(request_queue *q, request *r);

/* The first request of a queue that has one; the caller holds its lock. */
request *queue_take(request_queue *q);

void queue_close(request_queue *q);

/* The bodies of the two threads. */
void *prefill_main(void *server);
void *decode_main(void *server);

#endif
