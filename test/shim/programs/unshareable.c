/* Host memory that cannot be shared keeps what is in it, and can be registered later; so can what cannot be private again. */
#include <stdbool.h>

#include "../../npu-sim/programs/check.h"

enum { PAGE = 4096, FLAGS = ACL_HOST_REG_MAPPED | ACL_HOST_REG_PINNED };

void full_map(bool on);

static _Alignas(PAGE) uint64_t mine[PAGE / 4];

static void holds(uint64_t first) {
  for (uint64_t i = 1; i < PAGE / 4; i++) CHECK(mine[i] == i);
  CHECK(mine[0] == first);
}

int main(int argc, char **argv) {
  start(argc, argv);
  void *seen = NULL;
  aclrtStream stream = new_stream();
  for (uint64_t i = 0; i < PAGE / 4; i++) mine[i] = i;
  full_map(true);
  EXPECT(ACL_ERROR_RT_MEMORY_ALLOCATION, aclrtHostRegisterV2(mine, sizeof mine, FLAGS));
  CHECK(strstr(aclGetRecentErrMsg(), "Cannot allocate memory") != NULL);
  EXPECT(ACL_ERROR_HOST_MEMORY_NOT_REGISTERED, aclrtHostGetDevicePointer(mine, &seen, 0));
  holds(0);
  full_map(false);
  OK(aclrtHostRegister(mine, sizeof mine, ACL_HOST_REGISTER_MAPPED, &seen));
  launch_mix(stream, seen, 0, 7);
  OK(aclrtSynchronizeStream(stream));
  full_map(true);
  OK(aclrtHostUnregister(mine));
  holds(7);
  full_map(false);
  OK(aclrtHostRegister(mine, sizeof mine, ACL_HOST_REGISTER_MAPPED, &seen));
  launch_mix(stream, seen, 0, 8);
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtHostUnregister(mine));
  holds(8);
  OK(aclrtDestroyStream(stream));
  end();
  printf("ok\n");
  return 0;
}
