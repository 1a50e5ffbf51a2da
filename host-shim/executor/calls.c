/*
 * Answered calls: arguments in, outputs out, as docs/daemon.md packs them. The generated part (remote_server.c) says for
 * each function what comes in which order; a call whose arguments end too soon is refused, never read past.
 */
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "executor/exceptions.h"
#include "executor/executor.h"
#include "executor/found.h"
#include "executor/serve.h"
#include "real_table.h"

uint64_t fxd_take(fxd_call *c) {
  uint64_t word = 0;
  if (c->end - c->at < 8) {
    c->torn = true;
    return 0;
  }
  memcpy(&word, c->at, sizeof word);
  c->at += 8;
  return word;
}

const void *fxd_take_bytes(fxd_call *c, size_t *bytes) {
  uint64_t length = fxd_take(c);
  *bytes = 0;
  if (length == UINT64_MAX) return NULL;
  uint64_t room = (uint64_t)(c->end - c->at);
  if (length > room) {
    c->torn = true;
    return NULL;
  }
  const void *data = c->at;
  uint64_t padded = (length + 7u) & ~7ull;
  c->at += padded > room ? room : padded;
  *bytes = length;
  return data;
}

void *fxd_scratch(fxd_call *c, size_t bytes) {
  if (c->scratch_count == sizeof c->scratch / sizeof *c->scratch) return NULL;
  void *memory = calloc(1, bytes > 0 ? bytes : 1);
  if (memory != NULL) c->scratch[c->scratch_count++] = memory;
  return memory;
}

const char *fxd_take_text(fxd_call *c) {
  size_t bytes;
  const void *data = fxd_take_bytes(c, &bytes);
  if (data == NULL) return NULL;
  char *text = fxd_scratch(c, bytes + 1);
  if (text != NULL) memcpy(text, data, bytes);
  else c->torn = true;
  return text;
}

aclError fxd_take_handle(fxd_call *c, uint32_t kind, void *real) {
  uint64_t handle = fxd_take(c);
  void *found = NULL;
  aclError error = ACL_ERROR_INVALID_PARAM;
  if (!c->torn && c->ends != 0 && handle == c->ends) {
    found = c->ended_real;
    error = ACL_SUCCESS;
  } else if (!c->torn) {
    const fxd_client *client = c->ring->client;
    error = fxd_handle_real(client, kind, handle, &found);
    if (error == ACL_SUCCESS && !c->borrowed)
      error = fxd_use(c, found) ? fxd_handle_real(client, kind, handle, &found) : ACL_ERROR_RT_RESOURCE_ALLOC_FAIL;
  }
  memcpy(real, &found, sizeof found);
  return error;
}

void fxd_put(fxd_call *c, uint64_t word) {
  if (c->reply_bytes + 8u > sizeof c->reply) return;
  memcpy(c->reply + c->reply_bytes, &word, sizeof word);
  c->reply_bytes += 8;
}

void fxd_put_bytes(fxd_call *c, const void *data, size_t bytes) {
  size_t padded = (bytes + 7u) & ~(size_t)7u;
  if (c->reply_bytes + 8u + padded > sizeof c->reply) return;
  fxd_put(c, bytes);
  memset(c->reply + c->reply_bytes, 0, padded);
  memcpy(c->reply + c->reply_bytes, data, bytes);
  c->reply_bytes += (uint32_t)padded;
}

aclError fxd_put_handle(fxd_call *c, uint32_t kind, void *real) {
  /* A kernel is the same each time that its binary is asked for it. */
  uint64_t known = kind == FLEXNPU_HANDLE_FUNCTION ? fxd_handle_find(kind, real, c->ring->client->number) : 0;
  if (known != 0) {
    fxd_put(c, known);
    return ACL_SUCCESS;
  }
  bool numbered = kind == FLEXNPU_HANDLE_STREAM || kind == FLEXNPU_HANDLE_EVENT || kind == FLEXNPU_HANDLE_NOTIFY ||
                  kind == FLEXNPU_HANDLE_CNT_NOTIFY;
  uint32_t index = numbered ? c->number : fxd_handle_index(kind);
  if (index == FLEXNPU_NONE) return ACL_ERROR_RT_RESOURCE_ALLOC_FAIL;
  uint64_t handle = fxd_handle_make(kind, index, real, c->ring->client->number);
  if (handle == 0) return ACL_ERROR_RT_MEMORY_ALLOCATION;
  if (kind == FLEXNPU_HANDLE_STREAM) {
    fxd_stream_begin(index, c->ring->context);
    fxd_exceptions_stream(index, real);
  }
  fxd_put(c, handle);
  return ACL_SUCCESS;
}

