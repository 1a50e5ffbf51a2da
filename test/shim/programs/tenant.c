/*
 * What a tenant's program sees of its share: prints the memory it is told of, what of it an allocation takes, and what
 * it is answered beyond it; then says that its stream decodes, where it can. Argument: kernel binary.
 */
#include <dlfcn.h>

#include "program.h"

int main(int argc, char **argv) {
  CHECK(argc == 2);
  OK(aclInit(NULL));
  OK(aclrtSetDevice(0));
  kernels k = load_kernels(argv[1]);
  size_t total, before, after, back;
  const size_t block = (size_t)64 << 20;
  void *memory, *more;
  OK(aclrtGetMemInfo(ACL_HBM_MEM, &before, &total));
  OK(aclrtMalloc(&memory, block, ACL_MEM_MALLOC_HUGE_FIRST));
  OK(aclrtGetMemInfo(ACL_HBM_MEM, &after, &total));
  int beyond = aclrtMalloc(&more, total, ACL_MEM_MALLOC_HUGE_FIRST);
  OK(aclrtFree(memory));
  OK(aclrtGetMemInfo(ACL_HBM_MEM, &back, &total));
  printf("total %zu, takes %zu, beyond %d, comes back %d\n", total, before - after, beyond, back == before);
  aclrtStream stream = new_stream();
  int (*hint)(void *, int) = (int (*)(void *, int))dlsym(RTLD_DEFAULT, "flexnpu_phase_hint");
  if (hint != NULL) printf("hint %d, of no phase %d\n", hint(stream, 2), hint(stream, 99));
  device_log *log = device_memory(sizeof *log);
  append_args args = {log, 1, 0};
  for (int i = 0; i < 20; i++) OK(aclrtLaunchKernelWithHostArgs(k.append, 1, stream, NULL, &args, sizeof args, NULL, 0));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtResetDevice(0));
  OK(aclFinalize());
  return 0;
}
