/* What the command line asks of the serving program. */
#ifndef SERVE_OPTIONS_H
#define SERVE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct options {
  const char *trace;    /* request trace (trace.h) */
  const char *kernels;  /* kernel binary */
  double seconds;       /* only requests that arrive in the first so many seconds of the trace; 0: all */
  double rate;          /* arrival times are divided by this */
  uint32_t max_prefill_tokens; /* tokens of one prefill step, as vLLM's max_num_batched_tokens */
  uint32_t max_batch;   /* sequences of one decode step, as vLLM's max_num_seqs */
  uint32_t processes;   /* 1, or 2: a prefill process and a decode process */
  bool progress;        /* lines `progress DONE TOTAL` on standard error */
} options;

/* Reads the command line; says what is wrong with it and exits with 2. */
options options_read(int argc, char **argv);

#endif
