/* Device times through the whole library, read from events: sharing of bandwidth and cores, overlap, copies beside
 * kernels. The bounds are the model's figures; run at FLEXNPU_SIM_SPEED=max, where the host is always ahead. */
#include <math.h>
#include <stdbool.h>

#include "check.h"

static const npu_sim_work gigabyte = {0, 0, 1000000000, 0};
static const npu_sim_work matmul = {200000000000, 0, 10000000, 0}; /* 200 Gop */

/* Time from `from` to `to` in ms. */
static double elapsed(aclrtEvent from, aclrtEvent to) {
  float ms = 0;
  OK(aclrtEventElapsedTime(&ms, from, to));
  return ms;
}

static bool near(double value, double expected, double tolerance) {
  if (fabs(value - expected) <= tolerance * expected) return true;
  printf("# %f, expected %f\n", value, expected);
  return false;
}

typedef struct {
  uint32_t blocks;
  npu_sim_work work;
} job;

/* Runs each job on a stream of its own, all from one start, and gives the time of each from the start. */
static void together(const job *jobs, int count, double *ms) {
  aclrtStream streams[4];
  aclrtEvent begin = new_event(), ends[4];
  uint64_t *data = device_words(4);
  aclrtStream gate = new_stream();
  /* All wait for one slow kernel, so that they start at the same device time. */
  launch_mix_on(gate, 48, data, 1, 1, 1, gigabyte);
  OK(aclrtRecordEvent(begin, gate));
  for (int i = 0; i < count; i++) {
    streams[i] = new_stream();
    ends[i] = new_event();
    OK(aclrtStreamWaitEvent(streams[i], begin));
    launch_mix_on(streams[i], jobs[i].blocks, data + i, 1, 1, 1, jobs[i].work);
    OK(aclrtRecordEvent(ends[i], streams[i]));
  }
  OK(aclrtSynchronizeDevice());
  for (int i = 0; i < count; i++) {
    ms[i] = elapsed(begin, ends[i]);
    OK(aclrtDestroyStream(streams[i]));
    OK(aclrtDestroyEvent(ends[i]));
  }
  OK(aclrtDestroyStream(gate));
  OK(aclrtDestroyEvent(begin));
  OK(aclrtFree(data));
}

static double alone(job one) {
  double ms = 0;
  together(&one, 1, &ms);
  return ms;
}

static void sharing(void) {
  double ms[4];
  double one = alone((job){48, gigabyte});
  CHECK(near(one, 0.9514, 0.002)); /* 1 GB at 0.6 * 1.6 TiB/s, 4 us launch */
  /* Two that are bound by bandwidth take about twice as long. */
  together((job[]){{48, gigabyte}, {48, gigabyte}}, 2, ms);
  CHECK(near(ms[0], 2 * one, 0.01) && near(ms[1], 2 * one, 0.01));
  /* So do two matmuls that each want all cores; two that want half each do not disturb each other. */
  double product = alone((job){24, matmul});
  CHECK(near(product, 0.7669, 0.002)); /* 200 G at 0.7 * 376 T/s, 7 us launch */
  together((job[]){{24, matmul}, {24, matmul}}, 2, ms);
  CHECK(near(ms[0], 2 * product, 0.02) && near(ms[1], 2 * product, 0.02));
  double half = alone((job){12, matmul});
  CHECK(near(half, 2 * product, 0.02));
  together((job[]){{12, matmul}, {12, matmul}}, 2, ms);
  CHECK(near(ms[0], half, 0.001) && near(ms[1], half, 0.001));
  /* A matmul beside a kernel bound by bandwidth: each nearly as fast as alone. */
  together((job[]){{24, matmul}, {48, gigabyte}}, 2, ms);
  CHECK(near(ms[0], product, 0.02) && near(ms[1], one, 0.02));
  /* Few cores cannot draw the whole bandwidth: 6 of 48 reach 0.125 / 0.28 of it. */
  CHECK(near(alone((job){6, gigabyte}), 0.9474 * 0.28 / 0.125 + 0.004, 0.002));
  /* With 0.28 of the cores all of it is reached. */
  CHECK(near(alone((job){14, gigabyte}), one, 0.002));
}

