/* Answered calls; see remote/call.h. An answer that is shorter than its outputs is an error, never a read past it. */
#include "remote/call.h"

#include "remote/error.h"
#include "remote/exceptions.h"

aclError fx_call_open(fx_call *c, uint32_t api, size_t bytes) {
  aclError error = ACL_SUCCESS;
  uint32_t position;
  c->ring = fx_ring_get(&error);
  if (c->ring == NULL) return error;
  c->at = fx_ring_reserve(c->ring, bytes, &position, &error);
  if (c->at == NULL) return error;
  c->torn = false;
  c->record = (fx_record){.ring = {.kind = FLEXNPU_RING_CALL, .args_at = position, .args_length = ((uint32_t)bytes + 7u) & ~7u, .api = (uint16_t)api}};
  return ACL_SUCCESS;
}

void fx_call_put_bytes(fx_call *c, const void *data, size_t bytes) {
  fx_call_put(c, data != NULL ? bytes : UINT64_MAX);
  if (data == NULL) return;
  memcpy(c->at, data, bytes);
  size_t padding = (8u - bytes % 8u) % 8u;
  memset(c->at + bytes, 0, padding);
  c->at += bytes + padding;
}

void fx_call_put_text(fx_call *c, const char *text) { fx_call_put_bytes(c, text, text != NULL ? strlen(text) : 0); }

void fx_call_send(fx_call *c, uint32_t stream, uint32_t event) {
  c->record.ring.stream = stream;
  c->record.ring.sync_object = event;
  c->record.ring.call_seq = ++c->ring->call_seq;
  fx_ring_publish(c->ring, &c->record);
}

aclError fx_call_wait(fx_call *c) {
  aclError error = fx_ring_wait(c->ring, c->record.ring.call_seq);
  if (error != ACL_SUCCESS) return error;
  uint32_t bytes = c->ring->header->reply_bytes;
  c->at = c->ring->memory + FLEXNPU_RING_REPLY_AT;
  c->end = c->at + (bytes <= FLEXNPU_RING_REPLY_BYTES ? bytes : 0);
  error = (aclError)c->ring->header->reply_error;
  if (error == ACL_SUCCESS) return ACL_SUCCESS;
  uint64_t length = fx_call_take(c);
  if (c->torn || length > (uint64_t)(c->end - c->at)) length = 0;
  error = fx_remote_answered(error, (const char *)c->at, (size_t)length);
  fx_exceptions_settle(error);
  return error;
}

aclError fx_call_answer(fx_call *c, uint32_t stream, uint32_t event) {
  fx_call_send(c, stream, event);
  return fx_call_wait(c);
}

uint64_t fx_call_take(fx_call *c) {
  uint64_t word = 0;
  if ((size_t)(c->end - c->at) < sizeof word) {
    c->torn = true;
    return 0;
  }
  memcpy(&word, c->at, sizeof word);
  c->at += sizeof word;
  return word;
}

float fx_call_take_float(fx_call *c) {
  uint32_t bits = (uint32_t)fx_call_take(c);
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

void fx_call_take_bytes(fx_call *c, void *into, size_t room) {
  uint64_t bytes = fx_call_take(c);
  if (c->torn || bytes > (uint64_t)(c->end - c->at)) {
    c->torn = true;
    return;
  }
  if (into != NULL) memcpy(into, c->at, bytes < room ? (size_t)bytes : room);
  c->at += bytes;
  size_t padding = (8u - bytes % 8u) % 8u;
  c->at += padding <= (size_t)(c->end - c->at) ? padding : (size_t)(c->end - c->at);
}

aclError fx_call_close(fx_call *c) {
  if (!c->torn) return ACL_SUCCESS;
  return fx_remote_fail(ACL_ERROR_RT_INTERNAL_ERROR, "the FlexNPU daemon's answer is too short");
}
