/*
 * How the serving program ends on an error: one message on standard error and one exit code, whichever thread meets it
 * first. 2 is bad input (command line, trace, kernel binary), 1 everything else.
 */
#ifndef SERVE_FAIL_H
#define SERVE_FAIL_H

#include <stddef.h>

#include "acl/acl.h"

/* Ends the program. Threads that fail meanwhile wait for its end. */
_Noreturn void fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Ends the program with what was called and what AscendCL says of it. */
_Noreturn void fail_acl(aclError error, const char *what, int code);

/* Zeroed host memory; ends the program where there is none. Released with free. */
void *host_array(size_t count, size_t size);

#define ACL(call)                                                \
  do {                                                           \
    aclError acl_error_ = (call);                                \
    if (acl_error_ != ACL_SUCCESS) fail_acl(acl_error_, #call, 1); \
  } while (0)

#endif
