/*
 * Request traces: when requests arrive and how many tokens they take. Three formats, told apart by the first line:
 * Azure's LLM traces (CSV: TIMESTAMP,ContextTokens,GeneratedTokens), ServeGen (CSV: arrival_s,input_tokens,
 * output_tokens,...), Mooncake (JSON lines: timestamp in ms, input_length, output_length).
 */
#ifndef SERVE_TRACE_H
#define SERVE_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "trace_row.h"

typedef struct trace_request {
  uint64_t arrival_ns;    /* since the first request */
  uint32_t input_tokens;  /* at least 1 */
  uint32_t output_tokens; /* at least 1: serving a prompt gives a token, also where the trace says 0 */
  uint32_t line;          /* of the file, counted from 1 */
} trace_request;

typedef struct trace {
  trace_request *requests; /* in order of arrival */
  size_t count;
} trace;

/* Reads the first `seconds` (0: all) of a trace; a row that makes no sense ends the program with file and line, code 2. */
trace trace_read(const char *path, double seconds);

#endif
