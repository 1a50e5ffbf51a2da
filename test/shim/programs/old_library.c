/*
 * A program on an older AscendCL than its headers: it looks what it needs up, and does without what is not there. The
 * library is in $ASCEND_HOME_PATH/lib64, or first on the library path.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/acl.h"

#define CALL(name, ...) ((__typeof__(&name))dlsym(library, #name))(__VA_ARGS__)

int main(void) {
  void *library = dlopen("libacl_rt.so", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  printf("aclInit %d\n", CALL(aclInit, NULL));
  printf("chip: %s\n", CALL(aclrtGetSocName));
  uint32_t count = 0;
  printf("aclrtGetDeviceCount %d, ", CALL(aclrtGetDeviceCount, &count));
  printf("%u devices\n", count);
  void *absent = dlsym(library, "aclrtGetVersion");
  const char *why = dlerror();
  printf("aclrtGetVersion %s: %s\n", absent == NULL ? "absent" : "there", why != NULL && strstr(why, "aclrtGetVersion") != NULL ? "said" : "not said");
  int (*newest)(int) = (int (*)(int))dlsym(library, "aclrtNewest");
  printf("aclrtNewest %d\n", newest != NULL ? newest(40) : -1);
  return CALL(aclFinalize) == ACL_SUCCESS ? 0 : 1;
}
