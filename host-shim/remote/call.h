/*
 * An answered call: its arguments are packed straight into the ring, then it is published, waited for, and its answer
 * read in order. A thread has one call open at a time. docs/daemon.md states the packing.
 *
 *   fx_call_open ─ fx_call_put... ─ fx_call_answer ─ fx_call_take... ─ fx_call_close
 */
#ifndef FX_REMOTE_CALL_H
#define FX_REMOTE_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "acl/acl.h"
#include "remote/ring.h"

typedef struct fx_call {
  fx_ring *ring;
  uint8_t *at, *end; /* arguments while it is packed, then the answer */
  fx_record record;
  bool torn; /* the answer ended before its last output */
} fx_call;

/* Begins a call with this many bytes of arguments. */
aclError fx_call_open(fx_call *c, uint32_t api, size_t bytes);

static inline void fx_call_put(fx_call *c, uint64_t word) {
  memcpy(c->at, &word, sizeof word);
  c->at += sizeof word;
}

/* Bytes that memory, or a string, takes with its length. */
static inline size_t fx_packed_bytes(const void *data, size_t bytes) { return 8u + (data != NULL ? (bytes + 7u) & ~(size_t)7u : 0); }
static inline size_t fx_packed_text_bytes(const char *text) { return fx_packed_bytes(text, text != NULL ? strlen(text) : 0); }

void fx_call_put_bytes(fx_call *c, const void *data, size_t bytes);
void fx_call_put_text(fx_call *c, const char *text);

/* Publishes the call; `stream` and `event` are core numbers or NONE. fx_call_wait then waits for its answer. */
void fx_call_send(fx_call *c, uint32_t stream, uint32_t event);
aclError fx_call_wait(fx_call *c);

/* Both. An error of the call, or of the connection, is kept for the thread. */
aclError fx_call_answer(fx_call *c, uint32_t stream, uint32_t event);

/* The next output. */
uint64_t fx_call_take(fx_call *c);
float fx_call_take_float(fx_call *c);
/* The next output, a buffer; no more than `room` bytes of it. */
void fx_call_take_bytes(fx_call *c, void *into, size_t room);

/* The end of a call that was answered without an error. */
aclError fx_call_close(fx_call *c);

#endif
