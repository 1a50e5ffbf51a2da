/* Sorted address ranges in one array: found by bisection; programs hold few, so moving on insertion is cheap. */
#include "ranges.h"

#include <stdlib.h>
#include <string.h>

size_t sim_ranges_lower_bound(const sim_ranges *ranges, uintptr_t address) {
  size_t low = 0, high = ranges->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (ranges->items[middle].address < address) low = middle + 1;
    else high = middle;
  }
  return low;
}

bool sim_ranges_add(sim_ranges *ranges, sim_range range) {
  if (ranges->count == ranges->room) {
    size_t room = ranges->room == 0 ? 64 : ranges->room * 2;
    sim_range *items = realloc(ranges->items, room * sizeof *items);
    if (items == NULL) return false;
    ranges->items = items;
    ranges->room = room;
  }
  size_t at = sim_ranges_lower_bound(ranges, range.address);
  memmove(&ranges->items[at + 1], &ranges->items[at], (ranges->count - at) * sizeof range);
  ranges->items[at] = range;
  ranges->count++;
  return true;
}

sim_range *sim_ranges_find(const sim_ranges *ranges, uintptr_t address) {
  size_t at = sim_ranges_lower_bound(ranges, address);
  if (at < ranges->count && ranges->items[at].address == address) return &ranges->items[at];
  if (at == 0) return NULL;
  sim_range *before = &ranges->items[at - 1];
  return address - before->address < before->bytes ? before : NULL;
}

void sim_ranges_remove(sim_ranges *ranges, sim_range *range) {
  size_t at = (size_t)(range - ranges->items);
  memmove(range, range + 1, (ranges->count - at - 1) * sizeof *range);
  ranges->count--;
}
