/*
 * Device memory of clients, counted and remembered so that it can be given back, and copies: the host side of one is in
 * the ring's data area or pinned, and anything else is refused: the daemon reads no address of a client's choice.
 */
#include "boot/counters.h"
#include "boot/word.h"
#include "executor/blocks.h"
#include "executor/remote.h"
#include "executor/serve.h"
#include "real_table.h"

aclError fxd_serve_aclrtMalloc(fxd_call *c) {
  bool wanted = fxd_take(c) != 0;
  uint64_t bytes = fxd_take(c);
  aclrtMemMallocPolicy policy = (aclrtMemMallocPolicy)fxd_take(c);
  void *address = NULL;
  if (c->torn || !wanted) return ACL_ERROR_INVALID_PARAM;
  aclError error = fxd_block_make(c->ring->client, bytes, policy, &address);
  if (error == ACL_SUCCESS) fxd_put(c, (uint64_t)(uintptr_t)address);
  return error;
}

aclError fxd_serve_aclrtMallocAlign32(fxd_call *c) { return fxd_serve_aclrtMalloc(c); }

/* Another client's memory is nothing to it. */
aclError fxd_serve_aclrtFree(fxd_call *c) {
  c->value = fxd_block_take(c->ring->client, (const void *)(uintptr_t)fxd_take(c));
  return c->value > 0 ? ACL_SUCCESS : ACL_ERROR_RT_PARAM_INVALID;
}

static bool is_hbm(aclrtMemAttr attr) {
  switch (attr) {
    case ACL_DDR_MEM:
    case ACL_DDR_MEM_HUGE:
    case ACL_DDR_MEM_NORMAL:
    case ACL_DDR_MEM_P2P_HUGE:
    case ACL_DDR_MEM_P2P_NORMAL: return false;
    default: return true;
  }
}

/* A tenant with a quota sees its own memory, never the card's. */
aclError fxd_serve_aclrtGetMemInfo(fxd_call *c) {
  aclrtMemAttr attr = (aclrtMemAttr)fxd_take(c);
  bool free_wanted = fxd_take(c) != 0, total_wanted = fxd_take(c) != 0;
  size_t free_bytes = 0, total_bytes = 0;
  if (c->torn) return ACL_ERROR_INVALID_PARAM;
  aclError error = fx_real.aclrtGetMemInfo(attr, free_wanted ? &free_bytes : NULL, total_wanted ? &total_bytes : NULL);
  if (error != ACL_SUCCESS) return error;
  const fxd_client *client = c->ring->client;
  if (is_hbm(attr) && total_bytes > client->total_bytes) total_bytes = client->total_bytes;
  if (is_hbm(attr) && free_bytes > client->free_bytes) free_bytes = client->free_bytes;
  if (free_wanted) fxd_put(c, free_bytes);
  if (total_wanted) fxd_put(c, total_bytes);
  return ACL_SUCCESS;
}

/* The mapping ends with the line that follows on the socket; here is only the order. */
aclError fxd_serve_aclrtFreeHost(fxd_call *c) {
  (void)c;
  return ACL_SUCCESS;
}

aclError fxd_copy_sides(fxd_ring *r, aclrtMemcpyKind kind, uint64_t to_bytes, void **to, uint64_t from_bytes, const void **from) {
  switch (kind) {
    case ACL_MEMCPY_HOST_TO_DEVICE: *from = fxd_host_address(r, (uint64_t)(uintptr_t)*from, from_bytes); break;
    case ACL_MEMCPY_DEVICE_TO_HOST: *to = fxd_host_address(r, (uint64_t)(uintptr_t)*to, to_bytes); break;
    case ACL_MEMCPY_DEVICE_TO_DEVICE:
    case ACL_MEMCPY_INNER_DEVICE_TO_DEVICE:
    case ACL_MEMCPY_INTER_DEVICE_TO_DEVICE: break;
    default: return ACL_ERROR_INVALID_PARAM;
  }
  if (*to == NULL || *from == NULL) return ACL_ERROR_RT_PARAM_INVALID;
  bool to_device = kind != ACL_MEMCPY_DEVICE_TO_HOST, from_device = kind != ACL_MEMCPY_HOST_TO_DEVICE;
  if ((to_device && !fxd_holds(r->client, *to, to_bytes)) || (from_device && !fxd_holds(r->client, *from, from_bytes))) return ACL_ERROR_RT_PARAM_INVALID;
  return ACL_SUCCESS;
}

aclError fxd_copy_address(fxd_ring *r, aclrtMemcpyKind kind, uint64_t bytes, uint64_t room, void **to, const void **from) {
  return bytes <= room ? fxd_copy_sides(r, kind, bytes, to, bytes, from) : ACL_ERROR_RT_PARAM_INVALID;
}

static bool is_streamed(const void *address) { return (uint64_t)(uintptr_t)address >> 48 == FLEXNPU_STREAM_TAG; }

/*
 * A copy whose host side comes, or goes, piece by piece through the data area. On the twin: the client fills or empties
 * the others meanwhile. What it does with its count only it suffers from; a client that goes ends the wait.
 */
