/* Queues of buffers: settings, order, full and empty, data with a part for the user, chains, ways between queues. */
#include <pthread.h>

#include "acl/acl_tdt_queue.h"
#include "check.h"

static uint32_t new_queue(uint32_t depth) {
  acltdtQueueAttr *attr = acltdtCreateQueueAttr();
  uint32_t number = UINT32_MAX;
  OK(acltdtSetQueueAttr(attr, ACL_TDT_QUEUE_DEPTH_UINT32, sizeof depth, &depth));
  OK(acltdtCreateQueue(attr, &number));
  OK(acltdtDestroyQueueAttr(attr));
  return number;
}

static void put(uint32_t queue, int32_t number) { OK(acltdtEnqueueData(queue, &number, sizeof number, NULL, 0, 0, 0)); }

static int32_t get(uint32_t queue) {
  int32_t number = -1;
  size_t bytes = 0;
  OK(acltdtDequeueData(queue, &number, sizeof number, &bytes, NULL, 0, 1000));
  CHECK(bytes == sizeof number);
  return number;
}

static void settings(void) {
  acltdtQueueAttr *attr = acltdtCreateQueueAttr();
  const char *name = "numbers", *told = NULL;
  char longer[200];
  const char *too_long = memset(longer, 'x', sizeof longer);
  longer[sizeof longer - 1] = '\0';
  uint32_t depth = 0;
  size_t bytes = 0;
  OK(acltdtSetQueueAttr(attr, ACL_TDT_QUEUE_NAME_PTR, sizeof name, &name));
  OK(acltdtGetQueueAttr(attr, ACL_TDT_QUEUE_NAME_PTR, sizeof told, &bytes, &told));
  CHECK(bytes == sizeof told && strcmp(told, "numbers") == 0);
  OK(acltdtGetQueueAttr(attr, ACL_TDT_QUEUE_DEPTH_UINT32, sizeof depth, &bytes, &depth));
  CHECK(bytes == sizeof depth && depth > 0);
  EXPECT(ACL_ERROR_INVALID_PARAM, acltdtSetQueueAttr(attr, ACL_TDT_QUEUE_NAME_PTR, sizeof too_long, &too_long));
  EXPECT(ACL_ERROR_INVALID_PARAM, acltdtSetQueueAttr(attr, ACL_TDT_QUEUE_DEPTH_UINT32, 8, &depth));
  EXPECT(ACL_ERROR_INVALID_PARAM, acltdtSetQueueAttr(attr, (acltdtQueueAttrType)77, sizeof depth, &depth));
  EXPECT(ACL_ERROR_INVALID_PARAM, acltdtGetQueueAttr(attr, ACL_TDT_QUEUE_DEPTH_UINT32, 2, &bytes, &depth));
  depth = 0;
  EXPECT(ACL_ERROR_INVALID_PARAM, acltdtSetQueueAttr(attr, ACL_TDT_QUEUE_DEPTH_UINT32, sizeof depth, &depth));
  OK(acltdtDestroyQueueAttr(attr));
  EXPECT(ACL_ERROR_INVALID_PARAM, acltdtDestroyQueueAttr(attr));
  EXPECT(ACL_ERROR_INVALID_PARAM, acltdtCreateQueue(attr, &depth));
}

static void full_and_empty(void) {
  uint32_t queue = new_queue(3);
  int32_t number = 7;
  size_t bytes = 0;
  for (int32_t i = 0; i < 3; i++) put(queue, i);
  EXPECT(ACL_ERROR_RT_QUEUE_FULL, acltdtEnqueueData(queue, &number, sizeof number, NULL, 0, 0, 0));
  EXPECT(ACL_ERROR_RT_QUEUE_FULL, acltdtEnqueueData(queue, &number, sizeof number, NULL, 0, 5, 0));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtDequeueData(queue, &number, 2, &bytes, NULL, 0, 0)); /* too small: it stays */
  for (int32_t i = 0; i < 3; i++) CHECK(get(queue) == i);
  EXPECT(ACL_ERROR_RT_QUEUE_EMPTY, acltdtDequeueData(queue, &number, sizeof number, &bytes, NULL, 0, 0));
  EXPECT(ACL_ERROR_RT_QUEUE_EMPTY, acltdtDequeueData(queue, &number, sizeof number, &bytes, NULL, 0, 5));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtDequeueData(queue, &number, sizeof number, &bytes, NULL, 0, -2));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtEnqueueData(queue, &number, 0, NULL, 0, 0, 0));
  put(queue, 1); /* goes with its queue */
  OK(acltdtDestroyQueue(queue));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtDestroyQueue(queue));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtEnqueueData(queue, &number, sizeof number, NULL, 0, 0, 0));
}

