/*
 * Copies. Between device addresses and with pinned memory one record is the whole copy; other host memory goes through
 * the data area in pieces: of a synchronous copy through its lower half, so that one is filled or emptied while the
 * daemon copies another, of an asynchronous one through remote/staging.h.
 */
#include <string.h>
#include <sys/mman.h>

#include "boot/word.h"
#include "engine/submit.h"
#include "real_table.h"
#include "remote/call.h"
#include "remote/capture.h"
#include "remote/copy.h"
#include "remote/error.h"
#include "remote/handles.h"
#include "remote/memory.h"
#include "remote/operator.h"
#include "remote/pinned.h"
#include "remote/staging.h"
#include "remote/streams.h"
#include "remote_client.h"

#define PIECE_BYTES FLEXNPU_RING_PIECE_BYTES

_Static_assert(FLEXNPU_RING_PIECES * FLEXNPU_RING_PIECE_BYTES <= FX_STAGING_BYTES, "pieces lie below the staged data");

/* What is to be copied, with the direction named. */
typedef struct copy {
  uint8_t *to;
  const uint8_t *from;
  size_t bytes;
  aclrtMemcpyKind kind;
  bool pageable; /* host memory that the daemon does not see */
} copy;

/* Whether the process could touch all of it. */
static bool is_mapped(fx_side side) {
  uintptr_t page = (uintptr_t)side.address & ~(uintptr_t)4095, end = (uintptr_t)side.address + side.bytes;
  return end >= page && msync((void *)page, end - page, MS_ASYNC) == 0;
}

static bool on_device(fx_side side, bool named) {
  return fx_device_memory_holds(side.address, side.bytes) || (named && !fx_pinned_holds(side.address, side.bytes) && !is_mapped(side));
}

aclrtMemcpyKind fx_copy_direction(fx_side to, fx_side from, aclrtMemcpyKind kind) {
  bool between = kind == ACL_MEMCPY_DEVICE_TO_DEVICE || kind == ACL_MEMCPY_INNER_DEVICE_TO_DEVICE || kind == ACL_MEMCPY_INTER_DEVICE_TO_DEVICE;
  bool to_device = on_device(to, between || kind == ACL_MEMCPY_HOST_TO_DEVICE || kind == ACL_MEMCPY_HOST_TO_BUF_TO_DEVICE);
  bool from_device = on_device(from, between || kind == ACL_MEMCPY_DEVICE_TO_HOST);
  if (to_device) return !from_device ? ACL_MEMCPY_HOST_TO_DEVICE : between ? kind : ACL_MEMCPY_DEVICE_TO_DEVICE;
  return from_device ? ACL_MEMCPY_DEVICE_TO_HOST : ACL_MEMCPY_HOST_TO_HOST;
}

bool fx_copy_is_pageable(fx_side to, fx_side from, aclrtMemcpyKind direction) {
  return (direction == ACL_MEMCPY_HOST_TO_DEVICE && !fx_pinned_holds(from.address, from.bytes)) ||
         (direction == ACL_MEMCPY_DEVICE_TO_HOST && !fx_pinned_holds(to.address, to.bytes));
}

aclError fx_copy_check(fx_side to, fx_side from, aclrtMemcpyKind direction) {
  bool right = direction == ACL_MEMCPY_DEVICE_TO_HOST || fx_device_memory_holds(to.address, to.bytes);
  const fx_side *wrong = right ? &from : &to;
  if (right && (direction == ACL_MEMCPY_HOST_TO_DEVICE || fx_device_memory_holds(from.address, from.bytes))) return ACL_SUCCESS;
  return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes at %p are not all device memory", wrong->bytes, wrong->address);
}

static aclError plan(copy *c, void *to, size_t room, const void *from, size_t bytes, aclrtMemcpyKind kind) {
  if (to == NULL || from == NULL) return fx_remote_no_pointer();
  if ((int)kind < ACL_MEMCPY_HOST_TO_HOST || (int)kind > ACL_MEMCPY_INTER_DEVICE_TO_DEVICE)
    return fx_remote_fail(ACL_ERROR_INVALID_PARAM, "copy kind %d is not known", (int)kind);
  if (bytes > room) return fx_remote_fail(ACL_ERROR_RT_PARAM_INVALID, "%zu bytes do not fit the %zu of the destination", bytes, room);
  fx_side sides[] = {{to, bytes}, {from, bytes}};
  *c = (copy){.to = to, .from = from, .bytes = bytes, .kind = bytes > 0 ? fx_copy_direction(sides[0], sides[1], kind) : kind};
  c->pageable = fx_copy_is_pageable(sides[0], sides[1], c->kind);
  return ACL_SUCCESS;
}

