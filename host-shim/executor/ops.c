/*
 * Operators: copied out of the ring, checked, their handles and host addresses put in, and handed to the real library in
 * the order of the batch. One that the real library refuses is an error of its stream, said by the next synchronization.
 */
#include <string.h>

#include "api.h"
#include "boot/counters.h"
#include "executor/executor.h"
#include "executor/serve.h"
#include "kernel/pack.h"
#include "real_table.h"

/* Flags of OPS. */
#define MARK 1u
#define SAMPLE 2u
/* Operators that are asked for before their turn. */
#define AHEAD 8u
/* More attributes than AscendCL knows. */
#define ATTRIBUTES_LIMIT 64u

/* Whether so many bytes of the record are left, padded to 8 each. */
static bool skip(uint64_t *at, uint64_t bytes, uint64_t length) {
  if (bytes > length || *at > length) return false;
  uint64_t padded = (bytes + 7u) & ~7ull;
  if (padded > length - *at) return false;
  *at += padded;
  return true;
}

static bool word(const uint8_t *args, uint64_t *at, uint64_t length, uint64_t *value) {
  if (*at + 8 > length) return false;
  memcpy(value, args + *at, 8);
  *at += 8;
  return true;
}

/* The attributes of a launch, as fx_pack_add_config has them. */
static bool skip_config(const uint8_t *args, uint64_t *at, uint64_t length) {
  uint64_t attributes;
  if (!word(args, at, length, &attributes) || attributes > ATTRIBUTES_LIMIT + 1) return false;
  return attributes == 0 || skip(at, (attributes - 1) * sizeof(aclrtLaunchKernelAttr), length);
}

static bool whole_host_args(const uint8_t *args, uint64_t length) {
  const fx_args_aclrtLaunchKernelWithHostArgs *a = (const void *)args;
  uint64_t at = 0;
  if (!skip(&at, sizeof *a, length) || !skip_config(args, &at, length)) return false;
  uint64_t host = a->argsSize;
  if (!skip(&at, host, length) || a->placeHolderNum > length / sizeof(aclrtPlaceHolderInfo)) return false;
  uint64_t list = at;
  if (!skip(&at, a->placeHolderNum * sizeof(aclrtPlaceHolderInfo), length)) return false;
  for (uint64_t i = 0; i < a->placeHolderNum; i++) {
    aclrtPlaceHolderInfo p;
    memcpy(&p, args + list + i * sizeof p, sizeof p);
    if (host < 8 || p.addrOffset > host - 8 || p.dataOffset > host) return false;
  }
  return true;
}

/* Arguments by handle, as fx_args_pack has them. */
static bool whole_config(const uint8_t *args, uint64_t length) {
  uint64_t at = 0, count, bytes, shape[2];
  if (!skip(&at, sizeof(fx_args_aclrtLaunchKernelWithConfig), length) || !skip_config(args, &at, length)) return false;
  if (!word(args, &at, length, &count) || !word(args, &at, length, &bytes) || count > 128) return false;
  uint64_t sum = 0;
  for (uint64_t i = 0; i < count; i++) {
    if (!word(args, &at, length, &shape[0]) || !word(args, &at, length, &shape[1]) || shape[0] > 1) return false;
    if (!skip(&at, shape[1], length)) return false;
    sum += shape[0] != 0 ? 8 + shape[1] : shape[1];
  }
  return sum == bytes;
}

/* Whether the packed record of a launch is whole: what carries it out follows the lengths in it. */
static bool whole(uint32_t api, const uint8_t *args, uint32_t length) {
  uint64_t at = 0;
  switch (api) {
    case FX_API_aclrtLaunchKernelWithHostArgs: return whole_host_args(args, length);
    case FX_API_aclrtLaunchKernelWithConfig: return whole_config(args, length);
    case FX_API_aclrtLaunchKernelV2:
      return skip(&at, sizeof(fx_args_aclrtLaunchKernelV2), length) && skip_config(args, &at, length);
    default: return true; /* fxd_translate knows the size of the others */
  }
}

