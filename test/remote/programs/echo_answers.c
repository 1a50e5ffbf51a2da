/* Answers that a test can foresee: handles count up, names and errors are fixed, copies are copies. */
#include "echo_answers.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot/word.h"
#include "real_table.h"

static const char *const names[] = {
    "",
#define NAME(name) #name,
    FX_API_LIST(NAME)
#undef NAME
};

static uint32_t made = 10;
static bool reset; /* the device: streams went with it */

const char *echo_api_name(uint32_t api) { return api < FX_API_COUNT ? names[api] : "?"; }

long echo_api_number(const char *name) {
  for (long i = 1; i < FX_API_COUNT; i++)
    if (strcmp(names[i], name) == 0) return i;
  exit(64);
}

static uint64_t handle(uint64_t kind, uint64_t index) {
  return (uint64_t)FLEXNPU_HANDLE_TAG << 48 | kind << 40 | 1ull << FLEXNPU_HANDLE_INDEX_BITS | index;
}

static uint64_t word(const uint8_t *args, int number) {
  uint64_t value;
  memcpy(&value, args + 8 * number, sizeof value);
  return value;
}

static void put(uint8_t *reply, uint32_t *bytes, uint64_t value) {
  memcpy(reply + *bytes, &value, sizeof value);
  *bytes += 8;
}

static void put_text(uint8_t *reply, uint32_t *bytes, const char *text) {
  size_t length = strlen(text), padded = (length + 7) / 8 * 8;
  put(reply, bytes, length);
  memset(reply + *bytes, 0, padded);
  memcpy(reply + *bytes, text, length);
  *bytes += (uint32_t)padded;
}

static void copy(echo_ring *r, uint64_t to, uint64_t from, uint64_t count, uint64_t kind) {
  void *target = kind == ACL_MEMCPY_DEVICE_TO_HOST ? echo_host_address(r, to, count) : (void *)(uintptr_t)to;
  const void *source = kind == ACL_MEMCPY_HOST_TO_DEVICE ? echo_host_address(r, from, count) : (const void *)(uintptr_t)from;
  memcpy(target, source, count);
}

/* The host's side comes, or goes, piece by piece through the data area; a client that stops for 20 s has died. */
static void stream(echo_ring *r, uint8_t *to, const uint8_t *from, uint64_t count, bool to_device) {
  _Atomic uint32_t *client = (_Atomic uint32_t *)(void *)&r->header->copy_client;
  fx_word own = {(_Atomic uint32_t *)(void *)&r->header->copy_daemon, (_Atomic uint32_t *)(void *)&r->header->copy_daemon_waiter};
  for (uint32_t piece = 0; count > 0; piece++) {
    uint64_t bytes = count < FLEXNPU_RING_PIECE_BYTES ? count : FLEXNPU_RING_PIECE_BYTES;
    uint8_t *slot = r->memory + FLEXNPU_RING_DATA_AT + (size_t)(piece % FLEXNPU_RING_PIECES) * FLEXNPU_RING_PIECE_BYTES;
    for (int waits = 0; to_device ? atomic_load(client) == piece : piece - atomic_load(client) >= FLEXNPU_RING_PIECES; waits++) {
      if (waits > 200000) exit(65);
      (void)usleep(100);
    }
    if (to_device) to = (uint8_t *)memcpy(to, slot, bytes) + bytes;
    else {
      memcpy(slot, from, bytes);
      from += bytes;
    }
    fx_word_set(own, piece + 1);
    count -= bytes;
  }
}

static void copy_now(echo_ring *r, uint64_t to, uint64_t from, uint64_t count, uint64_t kind) {
  uint64_t host = kind == ACL_MEMCPY_HOST_TO_DEVICE ? from : to;
  if (host >> 48 == FLEXNPU_STREAM_TAG) stream(r, (uint8_t *)(uintptr_t)to, (const uint8_t *)(uintptr_t)from, count, kind == ACL_MEMCPY_HOST_TO_DEVICE);
  else copy(r, to, from, count, kind);
}

/* The sum of a kernel binary's bytes, so that the client sees whether they came over. */
static uint32_t sum(const uint8_t *image, uint64_t bytes) {
  uint32_t total = 0;
  for (uint64_t i = 0; i < bytes; i++) total += image[i];
  return total & 0xffffffu;
}

