/* More than a shared machine holds of one process at a time: more streams than lanes, more operators than nodes, in one
 * stream and in many, with waits among them; everything still runs, in order. */
#include "peer.h"

enum { STREAMS = 300, DEEP = 12000 };

static aclrtStream streams[STREAMS];
static const npu_sim_work small = {0, 1000, 100000, 0};

/* All streams wait for one kernel, then for one another in a chain: data = data * 2 + i in the order of the chain. */
static void many_streams(uint64_t *data) {
  aclrtEvent events[STREAMS], begin = new_event();
  uint64_t expected = 1;
  set_word(data, 1);
  launch_mix_on(streams[0], 48, data + 1, 1, 1, 1, (npu_sim_work){0, 0, 20000000000u, 0});
  OK(aclrtRecordEvent(begin, streams[0]));
  /* Every stream has work of its own beside, so that all want a lane at once. */
  for (int i = 0; i < STREAMS; i++) {
    OK(aclrtStreamWaitEvent(streams[i], begin));
    launch_mix_on(streams[i], 1, data + 2 + i, 1, 1, 1, small);
  }
  for (int i = 0; i < STREAMS; i++) {
    events[i] = new_event();
    if (i > 0) OK(aclrtStreamWaitEvent(streams[i], events[i - 1]));
    launch_mix_on(streams[i], 1, data, 1, 2, (uint64_t)i, small);
    OK(aclrtRecordEvent(events[i], streams[i]));
    expected = expected * 2 + (uint64_t)i;
  }
  OK(aclrtSynchronizeStream(streams[STREAMS - 1]));
  CHECK(word(data) == expected);
  OK(aclrtSynchronizeDevice());
  for (int i = 0; i < STREAMS; i++) {
    CHECK(word(data + 2 + i) == 1);
    OK(aclrtDestroyEvent(events[i]));
  }
  OK(aclrtDestroyEvent(begin));
}

/* `count` launches a stream on the first `used` streams before anything is waited for. */
static void deep(uint64_t *data, int used, int count) {
  uint64_t expected = 0;
  for (int i = 0; i < used; i++) set_word(data + i, 0);
  for (int j = 0; j < count; j++) {
    expected = expected * 3 + (uint64_t)j;
    for (int i = 0; i < used; i++) launch_mix_on(streams[i], 1, data + i, 1, 3, (uint64_t)j, small);
  }
  OK(aclrtSynchronizeDevice());
  for (int i = 0; i < used; i++) CHECK(word(data + i) == expected);
}

/* A graph of more operators than a lane knows ahead, twice. */
static void long_graph(uint64_t *data) {
  aclmdlRI graph = NULL;
  set_word(data, 0);
  OK(aclmdlRICaptureBegin(streams[0], ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  for (int i = 0; i < 1500; i++) launch_mix_on(streams[0], 1, data, 1, 3, (uint64_t)i, small);
  OK(aclmdlRICaptureEnd(streams[0], &graph));
  uint64_t expected = 0;
  for (int run = 0; run < 2; run++) {
    OK(aclmdlRIExecuteAsync(graph, streams[0]));
    for (int i = 0; i < 1500; i++) expected = expected * 3 + (uint64_t)i;
  }
  OK(aclrtSynchronizeStream(streams[0]));
  CHECK(word(data) == expected);
  OK(aclmdlRIDestroy(graph));
}

int main(int argc, char **argv) {
  start(argc, argv);
  uint64_t *data = device_words(STREAMS + 2);
  for (int i = 0; i < STREAMS; i++) streams[i] = new_stream();
  many_streams(data);
  puts("ok many streams");
  deep(data, 1, DEEP);
  deep(data, 20, DEEP / 20);
  deep(data, STREAMS, 40);
  puts("ok deep queues");
  long_graph(data);
  puts("ok long graph");
  for (int i = 0; i < STREAMS; i++) {
    if (i % 2 == 0) launch_mix_on(streams[i], 1, data, 1, 1, 1, small);
    OK(aclrtDestroyStreamForce(streams[i]));
  }
  puts("ok streams that end in the middle");
  end();
  return 0;
}
