/*
 * Forks with streams and work under way. A child has no device threads, so all it may do is leave, or start another
 * program; calls that need no device still answer. Neither side hangs. Argument: kernel binary.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"

static void await(pid_t child, const char *what) {
  int status = 0;
  CHECK(child > 0 && waitpid(child, &status, 0) == child);
  printf("%s: %s %d\n", what, WIFEXITED(status) ? "exit" : "signal", WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
  fflush(stdout); /* a child that exits writes what it inherited */
}

int main(int argc, char **argv) {
  CHECK(argc >= 2);
  if (argc == 3) return 4; /* the child's program */
  OK(aclInit(NULL));
  OK(aclrtSetDevice(0));
  kernels k = load_kernels(argv[1]);
  aclrtStream stream = new_stream(), other = new_stream();
  device_log *log = device_memory(sizeof *log), *other_log = device_memory(sizeof *other_log);
  for (uint64_t i = 1; i <= 20; i++) {
    append_to(&k, stream, log, i, SLOW_BYTES / 10);
    append_to(&k, other, other_log, i, SLOW_BYTES / 10);
  }
  pid_t child = fork();
  if (child == 0) {
    int32_t major = 0, minor = 0, patch = 0;
    _exit(aclrtGetVersion(&major, &minor, &patch) == ACL_SUCCESS ? 7 : 8);
  }
  await(child, "child that asks the version");
  child = fork();
  if (child == 0) exit(3);
  await(child, "child that exits");
  child = fork();
  if (child == 0) {
    execl("/proc/self/exe", argv[0], argv[1], "again", (char *)NULL);
    _exit(9);
  }
  await(child, "child that runs a program");
  for (uint64_t i = 21; i <= 30; i++) {
    append_to(&k, stream, log, i, SLOW_BYTES / 10);
    append_to(&k, other, other_log, i, SLOW_BYTES / 10);
  }
  OK(aclrtSynchronizeDevice());
  print_log("log", log);
  print_log("other", other_log);
  OK(aclrtResetDevice(0));
  OK(aclFinalize());
  return 0;
}
