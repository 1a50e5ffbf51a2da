/* What the program sees of FLEXNPU_SIM_* and of wrong values: prints chip, cores, memory, or the refusal. */
#include <stdio.h>

#include "acl/acl.h"

int main(void) {
  aclError error = aclInit(NULL);
  if (error != ACL_SUCCESS) {
    const char *message = aclGetRecentErrMsg();
    printf("aclInit %d: %s\n", error, message ? message : "no message");
    int again = aclrtSetDevice(0);
    printf("aclrtSetDevice %d, chip %s\n", again, aclrtGetSocName() ? "named" : "unknown");
    return 1;
  }
  uint32_t devices = 0;
  int64_t cube = 0, vector = 0, bytes = 0;
  int32_t major = 0, minor = 0, patch = 0;
  aclrtRunMode mode = ACL_DEVICE;
  if (aclrtGetDeviceCount(&devices) || aclrtGetDeviceInfo(devices - 1, ACL_DEV_ATTR_AICORE_CORE_NUM, &cube) ||
      aclrtGetDeviceInfo(0, ACL_DEV_ATTR_VECTOR_CORE_NUM, &vector) ||
      aclrtGetDeviceInfo(0, ACL_DEV_ATTR_TOTAL_GLOBAL_MEM_SIZE, &bytes) || aclrtGetVersion(&major, &minor, &patch) ||
      aclrtGetRunMode(&mode) || mode != ACL_HOST) {
    return 2;
  }
  printf("%s x%u %d/%d cores %d GiB, AscendCL %d.%d.%d\n", aclrtGetSocName(), devices, (int)cube, (int)vector,
         (int)(bytes >> 30), major, minor, patch);
  return aclFinalize() == ACL_SUCCESS ? 0 : 2;
}
