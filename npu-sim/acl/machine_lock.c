/*
 * The machine's lock and what makes it sound: a member that is killed while it has the lock leaves notes of what it was
 * changing; the next one that takes the lock puts the old bytes back. Only the order of stores as the program makes
 * them matters for that (a killed thread's stores are all visible), so compiler barriers are enough around the notes.
 */
#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ipc.h"
#include "machine.h"

sim_machine *sim_shared;
uint32_t sim_my_index;

static uint64_t told; /* members to wake at the unlock, as bits */

/* Tests build the library with a number here and kill the process at that point (test/npu-sim/crash.test.ts). */
#ifdef SIM_CRASH_POINTS
#include <signal.h>
#include <stdlib.h>
static void crash_point(void) {
  static long left = -2;
  if (left == -2) left = getenv("SIM_CRASH_AT") != NULL ? atol(getenv("SIM_CRASH_AT")) : -1;
  if (left > 0 && --left == 0) kill(getpid(), SIGKILL);
}
#define CRASH_POINT() crash_point()
#else
#define CRASH_POINT() ((void)0)
#endif

/* Behind the bytes that it kept, so that the notes are read from the last to the first. */
typedef struct {
  uint64_t offset, bytes;
} note_end;

static uint64_t padded(uint64_t bytes) { return (bytes + 7u) & ~7ull; }

void sim_machine_note(void *place, size_t bytes) {
  uint64_t used = sim_shared->undo_bytes, room = padded(bytes);
  if (used + room + sizeof(note_end) > SIM_UNDO_BYTES) __builtin_trap(); /* a change is larger than any may be */
  CRASH_POINT();
  memcpy(sim_shared->undo + used, place, bytes);
  note_end end = {(uint64_t)((unsigned char *)place - (unsigned char *)sim_shared), bytes};
  memcpy(sim_shared->undo + used + room, &end, sizeof end);
  __atomic_store_n(&sim_shared->undo_bytes, used + room + sizeof end, __ATOMIC_RELEASE);
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  CRASH_POINT();
}

/* Can be cut short and begun again: a note is dropped only when all have been put back. */
static void undo(void) {
  uint64_t used = sim_shared->undo_bytes;
  while (used > 0) {
    note_end end;
    memcpy(&end, sim_shared->undo + used - sizeof end, sizeof end);
    used -= sizeof end + padded(end.bytes);
    memcpy((unsigned char *)sim_shared + end.offset, sim_shared->undo + used, end.bytes);
    CRASH_POINT();
  }
  __atomic_store_n(&sim_shared->undo_bytes, 0, __ATOMIC_RELEASE);
}

void sim_machine_commit(void) {
  sim_machine_models_save();
  CRASH_POINT();
  /* Results are read without the lock up to this number: it moves only when nothing can be undone any more. */
  __atomic_store_n(&sim_shared->undo_bytes, 0, __ATOMIC_RELEASE);
  CRASH_POINT();
  __atomic_store_n(&sim_shared->committed_order, sim_shared->order, __ATOMIC_RELEASE);
}

/* The lock's last holder died with it. */
static void recover(void) {
  undo();
  pthread_mutex_consistent(&sim_shared->lock);
  sim_machine_bury();
}

void sim_machine_lock(void) {
  if (__builtin_expect(pthread_mutex_lock(&sim_shared->lock) == EOWNERDEAD, 0)) recover();
}

bool sim_machine_try_lock(void) {
  int taken = pthread_mutex_trylock(&sim_shared->lock);
  if (taken == EOWNERDEAD) recover();
  return taken == 0 || taken == EOWNERDEAD;
}

void sim_machine_unlock(void) {
  sim_machine_commit();
  uint64_t wake = told;
  told = 0;
  pthread_mutex_unlock(&sim_shared->lock);
  while (wake != 0) {
    uint32_t member = (uint32_t)__builtin_ctzll(wake);
    wake &= wake - 1;
    syscall(SYS_futex, &sim_shared->members[member].word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
  }
}

void sim_machine_tell(uint32_t member) {
  __atomic_add_fetch(&sim_shared->members[member].word, 1, __ATOMIC_RELEASE);
  told |= 1ull << member;
}

/* ---- the dead ---- */

bool sim_member_alive(uint32_t index) {
  sim_member *member = &sim_shared->members[index];
  if (index == sim_my_index) return true;
  int taken = pthread_mutex_trylock(&member->life);
  if (taken == EBUSY) return true;
  if (taken == EOWNERDEAD) pthread_mutex_consistent(&member->life);
  if (taken == 0 || taken == EOWNERDEAD) pthread_mutex_unlock(&member->life);
  return false;
}

static void bury(uint32_t index) {
  sim_member *member = &sim_shared->members[index];
  for (uint32_t i = 0; i < member->lane_high; i++) {
    SIM_NOTE(member->lanes[i].state);
    member->lanes[i].state = SIM_LANE_FREE;
  }
  for (uint32_t device = 0; device < sim_shared->devices; device++) {
    sim_model *model = sim_machine_model_to_change(device);
    if (model != NULL) sim_model_cancel_of(model, index * SIM_LANES, SIM_LANES);
  }
  sim_ipc_bury(index);
  SIM_NOTE(member->hbm_bytes);
  memset(member->hbm_bytes, 0, sizeof member->hbm_bytes);
  SIM_NOTE(member->due_ns);
  member->due_ns = SIM_NEVER;
  SIM_NOTE(member->ipc_ns);
  member->ipc_ns = SIM_NEVER;
  SIM_NOTE(member->used);
  member->used = 0;
  /* What it took of the device the others have now, and nobody waits for it any more. */
  for (uint32_t i = 0; i < SIM_MEMBERS; i++) {
    if (sim_shared->members[i].used) sim_machine_tell(i);
  }
  sim_machine_commit();
}

void sim_machine_bury(void) {
  for (uint32_t i = 0; i < SIM_MEMBERS; i++) {
    if (sim_shared->members[i].used && !sim_member_alive(i)) bury(i);
  }
}
