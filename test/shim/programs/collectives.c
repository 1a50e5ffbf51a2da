/*
 * Collectives between launches, of several forms and in groups: what they do themselves takes its place between what was
 * issued before and after, whoever makes the call in the end. Arguments: kernel binary.
 */
#include <dlfcn.h>

#include "collectives.h"
#include "traps.h"

static void forms(trap_setup *t) {
  fake_comm comm = {t->k.append, t->log, new_stream(), new_event(), new_event()};
  for (uint64_t i = 1; i <= 10; i++) {
    uint64_t value = i * 100;
    append_many(t, t->stream, t->log, 3);
    EXPECT(HCCL_SUCCESS, HcclAllReduce(t->log, t->log, value, HCCL_DATA_TYPE_FP16, HCCL_REDUCE_SUM, &comm, t->stream));
    append_to(&t->k, t->stream, t->log, value + 10, 1000);
    uint64_t counts[2] = {value + 20, 0}, recv_counts[2] = {0, 1}, none[2] = {0};
    EXPECT(HCCL_SUCCESS, HcclAlltoAllV(t->log, counts, none, HCCL_DATA_TYPE_FP16, t->log, recv_counts, none,
                                       HCCL_DATA_TYPE_FP16, &comm, t->stream));
    counts[0] = recv_counts[1] = 0xeeee; /* read before it returned */
    HcclSendRecvItem items[2] = {{HCCL_SEND, t->log, value + 30, HCCL_DATA_TYPE_FP16, 1},
                                 {HCCL_RECV, t->log, value + 40, HCCL_DATA_TYPE_FP16, 1}};
    EXPECT(HCCL_SUCCESS, HcclBatchSendRecv(items, 2, &comm, t->stream));
    memset(items, 0xee, sizeof items);
    append_to(&t->k, t->stream, t->log, value + 50, 1000);
  }
  OK(aclrtSynchronizeStream(t->stream));
  print_log("forms", t->log);
}

/* Within a group collectives are only collected: they begin at its end. */
static void groups(trap_setup *t) {
  fake_comm comm = {t->k.append, t->log, new_stream(), new_event(), new_event()};
  for (uint64_t i = 1; i <= 5; i++) {
    append_many(t, t->stream, t->log, 2);
    EXPECT(HCCL_SUCCESS, HcclGroupStart());
    EXPECT(HCCL_SUCCESS, HcclAllReduce(t->log, t->log, i * 100, HCCL_DATA_TYPE_FP16, HCCL_REDUCE_SUM, &comm, t->stream));
    append_to(&t->k, t->stream, t->log, i * 100 + 10, 1000); /* before the collective of the group */
    EXPECT(HCCL_SUCCESS, HcclAllReduce(t->log, t->log, i * 100 + 20, HCCL_DATA_TYPE_FP16, HCCL_REDUCE_SUM, &comm, t->stream));
    EXPECT(HCCL_SUCCESS, HcclGroupEnd());
    append_to(&t->k, t->stream, t->log, i * 100 + 30, 1000);
  }
  EXPECT(HCCL_E_INTERNAL, HcclGroupEnd());
  OK(aclrtSynchronizeStream(t->stream));
  print_log("groups", t->log);
}

/* What the library does not have is not there, by whatever way it is looked up. */
static void absent(trap_setup *t) {
  (void)t;
  void *library = dlopen("libfake_hccl.so", RTLD_NOW | RTLD_NOLOAD);
  CHECK(library != NULL);
  printf("in the library: HcclAllReduce %d, HcclReduce %d\n", dlsym(library, "HcclAllReduce") != NULL, dlsym(library, "HcclReduce") != NULL);
  printf("anywhere: HcclAllReduce %d, HcclReduce %d", dlsym(RTLD_DEFAULT, "HcclAllReduce") != NULL, dlsym(RTLD_DEFAULT, "HcclReduce") != NULL);
  const char *why = dlerror();
  printf(", said %s\n", why != NULL && strstr(why, "HcclReduce") != NULL ? "so" : "nothing");
}

int main(int argc, char **argv) {
  static const trap traps[] = {{"forms", forms}, {"groups", groups}, {"absent", absent}};
  char *all[] = {argv[0], argc > 1 ? argv[1] : "", "forms", "groups", "absent"};
  return run_traps(5, all, traps, sizeof traps / sizeof *traps);
}
