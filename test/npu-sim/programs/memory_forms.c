/* Copies of rows and pieces, described ones, fills in words, reductions; kinds of memory, pools, allocators. */
#include "check.h"

#include "acl/acl_rt_allocator.h"
#include "acl/acl_rt_memory_soma.h"

enum { WIDTH = 24, HEIGHT = 5, WIDE = 64, TIGHT = 32 };

static void *device_bytes(size_t bytes) {
  void *memory = NULL;
  OK(aclrtMalloc(&memory, bytes, ACL_MEM_MALLOC_HUGE_FIRST));
  OK(aclrtMemset(memory, bytes, 0, bytes));
  return memory;
}

static void *pinned_bytes(size_t bytes) {
  void *memory = NULL;
  OK(aclrtMallocHost(&memory, bytes));
  return memory;
}

static void rows(void) {
  aclrtStream stream = new_stream();
  unsigned char *device = device_bytes(WIDE * HEIGHT), *pinned = pinned_bytes(TIGHT * HEIGHT), plain[TIGHT * HEIGHT] = {0};
  for (int i = 0; i < TIGHT * HEIGHT; i++) pinned[i] = (unsigned char)(i + 1);
  OK(aclrtMemcpy2dAsync(device, WIDE, pinned, TIGHT, WIDTH, HEIGHT, ACL_MEMCPY_HOST_TO_DEVICE, stream));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtMemcpy2d(plain, TIGHT, device, WIDE, WIDTH, HEIGHT, ACL_MEMCPY_DEVICE_TO_HOST));
  for (int row = 0; row < HEIGHT; row++) {
    CHECK(memcmp(plain + row * TIGHT, pinned + row * TIGHT, WIDTH) == 0);
    CHECK(plain[row * TIGHT + WIDTH] == 0);
  }
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemcpy2d(plain, TIGHT, device, WIDE, TIGHT + 1, HEIGHT, ACL_MEMCPY_DEVICE_TO_HOST));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemcpy2d(plain, TIGHT, device, WIDE, WIDTH, HEIGHT, ACL_MEMCPY_HOST_TO_HOST));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpy2d(plain, TIGHT, device, WIDE * 10000000, WIDTH, HEIGHT, ACL_MEMCPY_DEVICE_TO_HOST));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemcpy2d(NULL, TIGHT, device, WIDE, WIDTH, HEIGHT, ACL_MEMCPY_DEVICE_TO_HOST));
  OK(aclrtFreeHost(pinned));
  OK(aclrtDestroyStream(stream));
}

static void pieces(void) {
  enum { PIECES = 3 };
  aclrtStream stream = new_stream();
  char *device = device_bytes(256), host[PIECES][16] = {"first", "second", "third"}, *pinned = pinned_bytes(64);
  void *to[PIECES], *from[PIECES];
  size_t room[PIECES] = {16, 16, 16}, bytes[PIECES] = {16, 16, 16}, index = 0, failed = 0;
  aclrtMemcpyBatchAttr down = {.dstLoc = {0, ACL_MEM_LOCATION_TYPE_DEVICE}, .srcLoc = {0, ACL_MEM_LOCATION_TYPE_HOST}};
  aclrtMemcpyBatchAttr up = {.dstLoc = {0, ACL_MEM_LOCATION_TYPE_HOST}, .srcLoc = {0, ACL_MEM_LOCATION_TYPE_DEVICE}};
  for (int i = 0; i < PIECES; i++) to[i] = device + 64 * i, from[i] = host[i];
  OK(aclrtMemcpyBatch(to, room, from, bytes, PIECES, &down, &index, 1, &failed));
  CHECK(failed == SIZE_MAX);
  for (int i = 0; i < PIECES; i++) from[i] = to[i], to[i] = pinned + 16 * i;
  OK(aclrtMemcpyBatchAsync(to, room, from, bytes, PIECES, &up, &index, 1, &failed, stream));
  memset(to, 0, sizeof to); /* the arrays are the caller's again */
  OK(aclrtSynchronizeStream(stream));
  CHECK(strcmp(pinned, "first") == 0 && strcmp(pinned + 16, "second") == 0 && strcmp(pinned + 32, "third") == 0);
  for (int i = 0; i < PIECES; i++) to[i] = pinned + 16 * i;
  OK(aclrtMemcpyBatchV2(to, room, from, bytes, PIECES, &up, &index, 1));
  OK(aclrtMemcpyBatchAsyncV2(to, room, from, bytes, PIECES, &up, &index, 1, stream));
  room[2] = 8;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpyBatch(to, room, from, bytes, PIECES, &up, &index, 1, &failed));
  CHECK(failed == 2);
  room[2] = 16;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpyBatch(to, room, from, bytes, PIECES, &down, &index, 1, &failed));
  CHECK(failed == 0);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpyBatch(to, room, from, bytes, 0, &up, &index, 1, &failed));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtFreeHost(pinned));
  OK(aclrtDestroyStream(stream));
}

