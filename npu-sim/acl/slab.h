/*
 * Tables of the objects that handles point to. A handle is the address of a slot in a table whose address space is
 * reserved once, so any value that a program passes in can be checked without following it: inside the table, on a slot
 * boundary, and alive. Freed slots wait in a queue, so that a stale handle stays dead for as long as possible.
 */
#ifndef NPU_SIM_SLAB_H
#define NPU_SIM_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* First member of every object in a slab. */
typedef struct sim_slot {
  uint32_t live; /* read without the lock: atomic */
  uint32_t index;
  uint32_t next_free;
} sim_slot;

typedef struct sim_slab {
  size_t item_bytes;
  uint32_t capacity;
  unsigned char *items; /* reserved at the first use */
  uint32_t touched;     /* slots ever used */
  uint32_t free_head, free_tail, free_count;
} sim_slab;

#define SIM_SLAB(type, room) {.item_bytes = sizeof(type), .capacity = (room)}
/* As many freed slots wait before the oldest is used again. */
#define SIM_SLAB_QUARANTINE 64u

/* A zeroed live object, or NULL where the table or the host's memory is full. The caller holds the engine's lock. */
void *sim_slab_take(sim_slab *slab);
void sim_slab_give(sim_slab *slab, void *object);

static inline void *sim_slab_at(const sim_slab *slab, uint32_t index) { return slab->items + (size_t)index * slab->item_bytes; }

/* The object that a handle names, or NULL where it names none that lives. */
static inline void *sim_slab_find(const sim_slab *slab, const void *handle) {
  uintptr_t base = (uintptr_t)__atomic_load_n(&slab->items, __ATOMIC_RELAXED);
  uintptr_t offset = (uintptr_t)handle - base;
  if (__builtin_expect(base == 0 || offset >= (size_t)slab->capacity * slab->item_bytes, 0)) return NULL;
  if (__builtin_expect(offset % slab->item_bytes != 0, 0)) return NULL;
  sim_slot *slot = (sim_slot *)(base + offset);
  return __builtin_expect(__atomic_load_n(&slot->live, __ATOMIC_ACQUIRE) != 0, 1) ? slot : NULL;
}

#endif
