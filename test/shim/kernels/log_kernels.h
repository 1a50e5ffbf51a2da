/*
 * Arguments of the test kernels, and what they compute, as inline functions: the programs compute the same on the host
 * and know the result of every order of operators.
 */
#ifndef LOG_KERNELS_H
#define LOG_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "npu_sim_kernel.h"

/* A log: how many values, a digest that depends on their order, and the first of them. */
#define LOG_ENTRIES 61
typedef struct device_log {
  uint64_t count, digest, spare;
  uint64_t entries[LOG_ENTRIES];
} device_log;

typedef struct append_args {
  device_log *log;
  uint64_t value;
  uint64_t hbm_bytes;
} append_args;

typedef struct append_list_args {
  device_log *log;
  const uint64_t *list;
  uint64_t count;
  uint64_t hbm_bytes;
} append_list_args;

typedef struct slot_args {
  device_log *log;
  uint64_t *slot;
  uint64_t hbm_bytes;
} slot_args;

typedef struct digest_args {
  device_log *log;
  const uint8_t *region;
  uint64_t bytes;
  uint64_t hbm_bytes;
} digest_args;

static inline void log_append(device_log *log, uint64_t value) {
  log->digest = (log->digest ^ value) * 0x100000001b3u + 1;
  if (log->count < LOG_ENTRIES) log->entries[log->count] = value;
  log->count++;
}

static inline uint64_t bytes_digest(const uint8_t *bytes, size_t count) {
  uint64_t digest = 0xcbf29ce484222325u;
  for (size_t i = 0; i < count; i++) digest = (digest ^ bytes[i]) * 0x100000001b3u;
  return digest;
}

#endif
