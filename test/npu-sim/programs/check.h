/* What the simulator's test programs share: checks that print where they failed, and launches of `mix`. A program is
 * given the kernel binary as its first argument, prints "ok NAME" for each group of checks, and exits 0 or 1. */
#ifndef NPU_SIM_CHECK_H
#define NPU_SIM_CHECK_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/acl.h"
#include "npu_sim_kernel.h"

static const char *kernel_path;
static aclrtBinHandle kernel_binary;

#define CHECK(condition)                                                           \
  do {                                                                             \
    if (!(condition)) {                                                            \
      printf("not ok %s:%d: %s\n", __FILE__, __LINE__, #condition);                \
      exit(1);                                                                     \
    }                                                                              \
  } while (0)
#define EXPECT(expected, call)                                                                       \
  do {                                                                                               \
    int got_ = (int)(call), want_ = (int)(expected);                                                 \
    if (got_ != want_) {                                                                             \
      const char *why_ = aclGetRecentErrMsg();                                                       \
      printf("not ok %s:%d: %s gave %d, not %d (%s)\n", __FILE__, __LINE__, #call, got_, want_, why_ ? why_ : ""); \
      exit(1);                                                                                       \
    }                                                                                                \
  } while (0)
#define OK(call) EXPECT(ACL_SUCCESS, call)

typedef struct {
  uint64_t *data;
  uint64_t count;
  uint64_t factor;
  uint64_t addend;
  npu_sim_work work;
} mix_args;

/* Operators may reach the device later than they were issued (argument `late`), much later where device time jumps. */
static bool late;

static inline void start(int argc, char **argv) {
  CHECK(argc > 1);
  late = argc > 2 && strcmp(argv[2], "late") == 0;
  kernel_path = argv[1];
  OK(aclInit(NULL));
  OK(aclrtSetDevice(0));
  OK(aclrtBinaryLoadFromFile(kernel_path, NULL, &kernel_binary));
}

static inline void end(void) {
  OK(aclrtBinaryUnLoad(kernel_binary));
  OK(aclrtResetDevice(0));
  OK(aclFinalize());
}

typedef struct {
  const char *name;
  void (*run)(void);
} group;

/* Runs the groups of checks that the arguments name, or all where they name none; whether they name some. */
static inline bool run_groups(const group *groups, size_t count, int argc, char **argv) {
  bool some = false;
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < count; i++) {
      bool named = false;
      for (int k = 2; k < argc; k++) named = named || strcmp(argv[k], groups[i].name) == 0;
      some = some || named;
      if (pass == 0 || (some && !named)) continue;
      groups[i].run();
      printf("ok %s\n", groups[i].name);
    }
  }
  return some;
}
#define RUN_GROUPS(groups, argc, argv) run_groups(groups, sizeof groups / sizeof *groups, argc, argv)

static inline aclrtFuncHandle kernel(const char *name) {
  aclrtFuncHandle function = NULL;
  OK(aclrtBinaryGetFunction(kernel_binary, name, &function));
  return function;
}

/* data[0..count) = data * factor + addend, declared as this work, on `blocks` cores. */
static inline void launch_mix_on(aclrtStream stream, uint32_t blocks, uint64_t *data, uint64_t count, uint64_t factor, uint64_t addend, npu_sim_work work) {
  mix_args args = {data, count, factor, addend, work};
  OK(aclrtLaunchKernelWithHostArgs(kernel("mix"), blocks, stream, NULL, &args, sizeof args, NULL, 0));
}
static inline void launch_mix(aclrtStream stream, uint64_t *data, uint64_t factor, uint64_t addend) {
  launch_mix_on(stream, 8, data, 1, factor, addend, (npu_sim_work){0, 1000, 1000, 0});
}

static inline uint64_t *device_words(uint64_t count) {
  void *memory = NULL;
  OK(aclrtMalloc(&memory, count * sizeof(uint64_t), ACL_MEM_MALLOC_HUGE_FIRST));
  OK(aclrtMemset(memory, count * sizeof(uint64_t), 0, count * sizeof(uint64_t)));
  return memory;
}
static inline uint64_t word(const uint64_t *device) {
  uint64_t value = 0;
  OK(aclrtMemcpy(&value, sizeof value, device, sizeof value, ACL_MEMCPY_DEVICE_TO_HOST));
  return value;
}
static inline void set_word(uint64_t *device, uint64_t value) {
  OK(aclrtMemcpy(device, sizeof value, &value, sizeof value, ACL_MEMCPY_HOST_TO_DEVICE));
}
static inline aclrtStream new_stream(void) {
  aclrtStream stream = NULL;
  OK(aclrtCreateStream(&stream));
  return stream;
}
static inline aclrtEvent new_event(void) {
  aclrtEvent event = NULL;
  OK(aclrtCreateEventExWithFlag(&event, ACL_EVENT_SYNC | ACL_EVENT_TIME_LINE));
  return event;
}

static inline size_t free_hbm(void) {
  size_t free_now = 0, total = 0;
  OK(aclrtGetMemInfo(ACL_HBM_MEM, &free_now, &total));
  return free_now;
}

#endif
