/* HBM is one for all processes of a machine; memory by key and physical memory by handle are the same bytes on both
 * sides; events and notifies order work of different processes; a dead process's memory is free at the next look. */
#include "peer.h"

#define GIB (1ull << 30)
#define MIB (1ull << 20)

static void capacity(void) {
  size_t before = free_hbm();
  CHECK(both(before == 64 * GIB));
  void *large = NULL, *more = NULL;
  if (peer == 0) OK(aclrtMallocAlign32(&large, 40 * GIB, ACL_MEM_MALLOC_HUGE_FIRST));
  meet();
  CHECK(free_hbm() == 24 * GIB);
  meet();
  if (peer != 0) {
    EXPECT(ACL_ERROR_RT_DEVICE_OOM, aclrtMallocAlign32(&more, 30 * GIB, ACL_MEM_MALLOC_HUGE_FIRST));
    OK(aclrtMallocAlign32(&more, 20 * GIB, ACL_MEM_MALLOC_HUGE_FIRST));
  }
  meet();
  CHECK(free_hbm() == 4 * GIB);
  meet();
  if (large != NULL) OK(aclrtFree(large));
  if (more != NULL) OK(aclrtFree(more));
  meet();
  CHECK(free_hbm() == 64 * GIB);
  meet();
}

static void by_key(void) {
  char key[65] = {0};
  uint64_t *data = NULL;
  if (peer != 0) {
    (void)device_words(3); /* not at the beginning of a page */
    data = device_words(64);
    set_word(data, 11);
    OK(aclrtIpcMemGetExportKey(data, 64 * sizeof *data, key, sizeof key, ACL_RT_IPC_MEM_EXPORT_FLAG_DEFAULT));
    void *twice = NULL;
    EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtIpcMemImportByKey(&twice, key, 0)); /* its own */
    EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtIpcMemGetExportKey(key, 8, key, sizeof key, 0));
    give(key, sizeof key);
    meet();
    int32_t pid = 0;
    take(&pid, sizeof pid);
    OK(aclrtIpcMemSetImportPid(key, &pid, 1));
    meet();
    meet(); /* the child has written */
    CHECK(word(data) == 12 && word(data + 63) == 5);
    set_word(data + 1, 77);
    meet();
    meet();
    OK(aclrtIpcMemClose(key));
    OK(aclrtFree(data));
  } else {
    take(key, sizeof key);
    EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtIpcMemImportByKey((void **)&data, key, 0)); /* not on the list yet */
    meet();
    int32_t pid = 0;
    OK(aclrtDeviceGetBareTgid(&pid));
    give(&pid, sizeof pid);
    meet();
    size_t before = free_hbm();
    OK(aclrtIpcMemImportByKey((void **)&data, key, ACL_RT_IPC_MEM_IMPORT_FLAG_ENABLE_PEER_ACCESS));
    CHECK(free_hbm() == before); /* the bytes are the other's */
    EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtIpcMemImportByKey((void **)&data, key, 0));
    CHECK(word(data) == 11);
    launch_mix(NULL, data, 1, 1); /* a kernel works there, and copies */
    OK(aclrtSynchronizeStream(NULL));
    set_word(data + 63, 5);
    uint64_t all[65] = {0};
    EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpy(all, sizeof all, data, sizeof all, ACL_MEMCPY_DEVICE_TO_HOST));
    meet();
    meet();
    CHECK(word(data + 1) == 77);
    OK(aclrtIpcMemClose(key));
    EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtIpcMemClose(key));
    meet();
  }
  meet();
}

/* 4 MiB of physical memory mapped somewhere. */
static uint64_t *mapped(aclrtDrvMemHandle memory) {
  void *range = NULL;
  OK(aclrtReserveMemAddress(&range, 4 * MIB, 0, NULL, 1));
  OK(aclrtMapMem(range, 4 * MIB, 0, memory, 0));
  return range;
}

