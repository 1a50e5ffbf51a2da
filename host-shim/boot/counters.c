/*
 * Rows of counts, the list of faults, and their JSON for the statistics file and the recording. Rows outlive their
 * threads (a thread pool that comes and goes keeps its counts); they are reused by later threads.
 */
#include "boot/counters.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aclnn/operators.h"
#include "boot/real.h"

#define KEPT_FAULTS 32
#define FAULT_CHARS 240
#define KEPT_UNKNOWN 128
#define NAME_CHARS 64

FX_TLS fx_count_row *fx_counts;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static fx_count_row *rows;        /* all rows */
static fx_count_row *free_rows[256]; /* rows whose thread has ended */
static unsigned free_count;
static fx_count_row spill; /* shared by threads for which there was no memory; its counts may lose updates */
static pthread_key_t row_key;
static pthread_once_t row_once = PTHREAD_ONCE_INIT;

static uint64_t fault_count;
static char faults[KEPT_FAULTS][FAULT_CHARS];
static uint64_t missing[FX_API_COUNT];
static uint64_t looked_up[FX_API_COUNT];
static char unknown[KEPT_UNKNOWN][NAME_CHARS];
static uint64_t unknown_counts[KEPT_UNKNOWN];

static void row_release(void *row) {
  pthread_mutex_lock(&lock);
  if (free_count < sizeof free_rows / sizeof *free_rows) free_rows[free_count++] = row;
  pthread_mutex_unlock(&lock);
}

static void make_key(void) { (void)pthread_key_create(&row_key, row_release); }

fx_count_row *fx_counts_begin(void) {
  pthread_once(&row_once, make_key);
  pthread_mutex_lock(&lock);
  fx_count_row *row = free_count > 0 ? free_rows[--free_count] : NULL;
  if (row == NULL) {
    row = calloc(1, sizeof *row);
    if (row != NULL) {
      row->next = rows;
      rows = row;
    }
  }
  pthread_mutex_unlock(&lock);
  if (row == NULL) row = &spill;
  else (void)pthread_setspecific(row_key, row);
  fx_counts = row;
  return row;
}

void fx_fault(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  pthread_mutex_lock(&lock);
  if (fault_count < KEPT_FAULTS) (void)vsnprintf(faults[fault_count], FAULT_CHARS, format, arguments);
  fault_count++;
  pthread_mutex_unlock(&lock);
  va_end(arguments);
}

void fx_count_missing(uint32_t api) {
  pthread_mutex_lock(&lock);
  bool first = missing[api]++ == 0;
  pthread_mutex_unlock(&lock);
  if (first) fx_fault("the real library has no %s", fx_api_names[api]);
}

void fx_count_looked_up(uint32_t api) { (void)__atomic_fetch_add(&looked_up[api], 1, __ATOMIC_RELAXED); }

void fx_count_unknown(const char *name) {
  if (strlen(name) >= NAME_CHARS) return;
  pthread_mutex_lock(&lock);
  size_t i = 0;
  while (i < KEPT_UNKNOWN && unknown_counts[i] > 0 && strcmp(unknown[i], name) != 0) i++;
  if (i < KEPT_UNKNOWN && unknown_counts[i]++ == 0) memcpy(unknown[i], name, strlen(name) + 1);
  pthread_mutex_unlock(&lock);
}

void fx_put_string(FILE *out, const char *text) {
  fputc('"', out);
  for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
    if (*c == '"' || *c == '\\') fprintf(out, "\\%c", *c);
    else if (*c < 0x20) fprintf(out, "\\u%04x", *c);
    else fputc(*c, out);
  }
  fputc('"', out);
}

static void put_counts(FILE *out, const char *name, const uint64_t *counts) {
  fprintf(out, "\"%s\":{", name);
  const char *comma = "";
  for (uint32_t api = 1; api < FX_API_COUNT; api++) {
    if (counts[api] == 0) continue;
    fprintf(out, "%s\"%s\":%llu", comma, fx_api_names[api], (unsigned long long)counts[api]);
    comma = ",";
  }
  fputc('}', out);
}

typedef struct fx_put {
  FILE *out;
  const char *comma;
} fx_put;

static void put_operator(const char *name, uint64_t calls, void *with) {
  fx_put *put = with;
  fprintf(put->out, "%s\"%s\":%llu", put->comma, name, (unsigned long long)calls);
  put->comma = ",";
}

void fx_counts_put(FILE *out) {
  pthread_mutex_lock(&lock);
  uint64_t sums[FX_API_COUNT], found[FX_API_COUNT];
  for (uint32_t api = 0; api < FX_API_COUNT; api++) sums[api] = spill.calls[api];
  for (fx_count_row *row = rows; row != NULL; row = row->next)
    for (uint32_t api = 1; api < FX_API_COUNT; api++) sums[api] += __atomic_load_n(&row->calls[api], __ATOMIC_RELAXED);
  for (uint32_t api = 0; api < FX_API_COUNT; api++) found[api] = __atomic_load_n(&looked_up[api], __ATOMIC_RELAXED);
  put_counts(out, "calls", sums);
  fputc(',', out);
  put_counts(out, "missing", missing);
  fputc(',', out);
  put_counts(out, "looked_up", found);
  fputs(",\"unknown\":{", out);
  for (size_t i = 0; i < KEPT_UNKNOWN && unknown_counts[i] > 0; i++)
    fprintf(out, "%s\"%s\":%llu", i > 0 ? "," : "", unknown[i], (unsigned long long)unknown_counts[i]);
  fputs("},\"operators\":{", out);
  fx_operators_each(put_operator, &(fx_put){out, ""});
  fputc('}', out);
  fprintf(out, ",\"faults\":%llu,\"fault_messages\":[", (unsigned long long)fault_count);
  for (uint64_t i = 0; i < fault_count && i < KEPT_FAULTS; i++) {
    if (i > 0) fputc(',', out);
    fx_put_string(out, faults[i]);
  }
  fputc(']', out);
  pthread_mutex_unlock(&lock);
}

char *fx_counts_json(void) {
  char *text = NULL;
  size_t bytes = 0;
  FILE *out = open_memstream(&text, &bytes);
  if (out == NULL) return NULL;
  fputc('{', out);
  fx_counts_put(out);
  fputc('}', out);
  return fclose(out) == 0 ? text : NULL;
}
