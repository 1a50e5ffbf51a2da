/* Not a test: measures what a launch costs the host and how much processor the simulator takes at a given rate.
 * rate KERNELS THREADS LAUNCHES_A_SECOND SECONDS; a rate of 0 launches back to back. Prints one JSON object. */
#include <pthread.h>
#include <sys/resource.h>
#include <time.h>

#include "check.h"

static double rate, seconds;
static aclrtFuncHandle mix_kernel;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

typedef struct {
  pthread_t thread;
  uint64_t launches;
  double in_call;
} worker;

static void *run(void *argument) {
  worker *w = argument;
  OK(aclrtSetDevice(0));
  aclrtStream stream = new_stream();
  uint64_t *data = device_words(1);
  mix_args args = {data, 1, 1, 1, {0, 1000, 1000, 0}};
  double begin = now(), end = begin + seconds;
  for (double t = begin; t < end; t = now()) {
    uint64_t due = rate == 0 ? w->launches + 64 : (uint64_t)((t - begin) * rate);
    double before = now();
    uint64_t batch = 0;
    while (w->launches < due && batch < 360) { /* a decode step has about this many operators */
      OK(aclrtLaunchKernelWithHostArgs(mix_kernel, 8, stream, NULL, &args, sizeof args, NULL, 0));
      w->launches++;
      batch++;
    }
    w->in_call += now() - before;
    if (rate != 0) OK(aclrtSynchronizeStream(stream));
    if (rate != 0 && batch < 360) {
      struct timespec nap = {0, 3000000};
      nanosleep(&nap, NULL);
    }
    if (rate == 0 && w->launches % 4096 == 0) OK(aclrtSynchronizeStream(stream));
  }
  OK(aclrtSynchronizeStream(stream));
  CHECK(*data == w->launches);
  return NULL;
}

int main(int argc, char **argv) {
  CHECK(argc == 5);
  start(argc, argv);
  mix_kernel = kernel("mix");
  int threads = atoi(argv[2]);
  CHECK(threads >= 1 && threads <= 16);
  rate = atof(argv[3]) / threads;
  seconds = atof(argv[4]);
  worker workers[16] = {0};
  double begin = now();
  for (int i = 0; i < threads; i++) pthread_create(&workers[i].thread, NULL, run, &workers[i]);
  uint64_t launches = 0;
  double in_call = 0;
  for (int i = 0; i < threads; i++) {
    pthread_join(workers[i].thread, NULL);
    launches += workers[i].launches;
    in_call += workers[i].in_call;
  }
  double wall = now() - begin;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  printf("{\"launches_per_s\": %.0f, \"launch_ns\": %.0f, \"cores\": %.2f}\n", (double)launches / wall, in_call * 1e9 / (double)launches, cpu / wall);
  return 0;
}
