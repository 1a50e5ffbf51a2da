/* Device memory at its real size, alignment and rounding, pinned host memory, copies in all directions, and VMM. */
#include "check.h"

#define GIB (1ull << 30)
#define MIB (1ull << 20)

static size_t free_bytes(void) {
  size_t free_now = 0, total = 0;
  OK(aclrtGetMemInfo(ACL_HBM_MEM, &free_now, &total));
  CHECK(total == 64 * GIB);
  return free_now;
}

static void sizes(void) {
  size_t before = free_bytes();
  void *small = NULL, *large = NULL, *exact = NULL;
  OK(aclrtMalloc(&small, 1, ACL_MEM_MALLOC_HUGE_FIRST));
  CHECK((uintptr_t)small % 64 == 0);
  CHECK(before - free_bytes() >= 64 && before - free_bytes() <= 512);
  /* 2 MiB and 32 bytes do not fit one huge page; without the spare bytes they do. */
  size_t at = free_bytes();
  OK(aclrtMalloc(&large, 2 * MIB, ACL_MEM_MALLOC_HUGE_FIRST));
  CHECK(at - free_bytes() == 4 * MIB);
  at = free_bytes();
  OK(aclrtMallocAlign32(&exact, 2 * MIB, ACL_MEM_MALLOC_HUGE_FIRST));
  CHECK(at - free_bytes() == 2 * MIB);
  OK(aclrtFree(small));
  OK(aclrtFree(large));
  OK(aclrtFree(exact));
  CHECK(free_bytes() == before);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtFree(exact));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtFree(NULL));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtFree(&before));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMalloc(&small, 0, ACL_MEM_MALLOC_HUGE_FIRST));
}

static void limit(void) {
  size_t before = free_bytes();
  void *parts[64] = {0}, *more = NULL;
  int made = 0;
  while (made < 64 && aclrtMallocAlign32(&parts[made], GIB, ACL_MEM_MALLOC_HUGE_FIRST) == ACL_SUCCESS) made++;
  CHECK(made == (int)(before / GIB));
  EXPECT(ACL_ERROR_RT_DEVICE_OOM, aclrtMalloc(&more, GIB, ACL_MEM_MALLOC_HUGE_FIRST));
  const char *message = NULL;
  EXPECT(ACL_ERROR_RT_DEVICE_OOM, aclrtMalloc(&more, 65 * GIB, ACL_MEM_MALLOC_HUGE_FIRST));
  message = aclGetRecentErrMsg();
  CHECK(message != NULL && strstr(message, "207018") != NULL);
  /* Every other part back: what was freed can be had again, though not in one piece where a neighbour is in use. */
  for (int i = 0; i < made; i += 2) OK(aclrtFree(parts[i]));
  for (int i = 0; i < made; i += 2) OK(aclrtMallocAlign32(&parts[i], GIB, ACL_MEM_MALLOC_HUGE_FIRST));
  for (int i = 0; i < made; i++) {
    for (int j = 0; j < i; j++) {
      uint64_t a = (uint64_t)(uintptr_t)parts[i], b = (uint64_t)(uintptr_t)parts[j];
      CHECK(a >= b + GIB || b >= a + GIB);
    }
  }
  for (int i = 0; i < made; i++) OK(aclrtFree(parts[i]));
  CHECK(free_bytes() == before);
}

