/*
 * Entering the wasm core. Every entry is inside a frame of the wasm runtime, so that a trap comes back here.
 */
#include "engine/core.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "boot/counters.h"

static void trapped(fx_core *core, const wasm_rt_frame *frame) {
  core->running = false;
  fx_fault("the scheduling core stopped: %s (line %u)", wasm_rt_trap_name(frame->trap), frame->abort_line);
}

#define ALIGNMENT _Alignof(w2c_core)

/* Zeroed memory for an instance, in large pages where there are some: its tables spread over megabytes. */
static w2c_core *instance_memory(fx_core *core) {
  core->memory = calloc(1, sizeof(w2c_core) + ALIGNMENT - 1);
  if (core->memory == NULL) return NULL;
  uintptr_t page = ((uintptr_t)core->memory + 4095u) & ~(uintptr_t)4095u;
  (void)madvise((void *)page, sizeof(w2c_core) & ~(size_t)4095u, MADV_HUGEPAGE);
  return (w2c_core *)(((uintptr_t)core->memory + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1));
}

bool fx_core_start(fx_core *core) {
  wasm_rt_frame frame;
  core->running = false;
  core->wasm = instance_memory(core);
  if (core->wasm == NULL) {
    fx_fault("no memory for the scheduling core");
    return false;
  }
  if (wasm_rt_enter(&frame) != 0) {
    trapped(core, &frame);
    return false;
  }
  wasm2c_core_instantiate(core->wasm);
  w2c_core_init(core->wasm);
  uint8_t *memory = w2c_core_memory(core->wasm)->data;
  core->inbox = (flexnpu_event *)(void *)(memory + w2c_core_inbox_ptr(core->wasm));
  core->outbox = (const flexnpu_decision *)(const void *)(memory + w2c_core_outbox_ptr(core->wasm));
  wasm_rt_leave(&frame);
  core->running = true;
  return true;
}

void fx_core_stop(fx_core *core) {
  core->running = false;
  wasm2c_core_free(core->wasm);
  free(core->memory);
}

int fx_core_run(fx_core *core, uint32_t events) {
  wasm_rt_frame frame;
  if (wasm_rt_enter(&frame) != 0) {
    trapped(core, &frame);
    return -1;
  }
  int decisions = (int)w2c_core_run(core->wasm, events);
  wasm_rt_leave(&frame);
  return decisions;
}

#define ENTER_FOR(expression, otherwise)   \
  do {                                     \
    wasm_rt_frame frame;                   \
    if (wasm_rt_enter(&frame) != 0) {      \
      trapped(core, &frame);               \
      return otherwise;                    \
    }                                      \
    uint64_t value = (expression);         \
    wasm_rt_leave(&frame);                 \
    return value;                          \
  } while (0)

uint64_t fx_core_next_wake_ns(fx_core *core) { ENTER_FOR(w2c_core_next_wake_ns(core->wasm), UINT64_MAX); }
uint64_t fx_core_decision_hash(fx_core *core) { ENTER_FOR(w2c_core_decision_hash(core->wasm), 0); }
uint64_t fx_core_state_hash(fx_core *core) { ENTER_FOR(w2c_core_state_hash(core->wasm), 0); }

const uint8_t *fx_core_state(fx_core *core, uint32_t *bytes) {
  wasm_rt_frame frame;
  *bytes = 0;
  if (wasm_rt_enter(&frame) != 0) {
    trapped(core, &frame);
    return NULL;
  }
  *bytes = w2c_core_state_bytes(core->wasm);
  const uint8_t *state = w2c_core_memory(core->wasm)->data + w2c_core_state_ptr(core->wasm);
  wasm_rt_leave(&frame);
  return state;
}
