/*
 * Connecting, asking and noticing the end; see remote/connection.h. After fork, the child has no connection: the parent's
 * rings are not its own, and its copy of the socket is closed so that the parent's death is seen.
 */
#include "remote/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "boot/config.h"
#include "boot/counters.h"
#include "records.h"
#include "remote/error.h"
#include "remote/ring.h"

/* The daemon answers messages at once; one that does not for this long is taken for gone. */
#define ANSWER_SECONDS 10
#define LINE_BYTES 2048

_Atomic bool fx_connection_lost;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;
static _Atomic bool ready; /* the daemon has welcomed us */
static bool tried;
static atomic_bool forked;
static int fd = -1;
static char waiting[LINE_BYTES]; /* what came behind the last line */
static size_t waiting_bytes;

static aclError refusal = ACL_ERROR_RT_NO_DEVICE;
static char why[512];
static char soc[64];
static uint32_t device_count;
static _Atomic uint32_t *bell;
static _Atomic uint32_t files;

static void in_child(void) {
  atomic_store(&forked, true);
  if (fd >= 0) (void)close(fd);
  fd = -1;
  fx_ring_forget();
}

static void watch_forks(void) { (void)pthread_atfork(NULL, NULL, in_child); }

aclError fx_connection_error(void) {
  if (atomic_load(&forked)) return fx_remote_fail(ACL_ERROR_RT_NO_DEVICE, "a process made by fork has no connection to the FlexNPU daemon");
  if (atomic_load(&fx_connection_lost)) return fx_remote_fail(ACL_ERROR_RT_LOST_HEARTBEAT, "the FlexNPU daemon is gone");
  return fx_remote_fail(refusal, "%s", why);
}

void fx_connection_lose(void) { atomic_store(&fx_connection_lost, true); }

