/*
 * Notifies: semaphores of the device between streams, with a value of 0 or 1 or, as counting notifies, any 32 bits. A
 * stream changes one when it comes to that; a stream that waits for one takes it at the same moment, who came first.
 * CANN has the counting ones on later chips only; here every chip has them.
 */
#include "engine.h"
#include "graph.h"
#include "ipc.h"
#include "memory.h"
#include "signals.h"

sim_slab sim_signals = SIM_SLAB(sim_signal, (2u * SIM_NOTIFIES_PER_DEVICE + SIM_EVENTS_PER_DEVICE) * SIM_MAX_DEVICES);

static sim_signal *shared_ones;

void sim_signal_share(sim_signal *signal, uint32_t index, uint64_t serial) {
  signal->ipc = index;
  signal->ipc_serial = serial;
  signal->next_shared = shared_ones;
  shared_ones = signal;
}

void sim_signal_release(sim_signal *signal) {
  if (--signal->references > 0) return;
  if (signal->ipc != SIM_NONE) {
    sim_signal **link = &shared_ones;
    while (*link != signal) link = &(*link)->next_shared;
    *link = signal->next_shared;
    sim_ipc_notify_leave(signal->ipc);
  }
  sim_slab_give(&sim_signals, signal);
}

/* Streams that wait for a value in memory. */
static sim_stream *value_waits;

sim_stream **sim_signal_blocked(const sim_task *task) {
  return task->u.signal.signal != NULL ? &task->u.signal.signal->blocked : &value_waits;
}

/* A value in memory, which anything may change. */
static bool value_holds(const sim_task *task) {
  uint64_t value = __atomic_load_n(task->u.signal.address, __ATOMIC_ACQUIRE), wanted = task->u.signal.value;
  switch (task->u.signal.mode) {
    case ACL_STREAM_WAIT_VALUE_GEQ:
      return (int64_t)(value - wanted) >= 0;
    case ACL_STREAM_WAIT_VALUE_EQ:
      return value == wanted;
    case ACL_STREAM_WAIT_VALUE_AND:
      return (value & wanted) != 0;
    default:
      return ~(value | wanted) != 0;
  }
}

static bool holds(const sim_task *task) {
  if (task->u.signal.signal == NULL) return value_holds(task);
  uint32_t value = task->u.signal.signal->value, wanted = (uint32_t)task->u.signal.value;
  switch (task->u.signal.mode) {
    case ACL_RT_CNT_NOTIFY_WAIT_LESS_MODE:
      return value < wanted;
    case ACL_RT_CNT_NOTIFY_WAIT_EQUAL_MODE:
      return value == wanted;
    case ACL_RT_CNT_NOTIFY_WAIT_BIGGER_MODE:
      return value > wanted;
    case ACL_RT_CNT_NOTIFY_WAIT_BIGGER_OR_EQUAL_MODE:
      return value >= wanted;
    default:
      return (value & wanted) == wanted;
  }
}

bool sim_signal_take(const sim_task *task) {
  if (task->u.signal.signal != NULL && task->u.signal.signal->ipc != SIM_NONE) return sim_ipc_notify_take(task->u.signal.signal->ipc);
  if (!holds(task)) return false;
  if (task->u.signal.clear) task->u.signal.signal->value = 0;
  return true;
}

/* The operator at which a blocked stream stands. */
static const sim_task *operator_of(const sim_stream *stream) {
  const sim_task *task = stream->head;
  return task->kind == SIM_TASK_GRAPH ? sim_graph_node(stream) : task;
}

/* Those that wait get it in their order; what one takes the next one does not find. */
static void wake(sim_stream *first, uint64_t at_ns) {
  for (sim_stream *stream = first, *next; stream != NULL; stream = next) {
    next = stream->blocked_next;
    if (sim_signal_take(operator_of(stream))) sim_gate_open(stream, at_ns);
  }
}

sim_stream *sim_signal_take_shared(void) {
  for (const sim_signal *signal = shared_ones; signal != NULL; signal = signal->next_shared)
    if (signal->blocked != NULL && sim_ipc_notify_take(signal->ipc)) return signal->blocked;
  return NULL;
}

void sim_signal_look(uint64_t at_ns) {
  if (__builtin_expect(value_waits != NULL, 0)) wake(value_waits, at_ns);
}

void sim_signal_raise(const sim_task *task, uint64_t at_ns) {
  sim_signal *signal = task->u.signal.signal;
  if (signal == NULL) {
    __atomic_store_n(task->u.signal.address, task->u.signal.value, __ATOMIC_RELEASE);
    sim_signal_look(at_ns);
    return;
  }
  uint32_t value = (uint32_t)task->u.signal.value;
  if (signal->ipc != SIM_NONE) {
    sim_ipc_notify_set(signal->ipc, value, at_ns);
    return;
  }
  switch (task->u.signal.mode) {
    case ACL_RT_CNT_NOTIFY_RECORD_ADD_MODE:
      signal->value += value;
      break;
    case ACL_RT_CNT_NOTIFY_RECORD_BIT_OR_MODE:
      signal->value |= value;
      break;
    case ACL_RT_CNT_NOTIFY_RECORD_BIT_AND_MODE:
      signal->value &= value;
      break;
    default:
      signal->value = value;
      break;
  }
  wake(signal->blocked, at_ns);
}