static void described(void) {
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(4);
  size_t bytes = 0;
  OK(aclrtGetMemcpyDescSize(ACL_MEMCPY_INNER_DEVICE_TO_DEVICE, &bytes));
  EXPECT(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, aclrtGetMemcpyDescSize(ACL_MEMCPY_HOST_TO_DEVICE, &bytes));
  void *description = device_bytes(bytes);
  OK(aclrtSetMemcpyDesc(description, ACL_MEMCPY_INNER_DEVICE_TO_DEVICE, data, data + 2, 8, NULL));
  launch_mix(stream, data, 0, 17);
  OK(aclrtMemcpyAsyncWithDesc(description, ACL_MEMCPY_INNER_DEVICE_TO_DEVICE, stream));
  OK(aclrtMemcpyAsyncWithCondition(data + 3, 8, data + 2, 8, ACL_MEMCPY_DEVICE_TO_DEVICE, stream));
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(data + 2) == 17 && word(data + 3) == 17);
  uint32_t *words = device_bytes(64);
  OK(aclrtMemsetD32(words, 64, 0x01020304, 4));
  OK(aclrtMemsetD32Async(words + 4, 48, 7, 2, stream));
  OK(aclrtSynchronizeStream(stream));
  CHECK(word((uint64_t *)words) == 0x0102030401020304 && word((uint64_t *)words + 2) == 0x700000007);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemsetD32(words, 64, 1, 17));
  EXPECT(ACL_ERROR_RT_ADDR_UNALIGNED, aclrtMemsetD32((char *)words + 2, 62, 1, 1));
  OK(aclrtDestroyStream(stream));
}

/* Addresses that stand in device memory, which a kernel or a copy before may have written. */
static void by_address(void) {
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(8), *other = device_words(8), *addresses = device_words(2);
  set_word(addresses, (uint64_t)(uintptr_t)other);
  set_word(addresses + 1, (uint64_t)(uintptr_t)data);
  const void **from = (const void **)(addresses + 1);
  void **to = (void **)addresses;
  launch_mix(stream, data + 3, 0, 21);
  OK(aclrtMemcpyAsyncWithOffset(to, 64, 40, from, 8, 24, ACL_MEMCPY_INNER_DEVICE_TO_DEVICE, stream));
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(other + 5) == 21 && word(other + 4) == 0 && word(other + 6) == 0);
  /* The address is read when the copy runs. */
  uint64_t *slots = device_words(1);
  set_word(slots, (uint64_t)(uintptr_t)data);
  OK(aclrtMemcpyAsync(addresses, 8, slots, 8, ACL_MEMCPY_DEVICE_TO_DEVICE, stream));
  OK(aclrtMemcpyAsyncWithOffset(to, 64, 56, from, 8, 24, ACL_MEMCPY_INNER_DEVICE_TO_DEVICE, stream));
  OK(aclrtMemcpyAsyncWithOffset(to, 64, 64, from, 0, 0, ACL_MEMCPY_INNER_DEVICE_TO_DEVICE, stream)); /* nothing */
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(data + 7) == 21 && word(other + 7) == 0);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpyAsyncWithOffset(to, 64, 0, from, 8, 0, ACL_MEMCPY_DEVICE_TO_DEVICE, stream));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpyAsyncWithOffset(to, 64, 64, from, 8, 0, ACL_MEMCPY_INNER_DEVICE_TO_DEVICE, stream));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpyAsyncWithOffset(to, 64, 60, from, 8, 0, ACL_MEMCPY_INNER_DEVICE_TO_DEVICE, stream));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpyAsyncWithOffset(to, 64, 0, from, 8, 1ull << 48, ACL_MEMCPY_INNER_DEVICE_TO_DEVICE, stream));
  void *on_host[1] = {other};
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemcpyAsyncWithOffset(on_host, 64, 0, from, 8, 0, ACL_MEMCPY_INNER_DEVICE_TO_DEVICE, stream));
  OK(aclrtDestroyStream(stream));
}

