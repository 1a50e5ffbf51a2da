/*
 * The runtime under code that wasm2c (npm `wabt` 1.0.39) makes of our WebAssembly modules: linear memory, tables and
 * traps, for any embedder in this repository. wasm2c ships no runtime; this one checks bounds explicitly, installs no
 * signal handler and reserves no more address space than a module's declared maximum.
 *
 * Invariant: no wasm code runs outside a frame (wasm_rt_enter), so that a trap always comes back to its caller as a
 * code and never ends the process. Every symbol is hidden: two libraries of one process may each embed a copy.
 *
 *   w2c_mymodule instance;
 *   wasm_rt_frame frame;
 *   if (wasm_rt_enter(&frame) == 0) {
 *     wasm2c_mymodule_instantiate(&instance, NULL);   // no imports but abort: env is not used
 *     result = w2c_mymodule_run(&instance, n);
 *     wasm_rt_leave(&frame);
 *   } else {
 *     report(wasm_rt_trap_name(frame.trap), frame.abort_line, frame.abort_column);   // the frame is left already
 *   }
 *
 * After a trap the instance's memory may be half written: do not call into it again, only free it. Variables of the
 * caller that change between enter and the trap must be volatile (setjmp's rule). Frames nest. An instance may be used
 * by one thread at a time; the frame belongs to the thread.
 */
#ifndef WASM_RT_H_
#define WASM_RT_H_

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "wasm-rt: little-endian hosts only (x86-64, aarch64)"
#endif

#pragma GCC visibility push(hidden)

/* ---- what wasm2c's output asks of its runtime (names are wasm2c's) ---- */

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define wasm_rt_memcpy(dest, src, n) memcpy(dest, src, n)

/* Bounds are checked in code, not by guard pages; segment-register addressing and big-endian layout are off. */
#define WASM_RT_MEMCHECK_GUARD_PAGES 0
#define WASM_RT_USE_SEGUE 0
#define WASM_RT_SANITY_CHECKS 0
#define WABT_BIG_ENDIAN 0
/* Our modules do not recurse (a rule of the core), so call depth needs no counter. */
#define WASM_RT_STACK_DEPTH_COUNT 0

typedef enum {
  WASM_RT_TRAP_NONE,
  WASM_RT_TRAP_OOB,
  WASM_RT_TRAP_INT_OVERFLOW,
  WASM_RT_TRAP_DIV_BY_ZERO,
  WASM_RT_TRAP_INVALID_CONVERSION,
  WASM_RT_TRAP_UNREACHABLE,
  WASM_RT_TRAP_CALL_INDIRECT,
  WASM_RT_TRAP_UNCAUGHT_EXCEPTION,
  WASM_RT_TRAP_UNALIGNED,
  WASM_RT_TRAP_EXHAUSTION,
  /* Ours, not wasm2c's. */
  WASM_RT_TRAP_ABORT,  /* the module called abort (a failed assertion or throw) */
  WASM_RT_TRAP_MEMORY, /* the host had no memory for the module's memory or table */
} wasm_rt_trap_t;

typedef enum { WASM_RT_I32, WASM_RT_I64, WASM_RT_F32, WASM_RT_F64, WASM_RT_V128, WASM_RT_FUNCREF, WASM_RT_EXTERNREF } wasm_rt_type_t;

/*
 * A module whose memory never grows may be compiled with WASM_RT_FIXED_BYTES set to its size: the memory then lies in
 * the instance and every bound is a constant, so that an access loads neither address nor bound first. The embedder
 * gives zeroed memory for the instance. Without the macro memory is mapped apart.
 */
typedef struct wasm_rt_memory_t {
#ifndef WASM_RT_FIXED_BYTES
  uint8_t *data;       /* never moves while the memory lives */
#endif
  uint64_t pages;      /* present size in wasm pages */
  uint64_t max_pages;  /* what memory.grow may reach */
  uint64_t size;       /* present size in bytes: the bound of every access */
  uint32_t page_bytes; /* 65,536 */
#ifdef WASM_RT_FIXED_BYTES
  _Alignas(64) uint8_t data[WASM_RT_FIXED_BYTES];
#endif
} wasm_rt_memory_t;

/* Comes before every check of a bound in wasm2c's output (tools/build/wasm2c.ts puts it there). */
#ifdef WASM_RT_FIXED_BYTES
#define WASM_RT_CHECK_BASE(mem)                                     \
  do {                                                              \
    if ((mem)->size != WASM_RT_FIXED_BYTES) __builtin_unreachable(); \
  } while (0);