aclError sim_signal_submit(sim_stream *stream, sim_signal *signal, sim_change change) {
  sim_task *task = sim_task_take(change.kind);
  if (task == NULL) return sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a task");
  task->u.signal.signal = signal;
  task->u.signal.mode = change.mode;
  task->u.signal.value = change.value;
  task->u.signal.clear = change.clear;
  task->timeout_ns = change.seconds * 1000000000ull;
  signal->references++;
  return sim_engine_submit(stream, task);
}

sim_signal *sim_signal_create(sim_device *device) {
  sim_signal *signal = sim_slab_take(&sim_signals);
  if (signal == NULL) return NULL;
  signal->device = device;
  signal->references = 1;
  signal->ipc = SIM_NONE;
  signal->ended = true; /* its owner's alone: the handle is no notify */
  return signal;
}

uint32_t sim_signal_value(const sim_signal *signal) { return signal->value; }

/* ---- made, ended, asked ---- */

static sim_signal *signal_of(const void *handle, bool counting, aclError *error) {
  sim_signal *signal = sim_slab_find(&sim_signals, handle);
  if (signal != NULL && (signal->ended || signal->counting != counting)) signal = NULL;
  *error = signal != NULL ? ACL_SUCCESS : sim_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is no %snotify", handle, counting ? "counting " : "");
  return signal;
}

static sim_signal *make(sim_device *device, bool counting, aclError *error) {
  uint32_t *count = counting ? &device->count_notifies : &device->notifies;
  sim_signal *signal = *count < SIM_NOTIFIES_PER_DEVICE ? sim_slab_take(&sim_signals) : NULL;
  *error = ACL_SUCCESS;
  if (signal == NULL) {
    *error = sim_fail(ACL_ERROR_RT_NO_NOTIFY_RESOURCE, "device %u has its %u notifies", device->index, *count);
    return NULL;
  }
  ++*count;
  signal->device = device;
  signal->references = 1;
  signal->counting = counting;
  signal->ipc = SIM_NONE;
  return signal;
}

sim_signal *sim_notify_create(sim_device *device, aclError *error) { return make(device, false, error); }

static aclError create(void **handle, bool counting) {
  sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  sim_engine_lock();
  aclError error;
  sim_signal *signal = make(context->device, counting, &error);
  if (signal != NULL) *handle = signal;
  sim_engine_unlock();
  return error;
}

sim_signal *sim_notify_of(const void *handle, aclError *error) { return signal_of(handle, false, error); }

static aclError destroy(void *handle, bool counting) {
  sim_engine_lock();
  aclError error;
  sim_signal *signal = signal_of(handle, counting, &error);
  if (signal != NULL) {
    signal->ended = true; /* what is queued still has it */
    --*(counting ? &signal->device->count_notifies : &signal->device->notifies);
    sim_signal_release(signal);
  }
  sim_engine_unlock();
  return error;
}

static aclError get_id(void *handle, bool counting, uint32_t *id) {
  sim_engine_lock();
  aclError error;
  const sim_signal *signal = signal_of(handle, counting, &error);
  if (signal != NULL) *id = signal->slot.index;
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtCreateNotify(aclrtNotify *notify, uint64_t flag) {
  if (flag != ACL_NOTIFY_DEFAULT && flag != ACL_NOTIFY_DEVICE_USE_ONLY) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "notify flag 0x%llx is not known", (unsigned long long)flag);
  }
  return create(notify, false);
}
aclError sim_aclrtDestroyNotify(aclrtNotify notify) { return destroy(notify, false); }
aclError sim_aclrtGetNotifyId(aclrtNotify notify, uint32_t *id) { return get_id(notify, false, id); }

aclError sim_aclrtCntNotifyCreate(aclrtCntNotify *notify, uint64_t flag) {
  if (flag != 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "notify flag 0x%llx: expected 0", (unsigned long long)flag);
  return create(notify, true);
}
aclError sim_aclrtCntNotifyDestroy(aclrtCntNotify notify) { return destroy(notify, true); }
aclError sim_aclrtCntNotifyGetId(aclrtCntNotify notify, uint32_t *id) { return get_id(notify, true, id); }

/* ---- on streams ---- */

