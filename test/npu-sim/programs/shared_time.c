/* Two processes on one device take cores and bandwidth from each other exactly as two streams of one process do. Both
 * wait for one event behind a long kernel, so that they begin at the same device time; if the event came before both
 * were queued (a slow host) the round says nothing and is repeated with a longer kernel. */
#include "peer.h"

static const npu_sim_work gigabyte = {0, 0, 1000000000, 0};
static const npu_sim_work matmul = {200000000000, 0, 10000000, 0}; /* 200 Gop */

typedef struct {
  uint32_t blocks;
  npu_sim_work work;
  int count;
} job;

/* Time of `mine` in ms, while the other process runs its own job. */
static double beside(job mine) {
  aclrtStream work = new_stream(), gate_stream = new_stream();
  aclrtEvent begin = new_event(), end = new_event(), gate = common_event();
  uint64_t *data = device_words(2);
  for (uint64_t gate_bytes = 100000000000u;; gate_bytes *= 2) {
    CHECK(gate_bytes < 100000000000ull << 8);
    meet();
    if (peer != 0) {
      launch_mix_on(gate_stream, 48, data, 1, 1, 1, (npu_sim_work){0, 0, gate_bytes, 0});
      OK(aclrtRecordEvent(gate, gate_stream));
    }
    meet();
    OK(aclrtStreamWaitEvent(work, gate));
    OK(aclrtRecordEvent(begin, work));
    for (int i = 0; i < mine.count; i++) launch_mix_on(work, mine.blocks, data + 1, 1, 1, 1, mine.work);
    OK(aclrtRecordEvent(end, work));
    bool in_time = both(!complete(gate));
    OK(aclrtSynchronizeStream(work));
    if (in_time) break;
  }
  float ms = 0;
  OK(aclrtEventElapsedTime(&ms, begin, end));
  meet(); /* nobody begins the next round, or leaves, while the other still works */
  OK(aclrtFree(data));
  OK(aclrtDestroyEvent(begin));
  OK(aclrtDestroyEvent(end));
  OK(aclrtDestroyEvent(gate));
  OK(aclrtDestroyStream(work));
  OK(aclrtDestroyStream(gate_stream));
  return ms;
}

static void near(double value, double expected, double tolerance) {
  if (fabs(value - expected) <= tolerance * expected) return;
  printf("not ok %s: %f ms, expected %f\n", peer != 0 ? "parent" : "child", value, expected);
  exit(1);
}

/* Both run their job at once and check their own time. */
static void together(job parents, double parents_ms, job childs, double childs_ms) {
  double ms = beside(peer != 0 ? parents : childs);
  near(ms, peer != 0 ? parents_ms : childs_ms, 0.002);
}

int main(int argc, char **argv) {
  fork_peer();
  start(argc, argv);
  const job none = {1, {0, 0, 0, 0}, 0}, read = {48, gigabyte, 1}, product = {24, matmul, 1}, half = {12, matmul, 1};
  const double reads = 0.9514, products = 0.7669; /* alone, with launch: as in timing.c */
  together(read, reads, none, 0);
  together(none, 0, product, products);
  /* Bound by the same: each takes twice its work's time; the launch gap is not shared. */
  together(read, 2 * (reads - 0.004) + 0.004, read, 2 * (reads - 0.004) + 0.004);
  together(product, 2 * (products - 0.007) + 0.007, product, 2 * (products - 0.007) + 0.007);
  /* Half the cores each: nobody notices the other. */
  together(half, 2 * (products - 0.007) + 0.007, half, 2 * (products - 0.007) + 0.007);
  /* Bound by different things: each nearly as fast as alone (the matmul's 10 MB are the difference). */
  double ms = beside(peer != 0 ? product : read);
  near(ms, peer != 0 ? products : reads, 0.02);
  /* Queues of many kernels, as deep as serving makes them. */
  const job many = {48, gigabyte, 200};
  double each = 0.004 + (reads - 0.004);
  ms = beside(many);
  CHECK(ms > 200 * each * 1.9 && ms < 200 * each * 2.01);
  /* One ends early: the other has all from then on. */
  const job few = {48, gigabyte, 20};
  ms = beside(peer != 0 ? many : few);
  if (peer != 0) near(ms, 220 * each, 0.01);
  else CHECK(ms > 20 * each * 1.9 && ms < 20 * each * 2.01);
  if (peer != 0) puts("ok two processes share a device");
  end();
  if (peer != 0) end_of_peer();
  return 0;
}
