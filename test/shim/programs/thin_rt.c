/*
 * A libacl_rt.so as CANN lays it out since 8.5, but older: each function forwards to a target (aclrtXImpl), and of all
 * functions there are only these. What a caller of the thin function gets, and what one of its target gets, differ here, so
 * that a test sees which was called. aclrtNewest is a function that no other library knows.
 */
#include <stdint.h>

#include "acl/acl.h"

static int calls_of_thin;

#define OUT __attribute__((visibility("default")))

OUT const char *aclrtGetSocNameImpl(void) { return "target"; }
OUT const char *aclrtGetSocName(void) {
  calls_of_thin++;
  return "thin";
}

OUT aclError aclInitImpl(const char *config) {
  (void)config;
  return ACL_SUCCESS;
}
OUT aclError aclInit(const char *config) {
  calls_of_thin++;
  return aclInitImpl(config);
}
OUT aclError aclFinalize(void) { return ACL_SUCCESS; }

/* No target: the library does something itself. */
OUT aclError aclrtGetDeviceCount(uint32_t *count) {
  *count = 7;
  return ACL_SUCCESS;
}

int aclrtNewest(int value);
OUT int aclrtNewest(int value) { return value + calls_of_thin; }
