/*
 * Who an address belongs to: device memory (allocated or mapped), pinned host memory, or any other host memory. Copies
 * take their direction from this, as AscendCL does.
 */
#ifndef NPU_SIM_MEMORY_H
#define NPU_SIM_MEMORY_H

#include "sim.h"

typedef enum {
  SIM_PLACE_DEVICE,
  SIM_PLACE_DEVICE_BAD, /* device address space, but not all of the range is memory */
  SIM_PLACE_PINNED,
  SIM_PLACE_HOST,
} sim_place;

typedef struct {
  void *base;
  size_t bytes;
  uint32_t device;
  uint32_t page_bytes;
  bool managed;    /* host and device share it */
  bool registered; /* by the program */
} sim_allocation;

sim_place sim_memory_place(const void *address, size_t bytes);

/* Reserves the device's address space. */
aclError sim_memory_open(sim_device *device);
/* Gives everything on the device back: allocations, physical memory, mappings. */
void sim_memory_close(sim_device *device);

/* Accounts for bytes of HBM; false where the device has not that much left. */
bool sim_hbm_take(uint32_t device, uint64_t bytes);
void sim_hbm_give(uint32_t device, uint64_t bytes);

/* vmm.c's part of the above. The memory lock is held. */
sim_place sim_vmm_place(uintptr_t address, size_t bytes);
void sim_vmm_close(uint32_t device);
bool sim_vmm_mapping(uintptr_t address, sim_allocation *found);

/* The file in which an allocated range lies, on a shared machine. */
bool sim_memory_file(const void *address, size_t bytes, uint32_t *device, int *file, uint64_t *offset);

/* Whole huge pages of the current context's device that host and device share: managed.c's. */
aclError sim_memory_allocate_managed(void **pointer, size_t size);
/* The allocation that holds the address; false where none does. */
bool sim_memory_allocation(const void *address, sim_allocation *found);
/* Host memory that the device can reach and that holds the address: host_memory.c's, as the next. */
bool sim_memory_pinned(const void *address, sim_allocation *found);
/* Whether all of the bytes are such memory. The memory lock is held. */
bool sim_host_memory_holds(uintptr_t address, size_t bytes);
/* HBM that this process has taken, now and at most. */
void sim_memory_usage(uint32_t device, uint64_t *now_bytes, uint64_t *most_bytes);

void sim_memory_lock(void);
void sim_memory_unlock(void);

#define SIM_SMALL_PAGE_BYTES 4096u
#define SIM_HUGE_PAGE_BYTES (2ull << 20)

#endif
