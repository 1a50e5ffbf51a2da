/* The plainest program: linked to libascendcl.so. Argument: kernel binary. */
#include "program.h"

int main(int argc, char **argv) {
  CHECK(argc == 2);
  OK(aclInit(NULL));
  OK(aclrtSetDevice(0));
  kernels k = load_kernels(argv[1]);
  aclrtStream stream = new_stream();
  device_log *log = device_memory(sizeof *log);
  for (uint64_t i = 1; i <= 10; i++) append_to(&k, stream, log, i, 1000);
  OK(aclrtSynchronizeStream(stream));
  print_log("log", log);
  OK(aclrtDestroyStream(stream));
  OK(aclrtFree(log));
  OK(aclrtBinaryUnLoad(k.binary));
  OK(aclrtResetDevice(0));
  OK(aclFinalize());
  return 0;
}
