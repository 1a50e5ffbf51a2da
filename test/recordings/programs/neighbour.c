/*
 * The second thread. How many operators it issues depends on the recorded program alone, and each changes what the one
 * before left, so what it leaves is known. It synchronizes nothing while it runs: the recorded stream may be captured.
 */
#include "neighbour.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "aclnnop.h"
#include "contents.h"

#define VALUES 4096

static struct {
  bool runs;
  uint64_t given;        /* turns */
  _Atomic uint64_t last; /* so many are all */
  sem_t turns;
  pthread_t thread;
  aclrtContext context;
  aclrtStream stream;
  void *memory;
} self;

static void must(int code, const char *what) {
  if (code == 0) return;
  fprintf(stderr, "neighbour: %s gave %d\n", what, code);
  exit(2);
}
#define MUST(call) must(call, #call)

static void *issue(void *unused) {
  MUST(aclrtSetCurrentContext(self.context));
  int64_t dims[1] = {VALUES};
  aclTensor *values = aclCreateTensor(dims, 1, ACL_FLOAT, NULL, 0, ACL_FORMAT_ND, dims, 1, self.memory);
  for (uint64_t taken = 0;; taken++) {
    while (sem_wait(&self.turns) != 0) continue;
    if (taken == atomic_load(&self.last)) break;
    uint64_t bytes;
    aclOpExecutor *executor;
    MUST(aclnnInplaceMulGetWorkspaceSize(values, values, &bytes, &executor));
    MUST(aclnnInplaceMul(NULL, 0, executor, self.stream));
  }
  MUST(aclDestroyTensor(values));
  return unused;
}

void neighbour_begin(void) {
  MUST(aclrtGetCurrentContext(&self.context));
  MUST(aclrtCreateStream(&self.stream));
  MUST(aclrtMalloc(&self.memory, VALUES * sizeof(float), ACL_MEM_MALLOC_HUGE_FIRST));
  MUST(aclrtMemset(self.memory, VALUES * sizeof(float), 1, VALUES * sizeof(float)));
  atomic_store(&self.last, UINT64_MAX);
  MUST(sem_init(&self.turns, 0, 0));
  MUST(pthread_create(&self.thread, NULL, issue, NULL));
  self.runs = true;
}

void neighbour_go(void) {
  if (!self.runs) return;
  self.given++;
  MUST(sem_post(&self.turns));
}

void neighbour_end(void) {
  if (!self.runs) return;
  self.runs = false;
  atomic_store(&self.last, self.given);
  MUST(sem_post(&self.turns));
  MUST(pthread_join(self.thread, NULL));
  MUST(aclrtSynchronizeStream(self.stream));
  uint64_t digest = 0;
  MUST(contents_digest(self.memory, VALUES * sizeof(float), ACL_MEMCPY_DEVICE_TO_HOST, &digest));
  printf("neighbour %llu %016llx\n", (unsigned long long)self.given, (unsigned long long)digest);
  MUST(aclrtFree(self.memory));
  MUST(aclrtDestroyStream(self.stream));
}
