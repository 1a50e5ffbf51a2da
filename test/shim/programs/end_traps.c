/*
 * Ends of things that held work still speaks of: streams, events, memory, binaries, contexts, devices, AscendCL itself.
 * Arguments: kernel binary, names of traps.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "traps.h"

/* Destroying a stream waits for its work. */
static void destroy_stream(trap_setup *t) {
  for (int i = 0; i < 6; i++) {
    aclrtStream stream = new_stream();
    append_many(t, stream, t->log, 9);
    OK(aclrtDestroyStream(stream));
  }
  print_log("log", t->log);
}

/* By force it does not: what was done is a beginning of what was issued, and the next stream knows nothing of it. */
static void destroy_stream_by_force(trap_setup *t) {
  for (int i = 0; i < 6; i++) {
    device_log *log = device_memory(sizeof *log);
    aclrtStream stream = new_stream();
    append_many(t, stream, log, 30);
    OK(aclrtDestroyStreamForce(stream));
    stream = new_stream();
    device_log *next_log = device_memory(sizeof *next_log);
    append_many(t, stream, next_log, 5);
    OK(aclrtSynchronizeStream(stream));
    print_log("next stream", next_log);
    device_log here = read_log(log);
    CHECK(here.count <= 30 && counts_up(&here));
    OK(aclrtDestroyStreamForce(stream));
  }
}

/* However far the handing over of its work is when it is destroyed. */
static void destroy_at_any_moment(trap_setup *t) {
  for (int i = 0; i < 6; i++) {
    aclrtStream stream = new_stream();
    keep_busy(t);
    append_many(t, stream, device_memory(sizeof(device_log)), 100);
    struct timespec moment = {.tv_nsec = i * 2000000};
    (void)nanosleep(&moment, NULL);
    OK(aclrtDestroyStreamForce(stream));
  }
}

typedef struct user {
  const trap_setup *t;
  aclrtStream stream;
  device_log *log;
  bool waits;
  atomic_bool started;
} user;

/* Works on a stream that another thread aborts: what it is told is an answer of AscendCL, and it comes back. */
static void *use_stream(void *with) {
  user *u = with;
  OK(aclrtSetDevice(0));
  atomic_store(&u->started, true);
  aclrtEvent event = new_event();
  for (uint64_t i = 1; i <= (u->waits ? 1 : 300); i++) {
    append_args args = {u->log, i, SLOW_BYTES / 20};
    aclError error = aclrtLaunchKernelWithHostArgs(u->t->k.append, 4, u->stream, NULL, &args, sizeof args, NULL, 0);
    CHECK(error == ACL_SUCCESS || error == ACL_ERROR_RT_STREAM_ABORT);
    if (i % 7 == 0) error = aclrtRecordEvent(event, u->stream);
    CHECK(error == ACL_SUCCESS || error == ACL_ERROR_RT_STREAM_ABORT);
  }
  for (int i = 0; i < 3; i++) {
    aclError error = aclrtSynchronizeStream(u->stream);
    CHECK(error == ACL_SUCCESS || error == ACL_ERROR_RT_STREAM_ABORT);
  }
  OK(aclrtDestroyEvent(event));
  return NULL;
}

/* An abort frees whoever waits for the stream or has more for it, and the stream goes on. */
static void abort_while_used(trap_setup *t) {
  for (int i = 0; i < 12; i++) {
    user u = {.t = t, .stream = new_stream(), .log = device_memory(sizeof(device_log)), .waits = i % 2 == 0};
    append_many(t, u.stream, u.log, 30);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, use_stream, &u) == 0);
    while (!atomic_load(&u.started)) continue;
    for (int n = 0; n < i; n++) append_many(t, t->rival, t->rival_log, 1);
    if (i % 3 == 2) OK(aclrtDeviceTaskAbort(0, 1000));
    else OK(aclrtStreamAbort(u.stream));
    CHECK(pthread_join(thread, NULL) == 0);
    (void)aclrtSynchronizeStream(u.stream);
    device_log *log = device_memory(sizeof *log);
    append_many(t, u.stream, log, 5);
    OK(aclrtSynchronizeStream(u.stream));
    print_log("after the abort", log);
    OK(aclrtDestroyStream(u.stream));
  }
}

/* An event may be destroyed as soon as its record and wait are issued; its handle may come back as another event. */
static void destroy_event(trap_setup *t) {
  aclrtStream other = new_stream();
  device_log *other_log = device_memory(sizeof *other_log);
  uint64_t *slots = device_memory(10 * sizeof *slots);
  for (int i = 0; i < 10; i++) {
    aclrtEvent event = new_event();
    append_many(t, t->stream, t->log, 3);
    slot_args publish = {t->log, &slots[i], 0}, absorb = {other_log, &slots[i], 0};
    OK(launch_spoiled(t->k.publish, t->stream, &publish, sizeof publish));
    OK(aclrtRecordEvent(event, t->stream));
    OK(aclrtStreamWaitEvent(other, event));
    OK(aclrtDestroyEvent(event));
    OK(launch_spoiled(t->k.absorb, other, &absorb, sizeof absorb));
  }
  OK(aclrtSynchronizeStream(other));
  print_log("waiting stream", other_log);
}