static aclError send_copy(fx_call *call, const void *to, const void *from, size_t bytes, aclrtMemcpyKind kind) {
  aclError error = fx_call_open(call, FX_API_aclrtMemcpy, 40);
  if (error != ACL_SUCCESS) return error;
  fx_call_put(call, (uint64_t)(uintptr_t)to);
  fx_call_put(call, bytes);
  fx_call_put(call, (uint64_t)(uintptr_t)from);
  fx_call_put(call, bytes);
  fx_call_put(call, (uint32_t)kind);
  fx_call_send(call, FLEXNPU_NONE, FLEXNPU_NONE);
  return ACL_SUCCESS;
}

/* What fits a piece needs no streaming. */
static aclError one_piece(const copy *c, uint8_t *area) {
  fx_call call;
  bool to_device = c->kind == ACL_MEMCPY_HOST_TO_DEVICE;
  if (to_device) memcpy(area, c->from, c->bytes);
  const void *host = fx_data_address(0);
  aclError error = to_device ? send_copy(&call, c->to, host, c->bytes, c->kind) : send_copy(&call, host, c->from, c->bytes, c->kind);
  if (error == ACL_SUCCESS) error = fx_call_wait(&call);
  if (error == ACL_SUCCESS && !to_device) memcpy(c->to, area, c->bytes);
  return error;
}

/*
 * One call is the whole copy: the daemon's thread copies one piece while this one fills or empties another, and neither
 * goes through the daemon's loop for it.
 */
static aclError stream(const copy *c, fx_ring *r, uint8_t *area) {
  fx_word own = {(_Atomic uint32_t *)(void *)&r->header->copy_client, (_Atomic uint32_t *)(void *)&r->header->copy_client_waiter};
  fx_word others = {(_Atomic uint32_t *)(void *)&r->header->copy_daemon, (_Atomic uint32_t *)(void *)&r->header->copy_daemon_waiter};
  bool to_device = c->kind == ACL_MEMCPY_HOST_TO_DEVICE;
  void *host = (void *)(uintptr_t)((uint64_t)FLEXNPU_STREAM_TAG << 48);
  fx_call call;
  atomic_store(own.count, 0);
  atomic_store(others.count, 0);
  aclError error = to_device ? send_copy(&call, c->to, host, c->bytes, c->kind) : send_copy(&call, host, c->from, c->bytes, c->kind);
  if (error != ACL_SUCCESS) return error;
  uint32_t piece = 0;
  for (size_t done = 0; done < c->bytes; piece++) {
    uint32_t theirs;
    /* Filled ones are emptied before they are filled again; what the daemon has filled can be emptied. */
    while (theirs = atomic_load(others.count), to_device ? piece - theirs >= FLEXNPU_RING_PIECES : theirs == piece) {
      if (fx_ring_answered(r, call.record.ring.call_seq) || !fx_ring_served(r)) return fx_call_wait(&call);
      fx_word_wait(others, theirs);
    }
    size_t bytes = c->bytes - done < FLEXNPU_RING_PIECE_BYTES ? c->bytes - done : FLEXNPU_RING_PIECE_BYTES;
    uint8_t *slot = area + (size_t)(piece % FLEXNPU_RING_PIECES) * FLEXNPU_RING_PIECE_BYTES;
    if (to_device) memcpy(slot, c->from + done, bytes);
    else memcpy(c->to + done, slot, bytes);
    fx_word_set(own, piece + 1);
    done += bytes;
  }
  return fx_call_wait(&call);
}

aclError fx_remote_aclrtMemcpy(void *dst, size_t destMax, const void *src, size_t count, aclrtMemcpyKind kind) {
  copy c = {0};
  aclError error = fx_context_check();
  if (error == ACL_SUCCESS) error = plan(&c, dst, destMax, src, count, kind);
  if (error != ACL_SUCCESS || count == 0) return error;
  if (c.kind == ACL_MEMCPY_HOST_TO_HOST) {
    memmove(dst, src, count);
    return ACL_SUCCESS;
  }
  if ((error = fx_capture_check("aclrtMemcpy")) != ACL_SUCCESS) return error;
  fx_call call;
  if (!c.pageable) {
    error = send_copy(&call, dst, src, count, c.kind);
    return error == ACL_SUCCESS ? fx_call_wait(&call) : error;
  }
  /* Before the host's side is touched. */
  if ((error = fx_copy_check((fx_side){dst, count}, (fx_side){src, count}, c.kind)) != ACL_SUCCESS) return error;
  fx_ring *r = fx_ring_get(&error);
  uint8_t *area = r != NULL ? fx_ring_data(r, &error) : NULL;
  if (area == NULL) return error;
  return count <= FLEXNPU_RING_PIECE_BYTES ? one_piece(&c, area) : stream(&c, r, area);
}

