/* The runtime under wasm2c with memory of a fixed size, as the core has it: bounds hold at the last byte, a trap leaves the
 * instance's memory readable, and memory of another size than the module was compiled for is refused. */
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixed-module.h"
#include "wasm-rt.h"

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      printf("not ok %s:%d: %s\n", __FILE__, __LINE__, #condition);   \
      exit(1);                                                        \
    }                                                                 \
  } while (0)

#define BYTES (2u * 65536u)

static w2c_fixed module; /* zeroed */

static wasm_rt_trap_t trap_of(u32 (*call)(w2c_fixed *, u32), u32 argument, u32 *result) {
  wasm_rt_frame frame;
  if (wasm_rt_enter(&frame) != 0) return frame.trap;
  *result = call(&module, argument);
  wasm_rt_leave(&frame);
  return WASM_RT_TRAP_NONE;
}

int main(void) {
  u32 result = 0;
  wasm_rt_frame frame;
  CHECK(wasm_rt_enter(&frame) == 0);
  wasm2c_fixed_instantiate(&module);
  wasm_rt_leave(&frame);
  CHECK(trap_of(w2c_fixed_peek, BYTES - 4, &result) == WASM_RT_TRAP_NONE && result == 0);
  CHECK(trap_of(w2c_fixed_peek, BYTES - 3, &result) == WASM_RT_TRAP_OOB);
  CHECK(trap_of(w2c_fixed_peek, 0xffffffffu, &result) == WASM_RT_TRAP_OOB);
  CHECK(trap_of(w2c_fixed_poke, BYTES - 1, &result) == WASM_RT_TRAP_NONE && result == 7);
  CHECK(trap_of(w2c_fixed_poke, BYTES, &result) == WASM_RT_TRAP_OOB);
  CHECK(trap_of(w2c_fixed_wipe, BYTES - 16, &result) == WASM_RT_TRAP_NONE);
  CHECK(trap_of(w2c_fixed_wipe, BYTES - 15, &result) == WASM_RT_TRAP_OOB);
  CHECK(w2c_fixed_memory(&module)->data[BYTES - 1] == 0);
  wasm_rt_memory_t *other = aligned_alloc(alignof(wasm_rt_memory_t), sizeof *other);
  CHECK(other != NULL);
  if (wasm_rt_enter(&frame) == 0) {
    wasm_rt_allocate_memory(other, 3, 3, false, 65536);
    CHECK(!"memory of another size was given");
  }
  CHECK(frame.trap == WASM_RT_TRAP_MEMORY);
  free(other);
  wasm2c_fixed_free(&module);
  puts("ok fixed");
  return 0;
}
