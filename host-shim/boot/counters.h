/*
 * Counts of calls by function and of faults. A thread counts in its own row, so that counting costs one increment and
 * no sharing; rows are added up when the counts are written.
 */
#ifndef FX_COUNTERS_H
#define FX_COUNTERS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "api.h"

#define FX_EXPORT __attribute__((visibility("default")))
#define FX_LIKELY(x) __builtin_expect(!!(x), 1)
#define FX_UNLIKELY(x) __builtin_expect(!!(x), 0)
/* What one processor writes, others on the same line have to fetch anew. */
#define FX_LINE_BYTES 64
#define FX_TLS _Thread_local __attribute__((tls_model("initial-exec")))

/* Calls of one thread. Only its thread writes; others read it when the counts are written, so plain relaxed access. */
typedef struct fx_count_row {
  struct fx_count_row *next;
  uint64_t calls[FX_API_COUNT];
} fx_count_row;

extern FX_TLS fx_count_row *fx_counts;

/* Gives the calling thread its row. */
fx_count_row *fx_counts_begin(void);

static inline void fx_count(uint32_t api) {
  fx_count_row *row = fx_counts;
  if (FX_UNLIKELY(row == NULL)) row = fx_counts_begin();
  __atomic_store_n(&row->calls[api], row->calls[api] + 1, __ATOMIC_RELAXED);
}

#define FX_COUNT(name) fx_count(FX_API_##name)

/* Counts a fault of ours and keeps the first messages for the statistics. Never prints. */
__attribute__((format(printf, 1, 2))) void fx_fault(const char *format, ...);

/* Counts a call of a function that the real library does not have. */
void fx_count_missing(uint32_t api);

/* Counts that a program looked a function up which a library has and FlexNPU does not know: its calls are not seen. */
void fx_count_unknown(const char *name);

/* Counts that a program got one of our functions by its name, with dlsym. */
void fx_count_looked_up(uint32_t api);

/* Writes text as a JSON string. */
void fx_put_string(FILE *out, const char *text);

/* Writes the counts as members of a JSON object, without its braces. */
void fx_counts_put(FILE *out);

/* The counts as a JSON object, in memory of malloc; NULL where there is none. */
char *fx_counts_json(void);

#endif
