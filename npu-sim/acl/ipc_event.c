/*
 * Events that processes share. The machine counts an event's records and knows which of them are under way; in a
 * process that waits, a mirror (a record that nothing here completes) stands for one of them. Who completes a record
 * holds the machine at that time until every process that waits for it has looked, so waits end at the exact time.
 */
#include <string.h>

#include "engine.h"
#include "ipc.h"
#include "machine.h"
#include "signals.h"

/* What an aclrtIpcEventHandle holds. */
typedef struct {
  uint64_t machine; /* its first moment: another machine of the same name has another */
  uint64_t serial;
  uint32_t index, device;
} event_key;
_Static_assert(sizeof(event_key) <= sizeof(aclrtIpcEventHandle), "the handle is too small");

static sim_record *mirrors; /* linked by next_free: a record on this list is not free */
static uint32_t uses[SIM_IPC_EVENTS];

aclError sim_ipc_check(const char *what) {
  if (sim_shared != NULL) return ACL_SUCCESS;
  return sim_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT,
                  "%s: this process has a simulated machine of its own; set FLEXNPU_SIM_MACHINE to share one", what);
}

static sim_ipc_event *entry_at(uint32_t index) { return &sim_shared->events[index]; }
static uint32_t *pending_of(sim_ipc_event *entry, uint64_t number) { return &entry->pending[number % SIM_IPC_RECORDS]; }
static uint64_t my_bit(void) { return 1ull << sim_my_index; }

static bool under_way(const sim_ipc_event *entry, uint64_t serial, uint64_t number) {
  return entry->serial == serial && number > 0 && entry->pending[number % SIM_IPC_RECORDS] != 0;
}

aclError sim_ipc_event_create(sim_event *event) {
  aclError error = sim_ipc_check("an event for several processes");
  if (error != ACL_SUCCESS) return error;
  sim_machine_lock();
  uint32_t index = 0;
  while (index < SIM_IPC_EVENTS && entry_at(index)->holders != 0) index++;
  if (index < SIM_IPC_EVENTS) {
    sim_ipc_event *entry = entry_at(index);
    sim_machine_note(entry, sizeof *entry);
    SIM_NOTE(sim_shared->serial);
    *entry = (sim_ipc_event){.holders = my_bit(), .serial = ++sim_shared->serial};
    uses[index] = 1;
    event->ipc = index;
    event->ipc_serial = entry->serial;
  }
  sim_machine_unlock();
  if (index < SIM_IPC_EVENTS) return ACL_SUCCESS;
  return sim_fail(ACL_ERROR_RT_NO_EVENT_RESOURCE, "the machine has its %u shared events", SIM_IPC_EVENTS);
}

void sim_ipc_event_destroy(sim_event *event) {
  if (event->ipc == SIM_NONE || --uses[event->ipc] > 0) return;
  sim_machine_lock();
  SIM_NOTE(entry_at(event->ipc)->holders);
  entry_at(event->ipc)->holders &= ~my_bit();
  sim_machine_unlock();
}

aclError sim_ipc_record(sim_event *event, sim_record *record) {
  sim_machine_lock();
  sim_ipc_event *entry = entry_at(event->ipc);
  uint32_t *pending = pending_of(entry, entry->latest + 1);
  aclError error = ACL_SUCCESS;
  if (*pending != 0) {
    error = sim_fail(ACL_ERROR_RT_NO_EVENT_RESOURCE, "%u records of a shared event are under way", SIM_IPC_RECORDS);
  } else {
    SIM_NOTE(entry->latest);
    SIM_NOTE(*pending);
    *pending = sim_my_index + 1;
    record->ipc = event->ipc;
    record->ipc_serial = entry->serial;
    record->ipc_number = ++entry->latest;
  }
  sim_machine_unlock();
  return error;
}

bool sim_ipc_complete_now(const sim_event *event) {
  sim_machine_lock();
  const sim_ipc_event *entry = entry_at(event->ipc);
  bool done = !under_way(entry, event->ipc_serial, entry->latest);
  sim_machine_unlock();
  return done;
}

sim_record *sim_ipc_mirror(sim_event *event, aclError *error) {
  *error = ACL_SUCCESS;
  sim_record *mirror = sim_record_create();
  if (mirror == NULL) {
    *error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no host memory for a wait");
    return NULL;
  }
  sim_machine_lock();
  sim_ipc_event *entry = entry_at(event->ipc);
  bool wait = under_way(entry, event->ipc_serial, entry->latest);
  if (wait) {
    SIM_NOTE(entry->waiting);
    entry->waiting |= my_bit();
    mirror->ipc_event = event->ipc;
    mirror->ipc_serial = entry->serial;
    mirror->ipc_number = entry->latest;
  }
  sim_machine_unlock();
  if (!wait) {
    sim_record_release(mirror);
    return NULL;
  }
  mirror->references++;
  mirror->next_free = mirrors;
  mirrors = mirror;
  return mirror;
}

void sim_ipc_announce(uint64_t *waiting, uint64_t at_ns) {
  for (uint32_t i = 0; i < SIM_MEMBERS; i++) {
    sim_member *member = &sim_shared->members[i];
    if (!(*waiting >> i & 1) || !member->used) continue;
    SIM_NOTE(member->ipc_ns);
    if (at_ns < member->ipc_ns) __atomic_store_n(&member->ipc_ns, at_ns, __ATOMIC_RELEASE);
    sim_member_settle(i);
    sim_machine_tell(i);
  }
  sim_machine_note(waiting, sizeof *waiting);
  *waiting = 0;
}

