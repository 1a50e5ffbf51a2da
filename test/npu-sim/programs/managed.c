/* Memory that host and devices share by page: what is advised of it, what is prefetched, and what is said of both. */
#include "check.h"

#define PAGE (2u << 20)
#define NOWHERE (-2)
#define ON_HOST (-1)

static const aclrtMemManagedLocation device = {ACL_MEM_LOCATIONTYPE_DEVICE, 0};
static const aclrtMemManagedLocation host = {ACL_MEM_LOCATIONTYPE_HOST, 77};
static const aclrtMemManagedLocation node = {ACL_MEM_LOCATIONTYPE_HOST_NUMA, 3};
static const aclrtMemManagedLocation invalid = {ACL_MEM_LOCATIONTYPE_INVALID, 0};

static char *pages(size_t count) {
  void *memory = NULL;
  OK(aclrtMemAllocManaged(&memory, count * PAGE, ACL_RT_MEM_ATTACH_GLOBAL));
  return memory;
}

static int attribute(aclrtMemManagedRangeAttribute which, const void *memory, size_t bytes) {
  int value = 99;
  OK(aclrtMemManagedGetAttr(which, memory, bytes, &value, sizeof value));
  return value;
}
#define PREFERRED(memory, bytes) attribute(ACL_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION, memory, bytes)
#define PREFERRED_TYPE(memory, bytes) attribute(ACL_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_TYPE, memory, bytes)
#define READ_MOSTLY(memory, bytes) attribute(ACL_MEM_RANGE_ATTRIBUTE_READ_MOSTLY, memory, bytes)
#define PREFETCHED(memory, bytes) attribute(ACL_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION, memory, bytes)
#define PREFETCHED_TYPE(memory, bytes) attribute(ACL_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_TYPE, memory, bytes)

static void given(void) {
  void *memory = NULL, *base = NULL;
  size_t size = 0, before = free_hbm();
  OK(aclrtMemAllocManaged(&memory, PAGE + 1, ACL_RT_MEM_ATTACH_GLOBAL));
  OK(aclrtMemGetAddressRange(memory, &base, &size));
  CHECK(base == memory && size == 2 * PAGE);
  aclrtPtrAttributes what;
  OK(aclrtPointerGetAttributes(memory, &what));
  CHECK(what.location.type == ACL_MEM_LOCATION_TYPE_MANAGED);
  uint64_t *words = memory; /* host and device both use it */
  *words = 5;
  aclrtStream stream = new_stream();
  launch_mix(stream, words, 3, 1);
  OK(aclrtSynchronizeStream(stream));
  CHECK(*words == 16);
  OK(aclrtDestroyStream(stream));
  OK(aclrtFree(memory));
  CHECK(free_hbm() == before);
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemAllocManaged(&memory, PAGE, 0));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemAllocManaged(NULL, PAGE, ACL_RT_MEM_ATTACH_GLOBAL));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemAllocManaged(&memory, 0, ACL_RT_MEM_ATTACH_GLOBAL));
}