/* By numbers, or by handles of a kind, which are numbers within a server. */
static void physical_by(bool kinds) {
  aclrtDrvMemHandle memory = NULL;
  uint64_t number = 0, *data = NULL;
  size_t before = free_hbm();
  meet();
  if (peer != 0) {
    aclrtPhysicalMemProp prop;
    memset(&prop, 0, sizeof prop);
    prop.memAttr = ACL_HBM_MEM_HUGE;
    prop.location.type = ACL_MEM_LOCATION_TYPE_DEVICE;
    OK(aclrtMallocPhysical(&memory, 4 * MIB, &prop, 0));
    data = mapped(memory);
    if (kinds) {
      aclrtMemFabricHandle wide;
      EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtMemExportToShareableHandleV2(memory, ACL_RT_VMM_EXPORT_FLAG_DEFAULT, ACL_MEM_SHARE_HANDLE_TYPE_FABRIC, &wide));
      EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemExportToShareableHandleV2(memory, ACL_RT_VMM_EXPORT_FLAG_DEFAULT, (aclrtMemSharedHandleType)9, &number));
      OK(aclrtMemExportToShareableHandleV2(memory, ACL_RT_VMM_EXPORT_FLAG_DEFAULT, ACL_MEM_SHARE_HANDLE_TYPE_DEFAULT, &number));
    } else {
      OK(aclrtMemExportToShareableHandle(memory, ACL_MEM_HANDLE_TYPE_NONE, ACL_RT_VMM_EXPORT_FLAG_DEFAULT, &number));
    }
    EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemExportToShareableHandle(memory, ACL_MEM_HANDLE_TYPE_NONE, 0, &number));
    int32_t pid = (int32_t)peer;
    if (kinds) OK(aclrtMemSetPidToShareableHandleV2(&number, ACL_MEM_SHARE_HANDLE_TYPE_DEFAULT, &pid, 1));
    else OK(aclrtMemSetPidToShareableHandle(number, &pid, 1));
    set_word(data + 1000, 5);
    give(&number, sizeof number);
    meet();
    CHECK(word(data + 1000) == 6);
    /* Its maker lets go first: the bytes stay the other's, and charged. */
    OK(aclrtUnmapMem(data));
    OK(aclrtFreePhysical(memory));
    OK(aclrtReleaseMemAddress(data));
    meet();
  } else {
    take(&number, sizeof number);
    if (kinds) {
      EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemImportFromShareableHandleV2(&number, ACL_MEM_SHARE_HANDLE_TYPE_DEFAULT, 1, &memory));
      OK(aclrtMemImportFromShareableHandleV2(&number, ACL_MEM_SHARE_HANDLE_TYPE_DEFAULT, 0, &memory));
    } else {
      OK(aclrtMemImportFromShareableHandle(number, 0, &memory));
    }
    data = mapped(memory);
    CHECK(word(data + 1000) == 5);
    launch_mix(NULL, data + 1000, 1, 1);
    OK(aclrtSynchronizeStream(NULL));
    meet();
    meet();
    CHECK(word(data + 1000) == 6);
    CHECK(free_hbm() == before - 4 * MIB);
    aclrtDrvMemHandle late = NULL;
    EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemImportFromShareableHandle(number + 1, 0, &late));
    OK(aclrtUnmapMem(data));
    OK(aclrtFreePhysical(memory));
    OK(aclrtReleaseMemAddress(data));
  }
  meet();
  CHECK(free_hbm() == before);
  meet();
}

static void physical(void) {
  physical_by(false);
  physical_by(true);
}

/* A word that both have: the parent's, by a key for all. */
static uint64_t *common_word(char key[65]) {
  uint64_t *data = NULL;
  if (peer != 0) {
    data = device_words(1);
    OK(aclrtIpcMemGetExportKey(data, 8, key, 65, ACL_RT_IPC_MEM_EXPORT_FLAG_DISABLE_PID_VALIDATION));
    give(key, 65);
  } else {
    take(key, 65);
    OK(aclrtIpcMemImportByKey((void **)&data, key, 0));
  }
  return data;
}

static void end_word(uint64_t *data, const char *key) {
  if (peer == 0) OK(aclrtIpcMemClose(key));
  meet();
  if (peer != 0) {
    OK(aclrtIpcMemClose(key));
    OK(aclrtFree(data));
  }
  meet();
}

