/* Host data on its way to streams; see remote/staging.h. Room is given out in order and taken back all at once. */
#include "remote/staging.h"

#include <stdlib.h>

#include "remote/error.h"
#include "remote_client.h"

/* Streams with data of one thread on their way; with more, it waits. */
#define STREAMS 8

typedef struct fx_staging {
  size_t used;
  uint32_t count;
  aclrtStream streams[STREAMS];
} fx_staging;

void fx_staging_free(fx_staging *staging) { free(staging); }

static aclError settle(fx_staging *s) {
  aclError first = ACL_SUCCESS;
  for (uint32_t i = 0; i < s->count; i++) {
    aclError error = fx_call_aclrtSynchronizeStream(s->streams[i]);
    /* A stream that was destroyed has nothing on its way. */
    if (error != ACL_ERROR_RT_INVALID_HANDLE && first == ACL_SUCCESS) first = error;
  }
  s->used = 0;
  s->count = 0;
  return first;
}

aclError fx_staging_settle(void) {
  fx_ring *r = fx_ring_own;
  return r != NULL && r->staging != NULL && r->staging->count > 0 ? settle(r->staging) : ACL_SUCCESS;
}

/* Whether the stream is in the list now; false where the list is full. */
static bool listed(fx_staging *s, aclrtStream stream) {
  for (uint32_t i = 0; i < s->count; i++)
    if (s->streams[i] == stream) return true;
  if (s->count == STREAMS) return false;
  s->streams[s->count++] = stream;
  return true;
}

uint8_t *fx_staging_take(fx_ring *r, size_t bytes, aclrtStream stream, size_t *offset, aclError *error) {
  uint8_t *area = fx_ring_data(r, error);
  if (area == NULL) return NULL;
  if (r->staging == NULL) r->staging = calloc(1, sizeof *r->staging);
  fx_staging *s = r->staging;
  if (s == NULL) {
    *error = fx_remote_fail(ACL_ERROR_BAD_ALLOC, "no host memory for a copy");
    return NULL;
  }
  if (s->used + bytes > FX_STAGING_BYTES || !listed(s, stream)) {
    if ((*error = settle(s)) != ACL_SUCCESS) return NULL;
    (void)listed(s, stream);
  }
  *offset = FX_STAGING_BYTES + s->used;
  s->used += (bytes + 63u) & ~(size_t)63u;
  return area + *offset;
}

void fx_staging_synchronized(fx_ring *r, aclrtStream stream) {
  fx_staging *s = r->staging;
  if (s == NULL || s->count != 1 || s->streams[0] != stream) return;
  s->used = 0;
  s->count = 0;
}
