/* Mappings of clients' files, and what happens when a page of one is gone; see executor/mapped.h. */
#include "executor/mapped.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "executor/executor.h"

/* As many as rings and pins of the clients of one daemon may come to. */
#define MAPPINGS 65536u

typedef struct mapping {
  _Atomic uintptr_t start; /* 0: free. Written last, cleared first: the handler reads without a lock */
  _Atomic uint64_t bytes;
  _Atomic uint32_t client;
} mapping;

static mapping mappings[MAPPINGS];
static _Atomic uint32_t used; /* places up to here were in use */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct sigaction before;
static uintptr_t page_bytes;

/* A client whose file lost a page, plus 1; 0 for none. Others' turn comes with their next page. */
static _Atomic uint32_t torn;

static const mapping *mapping_of(uintptr_t address) {
  for (uint32_t i = 0; i < atomic_load(&used); i++) {
    uintptr_t start = atomic_load(&mappings[i].start);
    if (start != 0 && address >= start && address - start < atomic_load(&mappings[i].bytes)) return &mappings[i];
  }
  return NULL;
}

static void pass_on(int number, siginfo_t *info, void *context) {
  if ((before.sa_flags & SA_SIGINFO) != 0) before.sa_sigaction(number, info, context);
  else if (before.sa_handler == SIG_DFL) {
    (void)sigaction(SIGBUS, &before, NULL); /* the instruction runs again, and the process ends as it would have */
  } else if (before.sa_handler != SIG_IGN) before.sa_handler(number);
}

static void on_bus_error(int number, siginfo_t *info, void *context) {
  int kept = errno;
  uintptr_t address = (uintptr_t)info->si_addr;
  const mapping *m = mapping_of(address);
  uint32_t client = m != NULL ? atomic_load(&m->client) : 0;
  void *page = (void *)(address / page_bytes * page_bytes);
  if (m == NULL || mmap(page, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
    pass_on(number, info, context);
  else atomic_store(&torn, client + 1);
  errno = kept;
}

static void watch(void) {
  page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
  struct sigaction ours = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
  (void)sigaction(SIGBUS, &ours, &before);
}

static bool note(uint8_t *memory, uint64_t bytes, uint32_t client) {
  pthread_once(&once, watch);
  pthread_mutex_lock(&lock);
  uint32_t i = 0;
  while (i < MAPPINGS && atomic_load(&mappings[i].start) != 0) i++;
  if (i < MAPPINGS) {
    atomic_store(&mappings[i].bytes, bytes);
    atomic_store(&mappings[i].client, client);
    atomic_store(&mappings[i].start, (uintptr_t)memory);
    if (i >= atomic_load(&used)) atomic_store(&used, i + 1);
  }
  pthread_mutex_unlock(&lock);
  return i < MAPPINGS;
}

uint8_t *fxd_map_file(const char *path, uint32_t uid, uint64_t bytes, uint32_t client) {
  int file = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return NULL;
  struct stat s;
  uint8_t *memory = NULL;
  if (fstat(file, &s) != 0 || !S_ISREG(s.st_mode) || s.st_uid != uid || (uint64_t)s.st_size < bytes) errno = EACCES;
  else {
    memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) memory = NULL;
    else if (!note(memory, bytes, client)) {
      (void)munmap(memory, bytes);
      memory = NULL;
      errno = EMFILE;
    } else (void)unlink(path);
  }
  int why = errno;
  (void)close(file);
  errno = why;
  return memory;
}

void fxd_unmap_file(uint8_t *memory, uint64_t bytes) {
  pthread_mutex_lock(&lock);
  for (uint32_t i = 0; i < atomic_load(&used); i++)
    if (atomic_load(&mappings[i].start) == (uintptr_t)memory) {
      atomic_store(&mappings[i].start, 0);
      break;
    }
  pthread_mutex_unlock(&lock);
  (void)munmap(memory, bytes);
}

void fxd_mapped_report(void) {
  uint32_t client = atomic_exchange(&torn, 0);
  if (client == 0) return;
  flexnpu_event e = {.kind = 0x9004, .stream = FLEXNPU_NONE};
  ((uint32_t *)(void *)&e)[4] = client - 1;
  fxd_found(&e);
}