int echo_answer(echo_ring *r, const echo_record *record, const uint8_t *args, uint8_t *reply, uint32_t *bytes) {
  switch (record->ring.api) {
    case FX_API_aclrtSetDevice:
      if (word(args, 0) == 0) return 0;
      put_text(reply, bytes, "that device is not yours");
      return ACL_ERROR_RT_INVALID_DEVICEID;
    case FX_API_aclrtGetVersion:
      for (uint64_t part = 1; part <= 3; part++) put(reply, bytes, part);
      return 0;
    case FX_API_aclrtGetDeviceInfo: put(reply, bytes, (uint64_t)-5); return 0;
    case FX_API_aclrtGetMemInfo:
      put(reply, bytes, 1ull << 34);
      put(reply, bytes, 1ull << 36);
      return 0;
    case FX_API_aclrtGetCurrentContext:
    case FX_API_aclrtCreateContext: put(reply, bytes, handle(FLEXNPU_HANDLE_CONTEXT, 1)); return 0;
    case FX_API_aclrtCtxGetCurrentDefaultStream: put(reply, bytes, handle(FLEXNPU_HANDLE_STREAM, 5)); return 0;
    case FX_API_aclrtCreateStream:
    case FX_API_aclrtCreateStreamWithConfig: put(reply, bytes, handle(FLEXNPU_HANDLE_STREAM, made++)); return 0;
    case FX_API_aclrtCreateEvent: put(reply, bytes, handle(FLEXNPU_HANDLE_EVENT, made++)); return 0;
    case FX_API_aclrtResetDeviceForce: reset = true; return 0;
    case FX_API_aclrtStreamQuery:
      if (reset) return ACL_ERROR_RT_STREAM_CONTEXT;
      put(reply, bytes, ACL_STREAM_STATUS_COMPLETE); return 0;
    case FX_API_aclrtEventElapsedTime: put(reply, bytes, 0x3fc00000); return 0; /* 1.5f */
    case FX_API_aclrtMalloc: put(reply, bytes, (uint64_t)(uintptr_t)calloc(1, word(args, 1))); return 0;
    case FX_API_aclrtMallocPhysical: put(reply, bytes, handle(FLEXNPU_HANDLE_PHYS_MEM, word(args, 4))); return 0;
    case FX_API_aclrtFree: free((void *)(uintptr_t)word(args, 0)); return 0;
    case FX_API_aclrtMemset: memset((void *)(uintptr_t)word(args, 0), (int)word(args, 2), word(args, 3)); return 0;
    case FX_API_aclrtMemcpy: copy_now(r, word(args, 0), word(args, 2), word(args, 3), word(args, 4)); return 0;
    case FX_API_aclrtBinaryLoadFromData:
      put(reply, bytes, handle(FLEXNPU_HANDLE_BINARY, sum(echo_host_address(r, word(args, 0), word(args, 1)), word(args, 1))));
      return 0;
    case FX_API_aclrtBinaryGetFunction: put(reply, bytes, handle(FLEXNPU_HANDLE_FUNCTION, word(args, 1))); return 0;
    case FX_API_aclrtGetFunctionName: put_text(reply, bytes, "a_name_that_is_longer_than_its_buffer"); return 0;
    case FX_API_aclrtGetStreamAttribute: { /* a structure: its bytes, as many as were asked for */
      aclrtStreamAttrValue value = {.streamPriority = 6};
      put(reply, bytes, sizeof value);
      memcpy(reply + *bytes, &value, sizeof value);
      *bytes += sizeof value;
      return 0;
    }
    case FX_API_aclrtGetRunMode: return 0; /* an answer that is too short */
    default: return 0;
  }
}

void echo_carry_out(echo_ring *r, const echo_record *record, const uint8_t *args) {
  if (record->ring.api != FX_API_aclrtMemcpyAsync) return;
  fx_args_aclrtMemcpyAsync a;
  memcpy(&a, args, sizeof a);
  copy(r, (uint64_t)(uintptr_t)a.dst, (uint64_t)(uintptr_t)a.src, a.count, (uint64_t)a.kind);
}