/* x = 2x and x = x + 3 in turns, each on its own side: only one order gives the right number. */
static void order(void) {
  enum { ROUNDS = 300 };
  char key[65] = {0};
  uint64_t *data = common_word(key);
  aclrtEvent parents = common_event(), childs = common_event();
  aclrtStream stream = new_stream();
  EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtResetEvent(parents, stream));
  uint64_t expected = 0;
  for (int i = 0; i < ROUNDS; i++) {
    /* A wait binds to the latest record, so that has to be queued on the other side before. */
    if (peer != 0) {
      launch_mix(stream, data, 2, 0);
      OK(aclrtRecordEvent(parents, stream));
      meet();
      meet();
      OK(aclrtStreamWaitEvent(stream, childs));
    } else {
      meet();
      OK(aclrtStreamWaitEvent(stream, parents));
      launch_mix(stream, data, 1, 3);
      OK(aclrtRecordEvent(childs, stream));
      meet();
    }
    expected = expected * 2 + 3;
    if (i % 50 == 49) OK(aclrtSynchronizeEvent(childs));
  }
  OK(aclrtSynchronizeStream(stream));
  meet();
  CHECK(word(data) == expected);
  CHECK(complete(parents) && complete(childs));
  OK(aclrtDestroyEvent(parents));
  OK(aclrtDestroyEvent(childs));
  end_word(data, key);
}

/* A notify that both have: the parent's, opened by the child once it is named. */
static aclrtNotify common_notify(void) {
  aclrtNotify notify = NULL;
  char key[65] = {0};
  int32_t pid = 0;
  if (peer != 0) {
    OK(aclrtCreateNotify(&notify, ACL_NOTIFY_DEFAULT));
    EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtNotifySetImportPid(notify, &pid, 1)); /* it has no key yet */
    EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtNotifyGetExportKey(notify, key, sizeof key - 1, ACL_RT_NOTIFY_EXPORT_FLAG_DEFAULT));
    EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtNotifyGetExportKey(notify, key, sizeof key, 77));
    OK(aclrtNotifyGetExportKey(notify, key, sizeof key, ACL_RT_NOTIFY_EXPORT_FLAG_DEFAULT));
    give(key, sizeof key);
    take(&pid, sizeof pid);
    OK(aclrtNotifySetImportPid(notify, &pid, 1));
    meet();
  } else {
    take(key, sizeof key);
    EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtNotifyImportByKey(&notify, key, ACL_RT_NOTIFY_IMPORT_FLAG_DEFAULT)); /* not named */
    EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtNotifyImportByKey(&notify, "no key", ACL_RT_NOTIFY_IMPORT_FLAG_DEFAULT));
    OK(aclrtDeviceGetBareTgid(&pid));
    give(&pid, sizeof pid);
    meet();
    EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtNotifyImportByKey(&notify, key, 77));
    OK(aclrtNotifyImportByKey(&notify, key, ACL_RT_NOTIFY_IMPORT_FLAG_ENABLE_PEER_ACCESS));
  }
  return notify;
}

/* The same turns, all queued at once: a notify is taken by whoever waits for it, so nobody has to know what the other did. */
static void notifies(void) {
  enum { ROUNDS = 300 };
  char key[65] = {0};
  uint64_t *data = common_word(key), expected = 0;
  aclrtNotify there = common_notify(), back = common_notify();
  aclrtStream stream = new_stream();
  for (int i = 0; i < ROUNDS; i++) {
    if (peer == 0) OK(aclrtWaitAndResetNotify(there, stream, 0));
    launch_mix(stream, data, peer != 0 ? 2 : 1, peer != 0 ? 0 : 3);
    OK(aclrtRecordNotify(peer != 0 ? there : back, stream));
    if (peer != 0) OK(aclrtWaitAndResetNotify(back, stream, 0));
    expected = expected * 2 + 3;
  }
  OK(aclrtSynchronizeStream(stream));
  meet();
  CHECK(word(data) == expected);
  OK(aclrtDestroyNotify(there));
  OK(aclrtDestroyNotify(back));
  OK(aclrtDestroyStream(stream));
  end_word(data, key);
}

/* The child's device thread is stuck in a function, with work behind it that only the child can start: the parent waits
 * for it a while, then goes on without it. */
static void stuck(void) {
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(1), flag = 0;
  const uint64_t *address = &flag;
  const npu_sim_work some = {0, 0, 50000000, 0};
  meet();
  if (peer == 0) OK(aclrtLaunchKernelWithHostArgs(kernel("until"), 1, stream, NULL, &address, sizeof address, NULL, 0));
  for (int i = 0; i < 100; i++) launch_mix_on(stream, 48, data, 1, 3, 1, some);
  meet();
  if (peer == 0) {
    meet(); /* the parent is through */
    __atomic_store_n(&flag, 1, __ATOMIC_RELEASE);
  }
  OK(aclrtSynchronizeStreamWithTimeout(stream, 30000));
  if (peer != 0) meet();
  uint64_t expected = 0;
  for (int i = 0; i < 100; i++) expected = expected * 3 + 1;
  CHECK(word(data) == expected);
  OK(aclrtDestroyStream(stream));
  OK(aclrtFree(data));
  meet();
}

