/* The runtime under wasm2c (npu-sim/wasm-rt): every way in which a module can fail comes back to the caller as a code,
 * frames nest, and what did not trap is not disturbed. The module is traps.wat. */
#include <stdio.h>
#include <stdlib.h>

#include "traps-module.h"
#include "wasm-rt.h"

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      printf("not ok %s:%d: %s\n", __FILE__, __LINE__, #condition);   \
      exit(1);                                                        \
    }                                                                 \
  } while (0)

static w2c_traps module;

/* The trap that calling the export with this argument gives. */
static wasm_rt_trap_t trap_of(u32 (*call)(w2c_traps *, u32), u32 argument, u32 *result) {
  wasm_rt_frame frame;
  if (wasm_rt_enter(&frame) == 0) {
    u32 value = call(&module, argument);
    wasm_rt_leave(&frame);
    *result = value;
    return WASM_RT_TRAP_NONE;
  }
  if (frame.trap == WASM_RT_TRAP_ABORT) *result = frame.abort_line;
  return frame.trap;
}

int main(void) {
  wasm_rt_frame outer;
  u32 result = 0;
  CHECK(wasm_rt_enter(&outer) == 0);
  wasm2c_traps_instantiate(&module, NULL);
  CHECK(trap_of(w2c_traps_divide, 4, &result) == WASM_RT_TRAP_NONE && result == 25);
  CHECK(trap_of(w2c_traps_divide, 0, &result) == WASM_RT_TRAP_DIV_BY_ZERO);
  CHECK(trap_of(w2c_traps_peek, 65532, &result) == WASM_RT_TRAP_NONE);
  CHECK(trap_of(w2c_traps_peek, 65533, &result) == WASM_RT_TRAP_OOB);
  CHECK(trap_of(w2c_traps_peek, 0xffffffffu, &result) == WASM_RT_TRAP_OOB);
  CHECK(trap_of(w2c_traps_fail, 1, &result) == WASM_RT_TRAP_ABORT && result == 12);
  CHECK(trap_of(w2c_traps_fail, 0, &result) == WASM_RT_TRAP_NONE && result == 7);
  CHECK(trap_of(w2c_traps_stop, 0, &result) == WASM_RT_TRAP_UNREACHABLE);
  CHECK(trap_of(w2c_traps_call, 1, &result) == WASM_RT_TRAP_NONE && result == 11);
  CHECK(trap_of(w2c_traps_call, 2, &result) == WASM_RT_TRAP_CALL_INDIRECT); /* an empty place */
  CHECK(trap_of(w2c_traps_call, 1000, &result) == WASM_RT_TRAP_CALL_INDIRECT);
  /* Memory grows to its maximum, zeroed, at the same place, and no further. */
  const uint8_t *data = w2c_traps_memory(&module)->data;
  CHECK(trap_of(w2c_traps_grow, 2, &result) == WASM_RT_TRAP_NONE && result == 1);
  CHECK(w2c_traps_memory(&module)->data == data);
  CHECK(trap_of(w2c_traps_peek, 3 * 65536 - 4, &result) == WASM_RT_TRAP_NONE && result == 0);
  CHECK(trap_of(w2c_traps_grow, 2, &result) == WASM_RT_TRAP_NONE && result == 0xffffffffu);
  CHECK(wasm_rt_top_frame == &outer);
  wasm_rt_leave(&outer);
  CHECK(wasm_rt_top_frame == NULL);
  wasm2c_traps_free(&module);
  puts("ok traps");
  return 0;
}