static void copies_beside(void) {
  enum { BYTES = 50000000 }; /* 50 MB: 2 ms at 25 GB/s */
  aclrtStream up = new_stream(), down = new_stream(), work = new_stream();
  unsigned char *host = NULL, *device = NULL;
  OK(aclrtMallocHost((void **)&host, 2 * BYTES));
  OK(aclrtMalloc((void **)&device, 2 * BYTES, ACL_MEM_MALLOC_HUGE_FIRST));
  uint64_t *data = device_words(1);
  aclrtEvent begin = new_event(), ends[3] = {new_event(), new_event(), new_event()};
  launch_mix_on(work, 48, data, 1, 1, 1, gigabyte);
  OK(aclrtRecordEvent(begin, work));
  OK(aclrtStreamWaitEvent(up, begin));
  OK(aclrtStreamWaitEvent(down, begin));
  OK(aclrtMemcpyAsync(device, BYTES, host, BYTES, ACL_MEMCPY_HOST_TO_DEVICE, up));
  OK(aclrtMemcpyAsync(host + BYTES, BYTES, device + BYTES, BYTES, ACL_MEMCPY_DEVICE_TO_HOST, down));
  launch_mix_on(work, 24, data, 1, 1, 1, matmul);
  OK(aclrtRecordEvent(ends[0], up));
  OK(aclrtRecordEvent(ends[1], down));
  OK(aclrtRecordEvent(ends[2], work));
  OK(aclrtSynchronizeDevice());
  /* Both directions and the cores at once, none slower for the others. */
  CHECK(near(elapsed(begin, ends[0]), 2.002, 0.001));
  CHECK(near(elapsed(begin, ends[1]), 2.002, 0.001));
  CHECK(near(elapsed(begin, ends[2]), 0.7669, 0.002));
  /* Two copies one way share the engine. */
  OK(aclrtRecordEvent(begin, up));
  OK(aclrtStreamWaitEvent(down, begin));
  OK(aclrtMemcpyAsync(device, BYTES, host, BYTES, ACL_MEMCPY_HOST_TO_DEVICE, up));
  OK(aclrtMemcpyAsync(device + BYTES, BYTES, host, BYTES, ACL_MEMCPY_HOST_TO_DEVICE, down));
  OK(aclrtRecordEvent(ends[0], up));
  OK(aclrtRecordEvent(ends[1], down));
  OK(aclrtSynchronizeDevice());
  CHECK(elapsed(begin, ends[0]) > 3.9 && elapsed(begin, ends[1]) > 3.9);
  OK(aclrtFreeHost(host));
}

static void launch_gap(void) {
  /* A queue of small kernels: each its 2 us gap, 2 us fixed cost and its work. */
  aclrtStream stream = new_stream();
  aclrtEvent begin = new_event(), end = new_event();
  uint64_t *data = device_words(1);
  launch_mix_on(stream, 48, data, 1, 1, 1, gigabyte);
  OK(aclrtRecordEvent(begin, stream));
  for (int i = 0; i < 50; i++) launch_mix_on(stream, 48, data, 1, 1, 1, (npu_sim_work){0, 1540000, 0, 0});
  OK(aclrtRecordEvent(end, stream));
  OK(aclrtSynchronizeStream(stream));
  CHECK(near(elapsed(begin, end), 50 * 0.0041, 0.001)); /* 1.54 Mop at 0.7 * 22 T/s: 0.1 us */
}

int main(int argc, char **argv) {
  start(argc, argv);
  sharing();
  puts("ok sharing");
  copies_beside();
  puts("ok copies beside kernels");
  launch_gap();
  puts("ok launch gap");
  end();
  return 0;
}
