/*
 * Rings and waiting on them; see remote/ring.h. Every wait looks at the connection now and then, so that none outlives the
 * daemon.
 */
#include "remote/ring.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "remote/connection.h"
#include "remote/error.h"
#include "remote/staging.h"

/* Looks for an answer this long before it sleeps: the usual one comes in a few microseconds. */
#define SPIN_NS 10000u
/* Operators whose places in the ring are asked for before their turn. */
#define RECORDS_AHEAD 6u
/* Sleeps at most this long between looks at the connection. */
#define SLEEP_NS 5000000
/* A thread that only issues operators looks at the connection every so many of them. */
#define RECORDS_PER_LOOK 256u

FX_TLS fx_ring *fx_ring_own;

static _Atomic uint32_t tickets;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

#define WORD(r, name) ((_Atomic uint32_t *)(void *)&(r)->header->name)

static uint64_t now_ns(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static void release(fx_ring *r) {
  (void)munmap(r->memory, FLEXNPU_RING_FILE_BYTES);
  if (r->file >= 0) (void)close(r->file);
  fx_staging_free(r->staging);
  free(r);
}

/* The thread ends: the daemon lets go of the ring when it is done with its records. */
static void thread_ends(void *memory) {
  fx_ring *r = memory;
  fx_json reply;
  char line[64];
  fx_ring_own = NULL;
  (void)snprintf(line, sizeof line, "{\"leave\":%llu}\n", (unsigned long long)r->number);
  if (!atomic_load(&fx_connection_lost)) (void)fx_connection_request(line, &reply);
  release(r);
}

static void make_key(void) { (void)pthread_key_create(&key, thread_ends); }

void fx_ring_forget(void) {
  if (fx_ring_own == NULL) return;
  (void)pthread_setspecific(key, NULL);
  fx_ring_own = NULL;
}

static void fill_header(flexnpu_ring_header *h) {
  h->magic = FLEXNPU_RING_MAGIC;
  h->version = FLEXNPU_RING_VERSION;
  h->records = FLEXNPU_RING_RECORDS;
  h->args_bytes = FLEXNPU_RING_ARGS_BYTES;
  h->data_bytes = FLEXNPU_RING_DATA_BYTES;
  h->thread = (uint32_t)syscall(SYS_gettid);
}

/* Tells the daemon of the ring; the file is unlinked by whoever comes first. */
static aclError announce(fx_ring *r, const char *path) {
  char line[160];
  fx_json reply;
  (void)snprintf(line, sizeof line, "{\"ring\":\"%s\",\"thread\":%u}\n", path, r->header->thread);
  aclError error = fx_connection_request(line, &reply);
  (void)unlink(path);
  if (error == ACL_SUCCESS && !fx_json_number(&reply, "ring", &r->number))
    error = fx_remote_fail(ACL_ERROR_RT_INTERNAL_ERROR, "the FlexNPU daemon gave no number to a ring");
  return error;
}

fx_ring *fx_ring_make(aclError *error) {
  if ((*error = fx_connection_open()) != ACL_SUCCESS) return NULL;
  pthread_once(&once, make_key);
  fx_ring *r = calloc(1, sizeof *r);
  if (r == NULL) {
    *error = fx_remote_fail(ACL_ERROR_BAD_ALLOC, "no host memory for a ring");
    return NULL;
  }
  char path[96];
  r->file = -1;
  r->memory = fx_connection_share(FLEXNPU_RING_FILE_BYTES, FLEXNPU_RING_DATA_AT, path, sizeof path, &r->file, error);
  if (r->memory == NULL) {
    free(r);
    return NULL;
  }
  r->header = (flexnpu_ring_header *)(void *)r->memory;
  fill_header(r->header);
  if ((*error = announce(r, path)) != ACL_SUCCESS) {
    release(r);
    return NULL;
  }
  (void)pthread_setspecific(key, r);
  fx_ring_own = r;
  return r;
}

uint8_t *fx_ring_data(fx_ring *r, aclError *error) {
  if (r->file >= 0) {
    int failed = posix_fallocate(r->file, FLEXNPU_RING_DATA_AT, FLEXNPU_RING_DATA_BYTES);
    if (failed != 0) {
      *error = fx_remote_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no shared memory for host copies (error %d)", failed);
      return NULL;
    }
    (void)close(r->file);
    r->file = -1;
  }
  return r->memory + FLEXNPU_RING_DATA_AT;
}

/* Whether the daemon still answers on this ring. */
bool fx_ring_served(fx_ring *r) {
  if (atomic_load_explicit(WORD(r, gone), memory_order_acquire) != 0) fx_connection_lose();
  return fx_connection_alive();
}

static bool has_room(fx_ring *r, uint32_t end) {
  uint32_t tail = atomic_load_explicit(WORD(r, tail), memory_order_acquire);
  if (r->head - tail >= FLEXNPU_RING_RECORDS) return false;
  /* With nothing under way all of it is free, wherever the last arguments ended. */
  if (tail == r->head) return true;
  return end - atomic_load_explicit(WORD(r, args_done), memory_order_acquire) <= FLEXNPU_RING_ARGS_BYTES;
}

static bool wait_for_room(fx_ring *r, uint32_t end) {
  for (uint32_t looks = 0; !has_room(r, end); looks++) {
    if (looks < 200) {
      pause_briefly();
      continue;
    }
    if (!fx_ring_served(r)) return false;
    struct timespec moment = {.tv_nsec = 20000};
    (void)nanosleep(&moment, NULL);
  }
  return true;
}

/*
 * The daemon has read what was here a round ago, so its core has to give each line back before this one can write it.
 * Asked for some operators ahead, they come while others are written; behind the arguments lies the reply area, so
 * asking beyond the end asks for nothing that is not ours.
 */
static inline void want_line(const uint8_t *line) {
#if defined(__x86_64__)
  __asm__ volatile("prefetchw %0" : : "m"(*line)); /* without -mprfchw, compilers ask for reading only */
#else
  __builtin_prefetch(line, 1);
#endif
}

uint8_t *fx_ring_reserve(fx_ring *r, size_t bytes, uint32_t *position, aclError *error) {
  size_t rounded = (bytes + 7u) & ~(size_t)7u;
  if (FX_UNLIKELY(rounded > FLEXNPU_RING_ARGS_BYTES || rounded < bytes)) {
    *error = fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes of arguments are more than the FlexNPU daemon takes", bytes);
    return NULL;
  }
  if (FX_UNLIKELY(atomic_load_explicit(&fx_connection_lost, memory_order_relaxed) || atomic_load_explicit(WORD(r, gone), memory_order_relaxed) != 0 ||
                  (r->head % RECORDS_PER_LOOK == RECORDS_PER_LOOK - 1 && !fx_connection_alive()))) {
    fx_connection_lose();
    *error = fx_connection_error();
    return NULL;
  }
  uint32_t at = r->args_at, place = at % FLEXNPU_RING_ARGS_BYTES;
  if (place + rounded > FLEXNPU_RING_ARGS_BYTES) at += FLEXNPU_RING_ARGS_BYTES - place; /* they never wrap */
  if (FX_UNLIKELY(!has_room(r, at + (uint32_t)rounded)) && !wait_for_room(r, at + (uint32_t)rounded)) {
    *error = fx_connection_error();
    return NULL;
  }
  *position = at;
  uint8_t *args = r->memory + FLEXNPU_RING_ARGS_AT + at % FLEXNPU_RING_ARGS_BYTES;
  uint8_t *records = r->memory + FLEXNPU_RING_RECORDS_AT;
  want_line(records + (size_t)((r->head + RECORDS_AHEAD) % FLEXNPU_RING_RECORDS) * FLEXNPU_RING_RECORD_BYTES);
  for (size_t line = 0; line < rounded && line < 256; line += 64) want_line(args + rounded * RECORDS_AHEAD + line);
  return args;
}

void fx_ring_publish(fx_ring *r, const fx_record *record) {
  fx_record *place = fx_ring_record(r);
  if (record != place) *place = *record;
  r->args_at = place->ring.args_at + place->ring.args_length;
  bool is_call = place->ring.kind == FLEXNPU_RING_CALL;
  do place->ring.ticket = atomic_fetch_add_explicit(&tickets, 1, memory_order_relaxed) + 1;
  while (FX_UNLIKELY(place->ring.ticket == 0)); /* from the last one on to the first: 0 is none */
  r->head++;
  if (is_call) atomic_store_explicit(WORD(r, called), r->head, memory_order_release);
  if (fx_connection_fences) atomic_store(WORD(r, head), r->head);
  else atomic_store_explicit(WORD(r, head), r->head, memory_order_release);
  atomic_signal_fence(memory_order_seq_cst); /* before the look at the bell */
  fx_connection_ring_bell();
}

bool fx_ring_answered(fx_ring *r, uint32_t call_seq) {
  return atomic_load_explicit(WORD(r, reply_seq), memory_order_acquire) == call_seq;
}

aclError fx_ring_wait(fx_ring *r, uint32_t call_seq) {
  for (uint64_t start_ns = now_ns(); now_ns() - start_ns < SPIN_NS;)
    for (int look = 0; look < 16; look++) {
      if (fx_ring_answered(r, call_seq)) return ACL_SUCCESS;
      pause_briefly();
    }
  atomic_store(WORD(r, reply_waiter), 1);
  aclError error = ACL_SUCCESS;
  for (;;) {
    uint32_t seen = atomic_load(WORD(r, reply_seq));
    if (seen == call_seq) break;
    if (!fx_ring_served(r)) {
      if (!fx_ring_answered(r, call_seq)) error = fx_connection_error();
      break;
    }
    struct timespec limit = {.tv_nsec = SLEEP_NS};
    (void)syscall(SYS_futex, WORD(r, reply_seq), FUTEX_WAIT, seen, &limit, NULL, 0);
  }
  atomic_store_explicit(WORD(r, reply_waiter), 0, memory_order_relaxed);
  return error;
}
