/* Two streams that compete until someone ends the program; says "running" when it is well under way. */
#include "program.h"

int main(int argc, char **argv) {
  CHECK(argc == 2);
  OK(aclInit(NULL));
  OK(aclrtSetDevice(0));
  kernels k = load_kernels(argv[1]);
  aclrtStream stream = new_stream(), other = new_stream();
  device_log *log = device_memory(sizeof *log), *other_log = device_memory(sizeof *other_log);
  for (uint64_t i = 0;; i++) {
    append_to(&k, stream, log, i, 100000);
    append_to(&k, other, other_log, i, 100000);
    if (i % 16 == 0) OK(aclrtSynchronizeStream(i % 32 == 0 ? stream : other));
    if (i == 5000) {
      printf("running\n");
      fflush(stdout);
    }
  }
}
