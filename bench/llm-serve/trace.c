/* Reading a trace, line by line; every row is checked here, whatever its format. */
#include "trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

/* A longer prompt or answer is no request to a language model. */
#define MOST_TOKENS 10e6

static bool whole(double value, double low) {
  return value >= low && value <= MOST_TOKENS && value == (double)(uint32_t)value;
}

static void add(trace *t, size_t *room, trace_request request) {
  if (t->count == *room) {
    *room = *room == 0 ? 1024 : *room * 2;
    t->requests = realloc(t->requests, *room * sizeof *t->requests);
    if (t->requests == NULL) fail(1, "no host memory for the trace");
  }
  t->requests[t->count++] = request;
}

/* The line without its end; what an editor may have put before and behind it goes, too. */
static char *trimmed(const char *path, size_t number, char *line, size_t length) {
  while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) line[--length] = '\0';
  if (strlen(line) != length) fail(2, "%s:%zu: a zero byte: this is no text file", path, number);
  return number == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0 ? line + 3 : line; /* byte order mark */
}

trace trace_read(const char *path, double seconds) {
  FILE *in = fopen(path, "re");
  if (in == NULL) fail(2, "%s: %s", path, strerror(errno));
  trace t = {0};
  size_t room = 0, size = 0, number = 0;
  char *buffer = NULL;
  double first_s = 0, last_s = 0;
  trace_row_reader *read = NULL;
  for (ssize_t length; (length = getline(&buffer, &size, in)) >= 0;) {
    if (++number == 1 && strncmp(buffer, "\x1f\x8b", 2) == 0) fail(2, "%s: is gzipped; unpack it first", path);
    char *line = trimmed(path, number, buffer, (size_t)length);
    if (number == 1) {
      bool is_header;
      read = trace_format(line, &is_header);
      if (read == NULL) fail(2, "%s:1: no known trace format (Azure CSV, ServeGen CSV or Mooncake JSON lines)", path);
      if (is_header) continue;
    }
    if (*line == '\0') continue;
    trace_row r;
    if (!read(line, &r)) fail(2, "%s:%zu: the row cannot be read", path, number);
    if (!whole(r.input_tokens, 1) || !whole(r.output_tokens, 0))
      fail(2, "%s:%zu: token counts have to be whole numbers up to %.0f, input at least 1", path, number, MOST_TOKENS);
    if (t.count == 0) first_s = last_s = r.at_s;
    if (r.at_s < last_s) fail(2, "%s:%zu: arrivals have to be in order of time", path, number);
    if (r.at_s - first_s > 1e9) fail(2, "%s:%zu: arrives more than 30 years after the first request", path, number);
    last_s = r.at_s;
    if (seconds > 0 && r.at_s - first_s >= seconds) break;
    add(&t, &room, (trace_request){.arrival_ns = (uint64_t)((r.at_s - first_s) * 1e9),
                                   .input_tokens = (uint32_t)r.input_tokens,
                                   .output_tokens = r.output_tokens < 1 ? 1 : (uint32_t)r.output_tokens,
                                   .line = (uint32_t)number});
  }
  if (ferror(in)) fail(2, "%s: %s", path, strerror(errno));
  free(buffer);
  fclose(in);
  if (t.count == 0) fail(2, "%s:%zu: the trace has no request", path, number);
  return t;
}