/* The client runs its functions itself: for the device there is nothing to do. */
bool fxd_is_callback(uint32_t api) { return api == FX_API_aclrtLaunchCallback || api == FX_API_aclrtLaunchHostFunc; }

static aclError hand_over(uint32_t stream, uint32_t place, bool live) {
  fxd_ring *r = fxd_ring_of(place);
  flexnpu_event record;
  static uint8_t args[FXD_ARGS_ROOM] __attribute__((aligned(16)));
  uint32_t bytes = 0;
  if (r == NULL || !fxd_record_copy(place, &record, args, &bytes)) return ACL_ERROR_RT_PARAM_INVALID;
  uint32_t api = record.op_submit.api;
  if (fxd_is_callback(api)) return ACL_SUCCESS;
  aclError error = ACL_ERROR_RT_PARAM_INVALID;
  /* It may join a capture, where no marker can cover what came before. */
  if (FX_UNLIKELY(fxd_captures > 0) && record.op_submit.op_class == FLEXNPU_OP_CLASS_EVENT_WAIT && live) fxd_marker_put(stream, false);
  if (api < FX_API_COUNT && fx_exec[api] != NULL && whole(api, args, bytes)) error = fxd_translate(r, api, args, bytes);
  return error == ACL_SUCCESS && live ? fx_exec[api](args) : error;
}

void fxd_hand_over_one(uint32_t stream, uint32_t place, bool live) {
  aclError error = hand_over(stream, place, live);
  if (fxd_wants_task_ids) fxd_task_id_note(place);
  fxd_count_handed(stream, error);
}

/* Whether the stream is still there, and then its context is current. */
bool fxd_enter_stream(uint32_t stream) {
  if (fxd_stream_real(stream) == NULL) return false;
  fxd_enter_any(fxd_stream_context(stream));
  return true;
}

void fxd_ops_hand_over(uint32_t stream, const uint32_t *places, uint32_t count, uint32_t flags) {
  if (stream >= FLEXNPU_MAX_STREAMS) return;
  if ((flags & SAMPLE) != 0) fxd_marker_put(stream, true);
  bool live = fxd_enter_stream(stream);
  for (uint32_t i = 0; i < count; i++) fxd_hand_over_one(stream, places[i], live);
  if ((flags & (MARK | SAMPLE)) != 0) fxd_marker_put(stream, false);
}

static const flexnpu_ring_record *record_of(const fxd_ring *r, uint32_t slot) {
  slot &= FLEXNPU_RING_RECORDS - 1;
  return (const void *)(r->memory + FLEXNPU_RING_RECORDS_AT + (size_t)slot * FLEXNPU_RING_RECORD_BYTES);
}

/*
 * The client's core has what it wrote. Asked for some operators ahead, of this batch or the next, it is here when its turn
 * comes: the record first, and when that has come, its arguments.
 */
void fxd_fetch(const fxd_ring *r, uint32_t slot) {
  uint32_t head = ((const flexnpu_ring_header *)(const void *)r->memory)->head;
  uint32_t published = (head - slot) & (FLEXNPU_RING_RECORDS - 1);
  if (published > 2 * AHEAD) __builtin_prefetch(record_of(r, slot + 2 * AHEAD));
  if (published <= AHEAD) return;
  const uint8_t *args = r->memory + FLEXNPU_RING_ARGS_AT + record_of(r, slot + AHEAD)->args_at % FLEXNPU_RING_ARGS_BYTES;
  for (int line = 0; line < 3; line++) __builtin_prefetch(args + line * 64);
}

void fxd_ops_hand_over_run(uint32_t stream, uint32_t place, uint32_t count) {
  if (stream >= FLEXNPU_MAX_STREAMS || count > FLEXNPU_RING_RECORDS) return;
  bool live = fxd_enter_stream(stream);
  const fxd_ring *r = fxd_ring_of(place);
  for (uint32_t i = 0; i < count; i++) {
    if (r != NULL) fxd_fetch(r, place + i);
    fxd_hand_over_one(stream, (place & ~0xffffu) | ((place + i) & (FLEXNPU_RING_RECORDS - 1)), live);
  }
}