static void *produce(void *with) {
  for (int32_t i = 0; i < 5000; i++) OK(acltdtEnqueueData(*(uint32_t *)with, &i, sizeof i, NULL, 0, -1, 0));
  return NULL;
}

static void *wait_for_end(void *with) {
  acltdtBuf buffer = NULL;
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtDequeue(*(uint32_t *)with, &buffer, -1));
  return NULL;
}

static void threads(void) {
  uint32_t queue = new_queue(4);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, produce, &queue) == 0);
  for (int32_t i = 0; i < 5000; i++) CHECK(get(queue) == i);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK(pthread_create(&thread, NULL, wait_for_end, &queue) == 0);
  OK(acltdtDestroyQueue(queue)); /* who waits for it is not left waiting */
  CHECK(pthread_join(thread, NULL) == 0);
}

static void buffers(void) {
  uint32_t queue = new_queue(2), count = 0;
  acltdtBuf first = NULL, second = NULL, copy = NULL, taken = NULL;
  void *data = NULL, *again = NULL;
  size_t bytes = 0;
  char user[96] = "about it", told[96] = {0};
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtAllocBuf(0, ACL_TDT_NORMAL_MEM, &first));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtAllocBuf(64, 9, &first));
  OK(acltdtAllocBuf(4096, ACL_TDT_NORMAL_MEM, &first));
  OK(acltdtAllocBuf(64, ACL_TDT_DVPP_MEM, &second));
  OK(acltdtGetBufData(first, &data, &bytes));
  CHECK(bytes == 4096);
  memset(data, 3, bytes);
  OK(acltdtSetBufDataLen(first, 100));
  OK(acltdtGetBufDataLen(first, &bytes));
  CHECK(bytes == 100);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtSetBufDataLen(first, 4097));
  OK(acltdtSetBufUserData(first, user, 9, 40));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtSetBufUserData(first, user, 57, 40));
  OK(acltdtCopyBufRef(first, &copy));
  OK(acltdtGetBufData(copy, &again, &bytes));
  CHECK(again == data && copy != first);
  OK(acltdtAppendBufChain(first, second));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtAppendBufChain(first, second));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtAppendBufChain(first, first));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtFreeBuf(second)); /* goes with the chain */
  OK(acltdtEnqueue(queue, first, 0));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtFreeBuf(first)); /* the queue's */
  OK(acltdtDequeue(queue, &taken, 0));
  OK(acltdtGetBufChainNum(taken, &count));
  CHECK(count == 2);
  OK(acltdtGetBufFromChain(taken, 1, &again));
  CHECK(again == second);
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtGetBufFromChain(taken, 2, &again));
  OK(acltdtGetBufUserData(taken, told, 9, 40));
  CHECK(strcmp(told, "about it") == 0);
  OK(acltdtFreeBuf(taken));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtFreeBuf(taken));
  OK(acltdtGetBufData(copy, &data, &bytes)); /* the data lives as long as a buffer has it */
  CHECK(((unsigned char *)data)[4095] == 3);
  OK(acltdtFreeBuf(copy));
  OK(acltdtEnqueueData(queue, "data", 5, user, 96, 0, 0));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtEnqueueData(queue, "data", 5, user, 97, 0, 0));
  OK(acltdtDequeueData(queue, told, sizeof told, &bytes, user + 90, 6, 0));
  CHECK(bytes == 5 && strcmp(told, "data") == 0);
  OK(acltdtDestroyQueue(queue));
}

static acltdtQueueRouteList *ways(uint32_t from, uint32_t to) {
  acltdtQueueRouteList *list = acltdtCreateQueueRouteList();
  acltdtQueueRoute *route = acltdtCreateQueueRoute(from, to);
  OK(acltdtAddQueueRoute(list, route));
  OK(acltdtDestroyQueueRoute(route));
  return list;
}

static int32_t state_of(const acltdtQueueRouteList *list) {
  acltdtQueueRoute *route = acltdtCreateQueueRoute(0, 0);
  int32_t state = -1;
  size_t bytes = 0;
  OK(acltdtGetQueueRoute(list, 0, route));
  OK(acltdtGetQueueRouteParam(route, ACL_TDT_QUEUE_ROUTE_STATUS_INT32, sizeof state, &bytes, &state));
  OK(acltdtDestroyQueueRoute(route));
  return state;
}