static void copies(void) {
  uint64_t *device = device_words(1024), *other = device_words(1024), *pinned = NULL, pageable[1024], back[1024];
  OK(aclrtMallocHost((void **)&pinned, sizeof pageable));
  for (int i = 0; i < 1024; i++) pageable[i] = (uint64_t)i * 77;
  OK(aclrtMemcpy(device, sizeof pageable, pageable, sizeof pageable, ACL_MEMCPY_HOST_TO_DEVICE));
  OK(aclrtMemcpy(other, sizeof pageable, device, sizeof pageable, ACL_MEMCPY_DEVICE_TO_DEVICE));
  OK(aclrtMemcpy(pinned, sizeof pageable, other, sizeof pageable, ACL_MEMCPY_DEVICE_TO_HOST));
  /* The direction comes from the addresses, whatever the caller says. */
  OK(aclrtMemcpy(back, sizeof back, pinned, sizeof back, ACL_MEMCPY_HOST_TO_DEVICE));
  CHECK(memcmp(back, pageable, sizeof back) == 0);
  OK(aclrtMemcpy(back, sizeof back, other, sizeof back, ACL_MEMCPY_DEFAULT));
  CHECK(memcmp(back, pageable, sizeof back) == 0);
  aclrtStream stream = new_stream();
  aclrtEvent event = new_event();
  aclrtEventRecordedStatus status;
  uint64_t *word_on_device = device_words(1);
  npu_sim_work slow = {0, 0, 1000000000, 0};
  /* Pinned: returns at once, the stream still works. */
  launch_mix_on(stream, 48, word_on_device, 1, 0, 6, slow);
  OK(aclrtMemcpyAsync(pinned, 8, word_on_device, 8, ACL_MEMCPY_DEVICE_TO_HOST, stream));
  OK(aclrtRecordEvent(event, stream));
  OK(aclrtQueryEventStatus(event, &status));
  CHECK(late || (status == ACL_EVENT_RECORDED_STATUS_NOT_READY && pinned[0] == 0));
  OK(aclrtSynchronizeStream(stream));
  CHECK(pinned[0] == 6);
  /* Pageable: done when the call returns, and everything before it too. */
  uint64_t here = 0;
  launch_mix_on(stream, 48, word_on_device, 1, 2, 1, slow);
  OK(aclrtMemcpyAsync(&here, 8, word_on_device, 8, ACL_MEMCPY_DEVICE_TO_HOST, stream));
  CHECK(here == 13);
  here = 100;
  OK(aclrtMemcpyAsync(word_on_device, 8, &here, 8, ACL_MEMCPY_HOST_TO_DEVICE, stream));
  here = 0;
  CHECK(word(word_on_device) == 100);
  EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtMemcpyAsync(back, 8, pageable, 8, ACL_MEMCPY_HOST_TO_HOST, stream));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpy(back, 4, pageable, 8, ACL_MEMCPY_HOST_TO_HOST));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpy(back, sizeof back, device + 1020, 8192, ACL_MEMCPY_DEVICE_TO_HOST));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemcpy(back, sizeof back, device, 8, (aclrtMemcpyKind)99));
  OK(aclrtMemset(device, 8192, 0xab, 16));
  CHECK(word(device + 1) == 0xababababababababull && word(device + 2) == 154);
  OK(aclrtFreeHost(pinned));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtFreeHost(pinned));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtFreeHost(back));
  OK(aclrtDestroyStream(stream));
  OK(aclrtFree(device));
  OK(aclrtFree(other));
}