/* Prefetches that device memory describes: on streams of graphs that are built of streams, as in CANN. */
static void described_prefetches(void) {
  uint64_t *data = device_words(64);
  size_t bytes = 0;
  OK(aclrtCmoGetDescSize(&bytes));
  CHECK(bytes == 32);
  void *description = device_bytes(bytes);
  OK(aclrtCmoSetDesc(description, data, 64 * sizeof *data));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtCmoSetDesc(description, data, 0));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtCmoSetDesc(&bytes, data, 64));
  aclrtStream kept = NULL, stream = new_stream();
  OK(aclrtCreateStreamWithConfig(&kept, 0, ACL_STREAM_PERSISTENT));
  EXPECT(ACL_ERROR_RT_INTERNAL_ERROR, aclrtCmoAsyncWithDesc(description, ACL_RT_CMO_TYPE_PREFETCH, stream, NULL));
  EXPECT(ACL_ERROR_RT_INTERNAL_ERROR, aclrtCmoAsyncWithDesc(description, ACL_RT_CMO_TYPE_PREFETCH, kept, NULL));
  aclmdlRI graph = NULL;
  OK(aclmdlRIBuildBegin(&graph, 0));
  OK(aclmdlRIBindStream(graph, kept, ACL_MODEL_STREAM_FLAG_HEAD));
  OK(aclrtCmoAsyncWithDesc(description, ACL_RT_CMO_TYPE_PREFETCH, kept, NULL));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtCmoAsyncWithDesc(description, ACL_RT_CMO_TYPE_PREFETCH, kept, data));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtCmoAsyncWithDesc(description, (aclrtCmoType)9, kept, NULL));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtCmoAsyncWithDesc(&bytes, ACL_RT_CMO_TYPE_PREFETCH, kept, NULL));
  launch_mix(kept, data, 1, 4);
  OK(aclmdlRIEndTask(graph, kept));
  OK(aclmdlRIBuildEnd(graph, NULL));
  for (int i = 0; i < 3; i++) OK(aclmdlRIExecuteAsync(graph, stream));
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(data) == 12);
  OK(aclmdlRIUnbindStream(graph, kept));
  OK(aclmdlRIDestroy(graph));
  OK(aclrtDestroyStream(kept));
  OK(aclrtDestroyStream(stream));
}