static void answer(fxd_call *c) {
  if (c->error != ACL_SUCCESS) {
    const char *text = fx_real.aclGetRecentErrMsg();
    c->reply_bytes = 0;
    fxd_put_bytes(c, text != NULL ? text : "", text != NULL ? strnlen(text, 4096) : 0);
  }
  fxd_reply(c->ring, c->call_seq, c->error, c->reply, c->reply_bytes);
  if (c->notify) fxd_found_called(c);
}

static void release(fxd_call *c) {
  for (uint32_t i = 0; i < c->scratch_count; i++) free(c->scratch[i]);
  if (c->borrowed) return;
  free(c->args);
  free(c);
}

static void report_bad(uint32_t place) {
  flexnpu_event bad = {.kind = 0x9002, .stream = FLEXNPU_NONE};
  ((uint32_t *)(void *)&bad)[4] = place;
  fxd_found(&bad);
}

void fxd_call_refuse(fxd_call *c) {
  report_bad(c->place);
  release(c);
}

void fxd_call_serve(fxd_call *c) {
  fxd_ring *r = c->ring;
  aclrtContext context = r->context;
  (void)fxd_use(c, context);
  /* A context that was left meanwhile is not entered: the thread has none. */
  c->error = r->context == context ? fxd_enter(r) : ACL_ERROR_RT_CONTEXT_NULL;
  if (c->error == ACL_SUCCESS && context == NULL && fxd_in_context[c->api]) c->error = ACL_ERROR_RT_CONTEXT_NULL;
  if (c->error == ACL_SUCCESS) c->error = fxd_serve[c->api](c);
  fxd_ending_over(c);
  if (!c->borrowed) fxd_use_nothing(r);
  answer(c);
  release(c);
}

static void begin(fxd_call *c, fxd_ring *r, uint32_t place, uint32_t bytes) {
  c->ring = r;
  c->place = place;
  c->at = c->args;
  c->end = c->args + bytes;
}

/* Calls that may block outlive the batch: such a one takes its arguments along. */
static fxd_call *to_take_along(const fxd_call *c, uint32_t bytes) {
  fxd_call *own = malloc(sizeof *own);
  uint8_t *args = malloc(bytes + 8u);
  if (own == NULL || args == NULL) {
    free(own);
    free(args);
    return NULL;
  }
  memcpy(own, c, offsetof(fxd_call, reply));
  memcpy(args, c->args, bytes);
  own->args = args;
  own->borrowed = false;
  begin(own, c->ring, c->place, bytes);
  return own;
}

void fxd_call_begin(uint32_t place, uint32_t number, bool notify) {
  static uint8_t args[FXD_ARGS_ROOM] __attribute__((aligned(16)));
  static fxd_call call;
  fxd_ring *r = fxd_ring_of(place);
  if (r == NULL) return;
  flexnpu_event record;
  uint32_t bytes = 0;
  if (!fxd_record_copy(place, &record, args, &bytes)) {
    report_bad(place);
    return;
  }
  flexnpu_ring_record head;
  memcpy(&head, &record, sizeof head);
  fxd_call *c = &call;
  memset(c, 0, offsetof(fxd_call, reply));
  c->args = args;
  c->borrowed = true;
  c->number = number;
  c->notify = notify;
  c->api = head.api;
  c->call_seq = head.call_seq;
  c->stream = head.stream;
  c->event = head.sync_object;
  begin(c, r, place, bytes);
  if (c->api < FX_API_COUNT && fx_exec[c->api] != NULL) { /* an operator: how the last one of its stream was taken */
    c->error = fxd_stream_of(c->stream, r->client->number) ? fxd_stream_latest(c->stream) : ACL_ERROR_RT_STREAM_CONTEXT;
    answer(c);
    return;
  }
  if (c->api >= FX_API_COUNT || fxd_serve[c->api] == NULL) {
    c->error = ACL_ERROR_RT_FEATURE_NOT_SUPPORT;
    answer(c);
    return;
  }
  if (c->api == FX_API_aclrtDestroyContext || c->api == FX_API_aclrtResetDevice || c->api == FX_API_aclrtResetDeviceForce)
    fxd_context_leave(c);
  bool waits = fxd_ending(c);
  if (!fxd_blocks[c->api] && !waits) {
    fxd_call_serve(c);
    return;
  }
  if ((c = to_take_along(c, bytes)) != NULL) {
    fxd_twin_give(r, c);
    return;
  }
  call.error = ACL_ERROR_RT_MEMORY_ALLOCATION;
  fxd_ending_over(&call);
  answer(&call);
}