static void advised(void) {
  char *memory = pages(4);
  CHECK(READ_MOSTLY(memory, 4 * PAGE) == 0 && PREFERRED(memory, 4 * PAGE) == NOWHERE);
  CHECK(PREFERRED_TYPE(memory, 4 * PAGE) == ACL_MEM_LOCATIONTYPE_INVALID);
  OK(aclrtMemManagedAdvise(memory, 2 * PAGE, ACL_MEM_ADVISE_SET_READ_MOSTLY, invalid));
  CHECK(READ_MOSTLY(memory, 2 * PAGE) == 1 && READ_MOSTLY(memory, 2 * PAGE + 1) == 0 && READ_MOSTLY(memory + PAGE, 8) == 1);
  OK(aclrtMemManagedAdvise(memory, PAGE, ACL_MEM_ADVISE_UNSET_READ_MOSTLY, host));
  CHECK(READ_MOSTLY(memory, 2 * PAGE) == 0 && READ_MOSTLY(memory + PAGE, PAGE) == 1);
  OK(aclrtMemManagedAdvise(memory, 4 * PAGE, ACL_MEM_ADVISE_SET_PREFERRED_LOCATION, device));
  CHECK(PREFERRED(memory, 4 * PAGE) == 0 && PREFERRED_TYPE(memory, 4 * PAGE) == ACL_MEM_LOCATIONTYPE_DEVICE);
  CHECK(attribute(ACL_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_ID, memory, 4 * PAGE) == 0);
  OK(aclrtMemManagedAdvise(memory + PAGE, PAGE, ACL_MEM_ADVISE_SET_PREFERRED_LOCATION, host));
  CHECK(PREFERRED(memory, 4 * PAGE) == NOWHERE && PREFERRED_TYPE(memory, 4 * PAGE) == ACL_MEM_LOCATIONTYPE_INVALID);
  CHECK(PREFERRED(memory + PAGE, PAGE) == ON_HOST && PREFERRED_TYPE(memory + PAGE, PAGE) == ACL_MEM_LOCATIONTYPE_HOST);
  OK(aclrtMemManagedAdvise(memory, PAGE, ACL_MEM_ADVISE_SET_PREFERRED_LOCATION, node));
  CHECK(PREFERRED(memory, PAGE) == 3 && PREFERRED_TYPE(memory, PAGE) == ACL_MEM_LOCATIONTYPE_HOST_NUMA);
  aclrtMemManagedLocation here = {ACL_MEM_LOCATIONTYPE_HOST_NUMA_CURRENT, -9};
  OK(aclrtMemManagedAdvise(memory, PAGE, ACL_MEM_ADVISE_SET_PREFERRED_LOCATION, here));
  CHECK(PREFERRED(memory, PAGE) >= 0 && PREFERRED_TYPE(memory, PAGE) == ACL_MEM_LOCATIONTYPE_HOST_NUMA);
  OK(aclrtMemManagedAdvise(memory, 4 * PAGE, ACL_MEM_ADVISE_UNSET_PREFERRED_LOCATION, invalid));
  CHECK(PREFERRED(memory, PAGE) == NOWHERE && PREFERRED(memory + 3 * PAGE, PAGE) == NOWHERE);
  OK(aclrtFree(memory));
  char *again = pages(4); /* nothing is left of what was advised before */
  CHECK(READ_MOSTLY(again, 4 * PAGE) == 0);
  OK(aclrtFree(again));
}

static void accessed(void) {
  char *memory = pages(2);
  int who[4] = {9, 9, 9, 9};
  OK(aclrtMemManagedAdvise(memory, 2 * PAGE, ACL_MEM_ADVISE_SET_ACCESSED_BY, device));
  OK(aclrtMemManagedAdvise(memory, PAGE, ACL_MEM_ADVISE_SET_ACCESSED_BY, host));
  OK(aclrtMemManagedGetAttr(ACL_MEM_RANGE_ATTRIBUTE_ACCESSED_BY, memory, 2 * PAGE, who, sizeof who));
  CHECK(who[0] == 0 && who[1] == NOWHERE && who[2] == NOWHERE && who[3] == NOWHERE);
  OK(aclrtMemManagedGetAttr(ACL_MEM_RANGE_ATTRIBUTE_ACCESSED_BY, memory, PAGE, who, 3 * sizeof *who));
  CHECK(((who[0] == 0 && who[1] == ON_HOST) || (who[0] == ON_HOST && who[1] == 0)) && who[2] == NOWHERE);
  OK(aclrtMemManagedAdvise(memory, PAGE, ACL_MEM_ADVISE_UNSET_ACCESSED_BY, device));
  OK(aclrtMemManagedGetAttr(ACL_MEM_RANGE_ATTRIBUTE_ACCESSED_BY, memory, PAGE, who, sizeof *who));
  CHECK(who[0] == ON_HOST);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedGetAttr(ACL_MEM_RANGE_ATTRIBUTE_ACCESSED_BY, memory, PAGE, who, 6));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedGetAttr(ACL_MEM_RANGE_ATTRIBUTE_ACCESSED_BY, memory, PAGE, who, 0));
  OK(aclrtFree(memory));
}

