/*
 * Launches a kernel whose binary was unloaded, and says where the error shows. Arguments: kernel binary, and `behind`
 * where a host function is to come before it.
 */
#include <unistd.h>

#include "program.h"

static void slow(void *unused) {
  (void)unused;
  usleep(50000);
}

int main(int argc, char **argv) {
  CHECK(argc >= 2);
  OK(aclInit(NULL));
  OK(aclrtSetDevice(0));
  kernels k = load_kernels(argv[1]);
  aclrtStream stream = new_stream();
  device_log *log = device_memory(sizeof *log);
  OK(aclrtBinaryUnLoad(k.binary));
  append_args args = {log, 1, 0};
  if (argc > 2) OK(aclrtLaunchHostFunc(stream, slow, NULL));
  int launch = aclrtLaunchKernelWithHostArgs(k.append, 1, stream, NULL, &args, sizeof args, NULL, 0);
  int first = aclrtSynchronizeStream(stream), second = aclrtSynchronizeStream(stream);
  printf("launch %d, synchronize %d, again %d\n", launch, first, second);
  OK(aclrtResetDevice(0));
  OK(aclFinalize());
  return 0;
}