static void reductions(void) {
  aclrtStream stream = new_stream();
  float a[4] = {1.5f, -2, 3, 1e30f}, b[4] = {2, -3, 4.25f, 1e30f}, c[4];
  float *to = device_bytes(sizeof a), *from = device_bytes(sizeof b);
  OK(aclrtMemcpy(to, sizeof a, a, sizeof a, ACL_MEMCPY_HOST_TO_DEVICE));
  OK(aclrtMemcpy(from, sizeof b, b, sizeof b, ACL_MEMCPY_HOST_TO_DEVICE));
  OK(aclrtReduceAsync(to, from, sizeof a, ACL_RT_MEMCPY_SDMA_AUTOMATIC_SUM, ACL_FLOAT, stream, NULL));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtMemcpy(c, sizeof c, to, sizeof c, ACL_MEMCPY_DEVICE_TO_HOST));
  for (int i = 0; i < 4; i++) CHECK(c[i] == a[i] + b[i]);
  OK(aclrtReduceAsync(to, from, sizeof a, ACL_RT_MEMCPY_SDMA_AUTOMATIC_MIN, ACL_FLOAT, stream, NULL));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtMemcpy(c, sizeof c, to, sizeof c, ACL_MEMCPY_DEVICE_TO_HOST));
  for (int i = 0; i < 4; i++) CHECK(c[i] == (a[i] + b[i] < b[i] ? a[i] + b[i] : b[i]));
  aclFloat16 half[2] = {aclFloatToFloat16(1.5f), aclFloatToFloat16(-4)}, other[2] = {aclFloatToFloat16(2.25f), aclFloatToFloat16(8)};
  OK(aclrtMemcpy(to, sizeof half, half, sizeof half, ACL_MEMCPY_HOST_TO_DEVICE));
  OK(aclrtMemcpy(from, sizeof other, other, sizeof other, ACL_MEMCPY_HOST_TO_DEVICE));
  OK(aclrtReduceAsync(to, from, sizeof half, ACL_RT_MEMCPY_SDMA_AUTOMATIC_SUM, ACL_FLOAT16, stream, NULL));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtMemcpy(half, sizeof half, to, sizeof half, ACL_MEMCPY_DEVICE_TO_HOST));
  CHECK(aclFloat16ToFloat(half[0]) == 3.75f && aclFloat16ToFloat(half[1]) == 4);
  int8_t i8[4] = {127, -128, 5, -5}, j8[4] = {1, -1, 6, 4};
  OK(aclrtMemcpy(to, sizeof i8, i8, sizeof i8, ACL_MEMCPY_HOST_TO_DEVICE));
  OK(aclrtMemcpy(from, sizeof j8, j8, sizeof j8, ACL_MEMCPY_HOST_TO_DEVICE));
  OK(aclrtReduceAsync(to, from, sizeof i8, ACL_RT_MEMCPY_SDMA_AUTOMATIC_MAX, ACL_INT8, stream, NULL));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtMemcpy(i8, sizeof i8, to, sizeof i8, ACL_MEMCPY_DEVICE_TO_HOST));
  CHECK(i8[0] == 127 && i8[1] == -1 && i8[2] == 6 && i8[3] == 4);
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtReduceAsync(to, from, 8, ACL_RT_MEMCPY_SDMA_AUTOMATIC_SUM, ACL_DOUBLE, stream, NULL));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtReduceAsync(to, from, 0, ACL_RT_MEMCPY_SDMA_AUTOMATIC_SUM, ACL_FLOAT, stream, NULL));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtReduceAsync(to, c, 8, ACL_RT_MEMCPY_SDMA_AUTOMATIC_SUM, ACL_FLOAT, stream, NULL));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtReduceAsync(to, from, sizeof a, ACL_RT_MEMCPY_SDMA_AUTOMATIC_SUM, ACL_FLOAT, stream, to));
  OK(aclrtCmoAsync(to, 16, ACL_RT_CMO_TYPE_PREFETCH, stream));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtCmoAsync(c, 16, ACL_RT_CMO_TYPE_PREFETCH, stream));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtDestroyStream(stream));
}

static void set_float(aclrtRandomParaInfo *parameter, float value) {
  memset(parameter, 0, sizeof *parameter);
  memcpy(parameter->valueOrAddr, &value, sizeof value);
  parameter->size = sizeof value;
}
static void set_whole(aclrtRandomParaInfo *parameter, uint64_t value) {
  memset(parameter, 0, sizeof *parameter);
  memcpy(parameter->valueOrAddr, &value, sizeof value);
  parameter->size = sizeof value;
}

