/* What the forms of copies share: checks of addresses, and the two ways to run one. */
#ifndef NPU_SIM_COPY_H
#define NPU_SIM_COPY_H

#include "sim.h"

/* What is to be copied: direction and whether the host's side is pageable. */
typedef struct {
  sim_direction direction;
  bool host_to_host;
  bool pageable;
} sim_copy_plan;

aclError sim_copy_check(const void *to, size_t room, const void *from, size_t bytes, aclrtMemcpyKind kind, sim_copy_plan *plan);
/* Runs a task (NULL: there was no host memory) on a stream of its own and waits for it. Engine lock held. */
aclError sim_copy_alone(sim_device *device, sim_task *task);
/* Queues it; waits for it where the host's side is pageable. Takes the task in any case. Engine lock held. */
aclError sim_copy_submit(aclrtStream stream, sim_task *task, bool pageable);

#endif
