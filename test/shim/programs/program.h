/*
 * What the test programs share: calls that must succeed, and the kernels. A program is an ordinary AscendCL program: it
 * is linked to libascendcl.so, gets the kernel binary as its first argument, prints what it computed, and exits 0; it
 * knows nothing of FlexNPU.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/acl.h"
#include "log_kernels.h"

#define CHECK(condition)                                             \
  do {                                                               \
    if (!(condition)) {                                              \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                       \
    }                                                                \
  } while (0)

#define EXPECT(expected, call)                                                                     \
  do {                                                                                             \
    int got_ = (int)(call), want_ = (int)(expected);                                               \
    if (got_ != want_) {                                                                           \
      const char *why_ = aclGetRecentErrMsg();                                                     \
      fprintf(stderr, "%s:%d: %s gave %d, not %d (%s)\n", __FILE__, __LINE__, #call, got_, want_,   \
              why_ != NULL ? why_ : "no message");                                                 \
      exit(1);                                                                                     \
    }                                                                                              \
  } while (0)
#define OK(call) EXPECT(ACL_SUCCESS, call)

/* Work that takes the simulated device some 5 ms on the four cores of append_to. */
#define SLOW_BYTES 1600000000u

/* The kernels, once the binary is loaded. */
typedef struct kernels {
  aclrtBinHandle binary;
  aclrtFuncHandle append, append_list, publish, absorb, digest;
} kernels;

static inline kernels load_kernels(const char *path) {
  kernels k;
  OK(aclrtBinaryLoadFromFile(path, NULL, &k.binary));
  OK(aclrtBinaryGetFunction(k.binary, "append", &k.append));
  OK(aclrtBinaryGetFunction(k.binary, "append_list", &k.append_list));
  OK(aclrtBinaryGetFunction(k.binary, "publish", &k.publish));
  OK(aclrtBinaryGetFunction(k.binary, "absorb", &k.absorb));
  OK(aclrtBinaryGetFunction(k.binary, "digest", &k.digest));
  return k;
}

/* Launches with arguments of the caller's stack, which it spoils at once: whoever kept the pointer sees wrong values. */
static inline aclError launch_spoiled(aclrtFuncHandle kernel, aclrtStream stream, void *args, size_t bytes) {
  aclError error = aclrtLaunchKernelWithHostArgs(kernel, 4, stream, NULL, args, bytes, NULL, 0);
  memset(args, 0xee, bytes);
  return error;
}

static inline void append_to(const kernels *k, aclrtStream stream, device_log *log, uint64_t value, uint64_t hbm_bytes) {
  append_args args = {log, value, hbm_bytes};
  OK(launch_spoiled(k->append, stream, &args, sizeof args));
}

static inline void *device_memory(size_t bytes) {
  void *memory = NULL;
  OK(aclrtMalloc(&memory, bytes, ACL_MEM_MALLOC_HUGE_FIRST));
  OK(aclrtMemset(memory, bytes, 0, bytes));
  return memory;
}

static inline void *pinned_memory(size_t bytes) {
  void *memory = NULL;
  OK(aclrtMallocHost(&memory, bytes));
  memset(memory, 0, bytes);
  return memory;
}

static inline device_log read_log(const device_log *log) {
  device_log here;
  OK(aclrtMemcpy(&here, sizeof here, log, sizeof here, ACL_MEMCPY_DEVICE_TO_HOST));
  return here;
}

static inline void print_log(const char *name, const device_log *log) {
  device_log here = read_log(log);
  printf("%s: %llu values, digest %016llx:", name, (unsigned long long)here.count, (unsigned long long)here.digest);
  for (uint64_t i = 0; i < here.count && i < LOG_ENTRIES; i++) printf(" %llx", (unsigned long long)here.entries[i]);
  printf("\n");
}

static inline aclrtStream new_stream(void) {
  aclrtStream stream = NULL;
  OK(aclrtCreateStream(&stream));
  return stream;
}

static inline aclrtEvent new_event(void) {
  aclrtEvent event = NULL;
  OK(aclrtCreateEvent(&event));
  return event;
}

#endif