static void randoms(void) {
  enum { COUNT = 4096 };
  aclrtStream stream = new_stream();
  float *numbers = device_bytes(COUNT * sizeof(float)), *again = device_bytes(COUNT * sizeof(float)), host[COUNT], sum = 0, squares = 0;
  unsigned char mask[COUNT / 8];
  aclrtRandomNumTaskInfo info;
  memset(&info, 0, sizeof info);
  info.dataType = ACL_FLOAT;
  info.randomNumFuncParaInfo.funcType = ACL_RT_RANDOM_NUM_FUNC_TYPE_UNIFORM_DIS;
  set_float(&info.randomNumFuncParaInfo.paramInfo.uniformDisInfo.min, -1);
  set_float(&info.randomNumFuncParaInfo.paramInfo.uniformDisInfo.max, 3);
  set_whole(&info.randomSeed, 42);
  set_whole(&info.randomNum, COUNT);
  info.randomResultAddr = numbers;
  info.randomCounterAddr = device_words(2);
  OK(aclrtRandomNumAsync(&info, stream, NULL));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtRandomNumAsync(&info, stream, &info));
  info.randomResultAddr = again;
  OK(aclrtRandomNumAsync(&info, stream, NULL));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtRandomNumAsync(&info, stream, &info));
  OK(aclrtSynchronizeStream(stream));
  float second[COUNT];
  OK(aclrtMemcpy(host, sizeof host, numbers, sizeof host, ACL_MEMCPY_DEVICE_TO_HOST));
  OK(aclrtMemcpy(second, sizeof second, again, sizeof second, ACL_MEMCPY_DEVICE_TO_HOST));
  CHECK(memcmp(host, second, sizeof host) == 0); /* the same seed and offset */
  for (int i = 0; i < COUNT; i++) {
    CHECK(host[i] >= -1 && host[i] <= 3);
    sum += host[i];
  }
  CHECK(sum / COUNT > 0.9f && sum / COUNT < 1.1f);
  info.randomNumFuncParaInfo.funcType = ACL_RT_RANDOM_NUM_FUNC_TYPE_TRUNCATED_NORMAL_DIS;
  set_float(&info.randomNumFuncParaInfo.paramInfo.normalDisInfo.mean, 5);
  set_float(&info.randomNumFuncParaInfo.paramInfo.normalDisInfo.stddev, 2);
  OK(aclrtRandomNumAsync(&info, stream, NULL));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtRandomNumAsync(&info, stream, &info));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtMemcpy(host, sizeof host, again, sizeof host, ACL_MEMCPY_DEVICE_TO_HOST));
  sum = 0;
  for (int i = 0; i < COUNT; i++) {
    CHECK(host[i] >= 1 && host[i] <= 9);
    sum += host[i];
    squares += (host[i] - 5) * (host[i] - 5);
  }
  CHECK(sum / COUNT > 4.8f && sum / COUNT < 5.2f && squares / COUNT > 2.6f && squares / COUNT < 3.6f);
  info.randomNumFuncParaInfo.funcType = ACL_RT_RANDOM_NUM_FUNC_TYPE_DROPOUT_BITMASK;
  set_float(&info.randomNumFuncParaInfo.paramInfo.dropoutBitmaskInfo.dropoutRation, 0.25f);
  OK(aclrtRandomNumAsync(&info, stream, NULL));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtRandomNumAsync(&info, stream, &info));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtMemcpy(mask, sizeof mask, again, sizeof mask, ACL_MEMCPY_DEVICE_TO_HOST));
  int kept = 0;
  for (int i = 0; i < COUNT; i++) kept += mask[i / 8] >> i % 8 & 1;
  CHECK(kept > COUNT * 0.72 && kept < COUNT * 0.78);
  info.dataType = ACL_BOOL;
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtRandomNumAsync(&info, stream, NULL));
  info.dataType = ACL_FLOAT;
  info.randomResultAddr = host;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtRandomNumAsync(&info, stream, NULL));
  OK(aclrtDestroyStream(stream));
}