static aclError submit(const void *handle, bool counting, aclrtStream stream_handle, sim_change change) {
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  sim_engine_lock();
  aclError error;
  sim_signal *signal = signal_of(handle, counting, &error);
  sim_stream *stream = signal != NULL ? sim_stream_of(stream_handle, &error) : NULL;
  if (stream != NULL && change.kind == SIM_TASK_AWAIT && stream->device != signal->device) {
    error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the notify is of device %u: no stream of another waits for it", signal->device->index);
  } else if (stream != NULL) {
    error = sim_signal_submit(stream, signal, change);
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtRecordNotify(aclrtNotify notify, aclrtStream stream) {
  return submit(notify, false, stream, (sim_change){SIM_TASK_RAISE, ACL_RT_CNT_NOTIFY_RECORD_SET_VALUE_MODE, SIM_RAISED, false, 0});
}

aclError sim_aclrtWaitAndResetNotify(aclrtNotify notify, aclrtStream stream, uint32_t timeout) {
  uint32_t seconds = timeout == UINT32_MAX ? 0 : timeout;
  return submit(notify, false, stream, (sim_change){SIM_TASK_AWAIT, ACL_RT_CNT_NOTIFY_WAIT_EQUAL_MODE, SIM_RAISED, true, seconds});
}

aclError sim_aclrtNotifyBatchReset(aclrtNotify *notifies, size_t count) {
  if (count == 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a reset of 0 notifies");
  if (sim_current() == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  sim_engine_lock();
  aclError error = ACL_SUCCESS;
  for (size_t i = 0; i < count && error == ACL_SUCCESS; i++) {
    sim_signal *signal = signal_of(notifies[i], false, &error);
    if (signal == NULL) break;
    if (signal->ipc != SIM_NONE) sim_ipc_notify_set(signal->ipc, 0, sim_engine.played_ns);
    else signal->value = 0;
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtCntNotifyRecord(aclrtCntNotify notify, aclrtStream stream, aclrtCntNotifyRecordInfo *info) {
  int mode = (int)info->mode;
  if (mode != ACL_RT_CNT_NOTIFY_RECORD_SET_VALUE_MODE && mode != ACL_RT_CNT_NOTIFY_RECORD_ADD_MODE &&
      mode != ACL_RT_CNT_NOTIFY_RECORD_BIT_OR_MODE && mode != ACL_RT_CNT_NOTIFY_RECORD_BIT_AND_MODE) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "record mode %d is not known", mode);
  }
  return submit(notify, true, stream, (sim_change){SIM_TASK_RAISE, (uint32_t)mode, info->value, false, 0});
}

aclError sim_aclrtCntNotifyWaitWithTimeout(aclrtCntNotify notify, aclrtStream stream, aclrtCntNotifyWaitInfo *info) {
  if ((int)info->mode < ACL_RT_CNT_NOTIFY_WAIT_LESS_MODE || (int)info->mode > ACL_RT_CNT_NOTIFY_WAIT_EQUAL_WITH_BITMASK_MODE) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "wait mode %d is not known", (int)info->mode);
  }
  return submit(notify, true, stream, (sim_change){SIM_TASK_AWAIT, (uint32_t)info->mode, info->value, info->isClear != 0, info->timeout});
}

aclError sim_aclrtCntNotifyReset(aclrtCntNotify notify, aclrtStream stream) {
  return submit(notify, true, stream, (sim_change){SIM_TASK_RAISE, ACL_RT_CNT_NOTIFY_RECORD_SET_VALUE_MODE, 0, false, 0});
}

/* ---- values in memory ---- */

aclError sim_value_check(const void *address) {
  if ((uintptr_t)address % sizeof(uint64_t) != 0) return sim_fail(ACL_ERROR_RT_ADDR_UNALIGNED, "%p is not aligned to 8", address);
  if (sim_memory_place(address, sizeof(uint64_t)) == SIM_PLACE_DEVICE) return ACL_SUCCESS;
  return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%p is no device memory", address);
}

static aclError submit_value(void *address, uint64_t value, uint32_t mode, sim_task_kind kind, aclrtStream handle) {
  aclError checked = sim_value_check(address);
  if (checked != ACL_SUCCESS) return checked;
  if (__builtin_expect(sim_null_mode, 0)) return ACL_SUCCESS;
  sim_engine_lock();
  aclError error;
  sim_stream *stream = sim_stream_of(handle, &error);
  if (stream != NULL) {
    sim_task *task = sim_task_take(kind);
    if (task == NULL) {
      error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a task");
    } else {
      task->u.signal.address = address;
      task->u.signal.value = value;
      task->u.signal.mode = mode;
      error = sim_engine_submit(stream, task);
    }
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtValueWrite(void *address, uint64_t value, uint32_t flag, aclrtStream stream) {
  if (flag != 0) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "flag %u: expected 0", flag);
  return submit_value(address, value, 0, SIM_TASK_RAISE, stream);
}

aclError sim_aclrtValueWait(void *address, uint64_t value, uint32_t flag, aclrtStream stream) {
  if (flag > ACL_STREAM_WAIT_VALUE_NOR) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "flag %u: expected 0 to 3", flag);
  return submit_value(address, value, flag, SIM_TASK_AWAIT, stream);
}
