/*
 * Device memory that processes share. On a shared machine device memory lies in files in memory; an entry says which
 * file of which process, and others open it through /proc/PID/fd, so nothing is left behind when all of them are gone.
 * HBM stays charged to who allocated it; once that process has freed it or died, to the entry, until its last holder.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "addresses.h"
#include "ipc.h"
#include "machine.h"
#include "memory.h"
#include "ranges.h"

#define KEY_BYTES 65u
#define HOST_PAGE_BYTES 4096u

/* Mapped here: address and size as given out, owner: the entry, accounted: its serial. */
static sim_ranges imported;

static sim_ipc_memory *entry_at(uint32_t index) { return &sim_shared->memories[index]; }
static uint64_t my_bit(void) { return 1ull << sim_my_index; }
static bool mine(const sim_ipc_memory *entry) {
  return entry->owner == sim_my_index && entry->owner_generation == sim_me()->generation;
}

/* The entry of a number, or NULL. Machine lock held. */
static sim_ipc_memory *find(uint32_t index, uint64_t serial) {
  if (index >= SIM_IPC_MEMORIES) return NULL;
  sim_ipc_memory *entry = entry_at(index);
  return entry->holders != 0 && entry->serial == serial ? entry : NULL;
}

/* A new entry of this process; NULL: no room. Machine lock held. */
static sim_ipc_memory *make(sim_ipc_memory what, uint32_t *index) {
  for (uint32_t i = 0; i < SIM_IPC_MEMORIES; i++) {
    sim_ipc_memory *entry = entry_at(i);
    if (entry->holders != 0) continue;
    sim_machine_note(entry, sizeof *entry);
    SIM_NOTE(sim_shared->serial);
    *entry = what;
    entry->holders = my_bit();
    entry->serial = ++sim_shared->serial;
    entry->owner = sim_my_index;
    entry->owner_generation = sim_me()->generation;
    entry->owner_pid = (int32_t)getpid();
    *index = i;
    return entry;
  }
  return NULL;
}

static void let_go(sim_ipc_memory *entry, uint32_t member) {
  SIM_NOTE(entry->holders);
  entry->holders &= ~(1ull << member);
}

/* Its maker's allocation is no more; whoever still holds it has it charged to the entry. */
static void orphan(sim_ipc_memory *entry) {
  SIM_NOTE(entry->orphaned);
  entry->orphaned = 1;
  let_go(entry, entry->owner);
}

aclError sim_ipc_allow(sim_ipc_guests *guests, const int32_t *pids, size_t count) {
  if (count > SIM_IPC_PIDS - guests->pid_count) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "more than %u processes", SIM_IPC_PIDS);
  }
  sim_machine_note(guests, sizeof *guests);
  for (size_t i = 0; i < count; i++) guests->pids[guests->pid_count++] = pids[i];
  return ACL_SUCCESS;
}

bool sim_ipc_allowed(const sim_ipc_guests *guests) {
  for (uint32_t i = 0; i < guests->pid_count; i++) {
    if (guests->pids[i] == (int32_t)getpid()) return true;
  }
  return guests->open_to_all != 0;
}

/* Opens the entry's file and becomes a holder; -1 with `*error`. */
static int join(uint32_t index, uint64_t serial, sim_ipc_memory *copy, aclError *error) {
  sim_machine_lock();
  sim_ipc_memory *entry = find(index, serial);
  int file = -1;
  *error = ACL_SUCCESS;
  if (entry == NULL) {
    *error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "no memory is shared under this key");
  } else if (!sim_ipc_allowed(&entry->guests)) {
    *error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "process %d is not on the list of the shared memory", (int)getpid());
  } else if (mine(entry)) {
    *error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the shared memory is this process's own");
  } else if (entry->orphaned || !sim_member_alive(entry->owner)) {
    *error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the process that shared the memory has freed it or is gone");
  } else {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", entry->owner_pid, entry->file);
    file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) *error = sim_fail(ACL_ERROR_RT_IPC_ERROR, "%s: %s", path, strerror(errno));
  }
  if (file >= 0) {
    SIM_NOTE(entry->holders);
    entry->holders |= my_bit();
    *copy = *entry;
  }
  sim_machine_unlock();
  return file;
}

static void leave(uint32_t index, uint64_t serial) {
  sim_machine_lock();
  sim_ipc_memory *entry = find(index, serial);
  if (entry != NULL) let_go(entry, sim_my_index);
  sim_machine_unlock();
}

uint64_t sim_ipc_orphaned_bytes(uint32_t device) {
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < SIM_IPC_MEMORIES; i++) {
    const sim_ipc_memory *entry = entry_at(i);
    if (entry->holders != 0 && entry->device == device && entry->orphaned) bytes += entry->bytes;
  }
  return bytes;
}

