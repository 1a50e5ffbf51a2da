/* Reading traces; one row reader a format. */
#include "trace.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct row {
  double at_s;
  double input, output;
} row;

/* Seconds since an arbitrary day of "2023-11-16 18:17:03.9799600"; traces do not cross the end of a month. */
static bool azure(const char *line, row *r) {
  int year, month, day, hour, minute, used = 0;
  double second;
  if (sscanf(line, "%d-%d-%d %d:%d:%lf,%lf,%lf%n", &year, &month, &day, &hour, &minute, &second, &r->input, &r->output,
             &used) != 8)
    return false;
  r->at_s = ((day * 24.0 + hour) * 60.0 + minute) * 60.0 + second;
  return line[used] == '\0' && month >= 1 && month <= 12 && hour < 24 && minute < 60 && second < 61;
}

static bool servegen(const char *line, row *r) {
  int used = 0;
  return sscanf(line, "%lf,%lf,%lf%n", &r->at_s, &r->input, &r->output, &used) == 3 && (line[used] == '\0' || line[used] == ',');
}

static bool field(const char *line, const char *name, double *value) {
  const char *at = strstr(line, name);
  if (at == NULL) return false;
  at += strlen(name);
  while (*at == ' ' || *at == ':') at++;
  char *end;
  *value = strtod(at, &end);
  return end != at;
}

static bool mooncake(const char *line, row *r) {
  double ms;
  if (line[0] != '{' || line[strlen(line) - 1] != '}') return false;
  if (!field(line, "\"timestamp\"", &ms) || !field(line, "\"input_length\"", &r->input)) return false;
  r->at_s = ms / 1000.0;
  return field(line, "\"output_length\"", &r->output);
}

static bool whole(double value, double low) { return value >= low && value <= 10e6 && value == (double)(uint32_t)value; }

static void bad(const char *path, size_t number, const char *what) {
  fprintf(stderr, "llm-serve: %s:%zu: %s\n", path, number, what);
  exit(2);
}

static void add(trace *t, size_t *room, trace_request request) {
  if (t->count == *room) {
    *room = *room == 0 ? 1024 : *room * 2;
    t->requests = realloc(t->requests, *room * sizeof *t->requests);
    if (t->requests == NULL) {
      fprintf(stderr, "llm-serve: no memory for the trace\n");
      exit(1);
    }
  }
  t->requests[t->count++] = request;
}

trace trace_read(const char *path, double seconds) {
  FILE *in = fopen(path, "re");
  if (in == NULL) {
    fprintf(stderr, "llm-serve: %s: %s\n", path, strerror(errno));
    exit(2);
  }
  trace t = {0};
  size_t room = 0, size = 0, number = 0;
  char *line = NULL;
  double first_s = 0, last_s = 0;
  bool (*read)(const char *, row *) = NULL;
  for (ssize_t length; (length = getline(&line, &size, in)) >= 0;) {
    number++;
    while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) line[--length] = '\0';
    if (number == 1) {
      if (strncmp(line, "TIMESTAMP,ContextTokens,GeneratedTokens", 39) == 0) read = azure;
      else if (strncmp(line, "arrival_s,input_tokens,output_tokens", 36) == 0) read = servegen;
      else if (line[0] == '{') read = mooncake;
      else bad(path, number, "no known trace format (Azure CSV, ServeGen CSV or Mooncake JSON lines)");
      if (read != mooncake) continue;
    }
    if (length == 0) continue;
    row r;
    if (!read(line, &r)) bad(path, number, "the row cannot be read");
    if (!whole(r.input, 1) || !whole(r.output, 0)) bad(path, number, "token counts have to be whole numbers, input at least 1");
    if (t.count == 0) first_s = last_s = r.at_s;
    if (!(r.at_s >= last_s)) bad(path, number, "arrivals have to be in order of time");
    last_s = r.at_s;
    if (seconds > 0 && r.at_s - first_s >= seconds) break;
    add(&t, &room, (trace_request){.arrival_ns = (uint64_t)((r.at_s - first_s) * 1e9),
                                   .input_tokens = (uint32_t)r.input,
                                   .output_tokens = r.output < 1 ? 1 : (uint32_t)r.output});
  }
  free(line);
  fclose(in);
  if (t.count == 0) bad(path, number, "the trace has no request");
  return t;
}