void sim_ipc_complete(const sim_record *record, uint64_t at_ns) {
  sim_machine_lock();
  sim_ipc_event *entry = entry_at(record->ipc);
  if (under_way(entry, record->ipc_serial, record->ipc_number)) {
    uint32_t *pending = pending_of(entry, record->ipc_number);
    SIM_NOTE(*pending);
    *pending = 0;
    sim_ipc_announce(&entry->waiting, at_ns > sim_shared->now_ns ? at_ns : sim_shared->now_ns);
  }
  sim_machine_unlock();
}

/* A mirror whose record is done, off the list; NULL: none. Those that wait on are told of the next completion. */
static sim_record *done_mirror(void) {
  for (sim_record **link = &mirrors; *link != NULL; link = &(*link)->next_free) {
    sim_record *mirror = *link;
    sim_ipc_event *entry = entry_at(mirror->ipc_event);
    if (under_way(entry, mirror->ipc_serial, mirror->ipc_number)) {
      SIM_NOTE(entry->waiting);
      entry->waiting |= my_bit();
      sim_machine_commit(); /* there may be more of them than notes have room */
      continue;
    }
    *link = mirror->next_free;
    mirror->next_free = NULL;
    return mirror;
  }
  return NULL;
}

bool sim_ipc_look(void) {
  sim_member *me = sim_me();
  if (__atomic_load_n(&me->ipc_ns, __ATOMIC_ACQUIRE) == SIM_NEVER) return false;
  for (;;) {
    sim_machine_lock();
    uint64_t at_ns = me->ipc_ns;
    sim_record *mirror = done_mirror();
    sim_stream *stream = mirror == NULL ? sim_signal_take_shared() : NULL;
    bool over = mirror == NULL && stream == NULL;
    if (over) {
      SIM_NOTE(me->ipc_ns);
      __atomic_store_n(&me->ipc_ns, SIM_NEVER, __ATOMIC_RELEASE);
      sim_member_settle(sim_my_index);
    }
    sim_machine_unlock();
    if (over) return true;
    if (stream != NULL) {
      sim_gate_open(stream, at_ns);
      continue;
    }
    sim_record_complete(mirror, at_ns);
    sim_record_release(mirror);
  }
}

void sim_ipc_bury_events(uint32_t member) {
  for (uint32_t i = 0; i < SIM_IPC_EVENTS; i++) {
    sim_ipc_event *entry = entry_at(i);
    if (entry->holders == 0) continue;
    bool ended = false;
    sim_machine_note(entry, sizeof *entry);
    for (uint32_t j = 0; j < SIM_IPC_RECORDS; j++) {
      if (entry->pending[j] != member + 1) continue;
      entry->pending[j] = 0; /* it will not come: who waits goes on */
      ended = true;
    }
    entry->holders &= ~(1ull << member);
    entry->waiting &= ~(1ull << member);
    if (ended) sim_ipc_announce(&entry->waiting, sim_shared->now_ns);
    sim_machine_commit();
  }
}

/* ---- the two calls ---- */

static sim_event *shared_event_of(aclrtEvent handle, aclError *error) {
  sim_event *event = sim_slab_find(&sim_events, handle);
  *error = ACL_SUCCESS;
  if (event == NULL) *error = sim_fail(ACL_ERROR_RT_INVALID_HANDLE, "%p is no event", handle);
  else if (event->ipc == SIM_NONE) *error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the event was made without ACL_EVENT_IPC");
  return *error == ACL_SUCCESS ? event : NULL;
}

aclError sim_aclrtIpcGetEventHandle(aclrtEvent handle, aclrtIpcEventHandle *shared) {
  sim_engine_lock();
  aclError error;
  sim_event *event = shared_event_of(handle, &error);
  if (event != NULL) {
    event_key key = {sim_shared->clock_zero_ns, event->ipc_serial, event->ipc, event->device->index};
    memset(shared, 0, sizeof *shared);
    memcpy(shared, &key, sizeof key);
  }
  sim_engine_unlock();
  return error;
}

aclError sim_aclrtIpcOpenEventHandle(aclrtIpcEventHandle shared, aclrtEvent *handle) {
  aclError error = sim_ipc_check("aclrtIpcOpenEventHandle");
  if (error != ACL_SUCCESS) return error;
  event_key key;
  memcpy(&key, &shared, sizeof key);
  sim_context *context = sim_current();
  if (context == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  if (key.machine != sim_shared->clock_zero_ns || key.index >= SIM_IPC_EVENTS) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the handle is of no event of this machine");
  }
  sim_engine_lock();
  sim_event *event = sim_event_create(context->device, ACL_EVENT_IPC, true, &error);
  if (event != NULL) {
    sim_machine_lock();
    sim_ipc_event *entry = entry_at(key.index);
    bool lives = entry->holders != 0 && entry->serial == key.serial;
    if (lives) {
      SIM_NOTE(entry->holders);
      entry->holders |= my_bit();
      uses[key.index]++;
      event->ipc = key.index;
      event->ipc_serial = key.serial;
    }
    sim_machine_unlock();
    if (lives) {
      *handle = event;
    } else {
      sim_event_end(event);
      error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the event of the handle is gone");
    }
  }
  sim_engine_unlock();
  return error;
}
