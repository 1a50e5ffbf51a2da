/* Calls whose arguments are hard to pass on: see by_value_rt.c, which prints what arrives. */
#include <stdio.h>

#include "acl/acl.h"

int main(void) {
  int thing;
  aclrtEvent event = NULL;
  aclrtIpcEventHandle handle;
  for (unsigned i = 0; i < sizeof handle.reserved; i++) handle.reserved[i] = (char)(i * 7 + 3);
  aclrtMemManagedLocation location = {ACL_MEM_LOCATIONTYPE_HOST_NUMA, -5};
  dim3 grid = {3, 5, 7}, block = {11, 13, 17};
  aclmdlRICondTaskParams params = {&thing, ACL_MODEL_RI_COND_TYPE_SWITCH, 4, (aclmdlRI *)&event};
  if (aclInit(NULL) != ACL_SUCCESS) return 1;
  printf("gave %d\n", aclrtIpcOpenEventHandle(handle, &event));
  printf("gave %d\n", aclrtMemManagedAdvise(&thing, 1ull << 40, ACL_MEM_ADVISE_SET_ACCESSED_BY, location));
  printf("gave %d\n", aclrtMemManagedPrefetchAsync(&thing, 4096, location, 9, (aclrtStream)&thing));
  printf("gave %d\n", aclrtLaunchSIMTKernelWithHostArgs(&thing, grid, block, 512, (aclrtStream)&thing, NULL, &thing, sizeof thing, NULL, 0));
  printf("gave %d\n", aclmdlRIAddCondTask(params, (aclrtStream)&thing, 3));
  printf("gave %d\n", aclmdlSetAIPPDtcPixelMin((aclmdlAIPP *)(void *)&thing, 0.5f, -1.25f, 3e9f, 4, 1ull << 33));
  printf("gave %u %g\n", aclFloatToFloat16(21.5f), (double)aclFloat16ToFloat(7));
  printf("gave %d\n", aclmdlSetAIPPCscParams((aclmdlAIPP *)(void *)&thing, -1, 1, -2, 3, -4, 5, -6, 7, -8, 9, 200, 201, 202, 203, 204, 205));
  aclAppLog(ACL_WARNING, "func", "file", 42, "%d of %s, %.2f and %llu%%", 3, "many", 2.5, 1ull << 50);
  return aclFinalize();
}
