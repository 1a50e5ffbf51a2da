/*
 * The devices' models on a shared machine. Each member has instances of its own; the state that counts lies in the
 * machine, two copies a device. Whoever has the lock brings its instance up to it before use and writes the other copy
 * at the commit, so a member that dies while the model computes has changed nothing.
 */
#include <string.h>

#include "machine.h"

typedef struct {
  sim_model *model;
  uint64_t version; /* state that it is in */
  bool changed;
} my_model;

static my_model models[SIM_MAX_DEVICES];

/* Other members open devices that this one never uses; it plays them all the same. */
static sim_model *model_of(uint32_t device) {
  my_model *mine = &models[device];
  if (mine->model == NULL) mine->model = sim_model_create(sim_shared->chip);
  return mine->model;
}

sim_model *sim_machine_model(uint32_t device) {
  sim_device_state *state = &sim_shared->device[device];
  if (state->version == 0) return NULL;
  my_model *mine = &models[device];
  sim_model *model = model_of(device);
  if (model != NULL && mine->version != state->version && !mine->changed) {
    sim_model_restore(model, sim_shared->states[device][state->which], state->bytes);
    mine->version = state->version;
  }
  return model;
}

sim_model *sim_machine_model_to_change(uint32_t device) {
  sim_model *model = sim_machine_model(device);
  models[device].changed = model != NULL;
  return model;
}

static void save(uint32_t device) {
  sim_device_state *state = &sim_shared->device[device];
  my_model *mine = &models[device];
  uint32_t other = 1u - state->which;
  size_t bytes = sim_model_save(mine->model, sim_shared->states[device][other], SIM_STATE_BYTES);
  mine->changed = false;
  if (bytes == 0) return; /* a broken model: it says so itself, and its work takes no time */
  sim_machine_note(state, sizeof *state);
  state->which = other;
  state->bytes = (uint32_t)bytes;
  mine->version = ++state->version;
}

void sim_machine_models_save(void) {
  for (uint32_t i = 0; i < sim_shared->devices; i++) {
    if (models[i].changed) save(i);
  }
}

aclError sim_machine_open_device(uint32_t device, sim_model *model) {
  sim_machine_lock();
  models[device].model = model;
  models[device].version = 0;
  if (sim_shared->device[device].version == 0) save(device);
  sim_machine_unlock();
  return ACL_SUCCESS;
}