static size_t found(acltdtQueueRouteQueryMode mode, uint32_t from, uint32_t to) {
  acltdtQueueRouteQueryInfo *info = acltdtCreateQueueRouteQueryInfo();
  acltdtQueueRouteList *list = acltdtCreateQueueRouteList();
  EXPECT(ACL_ERROR_INVALID_PARAM, acltdtQueryQueueRoutes(info, list)); /* of no mode */
  OK(acltdtSetQueueRouteQueryInfo(info, ACL_TDT_QUEUE_ROUTE_QUERY_MODE_ENUM, sizeof mode, &mode));
  OK(acltdtSetQueueRouteQueryInfo(info, ACL_TDT_QUEUE_ROUTE_QUERY_SRC_ID_UINT32, sizeof from, &from));
  OK(acltdtSetQueueRouteQueryInfo(info, ACL_TDT_QUEUE_ROUTE_QUERY_DST_ID_UINT32, sizeof to, &to));
  OK(acltdtQueryQueueRoutes(info, list));
  size_t count = acltdtGetQueueRouteNum(list);
  OK(acltdtDestroyQueueRouteList(list));
  OK(acltdtDestroyQueueRouteQueryInfo(info));
  return count;
}

static void routes(void) {
  uint32_t a = new_queue(2), b = new_queue(2), c = new_queue(4), d = new_queue(4);
  put(a, 1); /* there before the way is */
  acltdtQueueRouteList *to_b = ways(a, b), *to_c = ways(a, c), *on = ways(b, d), *circle = ways(d, a), *nowhere = ways(a, 999999);
  OK(acltdtBindQueueRoutes(to_c));
  CHECK(state_of(to_c) == ACL_TDT_QUEUE_ROUTE_BIND && get(c) == 1);
  OK(acltdtBindQueueRoutes(to_b));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtBindQueueRoutes(nowhere));
  CHECK(state_of(nowhere) == ACL_TDT_QUEUE_ROUTE_BIND_ABNORMAL);
  put(a, 2);
  put(a, 3);
  put(a, 4); /* b is full: it waits in a */
  CHECK(get(c) == 2 && get(c) == 3);
  OK(acltdtBindQueueRoutes(on)); /* b empties into d */
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtBindQueueRoutes(circle));
  CHECK(get(d) == 2 && get(d) == 3 && get(d) == 4 && get(c) == 4);
  CHECK(found(ACL_TDT_QUEUE_ROUTE_QUERY_SRC, a, 0) == 2 && found(ACL_TDT_QUEUE_ROUTE_QUERY_DST, 0, d) == 1);
  CHECK(found(ACL_TDT_QUEUE_ROUTE_QUERY_SRC_AND_DST, a, c) == 1 && found(ACL_TDT_QUEUE_ROUTE_QUERY_SRC_AND_DST, c, a) == 0);
  OK(acltdtUnbindQueueRoutes(to_c));
  EXPECT(ACL_ERROR_RT_PARAM_INVALID, acltdtUnbindQueueRoutes(to_c));
  put(a, 5);
  int32_t number = 0;
  size_t bytes = 0;
  EXPECT(ACL_ERROR_RT_QUEUE_EMPTY, acltdtDequeueData(c, &number, sizeof number, &bytes, NULL, 0, 0));
  CHECK(get(d) == 5 && found(ACL_TDT_QUEUE_ROUTE_QUERY_ABNORMAL, 0, 0) == 0);
  OK(acltdtDestroyQueue(d));
  CHECK(found(ACL_TDT_QUEUE_ROUTE_QUERY_ABNORMAL, 0, 0) == 1);
  put(b, 6); /* leads nowhere any more */
  CHECK(get(b) == 6);
  OK(acltdtUnbindQueueRoutes(on));
  OK(acltdtUnbindQueueRoutes(to_b));
  acltdtQueueRouteList *lists[] = {to_b, to_c, on, circle, nowhere};
  for (int i = 0; i < 5; i++) OK(acltdtDestroyQueueRouteList(lists[i]));
  EXPECT(ACL_ERROR_INVALID_PARAM, acltdtBindQueueRoutes(to_b));
  OK(acltdtDestroyQueue(a));
  OK(acltdtDestroyQueue(b));
  OK(acltdtDestroyQueue(c));
}

int main(int argc, char **argv) {
  static const group groups[] = {
    {"settings", settings}, {"full and empty", full_and_empty}, {"threads", threads}, {"buffers", buffers}, {"routes", routes},
  };
  start(argc, argv);
  (void)RUN_GROUPS(groups, argc, argv);
  end();
  return 0;
}
