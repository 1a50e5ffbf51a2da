/* Default streams; see remote/streams.h. A thread compares one counter to know whether what it remembers is still so. */
#include "remote/streams.h"

#include <stdatomic.h>
#include <stdint.h>

#include "boot/counters.h"
#include "remote/handles.h"
#include "remote_client.h"

static _Atomic uint32_t changes = 1;
static FX_TLS uint32_t known_change; /* 0: nothing is known */
static FX_TLS aclrtStream known;

aclError fx_default_stream(aclrtStream *stream) {
  uint32_t now = atomic_load_explicit(&changes, memory_order_acquire);
  if (FX_UNLIKELY(known_change != now)) {
    known_change = 0;
    aclError error = fx_call_aclrtCtxGetCurrentDefaultStream(&known);
    if (error != ACL_SUCCESS) return error;
    known_change = now;
  }
  *stream = known;
  return ACL_SUCCESS;
}

void fx_default_stream_forget(void) {
  if (atomic_fetch_add(&changes, 1) == UINT32_MAX) (void)atomic_fetch_add(&changes, 1); /* 0 means nothing is known */
  known_change = 0;
}

aclError fx_stream_resolve(aclrtStream *stream) {
  if (*stream == NULL) return fx_default_stream(stream);
  return FX_LIKELY(fx_handle_is(*stream, FLEXNPU_HANDLE_STREAM)) ? ACL_SUCCESS : fx_remote_no_handle(*stream, "stream");
}