static aclError stream(fxd_ring *r, uint8_t *to, const uint8_t *from, uint64_t bytes, aclrtMemcpyKind kind) {
  flexnpu_ring_header *h = (flexnpu_ring_header *)(void *)r->memory;
  fx_word own = {(_Atomic uint32_t *)(void *)&h->copy_daemon, (_Atomic uint32_t *)(void *)&h->copy_daemon_waiter};
  fx_word others = {(_Atomic uint32_t *)(void *)&h->copy_client, (_Atomic uint32_t *)(void *)&h->copy_client_waiter};
  bool to_device = kind == ACL_MEMCPY_HOST_TO_DEVICE;
  if (!fxd_holds(r->client, to_device ? to : from, bytes)) return ACL_ERROR_RT_PARAM_INVALID;
  uint32_t piece = 0;
  for (uint64_t done = 0; done < bytes; piece++) {
    uint32_t theirs;
    while (theirs = atomic_load(others.count), to_device ? theirs == piece : piece - theirs >= FLEXNPU_RING_PIECES) {
      if (atomic_load(&r->leaving)) return ACL_ERROR_RT_LOST_HEARTBEAT;
      fx_word_wait(others, theirs);
    }
    uint64_t here = bytes - done < FLEXNPU_RING_PIECE_BYTES ? bytes - done : FLEXNPU_RING_PIECE_BYTES;
    uint8_t *slot = r->memory + FLEXNPU_RING_DATA_AT + (uint64_t)(piece % FLEXNPU_RING_PIECES) * FLEXNPU_RING_PIECE_BYTES;
    aclError error = to_device ? fx_real.aclrtMemcpy(to + done, here, slot, here, kind) : fx_real.aclrtMemcpy(slot, here, from + done, here, kind);
    if (error != ACL_SUCCESS) return error;
    fx_word_set(own, piece + 1);
    done += here;
  }
  return ACL_SUCCESS;
}

aclError fxd_serve_aclrtMemcpy(fxd_call *c) {
  void *to = (void *)(uintptr_t)fxd_take(c);
  uint64_t room = fxd_take(c);
  const void *from = (const void *)(uintptr_t)fxd_take(c);
  uint64_t bytes = fxd_take(c);
  aclrtMemcpyKind kind = (aclrtMemcpyKind)fxd_take(c);
  if (c->torn) return ACL_ERROR_INVALID_PARAM;
  if (bytes <= room && ((kind == ACL_MEMCPY_HOST_TO_DEVICE && is_streamed(from)) || (kind == ACL_MEMCPY_DEVICE_TO_HOST && is_streamed(to))))
    return stream(c->ring, to, from, bytes, kind);
  aclError error = fxd_copy_address(c->ring, kind, bytes, room, &to, &from);
  return error == ACL_SUCCESS ? fx_real.aclrtMemcpy(to, room, from, bytes, kind) : error;
}

aclError fxd_serve_aclrtMemset(fxd_call *c) {
  void *address = (void *)(uintptr_t)fxd_take(c);
  uint64_t room = fxd_take(c);
  int32_t value = (int32_t)fxd_take(c);
  uint64_t bytes = fxd_take(c);
  if (c->torn) return ACL_ERROR_INVALID_PARAM;
  if (bytes <= room && !fxd_holds(c->ring->client, address, bytes)) return ACL_ERROR_RT_PARAM_INVALID;
  return fx_real.aclrtMemset(address, room, value, bytes);
}

aclError fxd_serve_aclrtBinaryLoadFromData(fxd_call *c) {
  uint64_t image = fxd_take(c), bytes = fxd_take(c);
  size_t list_bytes;
  const aclrtBinaryLoadOption *list = fxd_take_bytes(c, &list_bytes);
  bool wanted = fxd_take(c) != 0;
  if (c->torn || !wanted || list_bytes % sizeof *list != 0) return ACL_ERROR_INVALID_PARAM;
  const void *data = fxd_host_address(c->ring, image, bytes);
  if (data == NULL) return ACL_ERROR_RT_PARAM_INVALID;
  aclrtBinaryLoadOptions options = {.options = (aclrtBinaryLoadOption *)(uintptr_t)list, .numOpt = list_bytes / sizeof *list};
  aclrtBinHandle binary = NULL;
  aclError error = fx_real.aclrtBinaryLoadFromData(data, bytes, list != NULL ? &options : NULL, &binary);
  return error == ACL_SUCCESS ? fxd_put_handle(c, FLEXNPU_HANDLE_BINARY, binary) : error;
}

void *fxd_register(void *memory, uint64_t bytes) {
  static bool refused;
  void *device_address = NULL;
  aclError error = fx_real.aclrtHostRegister(memory, bytes, ACL_HOST_REGISTER_MAPPED, &device_address);
  if (error == ACL_SUCCESS) return device_address;
  if (refused) return NULL;
  refused = true;
  fx_fault("host memory of clients is not taken as pinned (aclrtHostRegister: %d); their asynchronous copies wait", error);
  return NULL;
}

void fxd_unregister(void *memory) { (void)fx_real.aclrtHostUnregister(memory); }
