/* Host memory that the program registers for the device: its own pages, and parts of what aclrtMallocHost gave. */
#include "check.h"

enum { PAGE = 4096, FLAGS = ACL_HOST_REG_MAPPED | ACL_HOST_REG_PINNED };

static void own_pages(void) {
  enum { WORDS = 1024 };
  static _Alignas(4096) uint64_t mine[WORDS];
  aclrtStream stream = new_stream();
  void *seen = NULL;
  uint64_t *device = device_words(WORDS);
  for (uint64_t i = 0; i < WORDS; i++) mine[i] = i;
  EXPECT(ACL_ERROR_HOST_MEMORY_NOT_REGISTERED, aclrtHostGetDevicePointer(mine, &seen, 0));
  OK(aclrtHostRegisterV2(mine, sizeof mine, ACL_HOST_REG_MAPPED | ACL_HOST_REG_PINNED));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtHostRegisterV2(mine, sizeof mine, ACL_HOST_REG_MAPPED));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtHostRegisterV2(mine, sizeof mine, 0));
  OK(aclrtHostGetDevicePointer(mine, &seen, 0));
  CHECK(seen != NULL && mine[WORDS - 1] == WORDS - 1);
  launch_mix(stream, (uint64_t *)seen + 5, 3, 1);
  OK(aclrtMemcpyAsync(device, sizeof mine, mine, sizeof mine, ACL_MEMCPY_HOST_TO_DEVICE, stream));
  OK(aclrtSynchronizeStream(stream));
  CHECK(mine[5] == 16 && word(device + 5) == 16 && word(device + WORDS - 1) == WORDS - 1);
  mine[6] = 77;
  OK(aclrtHostUnregister(mine));
  CHECK(mine[5] == 16 && mine[6] == 77 && mine[7] == 7); /* the program's, as before */
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtHostUnregister(mine));
  EXPECT(ACL_ERROR_HOST_MEMORY_NOT_REGISTERED, aclrtHostGetDevicePointer(mine, &seen, 0));
  OK(aclrtHostRegister(mine, sizeof mine, ACL_HOST_REGISTER_MAPPED, &seen)); /* and again */
  launch_mix(stream, seen, 0, 9);
  OK(aclrtSynchronizeStream(stream));
  CHECK(mine[0] == 9);
  OK(aclrtHostUnregister(mine));
  OK(aclrtFree(device));
  OK(aclrtDestroyStream(stream));
}

/* A part of pinned memory is registered where a page begins, and goes with the memory. */
static void pinned_parts(void) {
  aclrtStream stream = new_stream();
  void *host = NULL, *seen = NULL;
  OK(aclrtMallocHost(&host, 3 * PAGE));
  char *second = (char *)host + PAGE;
  EXPECT(ACL_ERROR_HOST_MEMORY_NOT_REGISTERED, aclrtHostGetDevicePointer(host, &seen, 0));
  OK(aclrtHostRegisterV2(host, 64, ACL_HOST_REG_MAPPED));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtHostRegisterV2(host, 64, ACL_HOST_REG_MAPPED));
  OK(aclrtHostGetDevicePointer(host, &seen, 0));
  launch_mix(stream, seen, 0, 4);
  OK(aclrtSynchronizeStream(stream));
  CHECK(*(uint64_t *)host == 4);
  OK(aclrtHostRegisterV2(second, PAGE, ACL_HOST_REG_MAPPED));
  OK(aclrtHostUnregister(host));
  EXPECT(ACL_ERROR_HOST_MEMORY_NOT_REGISTERED, aclrtHostGetDevicePointer(host, &seen, 0));
  OK(aclrtHostGetDevicePointer(second, &seen, 0));
  launch_mix(stream, seen, 0, 5);
  OK(aclrtSynchronizeStream(stream));
  CHECK(*(uint64_t *)(void *)second == 5);
  OK(aclrtFreeHost(host));
  EXPECT(ACL_ERROR_HOST_MEMORY_NOT_REGISTERED, aclrtHostGetDevicePointer(second, &seen, 0));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtHostUnregister(second));
  OK(aclrtDestroyStream(stream));
}

static void refused(void) {
  static _Alignas(PAGE) char mine[4 * PAGE];
  void *host = NULL, *seen = NULL;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtHostRegisterV2(mine + 64, PAGE, FLAGS));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtHostRegisterV2(mine, 0, FLAGS));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtHostUnregister(mine));
  OK(aclrtHostRegisterV2(mine + PAGE, PAGE, FLAGS));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtHostRegisterV2(mine, 2 * PAGE, FLAGS)); /* its end is registered */
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtHostRegisterV2(mine, 3 * PAGE, FLAGS)); /* its middle */
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtHostRegister(mine + PAGE, 2 * PAGE, ACL_HOST_REGISTER_MAPPED, &seen));
  EXPECT(ACL_ERROR_HOST_MEMORY_NOT_REGISTERED, aclrtHostGetDevicePointer(mine, &seen, 0));
  OK(aclrtHostRegisterV2(mine, PAGE, FLAGS)); /* beside it */
  OK(aclrtHostRegisterV2(mine + 2 * PAGE, PAGE, FLAGS));
  for (int i = 0; i < 3; i++) OK(aclrtHostUnregister(mine + i * PAGE));
  OK(aclrtMallocHost(&host, PAGE));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtHostRegisterV2((char *)host + 64, 64, ACL_HOST_REG_MAPPED));
  OK(aclrtHostRegisterV2(host, 64, ACL_HOST_REG_MAPPED));
  OK(aclrtFreeHost(host));
}

/* Registered or not supported, the pages that the caller stands on stay what they are. */
static void stack(void) {
  _Alignas(PAGE) volatile char mine[PAGE];
  for (int i = 0; i < PAGE; i++) mine[i] = (char)i;
  aclError error = aclrtHostRegisterV2((void *)(uintptr_t)mine, PAGE, FLAGS);
  CHECK(error == ACL_SUCCESS || error == ACL_ERROR_RT_FEATURE_NOT_SUPPORT);
  for (int i = 0; i < PAGE; i++) CHECK(mine[i] == (char)i);
  if (error == ACL_SUCCESS) OK(aclrtHostUnregister((void *)(uintptr_t)mine));
}

int main(int argc, char **argv) {
  static const group groups[] = {
    {"own pages", own_pages},
    {"pinned parts", pinned_parts},
    {"refused", refused},
    {"stack", stack},
  };
  start(argc, argv);
  (void)RUN_GROUPS(groups, argc, argv);
  end();
  return 0;
}
