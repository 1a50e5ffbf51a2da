/*
 * The streams and events that live, by their index: an operator about another one is refused here, with AscendCL's error,
 * because the daemon takes it for a forgery and ends the client.
 */
#ifndef FX_REMOTE_LIVE_H
#define FX_REMOTE_LIVE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "remote/handles.h"

typedef struct fx_live {
  _Atomic uint64_t *handles; /* by index; 0 is none */
  uint32_t count;
} fx_live;

static inline _Atomic uint64_t *fx_live_place(const fx_live *live, const void *handle) {
  uint32_t number = fx_handle_number(handle);
  return number < live->count ? &live->handles[number] : NULL;
}

/* A handle was made. */
static inline void fx_live_add(const fx_live *live, const void *handle) {
  _Atomic uint64_t *place = fx_live_place(live, handle);
  if (place != NULL) atomic_store_explicit(place, (uint64_t)(uintptr_t)handle, memory_order_release);
}

static inline bool fx_live_has(const fx_live *live, const void *handle) {
  const _Atomic uint64_t *place = fx_live_place(live, handle);
  return place != NULL && atomic_load_explicit(place, memory_order_acquire) == (uint64_t)(uintptr_t)handle;
}

/* A handle ends; whether it lived. One whose end is refused is added again. */
static inline bool fx_live_remove(const fx_live *live, const void *handle) {
  _Atomic uint64_t *place = fx_live_place(live, handle);
  uint64_t expected = (uint64_t)(uintptr_t)handle;
  return place != NULL && atomic_compare_exchange_strong(place, &expected, 0);
}

#endif
