/*
 * Two processes: this one decodes and has the cache, one that it makes by fork prefills. The cache is handed over as a key
 * to device memory (aclrtIpcMem*): prefill kernels write there, and a request whose step is over goes to the decode process through
 * memory that both have. If either process dies, the other ends, too.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail.h"
#include "serve.h"

#define KEY_BYTES 65 /* aclrtIpcMemGetExportKey */

/* What the decode process tells the other of its cache. */
typedef struct offer {
  char key[KEY_BYTES];
  uint64_t cache_tokens;
} offer;

static void send_all(int to, const void *data, size_t bytes) {
  if (send(to, data, bytes, MSG_NOSIGNAL) != (ssize_t)bytes) fail(1, "the other process is gone");
}

static void receive_all(int from, void *data, size_t bytes) {
  ssize_t got;
  do got = recv(from, data, bytes, MSG_WAITALL);
  while (got < 0 && errno == EINTR);
  if (got != (ssize_t)bytes) fail(1, "the other process is gone");
}

static void begin_device(server *s) {
  ACL(aclInit(NULL));
  ACL(aclrtSetDevice(0));
  ACL(aclrtGetCurrentContext(&s->context));
  model_load(&s->model, s->options.kernels);
}

_Noreturn static void prefill_process(server *s, const sizes *z, int other, pid_t parent) {
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  int32_t own;
  offer o;
  begin_device(s);
  server_begin_prefill(s, z);
  ACL(aclrtDeviceGetBareTgid(&own));
  send_all(other, &own, sizeof own); /* all of its memory is taken: the rest is the cache's */
  receive_all(other, &o, sizeof o);
  s->model.cache_tokens = o.cache_tokens;
  ACL(aclrtIpcMemImportByKey((void **)&s->model.cache, o.key, 0));
  (void)prefill_main(s);
  launch_clock *told = &s->common->prefill_clock; /* its buckets are in memory that the other has, too */
  memcpy(told->buckets, s->prefill.clock.buckets, LAUNCH_BUCKETS * sizeof *told->buckets);
  told->count = s->prefill.clock.count;
  told->sum_ns = s->prefill.clock.sum_ns;
  worker_end(&s->prefill);
  ACL(aclrtIpcMemClose(o.key));
  model_end(&s->model);
  ACL(aclrtResetDevice(0));
  ACL(aclFinalize());
  _exit(0); /* what the parent had opened is the parent's to close */
}

/* Says at once that the other process has died, whatever this one waits for. */
static void *watch(void *argument) {
  pid_t other = *(const pid_t *)argument;
  int status;
  while (waitpid(other, &status, 0) < 0 && errno == EINTR) {}
  if (WIFSIGNALED(status)) fail(1, "the prefill process was ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0) fail(WEXITSTATUS(status), "the prefill process ended with %d", WEXITSTATUS(status));
  return NULL;
}

void server_run_apart(server *s, const trace *t) {
  static pid_t prefill;
  sizes z = server_begin(s, t);
  int ends[2];
  pid_t self = getpid();
  s->is_apart = true;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0 || (prefill = fork()) < 0) fail(1, "no second process: %s", strerror(errno));
  (void)close(ends[prefill == 0 ? 0 : 1]);
  int other = ends[prefill == 0 ? 1 : 0];
  if (prefill == 0) prefill_process(s, &z, other, self);
  pthread_t watcher, decode;
  pthread_create(&watcher, NULL, watch, &prefill);
  int32_t importer;
  offer o = {0};
  begin_device(s);
  receive_all(other, &importer, sizeof importer);
  server_take_cache(s, &z, decode_bytes(&z));
  o.cache_tokens = s->model.cache_tokens;
  ACL(aclrtIpcMemGetExportKey(s->model.cache, model_cache_bytes(&s->model), o.key, sizeof o.key, 0));
  ACL(aclrtIpcMemSetImportPid(o.key, &importer, 1));
  server_begin_decode(s, &z);
  send_all(other, &o, sizeof o);
  pthread_create(&decode, NULL, decode_main, s);
  server_arrive(s, t);
  pthread_join(decode, NULL);
  pthread_join(watcher, NULL);
  ACL(aclrtIpcMemClose(o.key));
  cache_end(&s->common->cache);
}
