/* Errors of AscendCL end the serving program with what was called and what AscendCL says of it. */
#ifndef SERVE_ACL_CHECK_H
#define SERVE_ACL_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#include "acl/acl.h"

static inline void acl_failed(aclError error, const char *what, int code) {
  const char *message = aclGetRecentErrMsg();
  fprintf(stderr, "llm-serve: %s: AscendCL error %d%s%s\n", what, error, message != NULL && *message != '\0' ? ": " : "",
          message != NULL ? message : "");
  exit(code);
}

#define ACL(call)                                                \
  do {                                                           \
    aclError acl_error_ = (call);                                \
    if (acl_error_ != ACL_SUCCESS) acl_failed(acl_error_, #call, 1); \
  } while (0)

#endif
