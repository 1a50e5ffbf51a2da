/*
 * Rings: files of clients, mapped here. A file is taken only where it is a plain file of the peer's own user and of the
 * right size; it is unlinked at once, so that nothing is left behind whoever dies first.
 */
#include <errno.h>
#include <linux/futex.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "boot/counters.h"
#include "executor/clients.h"
#include "executor/executor.h"
#include "executor/mapped.h"

fxd_ring fxd_rings[FXD_MAX_RINGS];

FX_EXPORT int32_t fxd_ring_add(uint32_t client, const char *path) {
  fxd_client *c = fxd_client_of(client);
  if (c == NULL) return -ESRCH;
  uint32_t number = 0;
  while (number < FXD_MAX_RINGS && fxd_rings[number].client != NULL) number++;
  if (number == FXD_MAX_RINGS) return -EMFILE;
  uint8_t *memory = fxd_map_file(path, c->uid, FLEXNPU_RING_FILE_BYTES, client);
  if (memory == NULL) return -errno;
  (void)fxd_register(memory + FLEXNPU_RING_DATA_AT, FLEXNPU_RING_DATA_BYTES);
  fxd_ring *r = &fxd_rings[number];
  r->memory = memory;
  r->has_task_id = false;
  atomic_store(&r->leaving, false);
  atomic_store(&r->client, c);
  return (int32_t)number;
}

FX_EXPORT void *fxd_ring_memory(int32_t ring) { return ring < 0 || ring >= (int32_t)FXD_MAX_RINGS ? NULL : fxd_rings[ring].memory; }
FX_EXPORT int32_t fxd_ring_bytes(void) { return (int32_t)FLEXNPU_RING_FILE_BYTES; }

/*
 * The daemon has taken the ring out of its loop before, and what its thread issued is complete: nobody looks at the
 * memory any more.
 */
void fxd_ring_end(fxd_ring *r) {
  fxd_twin_end(r);
  fxd_unregister(r->memory + FLEXNPU_RING_DATA_AT);
  fxd_unmap_file(r->memory, FLEXNPU_RING_FILE_BYTES);
  r->memory = NULL;
  r->context = NULL;
  atomic_store(&r->client, NULL);
}

FX_EXPORT void fxd_ring_remove(int32_t ring) {
  if (ring >= 0 && ring < (int32_t)FXD_MAX_RINGS && fxd_rings[ring].client != NULL) fxd_ring_end(&fxd_rings[ring]);
}

/* Of a client that was taken leave of, another thread gives the memory up: what a batch still says of it is void. */
fxd_ring *fxd_ring_of(uint32_t place) {
  uint32_t number = place >> 16;
  if (number >= FXD_MAX_RINGS || (place & 0xffff) >= FLEXNPU_RING_RECORDS) return NULL;
  fxd_ring *r = &fxd_rings[number];
  return r->client != NULL && !atomic_load(&r->leaving) ? r : NULL;
}

bool fxd_record_copy(uint32_t place, flexnpu_event *record, uint8_t *args, uint32_t *bytes) {
  const fxd_ring *r = fxd_ring_of(place);
  if (r == NULL) return false;
  memcpy(record, r->memory + FLEXNPU_RING_RECORDS_AT + (size_t)(place & 0xffff) * FLEXNPU_RING_RECORD_BYTES, sizeof *record);
  flexnpu_ring_record head;
  memcpy(&head, record, sizeof head);
  uint32_t at = head.args_at % FLEXNPU_RING_ARGS_BYTES;
  *bytes = head.args_length;
  if (head.args_length > FLEXNPU_RING_ARGS_BYTES - at) return false;
  memcpy(args, r->memory + FLEXNPU_RING_ARGS_AT + at, head.args_length);
  return true;
}

void fxd_reply(fxd_ring *r, uint32_t call_seq, aclError error, const uint8_t *bytes, uint32_t length) {
  if (r->memory == NULL) return;
  flexnpu_ring_header *h = (flexnpu_ring_header *)(void *)r->memory;
  if (length > FLEXNPU_RING_REPLY_BYTES) length = FLEXNPU_RING_REPLY_BYTES;
  memcpy(r->memory + FLEXNPU_RING_REPLY_AT, bytes, length);
  h->reply_error = (uint32_t)error;
  h->reply_bytes = length;
  __atomic_store_n(&h->reply_seq, call_seq, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&h->reply_waiter, __ATOMIC_SEQ_CST) != 0) syscall(SYS_futex, &h->reply_seq, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void *fxd_host_address(fxd_ring *r, uint64_t address, uint64_t bytes) {
  if (address >> 48 == FLEXNPU_DATA_TAG) {
    uint64_t offset = address & 0xffffffffffffull;
    if (offset > FLEXNPU_RING_DATA_BYTES || bytes > FLEXNPU_RING_DATA_BYTES - offset) return NULL;
    return r->memory + FLEXNPU_RING_DATA_AT + offset;
  }
  return fxd_pinned(r->client, address, bytes);
}