bool fx_connection_alive(void) {
  if (atomic_load(&fx_connection_lost)) return false;
  struct pollfd look = {.fd = fd, .events = POLLRDHUP};
  if (poll(&look, 1, 0) > 0 && (look.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0) fx_connection_lose();
  return !atomic_load(&fx_connection_lost);
}

static bool send_all(const char *line, size_t bytes) {
  while (bytes > 0) {
    ssize_t sent = send(fd, line, bytes, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    line += sent;
    bytes -= (size_t)sent;
  }
  return true;
}

/* Reads up to the end of a line; false where none comes, or one that is too long. */
static bool read_line(char *line, size_t *bytes) {
  for (;;) {
    char *end = memchr(waiting, '\n', waiting_bytes);
    if (end != NULL) {
      *bytes = (size_t)(end - waiting);
      memcpy(line, waiting, *bytes);
      waiting_bytes -= *bytes + 1;
      memmove(waiting, end + 1, waiting_bytes);
      return true;
    }
    if (waiting_bytes == sizeof waiting) return false;
    ssize_t got = recv(fd, waiting + waiting_bytes, sizeof waiting - waiting_bytes, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    waiting_bytes += (size_t)got;
  }
}

/* Under the lock. False where the daemon is gone or makes no sense. */
static bool exchange(const char *line, fx_json *reply) {
  char answer[LINE_BYTES];
  size_t bytes;
  return send_all(line, strlen(line)) && read_line(answer, &bytes) && fx_json_parse(reply, answer, bytes);
}

aclError fx_connection_request(const char *line, fx_json *reply) {
  if (atomic_load(&forked) || !atomic_load(&ready) || atomic_load(&fx_connection_lost)) return fx_connection_error();
  pthread_mutex_lock(&lock);
  bool answered = exchange(line, reply);
  pthread_mutex_unlock(&lock);
  uint64_t error;
  if (!answered) fx_connection_lose();
  if (!answered) return fx_connection_error();
  if (!fx_json_number(reply, "refused", &error)) return ACL_SUCCESS;
  const char *reason = fx_json_text(reply, "why");
  return fx_remote_fail(error > 0 && error < INT_MAX ? (aclError)error : ACL_ERROR_RT_INTERNAL_ERROR,
                        "the FlexNPU daemon refuses: %s", reason != NULL ? reason : "no reason given");
}

static bool connect_to(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    (void)snprintf(why, sizeof why, "FLEXNPU_DAEMON=%s is too long for a socket", path);
    return false;
  }
  strcpy(address.sun_path, path);
  fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct timeval limit = {.tv_sec = ANSWER_SECONDS};
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
      setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0 ||
      connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
    (void)snprintf(why, sizeof why, "no FlexNPU daemon at %s: %s", path, strerror(errno));
    return false;
  }
  return true;
}

static bool map_bell(const char *path) {
  char name[sizeof((struct sockaddr_un *)0)->sun_path + sizeof ".bell"];
  (void)snprintf(name, sizeof name, "%s.bell", path);
  int file = open(name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  struct stat status;
  void *memory = MAP_FAILED;
  if (file >= 0 && fstat(file, &status) == 0 && status.st_size >= (off_t)sizeof *bell)
    memory = mmap(NULL, sizeof *bell, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (memory == MAP_FAILED) (void)snprintf(why, sizeof why, "the doorbell %s cannot be used: %s", name, strerror(errno));
  if (file >= 0) (void)close(file);
  if (memory == MAP_FAILED) return false;
  bell = memory;
  return true;
}

static bool greet(const char *path) {
  static const char *const roles[] = {[FLEXNPU_PHASE_PREFILL] = "prefill", [FLEXNPU_PHASE_DECODE] = "decode"};
  uint32_t role = fx_config_get()->role;
  char line[128];
  (void)snprintf(line, sizeof line, "{\"hello\":1,\"pid\":%ld,\"role\":\"%s\"}\n", (long)getpid(),
                 role < sizeof roles / sizeof *roles && roles[role] != NULL ? roles[role] : "");
  fx_json reply;
  uint64_t number;
  if (!exchange(line, &reply)) {
    (void)snprintf(why, sizeof why, "the FlexNPU daemon at %s does not answer", path);
    return false;
  }
  if (fx_json_number(&reply, "refused", &number)) {
    const char *reason = fx_json_text(&reply, "why");
    if (number > 0 && number < INT_MAX) refusal = (aclError)number;
    (void)snprintf(why, sizeof why, "the FlexNPU daemon at %s refuses: %s", path, reason != NULL ? reason : "no reason given");
    return false;
  }
  if (!fx_json_number(&reply, "welcome", &number)) {
    (void)snprintf(why, sizeof why, "what answers at %s is no FlexNPU daemon", path);
    return false;
  }
  const char *name = fx_json_text(&reply, "soc");
  (void)snprintf(soc, sizeof soc, "%s", name != NULL ? name : "");
  device_count = fx_json_number(&reply, "device_count", &number) && number > 0 && number < INT_MAX ? (uint32_t)number : 1;
  return true;
}

static bool make_connection(const char *path) { return connect_to(path) && map_bell(path) && greet(path); }

/*
 * A daemon that goes to sleep sets the bell and looks at the rings once more; a thread that publishes looks at the bell
 * behind it. One of the two sees the other's only with a fence between, on both sides. The daemon's is a membarrier for
 * all of us, so that ours costs nothing; where the kernel has none, every publication is a fence.
 */
bool fx_connection_fences = true;

static void let_daemon_fence(void) {
  fx_connection_fences = syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0) != 0;
}

aclError fx_connection_open(void) {
  if (atomic_load(&forked)) return fx_connection_error();
  if (atomic_load_explicit(&ready, memory_order_acquire)) return atomic_load(&fx_connection_lost) ? fx_connection_error() : ACL_SUCCESS;
  pthread_once(&fork_once, watch_forks);
  pthread_mutex_lock(&lock);
  if (!tried) {
    tried = true;
    let_daemon_fence();
    bool made = make_connection(fx_config_get()->daemon_path);
    if (!made) fx_fault("%s", why);
    if (!made && fd >= 0) (void)close(fd);
    if (!made) fd = -1;
    atomic_store_explicit(&ready, made, memory_order_release);
  }
  pthread_mutex_unlock(&lock);
  return atomic_load(&ready) ? ACL_SUCCESS : fx_connection_error();
}

void *fx_connection_share(uint64_t bytes, uint64_t allocated, char *path, size_t path_room, int *kept, aclError *error) {
  int file = -1;
  /* A leftover of an earlier process of our number is not ours to remove: the next number is. */
  for (int attempt = 0; file < 0 && attempt < 1000; attempt++) {
    (void)snprintf(path, path_room, "/dev/shm/flexnpu.%lu.%ld.%u", (unsigned long)getuid(), (long)getpid(), atomic_fetch_add(&files, 1));
    file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0 && errno != EEXIST) break;
  }
  void *memory = MAP_FAILED;
  /* Allocated, not only sized: a full /dev/shm is an error here and not a SIGBUS later. */
  int failed = file < 0 || ftruncate(file, (off_t)bytes) != 0 ? errno : posix_fallocate(file, 0, (off_t)allocated);
  if (failed == 0) memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (memory == MAP_FAILED) {
    *error = fx_remote_fail(ACL_ERROR_RT_MEMORY_ALLOCATION, "no shared memory of %llu bytes: %s", (unsigned long long)bytes,
                            strerror(failed != 0 ? failed : errno));
    if (file >= 0) (void)unlink(path);
  }
  if (file >= 0 && (kept == NULL || memory == MAP_FAILED)) (void)close(file);
  else if (kept != NULL) *kept = file;
  return memory == MAP_FAILED ? NULL : memory;
}

void fx_connection_ring_bell(void) {
  if (FX_LIKELY(atomic_load(bell) == 0)) return;
  if (atomic_exchange(bell, 0) != 0) (void)syscall(SYS_futex, (uint32_t *)bell, FUTEX_WAKE, 1, NULL, NULL, 0);
  (void)fx_connection_alive(); /* a daemon that died in its sleep */
}

uint32_t fx_connection_device_count(void) { return device_count; }

const char *fx_connection_soc(void) { return soc; }
