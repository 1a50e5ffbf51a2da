/* The end of the program on an error. exit may be called once only, so the first thread that fails takes a flag. */
#include "fail.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_flag failing = ATOMIC_FLAG_INIT;

static void begin(void) {
  if (!atomic_flag_test_and_set(&failing)) return;
  for (;;) pause();
}

_Noreturn void fail(int code, const char *format, ...) {
  begin();
  va_list arguments;
  va_start(arguments, format);
  fputs("llm-serve: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(code);
}

_Noreturn void fail_acl(aclError error, const char *what, int code) {
  const char *message = aclGetRecentErrMsg(); /* of this thread */
  if (message == NULL) message = "";
  fail(code, "%s: AscendCL error %d%s%s", what, error, *message != '\0' ? ": " : "", message);
}

void *host_array(size_t count, size_t size) {
  void *memory = calloc(count > 0 ? count : 1, size);
  if (memory == NULL) fail(1, "no host memory for %zu times %zu bytes", count, size);
  return memory;
}
