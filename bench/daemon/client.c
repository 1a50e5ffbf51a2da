/*
 * Times what a client of a daemon does; knows nothing of daemons, so the same program measures the direct calls.
 *
 *   client sync|async|copy|step MILLISECONDS KERNEL_BINARY KERNEL_NAME
 *
 * sync    aclrtGetDevice: p50 and p99 of a call, ns
 * async   aclrtLaunchKernelWithHostArgs on one stream, with a synchronization now and then: ns an operator
 * copy    256 MiB host to device, and the same bytes by memcpy in this process: ns of each
 * step    a decode step, 400 launches, 8 copies and one synchronization: ns a step, median
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "acl/acl.h"

#define MOST_SAMPLES 1000000
#define COPY_BYTES (256u << 20)
#define ARGS 8

static aclrtFuncHandle function;
static aclrtStream stream;
static uint64_t length_ns, deadline_ns;

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void check(aclError error, const char *what) {
  if (error == ACL_SUCCESS) return;
  fprintf(stderr, "client: %s: error %d: %s\n", what, error, aclGetRecentErrMsg());
  exit(1);
}
#define OK(call) check((call), #call)

static int by_value(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static void launch(uint64_t *args) {
  OK(aclrtLaunchKernelWithHostArgs(function, 20, stream, NULL, args, ARGS * sizeof *args, NULL, 0));
}

static void sync_calls(void) {
  static uint64_t samples[MOST_SAMPLES];
  size_t count = 0;
  int32_t device;
  for (int i = 0; i < 2000; i++) OK(aclrtGetDevice(&device));
  deadline_ns = now_ns() + length_ns;
  while (count < MOST_SAMPLES && (count == 0 || now_ns() < deadline_ns)) {
    uint64_t begin = now_ns();
    OK(aclrtGetDevice(&device));
    samples[count++] = now_ns() - begin;
  }
  qsort(samples, count, sizeof *samples, by_value);
  printf("{\"p50_ns\":%llu,\"p99_ns\":%llu}\n", (unsigned long long)samples[count / 2], (unsigned long long)samples[count - 1 - count / 100]);
}

static void async_calls(void) {
  uint64_t args[ARGS] = {0}, begin = now_ns(), calls = 0;
  for (int i = 0; i < 20000; i++) launch(args);
  OK(aclrtSynchronizeStream(stream));
  begin = now_ns();
  for (deadline_ns = begin + length_ns; calls == 0 || now_ns() < deadline_ns;) {
    for (int i = 0; i < 4000; i++) launch(args);
    OK(aclrtSynchronizeStream(stream)); /* what was not carried out is not counted as done */
    calls += 4000;
  }
  printf("{\"ns\":%.2f}\n", (double)(now_ns() - begin) / (double)calls);
}

static void copies(void) {
  void *device, *other = malloc(COPY_BYTES);
  uint8_t *host = malloc(COPY_BYTES);
  if (host == NULL || other == NULL) exit(1);
  memset(host, 1, COPY_BYTES);
  memset(other, 2, COPY_BYTES);
  OK(aclrtMalloc(&device, COPY_BYTES, ACL_MEM_MALLOC_HUGE_FIRST));
  OK(aclrtMemcpy(device, COPY_BYTES, host, COPY_BYTES, ACL_MEMCPY_HOST_TO_DEVICE));
  uint64_t acl = UINT64_MAX, plain = UINT64_MAX;
  do {
    uint64_t begin = now_ns();
    OK(aclrtMemcpy(device, COPY_BYTES, host, COPY_BYTES, ACL_MEMCPY_HOST_TO_DEVICE));
    uint64_t middle = now_ns();
    memcpy(other, host, COPY_BYTES);
    uint64_t end = now_ns();
    if (middle - begin < acl) acl = middle - begin;
    if (end - middle < plain) plain = end - middle;
  } while (now_ns() < deadline_ns);
  printf("{\"acl_ns\":%llu,\"plain_ns\":%llu}\n", (unsigned long long)acl, (unsigned long long)plain);
}

static void steps(void) {
  static uint64_t samples[MOST_SAMPLES];
  size_t count = 0;
  uint64_t args[ARGS] = {0};
  void *device, *host;
  OK(aclrtMalloc(&device, 65536, ACL_MEM_MALLOC_HUGE_FIRST));
  OK(aclrtMallocHost(&host, 65536));
  while (count < MOST_SAMPLES && (count < 5 || now_ns() < deadline_ns)) {
    uint64_t begin = now_ns();
    for (int i = 0; i < 7; i++) OK(aclrtMemcpyAsync(device, 8192, host, 8192, ACL_MEMCPY_HOST_TO_DEVICE, stream));
    for (int i = 0; i < 400; i++) launch(args);
    OK(aclrtMemcpyAsync(host, 8192, device, 8192, ACL_MEMCPY_DEVICE_TO_HOST, stream));
    OK(aclrtSynchronizeStream(stream));
    samples[count++] = now_ns() - begin;
  }
  qsort(samples, count, sizeof *samples, by_value);
  printf("{\"ns\":%llu}\n", (unsigned long long)samples[count / 2]);
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: client sync|async|copy|step MILLISECONDS KERNEL_BINARY KERNEL_NAME\n");
    return 2;
  }
  OK(aclInit(NULL));
  OK(aclrtSetDevice(0));
  OK(aclrtCreateStream(&stream));
  aclrtBinHandle binary;
  OK(aclrtBinaryLoadFromFile(argv[3], NULL, &binary));
  OK(aclrtBinaryGetFunction(binary, argv[4], &function));
  length_ns = (uint64_t)atoi(argv[2]) * 1000000u;
  deadline_ns = now_ns() + length_ns;
  if (strcmp(argv[1], "sync") == 0) sync_calls();
  else if (strcmp(argv[1], "async") == 0) async_calls();
  else if (strcmp(argv[1], "copy") == 0) copies();
  else steps();
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtDestroyStream(stream));
  OK(aclrtResetDevice(0));
  OK(aclFinalize());
  return 0;
}
