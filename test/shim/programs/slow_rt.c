/*
 * A real library whose records of events take their time, as a busy driver's do: whoever records one is in the library for
 * milliseconds, and other threads go on. What comes of one that fails is said on stderr. Everything else is the library's
 * own, which the program is linked to.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "acl/acl.h"

typedef void *look_up(void *library, const char *name);

/* The library's own function: asked of dlsym, which FlexNPU stands in for, it would be FlexNPU's. */
static void *own_function(const char *name) {
  look_up *libc = NULL;
  *(void **)&libc = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
  void *own = dlopen("libascendcl.so", RTLD_NOW | RTLD_NOLOAD);
  return libc != NULL && own != NULL ? libc(own, name) : NULL;
}

__attribute__((visibility("default"))) aclError aclrtRecordEvent(aclrtEvent event, aclrtStream stream) {
  struct timespec moment = {.tv_nsec = 3000000};
  (void)nanosleep(&moment, NULL);
  aclError (*record)(aclrtEvent, aclrtStream) = NULL;
  *(void **)&record = own_function("aclrtRecordEvent");
  aclError error = record != NULL ? record(event, stream) : ACL_ERROR_INTERNAL_ERROR;
  if (error != ACL_SUCCESS) fprintf(stderr, "a record on stream %p: %d\n", stream, error);
  return error;
}
