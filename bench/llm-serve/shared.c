/* Shared memory is mapped before fork, so that pointers in it are the same on both sides. */
#include "shared.h"

#include <sys/mman.h>

#include "fail.h"

void *shared_array(size_t count, size_t size) {
  size_t bytes = count * size > 0 ? count * size : 1;
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) fail(1, "no shared memory for %zu times %zu bytes", count, size);
  return memory;
}

void shared_lock_begin(pthread_mutex_t *lock, pthread_cond_t *changed) {
  pthread_mutexattr_t of_lock;
  pthread_condattr_t of_changed;
  pthread_mutexattr_init(&of_lock);
  pthread_condattr_init(&of_changed);
  pthread_mutexattr_setpshared(&of_lock, PTHREAD_PROCESS_SHARED);
  pthread_condattr_setpshared(&of_changed, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(lock, &of_lock);
  pthread_cond_init(changed, &of_changed);
  pthread_mutexattr_destroy(&of_lock);
  pthread_condattr_destroy(&of_changed);
}
