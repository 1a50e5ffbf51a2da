/* One process works on while others on its machine are killed: at random moments, or (library built with
 * SIM_CRASH_POINTS) at a given point of their changes to the machine. After each death everything they held is back,
 * and a kernel alone takes the time that it takes alone: no ghost is left on the device.
 *
 *   shared_kill KERNELS random ROUNDS SEED      shared_kill KERNELS points FIRST STEP      (victim: by itself) */
#include <fcntl.h>
#include <time.h>

#include "peer.h"

#define GIB (1ull << 30)
#define MIB (1ull << 20)

typedef struct {
  aclrtIpcEventHandle parents, childs; /* recorded by the parent, by the victim */
  char key[65];
} shared_things;

static uint64_t random_state;
static uint32_t any(uint32_t below) {
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(random_state >> 33) % below;
}

/* Some of everything that changes the machine. */
static void act(aclrtStream *streams, uint64_t *data, aclrtEvent parents, aclrtEvent childs, const char *key) {
  static void *held[4];
  uint32_t which = any(4);
  aclrtStream stream = streams[any(3)];
  switch (any(12)) {
    case 0:
    case 1:
      if (held[which] != NULL) OK(aclrtFree(held[which]));
      held[which] = NULL;
      OK(aclrtMalloc(&held[which], (1 + any(64)) * MIB, ACL_MEM_MALLOC_HUGE_FIRST));
      break;
    case 2:
      OK(aclrtRecordEvent(childs, stream));
      break;
    case 3:
      OK(aclrtStreamWaitEvent(stream, parents));
      break;
    case 4: {
      aclrtEvent event = new_event();
      OK(aclrtRecordEvent(event, stream));
      OK(aclrtStreamWaitEvent(streams[any(3)], event));
      OK(aclrtDestroyEvent(event));
      break;
    }
    case 5:
      OK(aclrtSynchronizeStream(stream));
      break;
    case 6: {
      void *theirs = NULL;
      OK(aclrtIpcMemImportByKey(&theirs, key, 0));
      OK(aclrtIpcMemClose(key));
      break;
    }
    case 7: {
      char own[65];
      OK(aclrtIpcMemGetExportKey(data, 8, own, sizeof own, ACL_RT_IPC_MEM_EXPORT_FLAG_DISABLE_PID_VALIDATION));
      if (which > 0) OK(aclrtIpcMemClose(own));
      break;
    }
    case 8: {
      aclrtEvent event = NULL;
      OK(aclrtCreateEventExWithFlag(&event, ACL_EVENT_IPC));
      OK(aclrtRecordEvent(event, stream));
      OK(aclrtDestroyEvent(event));
      break;
    }
    case 9:
      if (which == 0) {
        OK(aclrtDestroyStreamForce(streams[2]));
        streams[2] = new_stream();
      }
      break;
    default:
      launch_mix_on(stream, 48, data + 1 + any(8), 1, 1, 1, (npu_sim_work){any(1000000), 0, any(20000000), 0});
      break;
  }
}

/* Says that it is there, then acts until it is killed; `actions` 0: without end. */
static int victim(int argc, char **argv, uint64_t actions) {
  shared_things things;
  peer_in = 0;
  peer_out = 1;
  take(&things, sizeof things);
  start(argc, argv);
  aclrtEvent parents = NULL, childs = NULL;
  OK(aclrtIpcOpenEventHandle(things.parents, &parents));
  OK(aclrtIpcOpenEventHandle(things.childs, &childs));
  aclrtStream streams[3] = {new_stream(), new_stream(), new_stream()};
  uint64_t *data = device_words(16);
  /* Years on the device: whoever forgets it after the death slows the others down for good. */
  launch_mix_on(new_stream(), 48, data + 9, 1, 1, 1, (npu_sim_work){0, 0, UINT64_MAX / 4, 0});
  if (actions == 0) give("r", 1);
  for (uint64_t i = 0; actions == 0 || i < actions; i++) act(streams, data, parents, childs, things.key);
  OK(aclrtResetDeviceForce(0));
  return 0;
}

static pid_t start_victim(char **argv, const char *mode, uint64_t seed, const shared_things *things) {
  int down[2], up[2];
  CHECK(pipe2(down, O_CLOEXEC) == 0 && pipe2(up, O_CLOEXEC) == 0);
  char text[32];
  snprintf(text, sizeof text, "%llu", (unsigned long long)seed);
  fflush(stdout);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    dup2(down[0], 0);
    dup2(up[1], 1);
    if (strcmp(mode, "points") == 0) setenv("SIM_CRASH_AT", text, 1);
    execl("/proc/self/exe", argv[0], argv[1], "victim", mode, text, (char *)NULL);
    _exit(127);
  }
  close(down[0]);
  close(up[1]);
  peer_in = up[0];
  peer_out = down[1];
  give(things, sizeof *things);
  return child;
}

