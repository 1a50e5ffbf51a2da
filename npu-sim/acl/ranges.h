/* A sorted set of address ranges that do not overlap, for pointers that come back from the program. */
#ifndef NPU_SIM_RANGES_H
#define NPU_SIM_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sim_range {
  uintptr_t address;
  size_t bytes;
  uint64_t accounted; /* bytes of HBM, or what else the owner keeps */
  uint32_t owner;     /* device number, or what else the owner keeps */
} sim_range;

typedef struct sim_ranges {
  sim_range *items;
  size_t count, room;
} sim_ranges;

/* False where there is no host memory. */
bool sim_ranges_add(sim_ranges *ranges, sim_range range);
/* The range that contains the address, or NULL. */
sim_range *sim_ranges_find(const sim_ranges *ranges, uintptr_t address);
void sim_ranges_remove(sim_ranges *ranges, sim_range *range);
/* First range at or after the address; count where there is none. */
size_t sim_ranges_lower_bound(const sim_ranges *ranges, uintptr_t address);

#endif
