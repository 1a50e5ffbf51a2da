/*
 * The frame of the trap programs: each trap is one function that a run names. A second stream is kept busy meanwhile, so
 * that a scheduler has a reason to hold back what the trap issues.
 */
#ifndef TRAPS_H
#define TRAPS_H

#include "program.h"

typedef struct trap_setup {
  const char *kernel_path;
  kernels k;
  aclrtStream stream, rival;
  device_log *log, *rival_log; /* in device memory */
} trap_setup;

typedef struct trap {
  const char *name;
  void (*run)(trap_setup *t);
} trap;

static inline void open_everything(trap_setup *t) {
  OK(aclrtSetDevice(0));
  t->k = load_kernels(t->kernel_path);
  t->stream = new_stream();
  t->rival = new_stream();
  t->log = device_memory(sizeof *t->log);
  t->rival_log = device_memory(sizeof *t->rival_log);
}

/* Gives the rival stream some 100 ms of work in 40 pieces. */
static inline void keep_busy(const trap_setup *t) {
  for (int i = 0; i < 40; i++) append_to(&t->k, t->rival, t->rival_log, (uint64_t)i, SLOW_BYTES / 2);
}

/* Appends 1 to `count`, each with some 250 us of work. */
static inline void append_many(const trap_setup *t, aclrtStream stream, device_log *log, uint64_t count) {
  for (uint64_t i = 1; i <= count; i++) append_to(&t->k, stream, log, i, SLOW_BYTES / 20);
}

/* True where the log holds 1, 2, 3, ... without a gap. */
static inline bool counts_up(const device_log *log) {
  for (uint64_t i = 0; i < log->count && i < LOG_ENTRIES; i++)
    if (log->entries[i] != i + 1) return false;
  return true;
}

static inline int run_traps(int argc, char **argv, const trap *traps, size_t count) {
  CHECK(argc >= 3);
  for (int a = 2; a < argc; a++) {
    bool known = false;
    for (size_t i = 0; i < count; i++) {
      if (strcmp(traps[i].name, argv[a]) != 0) continue;
      known = true;
      trap_setup t = {.kernel_path = argv[1]};
      OK(aclInit(NULL));
      open_everything(&t);
      keep_busy(&t);
      printf("%s\n", argv[a]);
      traps[i].run(&t);
      fflush(stdout);
      OK(aclFinalize());
    }
    CHECK(known);
  }
  return 0;
}

#endif