/* Time in ms of a kernel that takes 0.9514 alone, behind another, so that the host's pace is not in it. */
static double kernel_ms(aclrtStream stream, uint64_t *data) {
  aclrtEvent begin = new_event(), end_event = new_event();
  launch_mix_on(stream, 48, data, 1, 1, 0, (npu_sim_work){0, 0, 1000000000, 0});
  OK(aclrtRecordEvent(begin, stream));
  launch_mix_on(stream, 48, data, 1, 1, 0, (npu_sim_work){0, 0, 1000000000, 0});
  OK(aclrtRecordEvent(end_event, stream));
  OK(aclrtSynchronizeStream(stream));
  float ms = 0;
  OK(aclrtEventElapsedTime(&ms, begin, end_event));
  OK(aclrtDestroyEvent(begin));
  OK(aclrtDestroyEvent(end_event));
  return ms;
}

/* Whether the kernel comes to take the time that it takes beside another, or alone. */
static bool until_ms(aclrtStream stream, uint64_t *data, bool beside) {
  for (int i = 0; i < 20000; i++) {
    if ((kernel_ms(stream, data) > 1.8) == beside) return true;
    usleep(1000);
  }
  return false;
}

/* The child is killed with memory, a kernel on the device, and a record that the parent waits for. */
static void death(void) {
  aclrtStream stream = new_stream();
  aclrtEvent event = common_event();
  size_t before = free_hbm();
  char key[65] = {0};
  meet();
  uint64_t *data = device_words(1);
  if (peer == 0) {
    void *large = NULL, *second = NULL;
    OK(aclrtMallocAlign32(&large, 50 * GIB, ACL_MEM_MALLOC_HUGE_FIRST));
    OK(aclrtMallocAlign32(&second, 2 * MIB, ACL_MEM_MALLOC_HUGE_FIRST));
    set_word(second, 9);
    OK(aclrtIpcMemGetExportKey(second, 8, key, sizeof key, ACL_RT_IPC_MEM_EXPORT_FLAG_DISABLE_PID_VALIDATION));
    give(key, sizeof key);
    launch_mix_on(stream, 48, data, 1, 1, 1, (npu_sim_work){0, 0, UINT64_MAX / 4, 0}); /* years */
    OK(aclrtRecordEvent(event, stream));
    meet();
    meet(); /* killed here; without its parent it ends by itself */
  }
  take(key, sizeof key);
  uint64_t *theirs = NULL;
  OK(aclrtIpcMemImportByKey((void **)&theirs, key, 0));
  meet();
  OK(aclrtStreamWaitEvent(stream, event));
  launch_mix(stream, data, 1, 1);
  CHECK(before - free_hbm() >= 50 * GIB);
  aclrtStream beside = new_stream();
  CHECK(until_ms(beside, data, true));
  kill_peer();
  /* Nobody asks for memory yet; its kernel ends all the same, or every one of these takes twice its time. */
  CHECK(until_ms(beside, data, false));
  CHECK(before - free_hbm() < 1 * GIB); /* at the next look */
  OK(aclrtSynchronizeStream(stream));  /* what it recorded will not come: who waits goes on */
  CHECK(word(data) == 1);
  CHECK(word(theirs) == 9); /* shared memory lives as long as anybody has it */
  size_t with = free_hbm();
  OK(aclrtIpcMemClose(key));
  CHECK(free_hbm() - with >= 8); /* more where memory goes by the page */
  void *large = NULL;
  OK(aclrtMallocAlign32(&large, 60 * GIB, ACL_MEM_MALLOC_HUGE_FIRST));
  OK(aclrtFree(large));
  OK(aclrtFree(data));
  CHECK(free_hbm() == before);
}

/* Given names of groups behind the kernel binary, runs only these. */
int main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*run)(void);
  } groups[] = {{"capacity", capacity}, {"by key", by_key}, {"physical", physical},
                {"order", order}, {"notifies", notifies},
                {"stuck", stuck}, {"death", death}};
  fork_peer();
  start(argc, argv);
  meet();
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
    bool wanted = argc == 2;
    for (int k = 2; k < argc; k++) wanted = wanted || strcmp(argv[k], groups[i].name) == 0;
    if (!wanted) continue;
    groups[i].run();
    if (peer != 0) printf("ok %s\n", groups[i].name);
  }
  end();
  return 0;
}
