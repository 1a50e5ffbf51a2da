/* A program whose launches come from another library that is linked to libascendcl.so. Argument: kernel binary. */
#include "program.h"

aclError launcher_launch(aclrtFuncHandle kernel, aclrtStream stream, void *args, size_t bytes);

int main(int argc, char **argv) {
  CHECK(argc == 2);
  OK(aclInit(NULL));
  OK(aclrtSetDevice(0));
  kernels k = load_kernels(argv[1]);
  aclrtStream stream = new_stream();
  device_log *log = device_memory(sizeof *log);
  for (uint64_t i = 1; i <= 10; i++) {
    append_args args = {log, i, 1000};
    OK(launcher_launch(k.append, stream, &args, sizeof args));
  }
  OK(aclrtSynchronizeStream(stream));
  print_log("log", log);
  OK(aclrtResetDevice(0));
  OK(aclFinalize());
  return 0;
}