void sim_ipc_bury(uint32_t member) {
  for (uint32_t i = 0; i < SIM_IPC_MEMORIES; i++) {
    sim_ipc_memory *entry = entry_at(i);
    bool owned = entry->owner == member && entry->owner_generation == sim_shared->members[member].generation;
    if (entry->holders != 0 && owned && !entry->orphaned) orphan(entry);
    else if (entry->holders >> member & 1) let_go(entry, member);
    if (i % 256 == 255) sim_machine_commit();
  }
  sim_ipc_bury_events(member);
  sim_ipc_bury_notifies(member);
}

bool sim_ipc_holds(uintptr_t address, size_t bytes, bool *inside) {
  const sim_range *range = imported.count > 0 ? sim_ranges_find(&imported, address) : NULL;
  if (range == NULL) return false;
  *inside = bytes <= range->bytes - (address - range->address);
  return true;
}

/* Takes the import away. Memory lock held. */
static void unmap(sim_range *range) {
  uintptr_t first = range->address / HOST_PAGE_BYTES * HOST_PAGE_BYTES;
  munmap((void *)first, range->address + range->bytes - first);
  leave(range->owner, range->accounted);
  sim_ranges_remove(&imported, range);
}

void sim_ipc_freed(uint32_t device, uint64_t offset, uint64_t bytes) {
  sim_machine_lock();
  for (uint32_t i = 0; i < SIM_IPC_MEMORIES; i++) {
    sim_ipc_memory *entry = entry_at(i);
    if (entry->holders == 0 || !mine(entry) || entry->physical || entry->device != device) continue;
    if (entry->offset >= offset && entry->offset - offset < bytes) orphan(entry);
    if (i % 256 == 255) sim_machine_commit();
  }
  sim_machine_unlock();
}

void sim_ipc_close_device(uint32_t device) {
  for (size_t i = imported.count; i > 0; i--) {
    if (entry_at(imported.items[i - 1].owner)->device == device) unmap(&imported.items[i - 1]);
  }
  sim_ipc_freed(device, 0, SIM_NEVER);
}

/* ---- by key ---- */

/* "flexnpu-sim", machine, entry, serial. */
static void write_key(char *key, uint32_t index, uint64_t serial) {
  snprintf(key, KEY_BYTES, "flexnpu-sim-%llx-%x-%llx", (unsigned long long)sim_shared->clock_zero_ns, index, (unsigned long long)serial);
}

static aclError read_key(const char *key, uint32_t *index, uint64_t *serial) {
  unsigned long long machine = 0, number = 0;
  int length = 0;
  aclError error = sim_ipc_check("shared memory");
  if (error != ACL_SUCCESS) return error;
  if (strnlen(key, KEY_BYTES) == KEY_BYTES || sscanf(key, "flexnpu-sim-%llx-%x-%llx%n", &machine, index, &number, &length) != 3 ||
      key[length] != '\0' || machine != sim_shared->clock_zero_ns) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the key is of no memory of this machine");
  }
  *serial = number;
  return ACL_SUCCESS;
}

aclError sim_aclrtIpcMemGetExportKey(void *pointer, size_t bytes, char *key, size_t key_bytes, uint64_t flags) {
  aclError error = sim_ipc_check("aclrtIpcMemGetExportKey");
  if (error != ACL_SUCCESS) return error;
  if (key_bytes < KEY_BYTES) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "a key takes %u bytes, not %zu", KEY_BYTES, key_bytes);
  if (flags > ACL_RT_IPC_MEM_EXPORT_FLAG_DISABLE_PID_VALIDATION) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "flags %llu are not known", (unsigned long long)flags);
  }
  sim_ipc_memory what = {.bytes = bytes, .guests.open_to_all = flags == ACL_RT_IPC_MEM_EXPORT_FLAG_DISABLE_PID_VALIDATION};
  if (bytes == 0 || !sim_memory_file(pointer, bytes, &what.device, &what.file, &what.offset)) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes at %p are not of one aclrtMalloc", bytes, pointer);
  }
  uint32_t index = 0;
  sim_machine_lock();
  const sim_ipc_memory *entry = make(what, &index);
  uint64_t serial = entry != NULL ? entry->serial : 0;
  sim_machine_unlock();
  if (serial == 0) return sim_fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "the machine shares its %u memories", SIM_IPC_MEMORIES);
  write_key(key, index, serial);
  return ACL_SUCCESS;
}

aclError sim_aclrtIpcMemSetImportPid(const char *key, int32_t *pids, size_t count) {
  uint32_t index;
  uint64_t serial;
  aclError error = read_key(key, &index, &serial);
  if (error != ACL_SUCCESS) return error;
  sim_machine_lock();
  sim_ipc_memory *entry = find(index, serial);
  if (entry == NULL || !mine(entry)) error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "this process shares no memory under the key");
  else error = sim_ipc_allow(&entry->guests, pids, count);
  sim_machine_unlock();
  return error;
}

