/*
 * Notifies that processes share: from its export on a notify's value is the machine's. Who raises one holds the machine at
 * that time until every process that waits for it has looked, as with events, so waits end at the exact time; who looks
 * first takes it.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "ipc.h"
#include "machine.h"
#include "signals.h"

#define KEY_BYTES 65u

static uint32_t uses[SIM_IPC_NOTIFIES]; /* signals of this process */

static sim_ipc_notify *entry_at(uint32_t index) { return &sim_shared->notifies[index]; }
static uint64_t my_bit(void) { return 1ull << sim_my_index; }

void sim_ipc_notify_set(uint32_t index, uint32_t value, uint64_t at_ns) {
  sim_machine_lock();
  sim_ipc_notify *entry = entry_at(index);
  SIM_NOTE(entry->value);
  entry->value = value;
  if (value != 0) sim_ipc_announce(&entry->waiting, at_ns > sim_shared->now_ns ? at_ns : sim_shared->now_ns);
  sim_machine_unlock();
}

bool sim_ipc_notify_take(uint32_t index) {
  sim_ipc_notify *entry = entry_at(index);
  if (entry->value == 0) {
    if ((entry->waiting & my_bit()) == 0) SIM_NOTE(entry->waiting);
    entry->waiting |= my_bit();
    return false;
  }
  SIM_NOTE(entry->value);
  entry->value = 0;
  return true;
}

void sim_ipc_notify_leave(uint32_t index) {
  if (--uses[index] > 0) return;
  sim_machine_lock();
  SIM_NOTE(entry_at(index)->holders);
  entry_at(index)->holders &= ~my_bit();
  sim_machine_unlock();
}

void sim_ipc_bury_notifies(uint32_t member) {
  for (uint32_t i = 0; i < SIM_IPC_NOTIFIES; i++) {
    sim_ipc_notify *entry = entry_at(i);
    if (((entry->holders | entry->waiting) >> member & 1) == 0) continue;
    sim_machine_note(entry, sizeof *entry);
    entry->holders &= ~(1ull << member);
    entry->waiting &= ~(1ull << member);
    sim_machine_commit();
  }
}

/* ---- the calls ---- */

/* Makes the notify one that processes share; what waits for it here hears of it from the machine. */
static aclError share(sim_signal *signal) {
  uint32_t index = 0;
  uint64_t serial = 0;
  sim_machine_lock();
  while (index < SIM_IPC_NOTIFIES && entry_at(index)->holders != 0) index++;
  if (index < SIM_IPC_NOTIFIES) {
    sim_ipc_notify *entry = entry_at(index);
    sim_machine_note(entry, sizeof *entry);
    SIM_NOTE(sim_shared->serial);
    serial = ++sim_shared->serial;
    *entry = (sim_ipc_notify){.holders = my_bit(), .serial = serial, .value = signal->value, .device = signal->device->index};
    if (signal->blocked != NULL) entry->waiting = my_bit();
  }
  sim_machine_unlock();
  if (serial == 0) return sim_fail(ACL_ERROR_RT_NO_NOTIFY_RESOURCE, "the machine has its %u shared notifies", SIM_IPC_NOTIFIES);
  uses[index] = 1;
  sim_signal_share(signal, index, serial);
  return ACL_SUCCESS;
}

aclError sim_aclrtNotifyGetExportKey(aclrtNotify notify, char *key, size_t bytes, uint64_t flags) {
  aclError error = sim_ipc_check("aclrtNotifyGetExportKey");
  if (error != ACL_SUCCESS) return error;
  if (bytes < KEY_BYTES) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a key takes %u bytes, not %zu", KEY_BYTES, bytes);
  if (flags != ACL_RT_NOTIFY_EXPORT_FLAG_DEFAULT && flags != ACL_RT_NOTIFY_EXPORT_FLAG_DISABLE_PID_VALIDATION)
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "flags %llu are not known", (unsigned long long)flags);
  sim_engine_lock();
  sim_signal *signal = sim_notify_of(notify, &error);
  if (signal != NULL && signal->ipc == SIM_NONE) error = share(signal);
  if (error == ACL_SUCCESS) {
    if (flags == ACL_RT_NOTIFY_EXPORT_FLAG_DISABLE_PID_VALIDATION) {
      sim_machine_lock();
      SIM_NOTE(entry_at(signal->ipc)->guests.open_to_all);
      entry_at(signal->ipc)->guests.open_to_all = 1;
      sim_machine_unlock();
    }
    snprintf(key, KEY_BYTES, "flexnpu-sim-notify-%llx-%x-%llx", (unsigned long long)sim_shared->clock_zero_ns, signal->ipc,
             (unsigned long long)signal->ipc_serial);
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtNotifySetImportPid(aclrtNotify notify, int32_t *pids, size_t count) {
  aclError error = sim_ipc_check("aclrtNotifySetImportPid");
  if (error != ACL_SUCCESS) return error;
  sim_engine_lock();
  const sim_signal *signal = sim_notify_of(notify, &error);
  if (signal != NULL && signal->ipc == SIM_NONE) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the notify has no key (aclrtNotifyGetExportKey)");
  } else if (signal != NULL) {
    sim_machine_lock();
    if (count == 0) error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "no process is named");
    else error = sim_ipc_allow(&entry_at(signal->ipc)->guests, pids, count);
    sim_machine_unlock();
  }
  sim_engine_unlock();
  return error;
}

/* This process holds the notify of the key from here on; its device. */
static aclError join(const char *key, uint32_t *index, uint64_t *serial, uint32_t *device) {
  unsigned long long machine = 0, number = 0;
  int length = 0;
  if (strnlen(key, KEY_BYTES) == KEY_BYTES || sscanf(key, "flexnpu-sim-notify-%llx-%x-%llx%n", &machine, index, &number, &length) != 3 ||
      key[length] != '\0' || machine != sim_shared->clock_zero_ns || *index >= SIM_IPC_NOTIFIES)
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the key is of no notify of this machine");
  *serial = number;
  aclError error = ACL_SUCCESS;
  sim_machine_lock();
  sim_ipc_notify *entry = entry_at(*index);
  if (entry->holders == 0 || entry->serial != number) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the notify of the key is gone");
  } else if (!sim_ipc_allowed(&entry->guests)) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "process %d is not on the list of the notify", (int)getpid());
  } else {
    SIM_NOTE(entry->holders);
    entry->holders |= my_bit();
    uses[*index]++;
    *device = entry->device;
  }
  sim_machine_unlock();
  return error;
}

aclError sim_aclrtNotifyImportByKey(aclrtNotify *notify, const char *key, uint64_t flags) {
  aclError error = sim_ipc_check("aclrtNotifyImportByKey");
  if (error != ACL_SUCCESS) return error;
  if (flags != ACL_RT_NOTIFY_IMPORT_FLAG_DEFAULT && flags != ACL_RT_NOTIFY_IMPORT_FLAG_ENABLE_PEER_ACCESS)
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "flags %llu are not known", (unsigned long long)flags);
  if (sim_current() == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  uint32_t index = 0, device = 0;
  uint64_t serial = 0;
  sim_engine_lock();
  error = join(key, &index, &serial, &device);
  bool joined = error == ACL_SUCCESS;
  sim_device *of = joined ? sim_device_at((int32_t)device, &error) : NULL;
  sim_signal *signal = of != NULL ? sim_notify_create(of, &error) : NULL;
  if (signal != NULL) {
    sim_signal_share(signal, index, serial);
    *notify = signal;
  } else if (joined) {
    sim_ipc_notify_leave(index);
  }
  sim_engine_unlock();
  return error;
}
