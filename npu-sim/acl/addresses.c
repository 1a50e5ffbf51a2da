/* Device addresses; see addresses.h. */
#include "addresses.h"

#include <stdint.h>
#include <sys/mman.h>

#include "memory.h"

/* Places that may be taken before a mapping goes where the host likes. */
#define MOST_TRIES 256u

static uint64_t next = SIM_DEVICE_ADDRESSES;

/* What was given back is not given again before all else was: a stale pointer stays one. */
static uint64_t advance(uint64_t room) {
  uint64_t at = __atomic_fetch_add(&next, room, __ATOMIC_RELAXED);
  if (at + room <= SIM_DEVICE_ADDRESSES_END) return at;
  __atomic_store_n(&next, SIM_DEVICE_ADDRESSES + room, __ATOMIC_RELAXED);
  return SIM_DEVICE_ADDRESSES;
}

void *sim_map_device(size_t bytes, int protection, int flags, int file, int64_t offset) {
  uint64_t room = (bytes + 2 * SIM_HUGE_PAGE_BYTES - 1) / SIM_HUGE_PAGE_BYTES * SIM_HUGE_PAGE_BYTES;
  for (uint32_t i = 0; i < MOST_TRIES; i++) {
    void *at = (void *)advance(room), *memory = mmap(at, bytes, protection, flags, file, offset);
    if (memory == at || memory == MAP_FAILED) return memory;
    munmap(memory, bytes); /* others map here too: a JavaScript engine spreads its pages over 46 bits */
  }
  return mmap(NULL, bytes, protection, flags, file, offset);
}
