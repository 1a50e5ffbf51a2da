/* Physical memory that is freed while it is mapped, or whose handle was asked for once more, is the program's until the end. */
#include "../../npu-sim/programs/check.h"

#define MIB ((size_t)1 << 20)

/* Seen between the others in a recording. */
static void step(size_t bytes) {
  void *memory = NULL;
  OK(aclrtMalloc(&memory, bytes, ACL_MEM_MALLOC_HUGE_FIRST));
  OK(aclrtFree(memory));
}

int main(int argc, char **argv) {
  start(argc, argv);
  aclrtPhysicalMemProp prop;
  memset(&prop, 0, sizeof prop);
  prop.memAttr = ACL_HBM_MEM_HUGE;
  prop.location.type = ACL_MEM_LOCATION_TYPE_DEVICE;
  void *first = NULL, *second = NULL;
  aclrtDrvMemHandle memory = NULL, again = NULL;
  OK(aclrtReserveMemAddress(&first, 8 * MIB, 0, NULL, 1));
  OK(aclrtReserveMemAddress(&second, 8 * MIB, 0, NULL, 1));
  OK(aclrtMallocPhysical(&memory, 4 * MIB, &prop, 0));
  OK(aclrtMapMem(first, 4 * MIB, 0, memory, 0));
  OK(aclrtMapMem(second, 4 * MIB, 0, memory, 0));
  OK(aclrtFreePhysical(memory)); /* mapped twice */
  step(1000);
  OK(aclrtUnmapMem(first));
  step(1001);
  OK(aclrtUnmapMem(second));
  step(1002);
  OK(aclrtMallocPhysical(&memory, 6 * MIB, &prop, 0));
  OK(aclrtMapMem(first, 6 * MIB, 0, memory, 0));
  OK(aclrtMemRetainAllocationHandle(first, &again));
  OK(aclrtUnmapMem(first));
  OK(aclrtFreePhysical(again)); /* of two */
  step(1003);
  OK(aclrtFreePhysical(memory));
  step(1004);
  OK(aclrtReleaseMemAddress(first));
  OK(aclrtReleaseMemAddress(second));
  end();
  printf("ok\n");
  return 0;
}