aclError sim_aclrtIpcMemImportByKey(void **pointer, const char *key, uint64_t flags) {
  uint32_t index;
  uint64_t serial;
  aclError error = read_key(key, &index, &serial);
  if (error != ACL_SUCCESS) return error;
  if (flags > ACL_RT_IPC_MEM_IMPORT_FLAG_ENABLE_PEER_ACCESS) {
    return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "flags %llu are not known", (unsigned long long)flags);
  }
  if (sim_current() == NULL) return ACL_ERROR_RT_CONTEXT_NULL;
  sim_ipc_memory entry;
  sim_memory_lock();
  bool twice = false;
  for (size_t i = 0; i < imported.count; i++) twice |= imported.items[i].owner == index && imported.items[i].accounted == serial;
  int file = -1;
  if (twice) error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the key is imported already");
  else file = join(index, serial, &entry, &error);
  if (file >= 0) {
    uint64_t skipped = entry.offset % HOST_PAGE_BYTES;
    unsigned char *memory = sim_map_device(entry.bytes + skipped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file,
                                           (int64_t)(entry.offset - skipped));
    close(file);
    sim_range range = {(uintptr_t)memory + skipped, entry.bytes, serial, index};
    if (memory == MAP_FAILED || !sim_ranges_add(&imported, range)) {
      if (memory != MAP_FAILED) munmap(memory, entry.bytes + skipped);
      leave(index, serial);
      error = sim_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "the host cannot map %llu bytes", (unsigned long long)entry.bytes);
    } else {
      *pointer = memory + skipped;
    }
  }
  sim_memory_unlock();
  return error;
}

aclError sim_aclrtIpcMemClose(const char *key) {
  uint32_t index;
  uint64_t serial;
  aclError error = read_key(key, &index, &serial);
  if (error != ACL_SUCCESS) return error;
  sim_memory_lock();
  for (size_t i = 0; i < imported.count; i++) {
    if (imported.items[i].owner != index || imported.items[i].accounted != serial) continue;
    unmap(&imported.items[i]);
    sim_memory_unlock();
    return ACL_SUCCESS;
  }
  sim_machine_lock();
  sim_ipc_memory *entry = find(index, serial);
  if (entry != NULL && mine(entry) && entry->holders >> sim_my_index & 1) let_go(entry, sim_my_index);
  else error = sim_fail(ACL_ERROR_RT_PARAM_INVALID, "the key is not open here");
  sim_machine_unlock();
  sim_memory_unlock();
  return error;
}

aclError sim_aclrtDeviceGetBareTgid(int32_t *pid) {
  *pid = (int32_t)getpid();
  return ACL_SUCCESS;
}

/* ---- physical memory: the number is serial and entry ---- */

static uint64_t number_of(uint32_t index, uint64_t serial) { return serial * SIM_IPC_MEMORIES + index; }

aclError sim_ipc_physical_export(uint32_t device, int file, uint64_t bytes, bool open_to_all, uint64_t *shareable) {
  uint32_t index = 0;
  sim_machine_lock();
  const sim_ipc_memory *entry = make((sim_ipc_memory){.file = file, .bytes = bytes, .device = device, .physical = 1, .guests.open_to_all = open_to_all}, &index);
  if (entry != NULL) *shareable = number_of(index, entry->serial);
  sim_machine_unlock();
  if (entry != NULL) return ACL_SUCCESS;
  return sim_fail(ACL_ERROR_RT_RESOURCE_ALLOC_FAIL, "the machine shares its %u memories", SIM_IPC_MEMORIES);
}

aclError sim_ipc_physical_pids(uint64_t shareable, const int32_t *pids, size_t count) {
  sim_machine_lock();
  sim_ipc_memory *entry = find((uint32_t)(shareable % SIM_IPC_MEMORIES), shareable / SIM_IPC_MEMORIES);
  aclError error = entry != NULL && mine(entry) && entry->physical
                       ? sim_ipc_allow(&entry->guests, pids, count)
                       : sim_fail(ACL_ERROR_RT_PARAM_INVALID, "this process shares no physical memory under the handle");
  sim_machine_unlock();
  return error;
}

aclError sim_ipc_physical_import(uint64_t shareable, int *file, uint64_t *bytes, uint32_t *device) {
  uint32_t index = (uint32_t)(shareable % SIM_IPC_MEMORIES);
  uint64_t serial = shareable / SIM_IPC_MEMORIES;
  sim_ipc_memory entry;
  aclError error;
  sim_machine_lock();
  const sim_ipc_memory *found = find(index, serial);
  bool physical = found != NULL && found->physical;
  sim_machine_unlock();
  if (!physical) return sim_fail(ACL_ERROR_RT_PARAM_INVALID, "no physical memory is shared under the handle");
  *file = join(index, serial, &entry, &error);
  if (*file >= 0) {
    *bytes = entry.bytes;
    *device = entry.device;
  }
  return error;
}

void sim_ipc_physical_release(uint64_t shareable) {
  sim_machine_lock();
  sim_ipc_memory *entry = find((uint32_t)(shareable % SIM_IPC_MEMORIES), shareable / SIM_IPC_MEMORIES);
  if (entry != NULL && mine(entry)) orphan(entry);
  else if (entry != NULL) let_go(entry, sim_my_index);
  sim_machine_unlock();
}
