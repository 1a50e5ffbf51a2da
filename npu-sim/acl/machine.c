/*
 * Joining a shared machine. Who comes first, or after all others have gone, makes it anew; who comes later has to be
 * configured as it is. The file's lock (flock) covers joining and leaving; the kernel lets go of it when its holder
 * dies. Whether a member lives is told by a robust mutex that its background thread has for life.
 */
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "machine.h"

#define MAGIC 0x31304d4953584c46ull /* FLXSIM01 */

static int machine_file = -1;
static char machine_path[128];
static sem_t alive;

static uint64_t host_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void make_robust(pthread_mutex_t *mutex) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(mutex, &attributes);
  pthread_mutexattr_destroy(&attributes);
}

/* The file, locked, and still the one that the path names; -1 where the host refuses. */
static int open_locked(void) {
  for (;;) {
    int file = open(machine_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return -1;
    struct stat opened, named;
    int locked;
    do locked = flock(file, LOCK_EX);
    while (locked != 0 && errno == EINTR);
    if (locked == 0 && fstat(file, &opened) == 0) {
      if (opened.st_uid != geteuid()) {
        close(file);
        errno = EACCES;
        return -1;
      }
      if (stat(machine_path, &named) == 0 && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev) return file;
    }
    close(file); /* the last member of it has just left and taken the name away */
  }
}

/* Whether anybody lives on the machine. It may be half made. */
static bool deserted(const struct stat *file) {
  if ((uint64_t)file->st_size != sizeof(sim_machine) || sim_shared->magic != MAGIC ||
      sim_shared->layout_bytes != sizeof(sim_machine)) {
    return true;
  }
  for (uint32_t i = 0; i < SIM_MEMBERS; i++) {
    if (sim_shared->members[i].used && sim_member_alive(i)) return false;
  }
  return true;
}

static void make_machine(void) {
  sim_shared->layout_bytes = sizeof *sim_shared;
  sim_shared->chip = sim_configuration.chip;
  sim_shared->devices = sim_configuration.devices;
  sim_shared->pace = (uint32_t)sim_configuration.pace;
  sim_shared->speed = sim_configuration.speed;
  sim_shared->clock_zero_ns = host_ns();
  make_robust(&sim_shared->lock);
  for (uint32_t i = 0; i < SIM_MEMBERS; i++) {
    make_robust(&sim_shared->members[i].life);
    sim_shared->members[i].due_ns = SIM_NEVER;
    sim_shared->members[i].ipc_ns = SIM_NEVER;
  }
  __atomic_store_n(&sim_shared->magic, MAGIC, __ATOMIC_RELEASE);
}

static aclError compare(void) {
  if (sim_shared->chip != sim_configuration.chip || sim_shared->devices != sim_configuration.devices ||
      sim_shared->pace != (uint32_t)sim_configuration.pace || sim_shared->speed != sim_configuration.speed) {
    return sim_fail(ACL_ERROR_INVALID_PARAM,
                    "FLEXNPU_SIM_MACHINE=%s: its members have another FLEXNPU_SIM_CHIP, FLEXNPU_SIM_DEVICES or FLEXNPU_SIM_SPEED",
                    sim_configuration.machine);
  }
  return ACL_SUCCESS;
}

static bool take_place(void) {
  sim_machine_lock();
  sim_machine_bury();
  uint32_t index = 0;
  while (index < SIM_MEMBERS && sim_shared->members[index].used) index++;
  if (index < SIM_MEMBERS) {
    sim_member *member = &sim_shared->members[index];
    sim_my_index = index;
    member->generation++;
    member->pid = (int32_t)getpid();
    member->lane_high = 0;
    member->wake_before_ns = 0;
  }
  sim_machine_unlock();
  return index < SIM_MEMBERS;
}

aclError sim_machine_join(void) {
  if (sim_configuration.machine == NULL || sim_shared != NULL) return ACL_SUCCESS;
  snprintf(machine_path, sizeof machine_path, "/dev/shm/flexnpu-sim-%u-%s", (unsigned)geteuid(), sim_configuration.machine);
  int file = open_locked();
  if (file < 0) return sim_fail(ACL_ERROR_RT_DEV_SETUP_ERROR, "%s: %s", machine_path, strerror(errno));
  struct stat status;
  void *memory = MAP_FAILED;
  /* Only ever made larger while somebody may have it mapped: a shorter file would be a hole under their feet. */
  if (fstat(file, &status) == 0 && ((uint64_t)status.st_size >= sizeof(sim_machine) || ftruncate(file, sizeof(sim_machine)) == 0)) {
    memory = mmap(NULL, sizeof(sim_machine), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file, 0);
  }
  if (memory == MAP_FAILED) {
    close(file);
    return sim_fail(ACL_ERROR_RT_DEV_SETUP_ERROR, "%s cannot be mapped: %s", machine_path, strerror(errno));
  }
  sim_shared = memory;
  sim_my_index = SIM_NONE;
  aclError error = ACL_SUCCESS;
  if (deserted(&status)) {
    sim_shared->magic = 0;
    /* Gives the old pages back, so that all begins at zero. */
    if (ftruncate(file, 0) != 0 || ftruncate(file, sizeof(sim_machine)) != 0) {
      error = sim_fail(ACL_ERROR_RT_DEV_SETUP_ERROR, "%s: %s", machine_path, strerror(errno));
    } else {
      make_machine();
    }
  } else {
    error = compare();
  }
  if (error == ACL_SUCCESS && !take_place()) {
    error = sim_fail(ACL_ERROR_RT_DEV_SETUP_ERROR, "the machine %s has its %u processes", sim_configuration.machine, SIM_MEMBERS);
  }
  if (error != ACL_SUCCESS) {
    munmap(sim_shared, sizeof *sim_shared);
    sim_shared = NULL;
    close(file);
    return error;
  }
  sem_init(&alive, 0, 0);
  machine_file = file;
  return ACL_SUCCESS;
}

void sim_machine_live(void) {
  sim_member *me = sim_me();
  if (pthread_mutex_lock(&me->life) == EOWNERDEAD) pthread_mutex_consistent(&me->life);
  sim_machine_lock();
  SIM_NOTE(me->used);
  me->used = 1;
  sim_machine_unlock();
  sem_post(&alive);
}

void sim_machine_joined(void) {
  while (sem_wait(&alive) != 0) {
  }
  flock(machine_file, LOCK_UN);
}

/* The last member takes the name away. The file itself stays as long as anybody has it. */
__attribute__((destructor)) static void leave(void) {
  if (machine_file < 0 || sim_me()->pid != (int32_t)getpid()) return;
  if (flock(machine_file, LOCK_EX | LOCK_NB) != 0) return;
  /* At exit a thread that runs no more may have the lock: then the name stays, for the next who comes. */
  bool locked = sim_machine_try_lock(), alone = locked;
  for (uint32_t i = 0; locked && i < SIM_MEMBERS; i++) {
    if (i != sim_my_index && sim_shared->members[i].used && sim_member_alive(i)) alone = false;
  }
  if (locked) sim_machine_unlock();
  if (alone) unlink(machine_path);
  flock(machine_file, LOCK_UN);
}
