/*
 * Memory, tables and traps for wasm2c's output; wasm-rt.h says how it is used. Also the one import that
 * AssemblyScript modules have, env.abort, which becomes a trap that carries the source position.
 */
#include "wasm-rt.h"

#include <stdlib.h>
#include <sys/mman.h>

/* A module that declares no maximum gets at most this: 1 GiB of wasm pages. */
#define WASM_RT_MAX_PAGES 16384u

#pragma GCC visibility push(hidden)
struct w2c_env;
void w2c_env_abort(struct w2c_env *env, uint32_t message, uint32_t file, uint32_t line, uint32_t column);
#pragma GCC visibility pop

_Thread_local wasm_rt_frame *wasm_rt_top_frame __attribute__((tls_model("initial-exec")));

void wasm_rt_trap(wasm_rt_trap_t code) {
  wasm_rt_frame *frame = wasm_rt_top_frame;
  if (frame == NULL) abort(); /* wasm called outside a frame: there is nowhere to return to */
  wasm_rt_top_frame = frame->outer;
  frame->trap = code;
  _longjmp(frame->jump, 1);
}

void w2c_env_abort(struct w2c_env *env, uint32_t message, uint32_t file, uint32_t line, uint32_t column) {
  (void)env;
  (void)message;
  (void)file;
  if (wasm_rt_top_frame != NULL) {
    wasm_rt_top_frame->abort_line = line;
    wasm_rt_top_frame->abort_column = column;
  }
  wasm_rt_trap(WASM_RT_TRAP_ABORT);
}

void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint64_t initial_pages, uint64_t max_pages, bool is64,
                             uint32_t page_bytes) {
  (void)is64;
  uint64_t limit = max_pages < WASM_RT_MAX_PAGES ? max_pages : WASM_RT_MAX_PAGES;
  if (limit < initial_pages) limit = initial_pages;
  /* The whole maximum is address space at once (untouched pages cost nothing), so that data never moves. */
  void *data = MAP_FAILED;
  if (limit > 0) {
    data = mmap(NULL, (size_t)(limit * page_bytes), PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (data == MAP_FAILED) wasm_rt_trap(WASM_RT_TRAP_MEMORY);
    /* A module that spreads over megabytes misses the TLB on most accesses otherwise. Only advice: an error is none. */
    (void)madvise(data, (size_t)(limit * page_bytes), MADV_HUGEPAGE);
  }
  memory->data = limit > 0 ? data : NULL;
  memory->pages = initial_pages;
  memory->max_pages = limit;
  memory->size = initial_pages * page_bytes;
  memory->page_bytes = page_bytes;
}

uint64_t wasm_rt_grow_memory(wasm_rt_memory_t *memory, uint64_t delta_pages) {
  uint64_t before = memory->pages;
  if (delta_pages > memory->max_pages - before) return UINT64_MAX;
  memory->pages = before + delta_pages;
  memory->size = memory->pages * memory->page_bytes;
  return before;
}

void wasm_rt_free_memory(wasm_rt_memory_t *memory) {
  if (memory->data != NULL) munmap(memory->data, (size_t)(memory->max_pages * memory->page_bytes));
  *memory = (wasm_rt_memory_t){0};
}

void wasm_rt_allocate_funcref_table(wasm_rt_funcref_table_t *table, uint32_t elements, uint32_t max_elements) {
  table->data = elements == 0 ? NULL : calloc(elements, sizeof *table->data);
  if (elements != 0 && table->data == NULL) wasm_rt_trap(WASM_RT_TRAP_MEMORY);
  table->size = elements;
  table->max_size = max_elements;
}

void wasm_rt_free_funcref_table(wasm_rt_funcref_table_t *table) {
  free(table->data);
  *table = (wasm_rt_funcref_table_t){0};
}

const char *wasm_rt_trap_name(wasm_rt_trap_t trap) {
  switch (trap) {
    case WASM_RT_TRAP_NONE: return "no trap";
    case WASM_RT_TRAP_OOB: return "access out of bounds";
    case WASM_RT_TRAP_INT_OVERFLOW: return "integer overflow";
    case WASM_RT_TRAP_DIV_BY_ZERO: return "division by zero";
    case WASM_RT_TRAP_INVALID_CONVERSION: return "invalid conversion to integer";
    case WASM_RT_TRAP_UNREACHABLE: return "unreachable code reached";
    case WASM_RT_TRAP_CALL_INDIRECT: return "invalid indirect call";
    case WASM_RT_TRAP_UNCAUGHT_EXCEPTION: return "uncaught exception";
    case WASM_RT_TRAP_UNALIGNED: return "unaligned atomic access";
    case WASM_RT_TRAP_EXHAUSTION: return "call stack exhausted";
    case WASM_RT_TRAP_ABORT: return "abort";
    case WASM_RT_TRAP_MEMORY: return "no host memory for the module";
  }
  return "unknown trap";
}
