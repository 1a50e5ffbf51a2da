/* Kernels whose parameters are known: what they are, and launches that give them one by one. */
#include "check.h"

static void questions(void) {
  static const size_t sizes[] = {8, 1, 4, 12};
  aclrtFuncHandle odd = kernel("odd"), mix = kernel("mix");
  size_t count = 0, offset = 0, bytes = 0;
  OK(aclrtFunctionGetParamCount(odd, &count));
  CHECK(count == 4);
  for (size_t i = 0; i < count; i++) {
    OK(aclrtFunctionGetParamInfo(odd, i, &offset, &bytes));
    CHECK(offset == 8 * i && bytes == sizes[i]);
  }
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtFunctionGetParamInfo(odd, count, &offset, &bytes));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtFunctionGetParamCount(mix, &count)); /* its binary does not say */
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtFunctionGetParamInfo(mix, 0, &offset, &bytes));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtFunctionGetParamCount(odd, NULL));
}

static void one_by_one(void) {
  aclrtStream stream = new_stream();
  uint64_t *out = device_words(1);
  aclrtFuncHandle odd = kernel("odd");
  uint8_t small = 7;
  int32_t less = -3;
  uint32_t many[3] = {1, 2, 3};
  void *args[4] = {&out, &small, &less, many};
  OK(aclrtLaunchKernelWithArgsArray(odd, 5, stream, NULL, args));
  small = 0; /* they were taken when the call returned */
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(out) == 5003004);
  aclrtLaunchKernelCfg none = {0};
  for (uint32_t i = 1; i <= 40; i++) { /* in their order */
    small = (uint8_t)i;
    OK(aclrtLaunchKernelWithArgsArray(odd, i, stream, &none, args));
    launch_mix(stream, out, 2, i);
  }
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(out) == 2 * (40000000 + 3000 + 40 - 3) + 40);
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtLaunchKernelWithArgsArray(odd, 0, stream, NULL, args));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtLaunchKernelWithArgsArray(kernel("mix"), 1, stream, NULL, args));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtLaunchKernelWithArgsArray(odd, 1, stream, NULL, NULL));
  args[2] = NULL;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtLaunchKernelWithArgsArray(odd, 1, stream, NULL, args));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtFree(out));
  OK(aclrtDestroyStream(stream));
}

int main(int argc, char **argv) {
  static const group groups[] = {
    {"questions", questions},
    {"one by one", one_by_one},
  };
  start(argc, argv);
  (void)RUN_GROUPS(groups, argc, argv);
  end();
  return 0;
}