/* Memory that no held operator names any more may go while others are held. */
static void free_memory(trap_setup *t) {
  for (int i = 0; i < 5; i++) {
    device_log *passing = device_memory(sizeof *passing);
    uint8_t *pinned = pinned_memory(4096), *staging = device_memory(4096);
    aclrtEvent done = new_event();
    OK(aclrtMemcpyAsync(staging, 4096, pinned, 4096, ACL_MEMCPY_HOST_TO_DEVICE, t->stream));
    append_to(&t->k, t->stream, passing, 5, 1000);
    slot_args absorb = {t->log, &passing->digest, 0};
    OK(launch_spoiled(t->k.absorb, t->stream, &absorb, sizeof absorb));
    OK(aclrtRecordEvent(done, t->stream));
    append_many(t, t->stream, t->log, 5);
    OK(aclrtSynchronizeEvent(done));
    OK(aclrtFree(passing));
    OK(aclrtFree(staging));
    OK(aclrtFreeHost(pinned));
    OK(aclrtDestroyEvent(done));
  }
  OK(aclrtSynchronizeStream(t->stream));
  print_log("log", t->log);
}

/* A binary may be unloaded once its launches are issued. */
static void unload_binary(trap_setup *t) {
  for (int i = 0; i < 3; i++) {
    append_many(t, t->stream, t->log, 8);
    OK(aclrtBinaryUnLoad(t->k.binary));
    t->k = load_kernels(t->kernel_path);
  }
  OK(aclrtSynchronizeStream(t->stream));
  print_log("log", t->log);
}

/* A graph may be destroyed once its replays are issued. */
static void destroy_graph(trap_setup *t) {
  aclmdlRI graph = NULL;
  OK(aclmdlRICaptureBegin(t->stream, ACL_MODEL_RI_CAPTURE_MODE_RELAXED));
  append_many(t, t->stream, t->log, 3);
  OK(aclmdlRICaptureEnd(t->stream, &graph));
  keep_busy(t);
  append_many(t, t->stream, t->log, 4);
  OK(aclmdlRIExecuteAsync(graph, t->stream));
  OK(aclrtSynchronizeStream(t->stream));
  OK(aclmdlRIDestroy(graph));
  append_many(t, t->stream, t->log, 2);
  OK(aclrtSynchronizeStream(t->stream));
  print_log("log", t->log);
}

/* A context ends with its streams, after their work; the device goes on. */
static void destroy_context(trap_setup *t) {
  aclrtContext own = NULL;
  OK(aclrtGetCurrentContext(&own));
  for (int i = 0; i < 4; i++) {
    aclrtContext context = NULL;
    OK(aclrtCreateContext(&context, 0));
    aclrtStream stream = new_stream();
    append_many(t, stream, t->log, 6);
    OK(aclrtSynchronizeStream(stream));
    append_many(t, NULL, t->log, 4);
    OK(aclrtDestroyContext(context));
    OK(aclrtSetCurrentContext(own));
    append_many(t, t->stream, t->log, 2);
    OK(aclrtSynchronizeStream(t->stream));
  }
  print_log("log", t->log);
}

/* A reset waits for the device and takes everything on it; the device may then be opened again. */
static void reset_device(trap_setup *t) {
  for (int i = 0; i < 4; i++) {
    append_many(t, NULL, t->log, 5);
    append_many(t, t->stream, t->rival_log, 5);
    if (i % 2 == 0) OK(aclrtResetDevice(0));
    else OK(aclrtResetDeviceForce(0));
    open_everything(t);
    append_many(t, NULL, t->log, 3);
    OK(aclrtSynchronizeStream(NULL));
    append_many(t, t->stream, t->log, 3);
    OK(aclrtSynchronizeDevice());
    print_log("log", t->log);
    keep_busy(t);
  }
}

/* AscendCL may end with work under way and begin again. */
static void finalize(trap_setup *t) {
  for (int i = 0; i < 3; i++) {
    append_many(t, t->stream, t->log, 10);
    append_many(t, NULL, t->rival_log, 10);
    OK(aclFinalize());
    OK(aclInit(NULL));
    open_everything(t);
    append_many(t, t->stream, t->log, 4);
    append_many(t, NULL, t->rival_log, 4);
    OK(aclrtSynchronizeDevice());
    print_log("log", t->log);
    print_log("rival", t->rival_log);
  }
}

/* A program that just ends, with work under way: no hang, no crash. */
static void leave(trap_setup *t) {
  append_many(t, t->stream, t->log, 200);
  printf("left\n");
  exit(0);
}

int main(int argc, char **argv) {
  static const trap traps[] = {
      {"destroy_stream", destroy_stream}, {"destroy_stream_by_force", destroy_stream_by_force},
      {"destroy_at_any_moment", destroy_at_any_moment},
      {"abort_while_used", abort_while_used},
      {"destroy_event", destroy_event},   {"free_memory", free_memory},
      {"unload_binary", unload_binary},   {"destroy_graph", destroy_graph},
      {"destroy_context", destroy_context}, {"reset_device", reset_device},
      {"finalize", finalize},             {"leave", leave},
  };
  return run_traps(argc, argv, traps, sizeof traps / sizeof *traps);
}
