/* Managed memory ends as all memory does: memory.c says so, with its lock. */
#ifndef NPU_SIM_MANAGED_H
#define NPU_SIM_MANAGED_H

#include "sim.h"

/* An allocation of the device is freed, managed or not. */
void sim_managed_freed(uint32_t device, uintptr_t base);
/* All of the device's are. */
void sim_managed_close(uint32_t device);

#endif
