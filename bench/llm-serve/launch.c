/* Launching, both ways that AscendCL programs use. */
#include "launch.h"

#include <stdio.h>
#include <time.h>

#include "fail.h"

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void note(launch_clock *c, uint64_t ns) {
  c->count++;
  c->sum_ns += ns;
  c->buckets[ns < LAUNCH_BUCKETS ? ns : LAUNCH_BUCKETS - 1]++;
}

void kernels_load(kernels *k, const char *path) {
  aclError error = aclrtBinaryLoadFromFile(path, NULL, &k->binary);
  if (error != ACL_SUCCESS) fail_acl(error, path, 2);
  const struct {
    const char *name;
    aclrtFuncHandle *function;
  } functions[] = {{"GatherV2", &k->gather},       {"AddRmsNorm", &k->norm},
                   {"MatMulV2", &k->matmul},       {"RotaryMul", &k->rope},
                   {"ReshapeAndCache", &k->cache}, {"FusedInferAttentionScore", &k->attention},
                   {"SwiGlu", &k->swiglu},         {"IndexSelect", &k->select},
                   {"ArgMaxV2", &k->argmax}};
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    error = aclrtBinaryGetFunction(k->binary, functions[i].name, functions[i].function);
    if (error == ACL_SUCCESS) continue;
    char what[4096];
    snprintf(what, sizeof what, "%s: kernel %s", path, functions[i].name);
    fail_acl(error, what, 2);
  }
}

void kernels_unload(kernels *k) { ACL(aclrtBinaryUnLoad(k->binary)); }

void launch(launch_clock *c, aclrtFuncHandle kernel, uint32_t blocks, aclrtStream stream, void *args, size_t bytes) {
  uint64_t before = now_ns();
  ACL(aclrtLaunchKernelWithHostArgs(kernel, blocks, stream, NULL, args, bytes, NULL, 0));
  note(c, now_ns() - before);
}

void launch_with_handle(launch_clock *c, aclrtFuncHandle kernel, uint32_t blocks, aclrtStream stream,
                        const uint64_t *args, size_t count) {
  aclrtArgsHandle handle;
  ACL(aclrtKernelArgsInit(kernel, &handle));
  for (size_t i = 0; i < count; i++) {
    uint64_t value = args[i];
    aclrtParamHandle param;
    ACL(aclrtKernelArgsAppend(handle, &value, sizeof value, &param));
  }
  ACL(aclrtKernelArgsFinalize(handle));
  uint64_t before = now_ns();
  ACL(aclrtLaunchKernelWithConfig(kernel, blocks, stream, NULL, handle, NULL));
  note(c, now_ns() - before);
}