static aclError submit(void *to, const void *from, size_t bytes, aclrtMemcpyKind kind, aclrtStream stream) {
  fx_args_aclrtMemcpyAsync args = {to, bytes, from, bytes, kind, stream};
  fx_operator o = {.api = FX_API_aclrtMemcpyAsync, .op_class = fx_copy_class(kind), .stream = fx_handle_number(stream),
                   .sync_object = FLEXNPU_NONE, .bytes = bytes};
  aclError error = fx_operator_open(&o, sizeof args);
  if (error != ACL_SUCCESS) return error;
  fx_operator_put(&o, &args, sizeof args);
  return fx_operator_submit(&o);
}

/* The copy is issued when this returns, and the source may be used again. */
static aclError stage_to_device(const copy *c, fx_ring *r, aclrtStream stream) {
  aclError error = ACL_SUCCESS;
  for (size_t done = 0; done < c->bytes && error == ACL_SUCCESS;) {
    size_t bytes = c->bytes - done < PIECE_BYTES ? c->bytes - done : PIECE_BYTES, offset;
    uint8_t *place = fx_staging_take(r, bytes, stream, &offset, &error);
    if (place == NULL) return error;
    memcpy(place, c->from + done, bytes);
    error = submit(c->to + done, fx_data_address(offset), bytes, c->kind, stream);
    done += bytes;
  }
  return error;
}

/* The copy is done when this returns, as AscendCL has it. */
static aclError stage_from_device(const copy *c, fx_ring *r, aclrtStream stream) {
  for (size_t done = 0; done < c->bytes;) {
    size_t bytes = c->bytes - done < PIECE_BYTES ? c->bytes - done : PIECE_BYTES, offset;
    aclError error = ACL_SUCCESS;
    const uint8_t *place = fx_staging_take(r, bytes, stream, &offset, &error);
    if (place == NULL) return error;
    error = submit(fx_data_address(offset), c->from + done, bytes, c->kind, stream);
    if (error == ACL_SUCCESS) error = fx_call_aclrtSynchronizeStream(stream);
    if (error != ACL_SUCCESS) return error;
    memcpy(c->to + done, place, bytes);
    fx_staging_synchronized(r, stream);
    done += bytes;
  }
  return ACL_SUCCESS;
}

aclError fx_remote_aclrtMemcpyAsync(void *dst, size_t destMax, const void *src, size_t count, aclrtMemcpyKind kind, aclrtStream stream) {
  copy c = {0};
  aclError error = plan(&c, dst, destMax, src, count, kind);
  if (error != ACL_SUCCESS || count == 0) return error;
  if (c.kind == ACL_MEMCPY_HOST_TO_HOST) return fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "a copy from host to host cannot be asynchronous");
  if ((error = fx_copy_check((fx_side){dst, count}, (fx_side){src, count}, c.kind)) != ACL_SUCCESS) return error;
  if ((error = fx_stream_resolve(&stream)) != ACL_SUCCESS) return error;
  if (!c.pageable) return submit(dst, src, count, c.kind, stream);
  if ((error = fx_capture_refuse(stream, ACL_ERROR_RT_PARAM_INVALID, "a copy with pageable host memory")) != ACL_SUCCESS) return error;
  fx_ring *r = fx_ring_get(&error);
  if (r == NULL) return error;
  return c.kind == ACL_MEMCPY_HOST_TO_DEVICE ? stage_to_device(&c, r, stream) : stage_from_device(&c, r, stream);
}

/* It says itself where it cannot be asynchronous; so does the common form. */
aclError fx_remote_aclrtMemcpyAsyncWithCondition(void *dst, size_t destMax, const void *src, size_t count, aclrtMemcpyKind kind,
                                                 aclrtStream stream) {
  return fx_remote_aclrtMemcpyAsync(dst, destMax, src, count, kind, stream);
}
