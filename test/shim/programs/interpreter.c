/*
 * Runs a program that is given as text, and prints the code of every call and what memory holds at its end, so that two
 * runs can be compared line by line. Arguments: kernel binary, program. The first line of the program:
 *
 *     threads streams events notifies
 *
 * and then a step a line: `thread after operation numbers...`. Each thread takes its steps in their order, a step with
 * `after` >= 0 begins when that step's calls have returned. Steps `graph`, `renew` and some that are wrong are made while no
 * other thread is in a call. Every argument is spoiled as soon as its call returned. test/differential/programs.ts says what a step may be.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "program.h"

#define STEPS 1024
#define STREAMS 8
#define OBJECTS 8
#define NUMBERS 6
#define REGION 256
#define GONE 19 /* the case of `wrong` that uses a stream that is gone */

typedef struct step {
  uint32_t thread;
  int32_t after;
  char what[16];
  int64_t n[NUMBERS];
  aclError codes[8]; /* of its calls */
  int calls;
  uint8_t host[REGION]; /* what it brought from the device */
} step;

typedef struct arena {
  device_log logs[STREAMS];
  uint8_t regions[STREAMS][2][REGION];
  uint64_t slots[STEPS];
} arena;

typedef struct host_log {
  uint64_t count, digest;
} host_log;

typedef struct host_call {
  host_log *log;
  uint64_t value;
} host_call;

static step steps[STEPS];
static uint32_t count, threads, stream_count, event_count, notify_count;
static atomic_bool issued[STEPS];
static pthread_rwlock_t calls_lock = PTHREAD_RWLOCK_INITIALIZER;
static kernels k;
static arena *device;
static uint8_t *pinned; /* REGION bytes a step */
static aclrtStream streams[STREAMS];
static aclrtEvent events[OBJECTS];
static aclrtNotify notifies[OBJECTS];
static host_log host_logs[STREAMS]; /* written by functions of the host, one at a time a stream */
static host_call host_calls[STEPS];

static void code(step *s, aclError error) {
  CHECK(s->calls < 8);
  s->codes[s->calls++] = error;
}

static void run_on_host(void *with) {
  host_call *call = with;
  call->log->digest = (call->log->digest ^ call->value) * 0x100000001b3u + 1;
  call->log->count++;
}

static void launch(step *s, aclrtFuncHandle kernel, aclrtStream stream, const void *args, size_t bytes) {
  uint8_t passing[64];
  memcpy(passing, args, bytes);
  code(s, launch_spoiled(kernel, stream, passing, bytes));
}

static void append(step *s, aclrtStream stream, int64_t log, int64_t value, int64_t bytes) {
  append_args args = {&device->logs[log], (uint64_t)value, (uint64_t)bytes};
  launch(s, k.append, stream, &args, sizeof args);
}

static void append_with_config(step *s, aclrtStream stream) {
  device_log *log = &device->logs[s->n[0]];
  uint64_t value = (uint64_t)s->n[1], bytes = (uint64_t)s->n[2];
  aclrtArgsHandle handle = NULL;
  aclrtParamHandle param;
  code(s, aclrtKernelArgsInit(k.append, &handle));
  code(s, aclrtKernelArgsAppend(handle, &log, sizeof log, &param));
  code(s, aclrtKernelArgsAppend(handle, &value, sizeof value, &param));
  code(s, aclrtKernelArgsAppend(handle, &bytes, sizeof bytes, &param));
  code(s, aclrtKernelArgsFinalize(handle));
  code(s, aclrtLaunchKernelWithConfig(k.append, 8, stream, NULL, handle, NULL));
}

/* stream, region, value, 1 for pinned */
static void to_device(step *s, aclrtStream stream, uint8_t *kept) {
  uint8_t passing[REGION], *from = s->n[3] ? kept : passing;
  for (int i = 0; i < REGION; i++) from[i] = (uint8_t)(s->n[2] + i * 7);
  code(s, aclrtMemcpyAsync(device->regions[s->n[0]][s->n[1]], REGION, from, REGION, ACL_MEMCPY_HOST_TO_DEVICE, stream));
  memset(passing, 0xee, sizeof passing);
}

static void from_device(step *s, aclrtStream stream, uint8_t *kept) {
  uint8_t passing[REGION], *to = s->n[3] ? kept : passing;
  code(s, aclrtMemcpyAsync(to, REGION, device->regions[s->n[0]][s->n[1]], REGION, ACL_MEMCPY_DEVICE_TO_HOST, stream));
  if (!s->n[3]) memcpy(s->host, passing, REGION); /* done when it returned */
}

