/* A second process for tests of shared machines: forked before AscendCL is used, joined by two pipes. What one side
 * sends the other receives, so both agree where they are without looking at a clock. */
#ifndef NPU_SIM_PEER_H
#define NPU_SIM_PEER_H

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static pid_t peer; /* of the parent: its child; of the child: 0 */
static int peer_in = -1, peer_out = -1;

static inline void fork_peer(void) {
  int down[2], up[2];
  CHECK(pipe(down) == 0 && pipe(up) == 0);
  fflush(stdout);
  peer = fork();
  CHECK(peer >= 0);
  peer_in = peer == 0 ? down[0] : up[0];
  peer_out = peer == 0 ? up[1] : down[1];
  close(peer == 0 ? down[1] : up[1]);
  close(peer == 0 ? up[0] : down[0]);
}

static inline void give(const void *data, size_t bytes) { CHECK(write(peer_out, data, bytes) == (ssize_t)bytes); }
static inline void take(void *data, size_t bytes) {
  for (size_t done = 0; done < bytes;) {
    ssize_t got = read(peer_in, (char *)data + done, bytes - done);
    if (got < 0 && errno == EINTR) continue;
    CHECK(got > 0);
    done += (size_t)got;
  }
}
/* Both are here. */
static inline void meet(void) {
  char token = 'm';
  give(&token, 1);
  take(&token, 1);
}
/* Whether it holds on both sides. */
static inline bool both(bool here) {
  char mine = here, theirs = 0;
  give(&mine, 1);
  take(&theirs, 1);
  return mine && theirs;
}

static inline void end_of_peer(void) {
  int status = 0;
  CHECK(waitpid(peer, &status, 0) == peer);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  close(peer_in);
  close(peer_out);
}
static inline void kill_peer(void) {
  CHECK(kill(peer, SIGKILL) == 0);
  CHECK(waitpid(peer, NULL, 0) == peer);
  close(peer_in);
  close(peer_out);
}

/* An event that both have: the parent's, opened by the child. */
static inline aclrtEvent common_event(void) {
  aclrtEvent event = NULL;
  aclrtIpcEventHandle handle;
  if (peer != 0) {
    OK(aclrtCreateEventExWithFlag(&event, ACL_EVENT_IPC));
    OK(aclrtIpcGetEventHandle(event, &handle));
    give(&handle, sizeof handle);
  } else {
    take(&handle, sizeof handle);
    OK(aclrtIpcOpenEventHandle(handle, &event));
  }
  return event;
}

static inline bool complete(aclrtEvent event) {
  aclrtEventRecordedStatus status;
  OK(aclrtQueryEventStatus(event, &status));
  return status == ACL_EVENT_RECORDED_STATUS_COMPLETE;
}

#endif
