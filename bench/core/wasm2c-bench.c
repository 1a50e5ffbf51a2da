/*
 * Times the core as C (wasm2c, as host-shim embeds it) over an event file, one event a call, as host-shim does it: the
 * event is copied into the inbox, the core entered in a frame of the wasm runtime, the decisions copied out. Prints one
 * JSON object; the decision hash proves that it decided what V8 did.
 *
 *   wasm2c-bench EVENTS_FILE SETUP_EVENTS WARMUP_ROUNDS ROUNDS
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "flexnpu_core.h" /* wasm2c's */
#include "records.h"

typedef struct bench {
  w2c_core *core; /* as host-shim/engine/core.c holds it */
  uint8_t *inbox;
  const uint8_t *outbox;
  flexnpu_decision decisions[FLEXNPU_OUTBOX_RECORDS];
} bench;

static bench state;

static void fail(const char *what, const char *why) {
  fprintf(stderr, "wasm2c-bench: %s: %s\n", what, why);
  exit(2);
}

static uint8_t *read_events(const char *path, size_t *events) {
  FILE *file = fopen(path, "rbe");
  if (file == NULL) fail(path, strerror(errno));
  if (fseek(file, 0, SEEK_END) != 0) fail(path, strerror(errno));
  long bytes = ftell(file);
  if (bytes < 0 || bytes % FLEXNPU_EVENT_BYTES != 0) fail(path, "no whole events");
  rewind(file);
  uint8_t *data = malloc((size_t)bytes + 1);
  if (data == NULL) fail(path, "no memory");
  if (fread(data, 1, (size_t)bytes, file) != (size_t)bytes) fail(path, "cannot be read");
  fclose(file);
  *events = (size_t)bytes / FLEXNPU_EVENT_BYTES;
  return data;
}

static size_t number(const char *text) {
  char *end;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0') fail(text, "not a number");
  return (size_t)value;
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Feeds one event; the number of decisions. */
static uint32_t feed(const uint8_t *event) {
  wasm_rt_frame frame;
  memcpy(state.inbox, event, FLEXNPU_EVENT_BYTES);
  if (wasm_rt_enter(&frame) != 0) fail("the core stopped", wasm_rt_trap_name(frame.trap));
  uint32_t count = w2c_core_run(state.core, 1);
  wasm_rt_leave(&frame);
  if (count > FLEXNPU_OUTBOX_RECORDS) fail("the core", "more decisions than its outbox holds");
  memcpy(state.decisions, state.outbox, count * sizeof *state.decisions);
  return count;
}

static uint64_t feed_all(const uint8_t *events, size_t count) {
  uint64_t decisions = 0;
  for (size_t i = 0; i < count; i++) decisions += feed(events + i * FLEXNPU_EVENT_BYTES);
  return decisions;
}

static void reset(void) {
  wasm_rt_frame frame;
  if (wasm_rt_enter(&frame) != 0) fail("init", wasm_rt_trap_name(frame.trap));
  w2c_core_init(state.core);
  wasm_rt_leave(&frame);
}

static void start(void) {
  wasm_rt_frame frame;
  state.core = mmap(NULL, sizeof *state.core, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (state.core == MAP_FAILED) fail("the core", "no memory");
  (void)madvise(state.core, sizeof *state.core, MADV_HUGEPAGE);
  if (wasm_rt_enter(&frame) != 0) fail("the core does not start", wasm_rt_trap_name(frame.trap));
  wasm2c_core_instantiate(state.core);
  w2c_core_init(state.core);
  uint8_t *memory = w2c_core_memory(state.core)->data;
  state.inbox = memory + w2c_core_inbox_ptr(state.core);
  state.outbox = memory + w2c_core_outbox_ptr(state.core);
  wasm_rt_leave(&frame);
}

int main(int argc, char **argv) {
  if (argc != 5) fail("usage", "wasm2c-bench EVENTS_FILE SETUP_EVENTS WARMUP_ROUNDS ROUNDS");
  size_t events;
  uint8_t *data = read_events(argv[1], &events);
  size_t setup = number(argv[2]), warmup = number(argv[3]), rounds = number(argv[4]);
  if (setup > events) fail(argv[1], "fewer events than SETUP_EVENTS");
  start();
  uint64_t decisions = 0;
  printf("{\"round_ns\":[");
  for (size_t round = 0; round < warmup + rounds; round++) {
    reset();
    (void)feed_all(data, setup);
    uint64_t begun = now_ns();
    decisions = feed_all(data + setup * FLEXNPU_EVENT_BYTES, events - setup);
    uint64_t taken = now_ns() - begun;
    if (round >= warmup) printf("%s%llu", round > warmup ? "," : "", (unsigned long long)taken);
  }
  printf("],\"decisions\":%llu,\"decision_hash\":\"0x%016llx\",\"state_hash\":\"0x%016llx\"}\n", (unsigned long long)decisions,
         (unsigned long long)w2c_core_decision_hash(state.core), (unsigned long long)w2c_core_state_hash(state.core));
  wasm2c_core_free(state.core);
  free(data);
  return 0;
}