static void vmm(void) {
  size_t before = free_bytes(), granularity = 0;
  aclrtPhysicalMemProp prop;
  memset(&prop, 0, sizeof prop);
  prop.memAttr = ACL_HBM_MEM_HUGE;
  prop.location.type = ACL_MEM_LOCATION_TYPE_DEVICE;
  OK(aclrtMemGetAllocationGranularity(&prop, ACL_RT_MEM_ALLOC_GRANULARITY_MINIMUM, &granularity));
  CHECK(granularity == 2 * MIB);
  unsigned char *range = NULL, *second = NULL;
  aclrtDrvMemHandle memory = NULL, more = NULL;
  OK(aclrtReserveMemAddress((void **)&range, 8 * MIB, 0, NULL, 1));
  OK(aclrtReserveMemAddress((void **)&second, 4 * MIB, 0, NULL, 1));
  CHECK((uintptr_t)range % (2 * MIB) == 0);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMallocPhysical(&memory, 3 * MIB, &prop, 0));
  OK(aclrtMallocPhysical(&memory, 4 * MIB, &prop, 0));
  OK(aclrtMallocPhysical(&more, 2 * MIB, &prop, 0));
  CHECK(before - free_bytes() == 6 * MIB);
  uint64_t value = 42;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpy(range, 8, &value, 8, ACL_MEMCPY_HOST_TO_DEVICE)); /* nothing there yet */
  OK(aclrtMapMem(range, 4 * MIB, 0, memory, 0));
  OK(aclrtMapMem(range + 4 * MIB, 2 * MIB, 0, more, 0));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMapMem(range + 2 * MIB, 2 * MIB, 0, more, 0));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMapMem(&value, 2 * MIB, 0, more, 0));
  /* A kernel and a copy work there, across the seam of the two pieces. */
  uint64_t *seam = (uint64_t *)(void *)(range + 4 * MIB) - 1;
  aclrtStream stream = new_stream();
  launch_mix_on(stream, 8, seam, 2, 0, 11, (npu_sim_work){0, 10, 10, 0});
  OK(aclrtSynchronizeStream(stream));
  uint64_t both[2] = {0};
  OK(aclrtMemcpy(both, 16, seam, 16, ACL_MEMCPY_DEVICE_TO_HOST));
  CHECK(both[0] == 11 && both[1] == 11);
  /* The same memory shows up wherever it is mapped, and keeps its bytes while it is nowhere. */
  OK(aclrtMapMem(second, 4 * MIB, 0, memory, 0));
  CHECK(word((uint64_t *)(void *)(second + 4 * MIB) - 1) == 11);
  OK(aclrtUnmapMem(range));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtUnmapMem(range));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpy(&value, 8, range, 8, ACL_MEMCPY_DEVICE_TO_HOST));
  OK(aclrtUnmapMem(second));
  OK(aclrtMapMem(range, 4 * MIB, 0, memory, 0));
  CHECK(word(seam) == 11);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtReleaseMemAddress(range));
  /* Freed while mapped: it counts until the mapping goes. */
  OK(aclrtFreePhysical(memory));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtFreePhysical(memory));
  CHECK(before - free_bytes() == 6 * MIB);
  OK(aclrtUnmapMem(range));
  CHECK(before - free_bytes() == 2 * MIB);
  OK(aclrtUnmapMem(range + 4 * MIB));
  OK(aclrtFreePhysical(more));
  CHECK(free_bytes() == before);
  OK(aclrtReleaseMemAddress(range));
  OK(aclrtReleaseMemAddress(second));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtReleaseMemAddress(second));
  EXPECT(ACL_ERROR_RT_DEVICE_OOM, aclrtMallocPhysical(&memory, 66 * GIB, &prop, 0));
  OK(aclrtDestroyStream(stream));
}

/* No number is an address of both device and host memory, in another process neither: the device has its own range. */
static bool on_device(const void *address) {
  return (uintptr_t)address >= 16ull << 40 && (uintptr_t)address < 24ull << 40;
}

static void addresses(void) {
  void *allocated = NULL, *range = NULL, *pinned = NULL;
  OK(aclrtMalloc(&allocated, MIB, ACL_MEM_MALLOC_HUGE_FIRST));
  OK(aclrtReserveMemAddress(&range, 60 * GIB, 0, NULL, 1));
  OK(aclrtMallocHost(&pinned, MIB));
  CHECK(on_device(allocated) && on_device(range));
  CHECK(!on_device(pinned) && !on_device(&pinned));
  OK(aclrtFreeHost(pinned));
  OK(aclrtReleaseMemAddress(range));
  OK(aclrtFree(allocated));
  /* A place can be asked for, if it is free and in the range. */
  void *wish = (void *)(uintptr_t)((20ull << 40) + GIB);
  OK(aclrtReserveMemAddress(&range, GIB, 0, wish, 1));
  CHECK(range == wish);
  void *again = NULL;
  EXPECT(ACL_ERROR_RT_MEMORY_ALLOCATION, aclrtReserveMemAddress(&again, GIB, 0, wish, 1));
  EXPECT(ACL_ERROR_RT_MEMORY_ALLOCATION, aclrtReserveMemAddress(&again, GIB, 0, (void *)(uintptr_t)(40ull << 40), 1));
  OK(aclrtReleaseMemAddress(range));
}

int main(int argc, char **argv) {
  static const group groups[] = {
    {"sizes", sizes},
    {"limit", limit},
    {"copies", copies},
    {"vmm", vmm},
    {"addresses", addresses},
  };
  start(argc, argv);
  (void)RUN_GROUPS(groups, argc, argv);
  end();
  return 0;
}