/* What has to hold whatever happened to the other. */
static void sound(size_t free_before, uint64_t *data, aclrtEvent begin, aclrtEvent end_event, aclrtStream stream) {
  CHECK(free_hbm() == free_before);
  /* Behind another kernel, so that the host's pace is not in it; again if the host was slower than that kernel. */
  bool in_time = false;
  for (uint64_t gate_bytes = 4000000000u; !in_time; gate_bytes *= 2) {
    CHECK(gate_bytes < 4000000000ull << 12);
    launch_mix_on(stream, 48, data, 1, 1, 1, (npu_sim_work){0, 0, gate_bytes, 0});
    OK(aclrtRecordEvent(begin, stream));
    launch_mix_on(stream, 48, data, 1, 1, 1, (npu_sim_work){0, 0, 1000000000, 0});
    OK(aclrtRecordEvent(end_event, stream));
    in_time = !complete(begin);
    OK(aclrtSynchronizeStreamWithTimeout(stream, 20000));
  }
  float ms = 0;
  OK(aclrtEventElapsedTime(&ms, begin, end_event));
  if (fabs(ms - 0.9514) > 0.001) printf("# alone it took %f ms\n", (double)ms);
  CHECK(fabs(ms - 0.9514) <= 0.001);
}

int main(int argc, char **argv) {
  CHECK(argc > 4);
  uint64_t first = strtoull(argv[3], NULL, 10), second = strtoull(argv[4], NULL, 10);
  if (strcmp(argv[2], "victim") == 0) {
    bool points = strcmp(argv[3], "points") == 0;
    random_state = points ? 1 : second;
    return victim(argc, argv, points ? 60 : 0);
  }
  bool points = strcmp(argv[2], "points") == 0;
  random_state = second;
  signal(SIGPIPE, SIG_IGN); /* a victim may die before it reads */
  start(argc, argv);
  aclrtStream stream = new_stream(), other = new_stream();
  aclrtEvent begin = new_event(), end_event = new_event(), parents = NULL, childs = NULL;
  uint64_t *data = device_words(16);
  shared_things things;
  OK(aclrtCreateEventExWithFlag(&parents, ACL_EVENT_IPC));
  OK(aclrtCreateEventExWithFlag(&childs, ACL_EVENT_IPC));
  OK(aclrtIpcGetEventHandle(parents, &things.parents));
  OK(aclrtIpcGetEventHandle(childs, &things.childs));
  OK(aclrtIpcMemGetExportKey(data, 64, things.key, sizeof things.key, ACL_RT_IPC_MEM_EXPORT_FLAG_DISABLE_PID_VALIDATION));
  size_t before = free_hbm();
  uint64_t expected = 0, deaths = 0;
  for (uint64_t round = 0; points || round < first; round++) {
    pid_t child = start_victim(argv, argv[2], points ? first + round * second : second + round, &things);
    bool early = !points && any(4) == 0; /* also while it joins */
    char ready;
    if (!points && !early) CHECK(read(peer_in, &ready, 1) == 1);
    struct timespec pause_for = {0, (long)any(8000000)};
    struct timespec started, now;
    clock_gettime(CLOCK_MONOTONIC, &started);
    int status = 0;
    for (;;) { /* work on until it is dead, or time to kill it */
      launch_mix_on(stream, 48, data + 8, 1, 1, 1, (npu_sim_work){0, 0, any(3000000), 0});
      OK(aclrtRecordEvent(parents, stream));
      OK(aclrtStreamWaitEvent(other, childs));
      launch_mix_on(other, 24, data + 9, 1, 1, 1, (npu_sim_work){any(1000000), 0, 1000, 0});
      expected++;
      OK(aclrtSynchronizeStreamWithTimeout(stream, 20000));
      if (points && waitpid(child, &status, WNOHANG) == child) break;
      clock_gettime(CLOCK_MONOTONIC, &now);
      int64_t gone_ns = (now.tv_sec - started.tv_sec) * 1000000000ll + now.tv_nsec - started.tv_nsec;
      if (!points && gone_ns > pause_for.tv_nsec) break;
    }
    if (!points) {
      CHECK(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child);
    }
    close(peer_in);
    close(peer_out);
    OK(aclrtSynchronizeStreamWithTimeout(other, 20000));
    sound(before, data, begin, end_event, stream);
    CHECK(word(data + 8) == expected && word(data + 9) == expected);
    if (points && WIFEXITED(status)) {
      CHECK(WEXITSTATUS(status) == 0); /* the script has no more points */
      break;
    }
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    deaths++;
  }
  CHECK(deaths > 0);
  printf("ok survived %llu deaths\n", (unsigned long long)deaths);
  end();
  return 0;
}
