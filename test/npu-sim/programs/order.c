/* Order within a stream, the default stream, launches of every form, and that streams are independent. */
#include "check.h"

/* What n launches of mix give if they run in order: x = x * (i + 3) + i. */
static uint64_t expected(uint64_t launches) {
  uint64_t x = 0;
  for (uint64_t i = 0; i < launches; i++) x = x * (i + 3) + i;
  return x;
}

static void in_order(aclrtStream stream) {
  uint64_t *data = device_words(1);
  for (uint64_t i = 0; i < 500; i++) launch_mix(stream, data, i + 3, i);
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(data) == expected(500));
  CHECK(word(data) == expected(500));
  OK(aclrtFree(data));
}

static void copies_in_order(void) {
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(1), *pinned = NULL;
  OK(aclrtMallocHost((void **)&pinned, 2 * sizeof *pinned));
  pinned[0] = 5;
  OK(aclrtMemcpyAsync(data, 8, &pinned[0], 8, ACL_MEMCPY_HOST_TO_DEVICE, stream));
  launch_mix(stream, data, 10, 1);
  OK(aclrtMemcpyAsync(&pinned[1], 8, data, 8, ACL_MEMCPY_DEVICE_TO_HOST, stream));
  launch_mix(stream, data, 0, 7);
  OK(aclrtMemsetAsync(data + 0, 8, 1, 4, stream));
  OK(aclrtSynchronizeStream(stream));
  CHECK(pinned[1] == 51);
  CHECK(word(data) == 0x01010101u);
  OK(aclrtFreeHost(pinned));
  OK(aclrtFree(data));
  OK(aclrtDestroyStream(stream));
}

static void forms(void) {
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(1);
  mix_args args = {data, 1, 1, 1, {0, 10, 10, 0}};
  mix_args *on_device = NULL;
  OK(aclrtMalloc((void **)&on_device, sizeof args, ACL_MEM_MALLOC_HUGE_FIRST));
  OK(aclrtMemcpy(on_device, sizeof args, &args, sizeof args, ACL_MEMCPY_HOST_TO_DEVICE));
  OK(aclrtLaunchKernel(kernel("mix"), 1, on_device, sizeof args, stream));
  OK(aclrtLaunchKernelV2(kernel("mix"), 1, on_device, sizeof args, NULL, stream));
  /* Host arguments are copied at the call: changing them afterwards changes nothing. */
  OK(aclrtLaunchKernelWithHostArgs(kernel("mix"), 1, stream, NULL, &args, sizeof args, NULL, 0));
  args.addend = 1000;
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(data) == 3);
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtLaunchKernelWithHostArgs(kernel("mix"), 0, stream, NULL, &args, sizeof args, NULL, 0));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtLaunchKernelWithHostArgs(&args, 1, stream, NULL, &args, sizeof args, NULL, 0));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtLaunchKernelWithHostArgs(kernel("mix"), 1, &args, NULL, &args, sizeof args, NULL, 0));
  OK(aclrtDestroyStream(stream));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtSynchronizeStream(stream));
  OK(aclrtFree(on_device));
  OK(aclrtFree(data));
}

static void work_from_memory(void) {
  /* The second kernel's work is in memory that the first one writes: it has to be read after the first ended. */
  aclrtStream stream = new_stream();
  aclrtEvent before = new_event(), after = new_event();
  uint64_t *size = device_words(2);
  launch_mix_on(stream, 8, size, 1, 0, 500000000, (npu_sim_work){0, 1000, 1000, 0});
  OK(aclrtRecordEvent(before, stream));
  struct { uint64_t *to, *from; } args = {size + 1, size};
  OK(aclrtLaunchKernelWithHostArgs(kernel("follow"), 40, stream, NULL, &args, sizeof args, NULL, 0));
  OK(aclrtRecordEvent(after, stream));
  OK(aclrtSynchronizeStream(stream));
  float ms = 0;
  OK(aclrtEventElapsedTime(&ms, before, after));
  CHECK(ms > 0.4f && ms < 0.6f); /* 500 MB at 0.6 of 1.6 TiB/s: 0.474 ms */
  CHECK(word(size + 1) == 500000000);
  OK(aclrtDestroyStream(stream));
}

int main(int argc, char **argv) {
  start(argc, argv);
  in_order(NULL);
  puts("ok default stream");
  aclrtStream stream = new_stream();
  in_order(stream);
  puts("ok created stream");
  aclrtStream default_stream = NULL;
  OK(aclrtCtxGetCurrentDefaultStream(&default_stream));
  in_order(default_stream);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtDestroyStream(default_stream));
  OK(aclrtDestroyStream(stream));
  copies_in_order();
  puts("ok copies in order");
  forms();
  puts("ok forms of a launch");
  work_from_memory();
  puts("ok work from memory");
  end();
  return 0;
}
