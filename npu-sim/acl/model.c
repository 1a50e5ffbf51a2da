/*
 * One instance of the execution model (npu-sim/model, through wasm2c) for each device. A trap in the model never ends
 * the process: the instance is given up, says so once, and its device's work then takes no time.
 */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#include "npu-sim-model.h"
#include "wasm-rt.h"

struct sim_model {
  w2c_npumodel instance;
  bool broken;
};

/* Runs `call` on the instance; a trap breaks the model and runs `otherwise`. */
#define IN_MODEL(model, call, otherwise)                                                          \
  do {                                                                                            \
    wasm_rt_frame frame;                                                                          \
    if ((model)->broken) {                                                                        \
      otherwise;                                                                                  \
    } else if (wasm_rt_enter(&frame) == 0) {                                                      \
      call;                                                                                       \
      wasm_rt_leave(&frame);                                                                      \
    } else {                                                                                      \
      (model)->broken = true;                                                                     \
      sim_fail(ACL_ERROR_INTERNAL_ERROR, "the execution model failed: %s at line %u",             \
               wasm_rt_trap_name(frame.trap), frame.abort_line);                                  \
      otherwise;                                                                                  \
    }                                                                                             \
  } while (0)

static bool instantiate(sim_model *model, uint32_t chip) {
  IN_MODEL(model,
           wasm2c_npumodel_instantiate(&model->instance, NULL);
           uint32_t ready = w2c_npumodel_init(&model->instance, chip);
           wasm_rt_leave(&frame);
           return ready != 0, return false);
}

sim_model *sim_model_create(uint32_t chip) {
  sim_model *model = calloc(1, sizeof *model);
  if (model == NULL || instantiate(model, chip)) return model;
  sim_model_destroy(model);
  return NULL;
}

void sim_model_destroy(sim_model *model) {
  wasm2c_npumodel_free(&model->instance);
  free(model);
}

sim_chip sim_model_chip(sim_model *model) {
  sim_chip chip = {0};
  IN_MODEL(model,
           chip.cube_cores = w2c_npumodel_cube_cores(&model->instance);
           chip.vector_cores = w2c_npumodel_vector_cores(&model->instance);
           chip.hbm_bytes = w2c_npumodel_hbm_bytes(&model->instance);
           chip.l2_bytes = w2c_npumodel_l2_bytes(&model->instance), (void)0);
  return chip;
}

bool sim_model_start_kernel(sim_model *model, const sim_work_request *r) {
  IN_MODEL(model,
           uint32_t started = w2c_npumodel_start_kernel(&model->instance, r->tag, r->in_graph, r->blocks,
                                                        (double)r->work.cube_ops, (double)r->work.vector_ops,
                                                        (double)r->work.hbm_bytes, (double)r->work.link_bytes);
           wasm_rt_leave(&frame);
           return started != 0, return false);
}

bool sim_model_start_copy(sim_model *model, uint32_t tag, bool in_graph, sim_direction direction, uint64_t bytes) {
  IN_MODEL(model,
           uint32_t started = w2c_npumodel_start_copy(&model->instance, tag, in_graph, (uint32_t)direction, (double)bytes);
           wasm_rt_leave(&frame);
           return started != 0, return false);
}

void sim_model_cancel(sim_model *model, uint32_t tag) {
  IN_MODEL(model, w2c_npumodel_cancel(&model->instance, tag), (void)0);
}

uint64_t sim_model_next(sim_model *model) {
  IN_MODEL(model,
           uint64_t next = w2c_npumodel_next(&model->instance);
           wasm_rt_leave(&frame);
           return next, return SIM_NEVER);
}

uint32_t sim_model_advance(sim_model *model, uint64_t to_ns, uint64_t *at_ns) {
  IN_MODEL(model,
           uint32_t tag = w2c_npumodel_advance(&model->instance, to_ns);
           *at_ns = w2c_npumodel_now(&model->instance);
           wasm_rt_leave(&frame);
           return tag, return SIM_NO_TAG);
}

uint64_t sim_model_next_of(sim_model *model, uint32_t first, uint32_t count) {
  IN_MODEL(model,
           uint64_t next = w2c_npumodel_next_of(&model->instance, first, count);
           wasm_rt_leave(&frame);
           return next, return SIM_NEVER);
}

void sim_model_cancel_of(sim_model *model, uint32_t first, uint32_t count) {
  IN_MODEL(model, w2c_npumodel_cancel_of(&model->instance, first, count), (void)0);
}

size_t sim_model_save(sim_model *model, void *to, size_t room) {
  volatile size_t bytes = 0;
  IN_MODEL(model,
           size_t written = w2c_npumodel_save(&model->instance);
           if (written <= room) {
             memcpy(to, model->instance.w2c_memory.data + w2c_npumodel_state_address(&model->instance), written);
             bytes = written;
           }, (void)0);
  return bytes;
}

bool sim_model_restore(sim_model *model, const void *from, size_t bytes) {
  IN_MODEL(model,
           uint32_t restored = 0;
           if (bytes <= w2c_npumodel_state_max_bytes(&model->instance)) {
             memcpy(model->instance.w2c_memory.data + w2c_npumodel_state_address(&model->instance), from, bytes);
             restored = w2c_npumodel_restore(&model->instance, (uint32_t)bytes);
           }
           wasm_rt_leave(&frame);
           return restored != 0, return false);
}

sim_totals sim_model_totals(sim_model *model, uint64_t span_ns) {
  sim_totals totals = {0};
  IN_MODEL(model,
           totals.busy_ns = w2c_npumodel_busy_ns(&model->instance);
           totals.cube_ops = w2c_npumodel_cube_ops_done(&model->instance);
           totals.vector_ops = w2c_npumodel_vector_ops_done(&model->instance);
           totals.hbm_bytes = w2c_npumodel_hbm_bytes_done(&model->instance);
           totals.link_bytes = w2c_npumodel_link_bytes_done(&model->instance);
           totals.copy_bytes = w2c_npumodel_copy_bytes_done(&model->instance);
           totals.cube_permille = w2c_npumodel_utilization_permille(&model->instance, 0, span_ns);
           totals.vector_permille = w2c_npumodel_utilization_permille(&model->instance, 1, span_ns);
           totals.hbm_permille = w2c_npumodel_utilization_permille(&model->instance, 2, span_ns), (void)0);
  return totals;
}

bool sim_model_broken(const sim_model *model) { return model->broken; }
