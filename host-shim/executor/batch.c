/* The daemon's way in: opening the device, carrying batches out, and sleeping on the doorbell. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "boot/counters.h"
#include "boot/real.h"
#include "executor/found.h"
#include "executor/mapped.h"
#include "executor/serve.h"
#include "real_table.h"

enum { OPS = 1, MARK, CALL, WAIT, ANSWER, RUN, POST, DROP, TAKE };

/* FLEXNPU_REAL names the real library, as for the interposer. */
FX_EXPORT int32_t fxd_open(int32_t device) {
  fx_real_boot();
  if (!fx_real_found()) return ACL_ERROR_INTERNAL_ERROR;
  aclError error = fx_real.aclInit(NULL);
  if (error != ACL_SUCCESS && error != ACL_ERROR_REPEAT_INITIALIZE) return error;
  fxd_device = device;
  error = fx_real.aclrtSetDevice(device);
  if (error == ACL_SUCCESS) fxd_enter_own();
  return error;
}

/* Facts for DEVICE_ADD: cube cores, vector cores, HBM bytes low and high. */
FX_EXPORT int32_t fxd_device_facts(uint32_t *facts) {
  int64_t cores = 0;
  size_t free_bytes = 0, total_bytes = 0;
  if (fx_real.aclrtGetDeviceInfo((uint32_t)fxd_device, ACL_DEV_ATTR_CUBE_CORE_NUM, &cores) == ACL_SUCCESS) facts[0] = (uint32_t)cores;
  if (fx_real.aclrtGetDeviceInfo((uint32_t)fxd_device, ACL_DEV_ATTR_VECTOR_CORE_NUM, &cores) == ACL_SUCCESS) facts[1] = (uint32_t)cores;
  aclError error = fx_real.aclrtGetMemInfo(ACL_HBM_MEM, &free_bytes, &total_bytes);
  facts[2] = (uint32_t)total_bytes;
  facts[3] = (uint32_t)((uint64_t)total_bytes >> 32);
  return error;
}

FX_EXPORT const char *fxd_soc_name(void) {
  const char *name = fx_real.aclrtGetSocName();
  return name != NULL ? name : "";
}

void fxd_answer(uint32_t place, aclError error, const uint32_t *words, uint32_t count) {
  fxd_ring *r = fxd_ring_of(place);
  if (r == NULL) return;
  flexnpu_ring_record head;
  memcpy(&head, r->memory + FLEXNPU_RING_RECORDS_AT + (size_t)(place & 0xffff) * FLEXNPU_RING_RECORD_BYTES, sizeof head);
  static const uint8_t no_text[8];
  if (error != ACL_SUCCESS) fxd_reply(r, head.call_seq, error, no_text, sizeof no_text);
  else fxd_reply(r, head.call_seq, error, (const uint8_t *)words, count * 4u);
}

static void carry_out(uint32_t *w, uint32_t kind, uint32_t flags, uint32_t words) {
  switch (kind) {
    case OPS:
      if (words >= 3 && w[2] <= words - 3) fxd_ops_hand_over(w[1], w + 3, w[2], flags);
      break;
    case MARK:
      if (words >= 2 && w[1] < FLEXNPU_MAX_STREAMS) fxd_marker_put(w[1], false);
      break;
    case CALL:
      if (words >= 3) fxd_call_begin(w[1], w[2], (flags & 1) != 0);
      break;
    case WAIT:
      if (words < 5) break;
      if (w[2] < FLEXNPU_MAX_STREAMS) fxd_marker_wait(w[2], w[1], w[3] | (uint64_t)w[4] << 32);
      else if (w[2] == FLEXNPU_NONE) fxd_client_said(w[3], w[1]);
      break;
    case ANSWER:
      if (words >= 4 && w[3] <= words - 4) fxd_answer(w[1], (aclError)w[2], w + 4, w[3]);
      break;
    case RUN:
      if (words >= 4) fxd_ops_hand_over_run(w[1], w[2], w[3]);
      break;
    case POST:
      if (words >= 2) fxd_call_begin(w[1], FLEXNPU_NONE, false);
      break;
    case DROP:
      if (words < 3 || w[1] >= FLEXNPU_MAX_STREAMS) break;
      if (w[2] != 0) fxd_stream_restart(w[1], (aclError)w[2]);
      else fxd_marker_drop(w[1]);
      break;
    case TAKE:
      if (words >= 7) fxd_take_run(w[1], w[2], w[3], w[4], w[5], w + 6);
      break;
    default: break;
  }
}

FX_EXPORT int32_t fxd_run(uint32_t *batch, uint32_t words) {
  for (uint32_t at = 0; at < words;) {
    uint32_t length = batch[at] >> 16;
    if (length == 0 || length > words - at) return -EINVAL;
    carry_out(batch + at, batch[at] & 0xff, batch[at] >> 8 & 0xff, length);
    at += length;
  }
  fxd_markers_look();
  fxd_mapped_report();
  fxd_found_show();
  return 0;
}

/* The batch is written here: no argument of the call has to be looked at. */
static struct {
  uint32_t words, pad;
  uint32_t batch[1u << 18];
} shared;

FX_EXPORT void *fxd_batch(void) { return &shared; }
FX_EXPORT int32_t fxd_batch_bytes(void) { return (int32_t)sizeof shared; }

FX_EXPORT int32_t fxd_run_batch(void) {
  uint32_t room = sizeof shared.batch / sizeof *shared.batch;
  return fxd_run(shared.batch, shared.words < room ? shared.words : room);
}

/* The doorbell: a file that every client maps, too. */
FX_EXPORT void *fxd_bell(const char *path) {
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (file < 0) return NULL;
  void *memory = NULL;
  if (fchmod(file, 0666) == 0 && ftruncate(file, 4096) == 0) memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  (void)close(file);
  return memory == MAP_FAILED ? NULL : memory;
}

/*
 * Between the daemon's setting the bell and its last look at the rings: what any client published before it saw the bell
 * is seen then. -errno where the kernel cannot; then clients that could not ask for it fence themselves, but another may
 * not have: the daemon must not sleep long.
 */
FX_EXPORT int32_t fxd_fence(void) { return syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0) == 0 ? 0 : -errno; }

/* Sleeps while the bell is 1. On a thread of its own. */
FX_EXPORT int32_t fxd_wait(uint32_t *bell, uint32_t timeout_us) {
  struct timespec limit = {.tv_sec = timeout_us / 1000000, .tv_nsec = (long)(timeout_us % 1000000) * 1000};
  if (__atomic_load_n(bell, __ATOMIC_SEQ_CST) == 1) (void)syscall(SYS_futex, bell, FUTEX_WAIT, 1, &limit, NULL, 0);
  return 0;
}

FX_EXPORT int32_t fxd_peer(int32_t fd, uint32_t *out) {
  struct ucred peer;
  socklen_t bytes = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &bytes) != 0) return -errno;
  out[0] = (uint32_t)peer.pid;
  out[1] = peer.uid;
  out[2] = peer.gid;
  return 0;
}
