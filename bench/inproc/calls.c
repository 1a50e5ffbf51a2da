/*
 * Times AscendCL calls: one process, one kind of call, one or more threads with a stream each. Knows nothing of what
 * stands between it and the library; bench/inproc/main.ts runs it with and without FlexNPU.
 *
 *   calls query|launch|pair THREADS MILLISECONDS KERNEL_BINARY KERNEL_NAME
 *
 * query   aclrtGetDevice
 * launch  aclrtLaunchKernelWithHostArgs on one stream a thread
 * pair    the same on two streams in turn, so that each always has a competitor
 *
 * Prints nanoseconds a call: wall time times the cores in use, over all calls.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "acl/acl.h"

#define MAX_THREADS 64
/* Calls between two looks at the clock. */
#define BURST 256
/* Arguments of a launch: eight values, as a matmul has. */
#define ARGS 8

static enum { QUERY, LAUNCH, PAIR } mode;
static uint64_t duration_ns;
static aclrtFuncHandle function;
static pthread_barrier_t start_line;

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void check(aclError error, const char *what) {
  if (error == ACL_SUCCESS) return;
  fprintf(stderr, "calls: %s: error %d: %s\n", what, error, aclGetRecentErrMsg());
  exit(1);
}

typedef struct worker {
  pthread_t thread;
  uint64_t calls, wall_ns;
} worker;

static void burst(aclrtStream *streams, uint64_t *args) {
  int32_t device;
  for (int i = 0; i < BURST; i++) {
    if (mode == QUERY) check(aclrtGetDevice(&device), "aclrtGetDevice");
    else
      check(aclrtLaunchKernelWithHostArgs(function, 20, streams[mode == PAIR ? i & 1 : 0], NULL, args,
                                          ARGS * sizeof *args, NULL, 0),
            "aclrtLaunchKernelWithHostArgs");
  }
}

static void *work(void *argument) {
  worker *w = argument;
  aclrtStream streams[2];
  uint64_t args[ARGS] = {0};
  check(aclrtSetDevice(0), "aclrtSetDevice");
  for (int i = 0; i < 2; i++) check(aclrtCreateStream(&streams[i]), "aclrtCreateStream");
  for (int i = 0; i < 20; i++) burst(streams, args); /* caches, credit, the core's estimates */
  pthread_barrier_wait(&start_line);
  uint64_t begin = now_ns(), end = begin;
  while (end - begin < duration_ns) {
    burst(streams, args);
    w->calls += BURST;
    end = now_ns();
  }
  w->wall_ns = end - begin;
  for (int i = 0; i < 2; i++) {
    check(aclrtSynchronizeStream(streams[i]), "aclrtSynchronizeStream");
    check(aclrtDestroyStream(streams[i]), "aclrtDestroyStream");
  }
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 6) {
    fprintf(stderr, "usage: calls query|launch|pair THREADS MILLISECONDS KERNEL_BINARY KERNEL_NAME\n");
    return 2;
  }
  mode = strcmp(argv[1], "query") == 0 ? QUERY : strcmp(argv[1], "pair") == 0 ? PAIR : LAUNCH;
  int threads = atoi(argv[2]);
  duration_ns = (uint64_t)atoi(argv[3]) * 1000000u;
  if (threads < 1 || threads > MAX_THREADS || duration_ns == 0) {
    fprintf(stderr, "calls: %s threads for %s ms makes no sense\n", argv[2], argv[3]);
    return 2;
  }
  check(aclInit(NULL), "aclInit");
  check(aclrtSetDevice(0), "aclrtSetDevice");
  aclrtBinHandle binary;
  check(aclrtBinaryLoadFromFile(argv[4], NULL, &binary), "aclrtBinaryLoadFromFile");
  check(aclrtBinaryGetFunction(binary, argv[5], &function), "aclrtBinaryGetFunction");
  pthread_barrier_init(&start_line, NULL, (unsigned)threads);
  worker workers[MAX_THREADS] = {0};
  for (int i = 0; i < threads; i++) pthread_create(&workers[i].thread, NULL, work, &workers[i]);
  double calls = 0, wall_ns = 0;
  for (int i = 0; i < threads; i++) {
    pthread_join(workers[i].thread, NULL);
    calls += (double)workers[i].calls;
    if ((double)workers[i].wall_ns > wall_ns) wall_ns = (double)workers[i].wall_ns;
  }
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  double in_use = threads < cores ? threads : (double)cores;
  printf("%.3f\n", wall_ns * in_use / calls);
  check(aclrtBinaryUnLoad(binary), "aclrtBinaryUnLoad");
  check(aclrtResetDevice(0), "aclrtResetDevice");
  check(aclFinalize(), "aclFinalize");
  return 0;
}
