/* Labels: places in what a persistent stream keeps, to jump to. Engine lock held, for all. */
#ifndef NPU_SIM_LABELS_H
#define NPU_SIM_LABELS_H

#include "sim.h"

/* Labels of a process (CANN's documentation of aclrtCreateLabel). */
#define SIM_LABELS 65535u

typedef struct sim_label {
  sim_slot slot;
  bool set;
  sim_graph *program; /* where it is */
  uint32_t node;
} sim_label;

typedef struct sim_label_list {
  sim_slot slot;
  uint32_t count;
  sim_label **labels;
} sim_label_list;

sim_label *sim_label_of(aclrtLabel handle, aclError *error);
sim_label_list *sim_label_list_of(aclrtLabelList handle, aclError *error);

#endif
