/*
 * What processes on a shared machine share besides its devices: events (ipc_event.c), notifies (ipc_notify.c) and device
 * memory (ipc_memory.c).
 * An entry lives in the machine as long as any member holds it; a dead member's holds are taken away by the machine.
 */
#ifndef NPU_SIM_IPC_H
#define NPU_SIM_IPC_H

#include "sim.h"

/* ---- both ---- */

/* Takes away what the dead member held. Machine lock held. */
void sim_ipc_bury(uint32_t member);
void sim_ipc_bury_events(uint32_t member);
void sim_ipc_bury_notifies(uint32_t member);
/* Members of `*waiting` look at `at_ns`; nobody waits any more. Machine lock held. */
void sim_ipc_announce(uint64_t *waiting, uint64_t at_ns);
/* 207000 where the process has a machine of its own. */
aclError sim_ipc_check(const char *what);

/* More processes may use what is shared, besides those that were named. Machine lock held, for both. */
struct sim_ipc_guests;
aclError sim_ipc_allow(struct sim_ipc_guests *guests, const int32_t *pids, size_t count);
bool sim_ipc_allowed(const struct sim_ipc_guests *guests);

/* ---- events. Engine lock held ---- */

/* Makes the event known to the machine. */
aclError sim_ipc_event_create(sim_event *event);
void sim_ipc_event_destroy(sim_event *event);
/* The record is the event's latest now, for all who share it. */
aclError sim_ipc_record(sim_event *event, sim_record *record);
/* A record that completes with the event's latest one, for a wait; NULL: it is complete, or (error) none can be made. */
sim_record *sim_ipc_mirror(sim_event *event, aclError *error);
bool sim_ipc_complete_now(const sim_event *event);
static inline bool sim_ipc_is_shared(const sim_record *record) { return record->ipc != SIM_NONE; }
/* This process's record is done. */
void sim_ipc_complete(const sim_record *record, uint64_t at_ns);
/* Completes mirrors whose records are done, and lets streams take notifies that are up; false: nothing to look at. */
bool sim_ipc_look(void);

/* ---- notifies. Engine lock held ---- */

/* The shared notify has this value from `at_ns` on. */
void sim_ipc_notify_set(uint32_t index, uint32_t value, uint64_t at_ns);
/* Takes the notify if it is up; else this process hears of it. Machine lock held. */
bool sim_ipc_notify_take(uint32_t index);
/* A use of this process's ends. */
void sim_ipc_notify_leave(uint32_t index);

/* ---- memory. Memory lock held ---- */

/* Device memory of another process, mapped here. */
bool sim_ipc_holds(uintptr_t address, size_t bytes, bool *inside);
/* The memory is freed: it is shared no longer from here. */
void sim_ipc_freed(uint32_t device, uint64_t offset, uint64_t bytes);
void sim_ipc_close_device(uint32_t device);
/* HBM that is charged to nobody's allocations: its maker is gone, but others hold it. Machine lock held. */
uint64_t sim_ipc_orphaned_bytes(uint32_t device);

/* Physical memory (vmm.c): an entry's number, SIM_NONE for none; `*file` and size of an imported one. */
aclError sim_ipc_physical_export(uint32_t device, int file, uint64_t bytes, bool open_to_all, uint64_t *shareable);
aclError sim_ipc_physical_import(uint64_t shareable, int *file, uint64_t *bytes, uint32_t *device);
aclError sim_ipc_physical_pids(uint64_t shareable, const int32_t *pids, size_t count);
void sim_ipc_physical_release(uint64_t shareable);

#endif
