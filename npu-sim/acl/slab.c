/* Tables of objects behind handles; slab.h says how a handle is checked. */
#include "slab.h"

#include <string.h>
#include <sys/mman.h>

void *sim_slab_take(sim_slab *slab) {
  if (slab->items == NULL) {
    void *items = mmap(NULL, (size_t)slab->capacity * slab->item_bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (items == MAP_FAILED) return NULL;
    __atomic_store_n(&slab->items, items, __ATOMIC_RELEASE);
  }
  uint32_t index;
  if (slab->free_count > SIM_SLAB_QUARANTINE || (slab->touched == slab->capacity && slab->free_count > 0)) {
    index = slab->free_head;
    slab->free_head = ((sim_slot *)sim_slab_at(slab, index))->next_free;
    slab->free_count--;
  } else if (slab->touched < slab->capacity) {
    index = slab->touched++;
  } else {
    return NULL;
  }
  sim_slot *slot = sim_slab_at(slab, index);
  memset(slot + 1, 0, slab->item_bytes - sizeof *slot);
  slot->index = index;
  slot->next_free = 0;
  __atomic_store_n(&slot->live, 1, __ATOMIC_RELEASE);
  return slot;
}

void sim_slab_give(sim_slab *slab, void *object) {
  sim_slot *slot = object;
  __atomic_store_n(&slot->live, 0, __ATOMIC_RELEASE);
  if (slab->free_count == 0) {
    slab->free_head = slot->index;
  } else {
    ((sim_slot *)sim_slab_at(slab, slab->free_tail))->next_free = slot->index;
  }
  slab->free_tail = slot->index;
  slab->free_count++;
}