#else
#define WASM_RT_CHECK_BASE(mem)
#endif

typedef const char *wasm_rt_func_type_t;
typedef void (*wasm_rt_function_ptr_t)(void);
typedef struct wasm_rt_tailcallee_t {
  void (*fn)(void **instance_ptr, void *tail_call_stack, struct wasm_rt_tailcallee_t *next);
} wasm_rt_tailcallee_t;

typedef struct {
  wasm_rt_func_type_t func_type;
  wasm_rt_function_ptr_t func;
  wasm_rt_tailcallee_t func_tailcallee;
  void *module_instance;
} wasm_rt_funcref_t;
typedef void *wasm_rt_externref_t;

typedef struct {
  wasm_rt_funcref_t *data;
  uint32_t max_size;
  uint32_t size;
} wasm_rt_funcref_table_t;
typedef struct {
  wasm_rt_externref_t *data;
  uint32_t max_size;
  uint32_t size;
} wasm_rt_externref_table_t;

#define wasm_rt_funcref_null_value ((wasm_rt_funcref_t){NULL, NULL, {NULL}, NULL})
#define wasm_rt_externref_null_value ((wasm_rt_externref_t)NULL)

/* Nothing to initialize; wasm2c asserts it. */
static inline bool wasm_rt_is_initialized(void) { return true; }

/* Leaves the innermost frame of the thread with this trap. Without a frame (an error of the embedder) it aborts. */
__attribute__((noreturn)) void wasm_rt_trap(wasm_rt_trap_t code);

#ifdef WASM_RT_FIXED_BYTES
/* Traps with WASM_RT_TRAP_MEMORY where the module wants another size than it was compiled for. */
static inline void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint64_t initial_pages, uint64_t max_pages, bool is64,
                                           uint32_t page_bytes) {
  (void)is64;
  if (initial_pages * page_bytes != WASM_RT_FIXED_BYTES || max_pages != initial_pages) wasm_rt_trap(WASM_RT_TRAP_MEMORY);
  memory->pages = initial_pages;
  memory->max_pages = max_pages;
  memory->size = WASM_RT_FIXED_BYTES;
  memory->page_bytes = page_bytes;
}
static inline void wasm_rt_free_memory(wasm_rt_memory_t *memory) { (void)memory; }
#else
/* Memory of initial_pages that can grow to max_pages; zeroed; traps with WASM_RT_TRAP_MEMORY where the host has none. */
void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint64_t initial_pages, uint64_t max_pages, bool is64,
                             uint32_t page_bytes);
/* The size before in pages, or all ones where it cannot grow by that much. */
uint64_t wasm_rt_grow_memory(wasm_rt_memory_t *memory, uint64_t delta_pages);
void wasm_rt_free_memory(wasm_rt_memory_t *memory);
#endif

void wasm_rt_allocate_funcref_table(wasm_rt_funcref_table_t *table, uint32_t elements, uint32_t max_elements);
void wasm_rt_free_funcref_table(wasm_rt_funcref_table_t *table);

/* ---- what embedders use ---- */

/* One entry into wasm code from the host, on the host's stack. */
typedef struct wasm_rt_frame {
  jmp_buf jump;
  struct wasm_rt_frame *outer;
  wasm_rt_trap_t trap;   /* set when wasm_rt_enter returns non-zero */
  uint32_t abort_line;   /* source position of a WASM_RT_TRAP_ABORT, else 0 */
  uint32_t abort_column;
} wasm_rt_frame;

extern _Thread_local wasm_rt_frame *wasm_rt_top_frame __attribute__((tls_model("initial-exec")));

static inline void wasm_rt_push_frame(wasm_rt_frame *frame) {
  frame->outer = wasm_rt_top_frame;
  frame->trap = WASM_RT_TRAP_NONE;
  frame->abort_line = 0;
  frame->abort_column = 0;
  wasm_rt_top_frame = frame;
}

/* 0: the frame is open, call into wasm, then wasm_rt_leave. Not 0: a trap came back, frame->trap says which. */
#define wasm_rt_enter(frame) (wasm_rt_push_frame(frame), _setjmp((frame)->jump))

static inline void wasm_rt_leave(wasm_rt_frame *frame) { wasm_rt_top_frame = frame->outer; }

/* English, for messages: "out of bounds", "abort", ... */
const char *wasm_rt_trap_name(wasm_rt_trap_t trap);

#pragma GCC visibility pop

#endif