static void kinds(void) {
  void *cached = NULL, *set = NULL, *scheduler = NULL, *managed = NULL, *host = NULL, *seen = NULL, *base = NULL;
  aclrtMallocAttribute module = {ACL_RT_MEM_ATTR_MODULE_ID, {.moduleId = 33}};
  aclrtMallocConfig config = {&module, 1};
  OK(aclrtMallocCached(&cached, 100, ACL_MEM_MALLOC_HUGE_FIRST));
  OK(aclrtMallocWithCfg(&set, 100, ACL_MEM_MALLOC_HUGE_FIRST, &config));
  OK(aclrtMallocForTaskScheduler(&scheduler, 100, ACL_MEM_MALLOC_HUGE_FIRST, NULL));
  OK(aclrtMemAllocManaged(&managed, 100, ACL_RT_MEM_ATTACH_GLOBAL));
  OK(aclrtMallocHostWithCfg(&host, 100, NULL));
  module.attr = (aclrtMallocAttrType)9;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMallocWithCfg(&seen, 100, ACL_MEM_MALLOC_HUGE_FIRST, &config));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMallocCached(&seen, 0, ACL_MEM_MALLOC_HUGE_FIRST));
  ((char *)managed)[7] = 42; /* host and device both use it */
  aclrtPtrAttributes attributes;
  OK(aclrtPointerGetAttributes((char *)set + 40, &attributes));
  CHECK(attributes.location.type == ACL_MEM_LOCATION_TYPE_DEVICE && attributes.location.id == 0);
  OK(aclrtPointerGetAttributes(managed, &attributes));
  CHECK(attributes.location.type == ACL_MEM_LOCATION_TYPE_MANAGED);
  OK(aclrtPointerGetAttributes(host, &attributes));
  CHECK(attributes.location.type == ACL_MEM_LOCATION_TYPE_HOST);
  OK(aclrtPointerGetAttributes(&attributes, &attributes));
  CHECK(attributes.location.type == ACL_MEM_LOCATION_TYPE_UNREGISTERED);
  size_t size = 0, count = 0;
  OK(aclrtMemGetAddressRange((char *)set + 40, &base, &size));
  CHECK(base == set && size >= 100);
  aclrtMemUsageInfo usage[4];
  OK(aclrtGetMemUsageInfo(0, usage, 4, &count));
  CHECK(count == 1 && usage[0].curMemSize > 0 && usage[0].memPeakSize >= usage[0].curMemSize);
  uint32_t is = 9;
  void *list[2] = {cached, set};
  OK(aclrtCheckMemType(list, 2, ACL_RT_MEM_TYPE_DEV, &is, 0));
  CHECK(is == 1);
  list[1] = host;
  OK(aclrtCheckMemType(list, 2, ACL_RT_MEM_TYPE_DEV, &is, 0));
  CHECK(is == 0);
  OK(aclrtMemFlush(cached, 64));
  OK(aclrtMemInvalidate(cached, 64));
  aclrtHostMemMapCapability capability;
  OK(aclrtHostMemMapCapabilities(0, ACL_RT_HAC_TYPE_AIV, &capability));
  CHECK(capability == ACL_RT_HOST_MEM_MAP_SUPPORTED);
  OK(aclrtFreeWithDevSync(cached));
  OK(aclrtFree(set));
  OK(aclrtFree(scheduler));
  OK(aclrtFree(managed));
  OK(aclrtFreeHostWithDevSync(host));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtFreeWithDevSync(cached));
}

