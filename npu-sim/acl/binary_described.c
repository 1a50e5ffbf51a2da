/* Kernel binaries in the program's memory that are described first and loaded later: the bytes stay the program's. */
#include "engine.h"

typedef struct {
  sim_slot slot;
  const void *data;
  size_t bytes;
} described;

static sim_slab descriptions = SIM_SLAB(described, 4096);

static described *described_of(const void *handle, aclError *error) {
  described *d = sim_slab_find(&descriptions, handle);
  *error = d != NULL ? ACL_SUCCESS : sim_fail(ACL_ERROR_INVALID_PARAM, "%p describes no kernel binary", handle);
  return d;
}

aclrtBinary sim_aclrtCreateBinary(const void *data, size_t bytes) {
  if (data == NULL) return NULL;
  sim_engine_lock();
  described *d = sim_slab_take(&descriptions);
  if (d != NULL) {
    d->data = data;
    d->bytes = bytes;
  }
  sim_engine_unlock();
  return d;
}

aclError sim_aclrtDestroyBinary(aclrtBinary binary) {
  sim_engine_lock();
  aclError error;
  described *d = described_of(binary, &error);
  if (d != NULL) sim_slab_give(&descriptions, d);
  sim_engine_unlock();
  return error;
}

/* To the current context's device in CANN, so there has to be one. */
aclError sim_aclrtBinaryLoad(const aclrtBinary binary, aclrtBinHandle *handle) {
  sim_engine_lock();
  aclError error;
  const described *d = described_of(binary, &error);
  described copy = {0};
  if (d != NULL) copy = *d;
  sim_engine_unlock();
  if (error != ACL_SUCCESS) return error;
  if (sim_current() == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  return sim_aclrtBinaryLoadFromData(copy.data, copy.bytes, NULL, handle);
}