static void asked_at_once(void) {
  char *memory = pages(1);
  OK(aclrtMemManagedAdvise(memory, PAGE, ACL_MEM_ADVISE_SET_PREFERRED_LOCATION, host));
  OK(aclrtMemManagedAdvise(memory, PAGE, ACL_MEM_ADVISE_SET_READ_MOSTLY, host));
  aclrtMemManagedRangeAttribute which[3] = {ACL_MEM_RANGE_ATTRIBUTE_READ_MOSTLY, ACL_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION, ACL_MEM_RANGE_ATTRIBUTE_ACCESSED_BY};
  int mostly = 9, preferred = 9, who[2] = {9, 9};
  void *data[3] = {&mostly, &preferred, who};
  size_t sizes[3] = {sizeof mostly, sizeof preferred, sizeof who};
  OK(aclrtMemManagedGetAttrs(which, 3, memory, PAGE, data, sizes));
  CHECK(mostly == 1 && preferred == ON_HOST && who[0] == NOWHERE && who[1] == NOWHERE);
  sizes[1] = 8;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedGetAttrs(which, 3, memory, PAGE, data, sizes));
  which[2] = (aclrtMemManagedRangeAttribute)9;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedGetAttrs(which, 3, memory, PAGE, data, sizes));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemManagedGetAttrs(NULL, 3, memory, PAGE, data, sizes));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemManagedGetAttrs(which, 3, memory, 0, data, sizes));
  OK(aclrtFree(memory));
}

static void prefetched(void) {
  aclrtStream stream = new_stream();
  char *memory = pages(4);
  CHECK(PREFETCHED(memory, PAGE) == NOWHERE && PREFETCHED_TYPE(memory, PAGE) == ACL_MEM_LOCATIONTYPE_INVALID);
  launch_mix(stream, (uint64_t *)memory, 0, 7);
  OK(aclrtMemManagedPrefetchAsync(memory, 4 * PAGE, host, 0, stream));
  OK(aclrtSynchronizeStream(stream));
  CHECK(*(uint64_t *)memory == 7);
  CHECK(PREFETCHED(memory, 4 * PAGE) == ON_HOST && PREFETCHED_TYPE(memory, 4 * PAGE) == ACL_MEM_LOCATIONTYPE_HOST);
  OK(aclrtMemManagedPrefetchAsync(memory, PAGE, device, 0, stream));
  OK(aclrtSynchronizeStream(stream));
  CHECK(PREFETCHED(memory, PAGE) == 0 && PREFETCHED(memory, 2 * PAGE) == NOWHERE && PREFETCHED(memory + PAGE, PAGE) == ON_HOST);
  CHECK(attribute(ACL_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_ID, memory, PAGE) == 0);
  /* Addresses are the driver's to check, which nobody is told of. */
  OK(aclrtMemManagedPrefetchAsync(&stream, PAGE, device, 0, stream));
  OK(aclrtMemManagedPrefetchAsync(memory + 3 * PAGE, 100, device, 0, stream));
  OK(aclrtMemManagedPrefetchAsync(memory, PAGE, host, 0, NULL));
  OK(aclrtSynchronizeStream(stream));
  OK(aclrtSynchronizeStream(NULL));
  CHECK(PREFETCHED(memory, 4 * PAGE) == ON_HOST);
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemManagedPrefetchAsync(memory, 0, device, 0, stream));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemManagedPrefetchAsync(memory, PAGE, device, 1, stream));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedPrefetchAsync(memory, PAGE, invalid, 0, stream));
  aclrtMemManagedLocation none = {ACL_MEM_LOCATIONTYPE_DEVICE, 99};
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedPrefetchAsync(memory, PAGE, none, 0, stream));
  OK(aclrtFree(memory));
  OK(aclrtDestroyStream(stream));
}

static void prefetched_in_pieces(void) {
  aclrtStream stream = new_stream();
  char *memory = pages(4);
  const void *from[3] = {memory, memory + PAGE, memory + 2 * PAGE};
  size_t sizes[3] = {PAGE, PAGE, 2 * PAGE}, indexes[2] = {0, 2};
  aclrtMemManagedLocation places[2] = {device, host};
  OK(aclrtMemManagedPrefetchBatchAsync(from, sizes, 3, places, indexes, 2, 0, stream));
  memset(places, 0, sizeof places); /* the arrays are the caller's again */
  memset(from, 0, sizeof from);
  OK(aclrtSynchronizeStream(stream));
  CHECK(PREFETCHED(memory, 2 * PAGE) == 0 && PREFETCHED(memory + 2 * PAGE, 2 * PAGE) == ON_HOST);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedPrefetchBatchAsync(from, sizes, 3, places, indexes, 2, 0, stream));
  for (int i = 0; i < 3; i++) from[i] = memory + i * PAGE;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedPrefetchBatchAsync(from, sizes, 3, places, indexes, 2, 0, stream)); /* no places */
  places[0] = places[1] = device;
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemManagedPrefetchBatchAsync(from, sizes, 1, places, indexes, 2, 0, stream));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemManagedPrefetchBatchAsync(from, sizes, 0, places, indexes, 0, 0, stream));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemManagedPrefetchBatchAsync(from, sizes, 3, places, indexes, 2, 1, stream));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemManagedPrefetchBatchAsync(from, NULL, 3, places, indexes, 2, 0, stream));
  indexes[1] = 3;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedPrefetchBatchAsync(from, sizes, 3, places, indexes, 2, 0, stream));
  indexes[1] = 0;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedPrefetchBatchAsync(from, sizes, 3, places, indexes, 2, 0, stream));
  indexes[0] = 1;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedPrefetchBatchAsync(from, sizes, 3, places, indexes, 1, 0, stream));
  OK(aclrtFree(memory));
  OK(aclrtDestroyStream(stream));
}