/* stream, how many appends, first value, times run */
static void graph(step *s, aclrtStream stream) {
  aclmdlRI model = NULL;
  code(s, aclmdlRICaptureBegin(stream, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  aclError worst = ACL_SUCCESS;
  for (int64_t i = 0; i < s->n[1]; i++) {
    append_args args = {&device->logs[s->n[0]], (uint64_t)(s->n[2] + i), 1000};
    aclError error = launch_spoiled(k.append, stream, &args, sizeof args);
    if (error != ACL_SUCCESS) worst = error;
  }
  code(s, worst);
  code(s, aclmdlRICaptureEnd(stream, &model));
  for (int64_t i = 0; i < s->n[3]; i++) {
    aclError error = aclmdlRIExecuteAsync(model, stream);
    if (error != ACL_SUCCESS) worst = error;
  }
  code(s, worst);
  code(s, aclrtSynchronizeStream(stream));
  code(s, aclmdlRIDestroy(model));
}

static void renew(step *s, aclrtStream *stream) {
  code(s, aclrtDestroyStream(*stream));
  code(s, aclrtCreateStreamWithConfig(stream, (uint32_t)s->n[1], 0));
}

static void memory(step *s) {
  void *there = NULL;
  uint8_t here[64], back[64];
  code(s, aclrtMalloc(&there, (size_t)s->n[0], ACL_MEM_MALLOC_HUGE_FIRST));
  memset(here, (int)s->n[1], sizeof here);
  code(s, aclrtMemcpy(there, (size_t)s->n[0], here, sizeof here, ACL_MEMCPY_HOST_TO_DEVICE));
  code(s, aclrtMemset(there, (size_t)s->n[0], (int)s->n[2], 32));
  code(s, aclrtMemcpy(back, sizeof back, there, sizeof back, ACL_MEMCPY_DEVICE_TO_HOST));
  memcpy(s->host, back, sizeof back);
  code(s, aclrtFree(there));
}

/* Calls that are wrong, each on a stream that works. */
static void wrong(step *s, aclrtStream stream) {
  uint8_t *region = device->regions[s->n[0]][0], here[REGION] = {0};
  append_args args = {&device->logs[s->n[0]], 1, 1};
  void *nowhere = NULL;
  aclrtStream gone = NULL;
  switch (s->n[1]) {
    case 0: code(s, aclrtMemcpyAsync(region, 8, here, 16, ACL_MEMCPY_HOST_TO_DEVICE, stream)); break;
    case 1: code(s, aclrtMemcpyAsync(NULL, 16, here, 16, ACL_MEMCPY_HOST_TO_DEVICE, stream)); break;
    case 2: code(s, aclrtMemsetAsync(region, 8, 1, 16, stream)); break;
    case 3: code(s, aclrtLaunchKernelWithHostArgs(NULL, 4, stream, NULL, &args, sizeof args, NULL, 0)); break;
    case 4: code(s, aclrtLaunchKernelWithHostArgs(k.append, 0, stream, NULL, &args, sizeof args, NULL, 0)); break;
    case 5: code(s, aclrtLaunchKernelWithHostArgs(k.append, 4, stream, NULL, NULL, sizeof args, NULL, 0)); break;
    case 6: code(s, aclrtRecordEvent(NULL, stream)); break;
    case 7: code(s, aclrtStreamWaitEvent(stream, NULL)); break;
    case 8: code(s, aclrtSynchronizeStreamWithTimeout(stream, -2)); break;
    case 9: code(s, aclrtMalloc(&nowhere, 0, ACL_MEM_MALLOC_HUGE_FIRST)); break;
    case 10: code(s, aclrtFree(NULL)); break;
    case 11: code(s, aclrtSetDevice(99)); break;
    case 12: code(s, aclrtDestroyStream(NULL)); break;
    case 13: code(s, aclrtMalloc(NULL, 64, ACL_MEM_MALLOC_HUGE_FIRST)); break;
    case 14: code(s, aclmdlRIExecuteAsync(NULL, stream)); break;
    case 15: code(s, aclrtMalloc(&nowhere, (size_t)1 << 46, ACL_MEM_MALLOC_HUGE_FIRST)); break;
    case 16: code(s, aclrtLaunchHostFunc(stream, NULL, NULL)); break;
    case 17: code(s, aclrtMemcpy(region, 8, here, 16, ACL_MEMCPY_HOST_TO_DEVICE)); break;
    case 18: code(s, aclmdlRICaptureEnd(stream, NULL)); break;
    default: /* GONE */
      code(s, aclrtCreateStream(&gone));
      code(s, aclrtDestroyStream(gone));
      code(s, aclrtLaunchKernelWithHostArgs(k.append, 4, gone, NULL, &args, sizeof args, NULL, 0));
      code(s, aclrtSynchronizeStream(gone));
  }
}

static void question(step *s, aclrtStream stream) {
  aclrtStreamStatus state;
  aclrtEventRecordedStatus recorded;
  uint32_t priority = 99;
  code(s, aclrtStreamQuery(stream, &state));
  code(s, aclrtQueryEventStatus(events[s->n[1]], &recorded));
  code(s, aclrtStreamGetPriority(stream, &priority));
  s->host[0] = (uint8_t)priority;
}

static bool is(const step *s, const char *what) { return strcmp(s->what, what) == 0; }
/* A stream that is gone may come back at its address, for another thread. */
static bool alone(const step *s) { return is(s, "graph") || is(s, "renew") || (is(s, "wrong") && s->n[1] >= GONE); }

/* n[0] is the stream of every step that has one. */
static void perform(step *s, uint32_t number) {
  aclrtStream *at = &streams[s->n[0] % STREAMS], stream = *at;
  device_log *log = &device->logs[s->n[0] % STREAMS];
  uint8_t *kept = pinned + (size_t)number * REGION;
  slot_args slot = {log, &device->slots[s->n[2] >= 0 && s->n[2] < STEPS ? s->n[2] : 0], (uint64_t)s->n[3]};
  if (is(s, "append")) append(s, stream, s->n[0], s->n[1], s->n[2]);
  else if (is(s, "config")) append_with_config(s, stream);
  else if (is(s, "memset")) code(s, aclrtMemsetAsync(device->regions[s->n[0]][s->n[1]], REGION, (int)s->n[2], REGION, stream));
  else if (is(s, "h2d")) to_device(s, stream, kept);
  else if (is(s, "d2h")) from_device(s, stream, kept);
  else if (is(s, "d2d"))
    code(s, aclrtMemcpyAsync(device->regions[s->n[0]][s->n[1]], REGION, device->regions[s->n[0]][1 - s->n[1]], REGION,
                             ACL_MEMCPY_DEVICE_TO_DEVICE, stream));
  else if (is(s, "digest")) {
    digest_args args = {log, device->regions[s->n[0]][s->n[1]], REGION, (uint64_t)s->n[2]};
    launch(s, k.digest, stream, &args, sizeof args);
  } else if (is(s, "record")) {
    launch(s, k.publish, stream, &slot, sizeof slot);
    code(s, aclrtRecordEvent(events[s->n[1]], stream));
  } else if (is(s, "wait")) {
    code(s, aclrtStreamWaitEvent(stream, events[s->n[1]]));
    if (s->n[2] >= 0) launch(s, k.absorb, stream, &slot, sizeof slot);
  } else if (is(s, "notify")) {
    launch(s, k.publish, stream, &slot, sizeof slot);
    code(s, aclrtRecordNotify(notifies[s->n[1]], stream));
  } else if (is(s, "await")) {
    aclError error = aclrtWaitAndResetNotify(notifies[s->n[1]], stream, 0);
    code(s, error);
    if (error == ACL_SUCCESS) launch(s, k.absorb, stream, &slot, sizeof slot);
  } else if (is(s, "reset")) code(s, aclrtResetEvent(events[s->n[1]], stream));
  else if (is(s, "host")) {
    host_calls[number] = (host_call){&host_logs[s->n[0]], (uint64_t)s->n[1]};
    code(s, aclrtLaunchHostFunc(stream, run_on_host, &host_calls[number]));
  } else if (is(s, "sync")) code(s, aclrtSynchronizeStream(stream));
  else if (is(s, "syncevent")) code(s, aclrtSynchronizeEvent(events[s->n[1]]));
  else if (is(s, "syncdevice")) code(s, aclrtSynchronizeDevice());
  else if (is(s, "question")) question(s, stream);
  else if (is(s, "memory")) memory(s);
  else if (is(s, "graph")) graph(s, stream);
  else if (is(s, "renew")) renew(s, at);
  else if (is(s, "wrong")) wrong(s, stream);
  else CHECK(!"a step that there is");
}

static void *run_thread(void *which) {
  uint32_t thread = (uint32_t)(uintptr_t)which;
  OK(aclrtSetDevice(0));
  for (uint32_t i = 0; i < count; i++) {
    step *s = &steps[i];
    if (s->thread != thread) continue;
    while (s->after >= 0 && !atomic_load(&issued[s->after])) sched_yield();
    CHECK((alone(s) ? pthread_rwlock_wrlock(&calls_lock) : pthread_rwlock_rdlock(&calls_lock)) == 0);
    perform(s, i);
    CHECK(pthread_rwlock_unlock(&calls_lock) == 0);
    atomic_store(&issued[i], true);
  }
  return NULL;
}

static void read_program(const char *path) {
  FILE *file = fopen(path, "r");
  CHECK(file != NULL);
  CHECK(fscanf(file, "%u %u %u %u\n", &threads, &stream_count, &event_count, &notify_count) == 4);
  CHECK(threads <= STREAMS && stream_count <= STREAMS && event_count <= OBJECTS && notify_count <= OBJECTS);
  char line[256];
  for (; fgets(line, sizeof line, file) != NULL && count < STEPS; count++) {
    step *s = &steps[count];
    long long n[NUMBERS] = {0};
    CHECK(sscanf(line, "%u %d %15s %lld %lld %lld %lld %lld %lld", &s->thread, &s->after, s->what, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5]) >= 3);
    for (int i = 0; i < NUMBERS; i++) s->n[i] = n[i];
  }
  fclose(file);
}

static void print_all(void) {
  static arena there;
  OK(aclrtMemcpy(&there, sizeof there, device, sizeof there, ACL_MEMCPY_DEVICE_TO_HOST));
  for (uint32_t i = 0; i < count; i++) {
    step *s = &steps[i];
    printf("%u %s:", i, s->what);
    for (int c = 0; c < s->calls; c++) printf(" %d", s->codes[c]);
    if (is(s, "d2h") && s->n[3]) memcpy(s->host, pinned + (size_t)i * REGION, REGION);
    printf(" %016llx\n", (unsigned long long)bytes_digest(s->host, REGION));
  }
  for (uint32_t s = 0; s < stream_count; s++) {
    const device_log *log = &there.logs[s];
    printf("stream %u: %llu values, digest %016llx, regions %016llx, host %llu %016llx\n", s, (unsigned long long)log->count,
           (unsigned long long)log->digest, (unsigned long long)bytes_digest(there.regions[s][0], sizeof there.regions[s]),
           (unsigned long long)host_logs[s].count, (unsigned long long)host_logs[s].digest);
  }
  printf("slots %016llx\n", (unsigned long long)bytes_digest((const uint8_t *)there.slots, sizeof there.slots));
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  read_program(argv[2]);
  OK(aclInit(NULL));
  OK(aclrtSetDevice(0));
  k = load_kernels(argv[1]);
  device = device_memory(sizeof *device);
  pinned = pinned_memory(STEPS * REGION);
  for (uint32_t s = 0; s < stream_count; s++) OK(aclrtCreateStreamWithConfig(&streams[s], s % 8, 0));
  for (uint32_t e = 0; e < event_count; e++) OK(aclrtCreateEvent(&events[e]));
  for (uint32_t n = 0; n < notify_count; n++) printf("notify %u: %d\n", n, aclrtCreateNotify(&notifies[n], 0));
  pthread_t running[STREAMS];
  for (uint32_t t = 0; t < threads; t++) CHECK(pthread_create(&running[t], NULL, run_thread, (void *)(uintptr_t)t) == 0);
  for (uint32_t t = 0; t < threads; t++) CHECK(pthread_join(running[t], NULL) == 0);
  printf("end: %d\n", aclrtSynchronizeDevice());
  print_all();
  for (uint32_t s = 0; s < stream_count; s++) OK(aclrtDestroyStream(streams[s]));
  for (uint32_t e = 0; e < event_count; e++) OK(aclrtDestroyEvent(events[e]));
  for (uint32_t n = 0; n < notify_count; n++) printf("notify %u ends: %d\n", n, aclrtDestroyNotify(notifies[n]));
  OK(aclrtFree(device));
  OK(aclrtFreeHost(pinned));
  OK(aclrtBinaryUnLoad(k.binary));
  OK(aclrtResetDevice(0));
  OK(aclFinalize());
  return 0;
}
