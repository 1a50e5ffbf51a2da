/* Where a loaded kernel binary is: in the host's memory, where its functions run, and as an image on each device. */
#ifndef NPU_SIM_BINARY_IMAGE_H
#define NPU_SIM_BINARY_IMAGE_H

#include <link.h>

#include "memory.h"

/* A binary as the loader placed it: addresses of its headers count from `base`. */
typedef struct {
  uintptr_t base;
  const ElfW(Phdr) *headers;
  size_t count;
} sim_placed;

sim_placed sim_binary_placed(const sim_binary *binary);

/* Engine lock held, for the next two. */

/* The binary ends: so do its images. */
void sim_binary_image_end(sim_binary *binary);
/* All memory of the device is gone, and images with it. */
void sim_binary_images_forget(const sim_device *device);

/* Variables of the binary are device memory no more. */
void sim_binary_variables_end(const sim_binary *binary);

/* The variable that the program asked for and that holds the address; false where none does. The memory lock is held. */
bool sim_variable_at(uintptr_t address, sim_allocation *found);

#endif