/* Every run of a graph prefetches again. */
static void prefetched_by_graphs(void) {
  aclrtStream stream = new_stream();
  char *memory = pages(1);
  aclmdlRI graph = NULL;
  OK(aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  OK(aclrtMemManagedPrefetchAsync(memory, PAGE, host, 0, stream));
  OK(aclmdlRICaptureEnd(stream, &graph));
  CHECK(PREFETCHED(memory, PAGE) == NOWHERE);
  for (int i = 0; i < 2; i++) {
    OK(aclrtMemManagedPrefetchAsync(memory, PAGE, device, 0, stream));
    OK(aclmdlRIExecuteAsync(graph, stream));
    OK(aclrtSynchronizeStream(stream));
    CHECK(PREFETCHED(memory, PAGE) == ON_HOST);
  }
  OK(aclmdlRIDestroy(graph));
  OK(aclrtFree(memory));
  OK(aclrtDestroyStream(stream));
}

static void refused(void) {
  char *memory = pages(2);
  uint64_t *plain = device_words(1 << 20);
  int value = 0;
  aclrtMemManagedLocation none = {ACL_MEM_LOCATIONTYPE_DEVICE, -1}, no_node = {ACL_MEM_LOCATIONTYPE_HOST_NUMA, -1};
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedAdvise(plain, PAGE, ACL_MEM_ADVISE_SET_READ_MOSTLY, host));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedAdvise(memory, 3 * PAGE, ACL_MEM_ADVISE_SET_READ_MOSTLY, host));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedAdvise(memory, 100, ACL_MEM_ADVISE_SET_READ_MOSTLY, host));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedAdvise(memory, PAGE, (aclrtMemManagedAdviseType)6, host));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedAdvise(memory, PAGE, ACL_MEM_ADVISE_SET_READ_MOSTLY, none));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedAdvise(memory, PAGE, ACL_MEM_ADVISE_SET_PREFERRED_LOCATION, invalid));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedAdvise(memory, PAGE, ACL_MEM_ADVISE_SET_ACCESSED_BY, no_node));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemManagedAdvise(memory, 0, ACL_MEM_ADVISE_SET_READ_MOSTLY, host));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemManagedAdvise(NULL, PAGE, ACL_MEM_ADVISE_SET_READ_MOSTLY, host));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedGetAttr(ACL_MEM_RANGE_ATTRIBUTE_READ_MOSTLY, plain, PAGE, &value, sizeof value));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedGetAttr((aclrtMemManagedRangeAttribute)0, memory, PAGE, &value, sizeof value));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedGetAttr(ACL_MEM_RANGE_ATTRIBUTE_READ_MOSTLY, memory, PAGE, &value, 1));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemManagedGetAttr(ACL_MEM_RANGE_ATTRIBUTE_READ_MOSTLY, memory, 0, &value, sizeof value));
  EXPECT(ACL_ERROR_INVALID_PARAM, aclrtMemManagedGetAttr(ACL_MEM_RANGE_ATTRIBUTE_READ_MOSTLY, memory, PAGE, NULL, sizeof value));
  OK(aclrtFree(memory));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, aclrtMemManagedAdvise(memory, PAGE, ACL_MEM_ADVISE_SET_READ_MOSTLY, host));
  OK(aclrtFree(plain));
}

int main(int argc, char **argv) {
  static const group groups[] = {
    {"given", given},
    {"advised", advised},
    {"accessed", accessed},
    {"asked at once", asked_at_once},
    {"prefetched", prefetched},
    {"prefetched in pieces", prefetched_in_pieces},
    {"prefetched by graphs", prefetched_by_graphs},
    {"refused", refused},
  };
  start(argc, argv);
  (void)RUN_GROUPS(groups, argc, argv);
  end();
  return 0;
}