/* Pages of the program's own, where they are, and what aclrtMallocHost gave: the device works on both. */
static void pools(void) {
  aclrtStream stream = new_stream(), other = new_stream();
  aclrtMemPool pool = NULL;
  aclrtMemPoolProps props = {.allocType = ACL_MEM_ALLOCATION_TYPE_PINNED, .location = {0, ACL_MEM_LOCATION_TYPE_DEVICE}, .maxSize = 64 << 20};
  OK(aclrtMemPoolCreate(&pool, &props));
  void *first = NULL, *second = NULL, *third = NULL;
  uint64_t value = 0;
  OK(aclrtMemPoolMallocAsync(&first, 4 << 20, pool, stream));
  launch_mix(stream, first, 0, 5);
  launch_mix(stream, first, 10, 1);
  OK(aclrtMemPoolGetAttr(pool, ACL_RT_MEM_POOL_ATTR_USED_MEM_CURRENT, &value));
  CHECK(value >= 4 << 20);
  OK(aclrtSynchronizeStream(stream));
  CHECK(word(first) == 51);
  OK(aclrtMemPoolFreeAsync(first, stream));
  OK(aclrtMemPoolMallocAsync(&second, 4 << 20, pool, stream));
  CHECK(second == first); /* in its own order it is there at once */
  EXPECT(ACL_ERROR_RT_DEVICE_OOM, aclrtMemPoolMallocAsync(&third, 80 << 20, pool, other));
  OK(aclrtMemPoolFreeAsync(second, stream));
  OK(aclrtSynchronizeStream(stream));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemPoolFreeAsync(second, stream));
  OK(aclrtMemPoolMallocAsync(&third, 4 << 20, pool, other));
  CHECK(third == second); /* the stream has come to where it gave it back */
  OK(aclrtMemPoolFreeAsync(third, other));
  OK(aclrtSynchronizeStream(other));
  OK(aclrtMemPoolGetAttr(pool, ACL_RT_MEM_POOL_ATTR_USED_MEM_CURRENT, &value));
  CHECK(value == 0);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemPoolMallocAsync(&first, 0, pool, stream));
  OK(aclrtMemPoolGetAttr(pool, ACL_RT_MEM_POOL_ATTR_RESERVED_MEM_CURRENT, &value));
  CHECK(value >= 4 << 20);
  OK(aclrtMemPoolTrimTo(pool, 0));
  OK(aclrtMemPoolGetAttr(pool, ACL_RT_MEM_POOL_ATTR_RESERVED_MEM_CURRENT, &value));
  CHECK(value == 0);
  uint64_t keep = 1 << 20;
  OK(aclrtMemPoolSetAttr(pool, ACL_RT_MEM_POOL_ATTR_RELEASE_THRESHOLD, &keep));
  OK(aclrtMemPoolGetAttr(pool, ACL_RT_MEM_POOL_ATTR_RELEASE_THRESHOLD, &value));
  CHECK(value == keep);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemPoolSetAttr(pool, ACL_RT_MEM_POOL_ATTR_USED_MEM_CURRENT, &keep));
  OK(aclrtMemPoolDestroy(pool));
  EXPECT(ACL_ERROR_RT_INVALID_HANDLE, aclrtMemPoolDestroy(pool));
  OK(aclrtDestroyStream(stream));
  OK(aclrtDestroyStream(other));
}

static void *take(void *object, size_t size) { return (char *)object + size; }
static void give(void *object, void *block) { (void)object, (void)block; }
static void *address(void *block) { return block; }

static void allocators(void) {
  aclrtStream stream = new_stream();
  char object[64];
  aclrtAllocatorDesc description = aclrtAllocatorCreateDesc(), found = NULL;
  aclrtAllocator whose = NULL;
  aclrtAllocatorAllocFunc function = NULL;
  aclrtAllocatorFreeFunc release = NULL;
  aclrtAllocatorAllocAdviseFunc advise = NULL;
  aclrtAllocatorGetAddrFromBlockFunc where = NULL;
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtAllocatorRegister(stream, description));
  OK(aclrtAllocatorSetObjToDesc(description, object));
  OK(aclrtAllocatorSetAllocFuncToDesc(description, take));
  OK(aclrtAllocatorSetFreeFuncToDesc(description, give));
  OK(aclrtAllocatorSetGetAddrFromBlockFuncToDesc(description, address));
  OK(aclrtAllocatorRegister(stream, description));
  OK(aclrtAllocatorGetByStream(stream, &found, &whose, &function, &release, &advise, &where));
  CHECK(found == description && whose == (void *)object && function(whose, 5) == object + 5);
  OK(aclrtAllocatorUnregister(stream));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtAllocatorGetByStream(stream, &found, &whose, &function, &release, &advise, &where));
  OK(aclrtAllocatorDestroyDesc(description));
  OK(aclrtDestroyStream(stream));
}

int main(int argc, char **argv) {
  static const group groups[] = {
    {"rows", rows},
    {"pieces", pieces},
    {"described", described},
    {"by address", by_address},
    {"described prefetches", described_prefetches},
    {"reductions", reductions},
    {"random numbers", randoms},
    {"kinds of memory", kinds},
    {"pools", pools},
    {"allocators", allocators},
  };
  start(argc, argv);
  (void)RUN_GROUPS(groups, argc, argv);
  end();
  return 0;
}
