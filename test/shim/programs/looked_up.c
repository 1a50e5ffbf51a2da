/*
 * A program that knows AscendCL only by dlopen(RTLD_LOCAL) and dlsym on the handle, as Python extensions do. What the
 * library does not have must stay absent. Argument: kernel binary.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "acl/acl.h"
#include "log_kernels.h"

static void *library;

static void *find(const char *name) {
  void *address = dlsym(library, name);
  if (address == NULL) {
    fprintf(stderr, "%s is not there\n", name);
    exit(1);
  }
  return address;
}

/* Calls a function by its name; its type comes from the declaration, which is not linked to. */
#define CALL(name, ...) ((__typeof__(&name))find(#name))(__VA_ARGS__)
#define OK(name, ...)                                          \
  do {                                                         \
    aclError error_ = CALL(name, __VA_ARGS__);                 \
    if (error_ != ACL_SUCCESS) {                               \
      fprintf(stderr, "%s gave %d\n", #name, error_);          \
      exit(1);                                                 \
    }                                                          \
  } while (0)

int main(int argc, char **argv) {
  if (argc != 2) return 1;
  library = dlopen("libascendcl.so", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  printf("a function that no library has: %s\n", dlsym(library, "aclrtNoSuchFunction") == NULL ? "absent" : "there");
  printf("libc: %s\n", dlsym(RTLD_DEFAULT, "malloc") != NULL && dlsym(RTLD_NEXT, "malloc") != NULL ? "there" : "absent");
  aclrtBinHandle binary = NULL;
  aclrtFuncHandle append = NULL;
  aclrtStream stream = NULL;
  void *log = NULL;
  device_log here;
  OK(aclInit, NULL);
  OK(aclrtSetDevice, 0);
  OK(aclrtBinaryLoadFromFile, argv[1], NULL, &binary);
  OK(aclrtBinaryGetFunction, binary, "append", &append);
  OK(aclrtCreateStream, &stream);
  OK(aclrtMalloc, &log, sizeof here, ACL_MEM_MALLOC_HUGE_FIRST);
  OK(aclrtMemset, log, sizeof here, 0, sizeof here);
  for (uint64_t i = 1; i <= 10; i++) {
    append_args args = {log, i, 1000};
    OK(aclrtLaunchKernelWithHostArgs, append, 4, stream, NULL, &args, sizeof args, NULL, 0);
  }
  OK(aclrtSynchronizeStream, stream);
  OK(aclrtMemcpy, &here, sizeof here, log, sizeof here, ACL_MEMCPY_DEVICE_TO_HOST);
  printf("%llu values, digest %016llx\n", (unsigned long long)here.count, (unsigned long long)here.digest);
  OK(aclrtResetDevice, 0);
  OK(aclFinalize, );
  return 0;
}
