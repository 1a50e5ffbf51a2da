/*
 * Streams; see remote/streams.h. A thread compares one counter to know whether the context and the default stream that it
 * remembers are still current, and every stream has the number of the doubt up to which it is known to live.
 */
#include "remote/streams.h"

#include <stdatomic.h>
#include <stdint.h>

#include "boot/counters.h"
#include "remote/listeners.h"
#include "remote/live.h"
#include "remote_client.h"

static _Atomic uint32_t changes = 1; /* of devices and contexts, in any thread */

/* What the thread knows as of a change; 0: nothing. */
static FX_TLS uint32_t stream_change, context_change;
static FX_TLS aclrtStream default_stream;
static FX_TLS aclrtContext context;

static _Atomic uint64_t handles[FLEXNPU_MAX_STREAMS];
static const fx_live live = {handles, FLEXNPU_MAX_STREAMS};
static _Atomic uint32_t doubts;
static _Atomic uint32_t sure[FLEXNPU_MAX_STREAMS];
static _Atomic uintptr_t contexts[FLEXNPU_MAX_STREAMS]; /* to which they belong; 0 where that is not known */

static void note(aclrtStream stream, uint32_t doubt, aclrtContext of) {
  uint32_t number = fx_handle_number(stream);
  if (number >= FLEXNPU_MAX_STREAMS) return;
  atomic_store(&sure[number], doubt);
  atomic_store(&contexts[number], (uintptr_t)of);
  fx_live_add(&live, stream);
}

aclError fx_context_check(void) {
  uint32_t now = atomic_load_explicit(&changes, memory_order_acquire);
  if (FX_LIKELY(context_change == now)) return ACL_SUCCESS;
  context_change = 0;
  aclError error = fx_call_aclrtGetCurrentContext(&context);
  if (error == ACL_SUCCESS) context_change = now;
  return error;
}

static aclError made(aclError error, const aclrtStream *stream) {
  if (error == ACL_SUCCESS) note(*stream, atomic_load(&doubts), fx_context_check() == ACL_SUCCESS ? context : NULL);
  return error;
}

void fx_streams_doubt(void) { (void)atomic_fetch_add(&doubts, 1); }

/* Asks the daemon about a stream that may have gone with its context. */
static aclError ask(aclrtStream stream) {
  uint32_t doubt = atomic_load(&doubts);
  aclrtStreamStatus status;
  aclError error = fx_call_aclrtStreamQuery(stream, &status);
  switch (error) {
    case ACL_ERROR_RT_INVALID_HANDLE:
    case ACL_ERROR_RT_STREAM_CONTEXT:
    case ACL_ERROR_RT_CONTEXT_NULL:
    case ACL_ERROR_RT_LOST_HEARTBEAT:
    case ACL_ERROR_RT_NO_DEVICE: return error;
    default: atomic_store(&sure[fx_handle_number(stream)], doubt); return ACL_SUCCESS; /* the rest is about its work */
  }
}

aclError fx_default_stream(aclrtStream *stream) {
  uint32_t now = atomic_load_explicit(&changes, memory_order_acquire);
  if (FX_UNLIKELY(stream_change != now)) {
    stream_change = 0;
    aclError error = made(fx_call_aclrtCtxGetCurrentDefaultStream(&default_stream), &default_stream);
    if (error != ACL_SUCCESS) return error;
    stream_change = now;
  }
  *stream = default_stream;
  return ACL_SUCCESS;
}

void fx_default_stream_forget(void) {
  if (atomic_fetch_add(&changes, 1) == UINT32_MAX) (void)atomic_fetch_add(&changes, 1); /* 0 means nothing is known */
}

aclError fx_stream_resolve(aclrtStream *stream) {
  if (*stream == NULL) return fx_default_stream(stream);
  if (FX_UNLIKELY(!fx_handle_is(*stream, FLEXNPU_HANDLE_STREAM) || !fx_live_has(&live, *stream)))
    return fx_remote_no_handle(*stream, "stream");
  uint32_t number = fx_handle_number(*stream);
  aclError error = fx_context_check();
  if (FX_UNLIKELY(error != ACL_SUCCESS)) return error;
  uintptr_t of = atomic_load_explicit(&contexts[number], memory_order_relaxed);
  if (FX_UNLIKELY(of != (uintptr_t)context && of != 0))
    return fx_remote_fail(ACL_ERROR_RT_STREAM_CONTEXT, "stream %u is not of the current context", number);
  uint32_t doubt = atomic_load_explicit(&sure[number], memory_order_relaxed);
  return FX_LIKELY(doubt == atomic_load_explicit(&doubts, memory_order_relaxed)) ? ACL_SUCCESS : ask(*stream);
}

static aclError told(aclError error, const aclrtStream *stream) {
  if (error == ACL_SUCCESS) fx_tell_stream(*stream, ACL_RT_STREAM_STATE_CREATE_POST);
  return error;
}

aclError fx_remote_aclrtCreateStream(aclrtStream *stream) { return told(made(fx_call_aclrtCreateStream(stream), stream), stream); }

aclError fx_remote_aclrtCreateStreamWithConfig(aclrtStream *stream, uint32_t priority, uint32_t flag) {
  return told(made(fx_call_aclrtCreateStreamWithConfig(stream, priority, flag), stream), stream);
}

aclError fx_remote_aclrtCtxGetCurrentDefaultStream(aclrtStream *stream) {
  if (stream == NULL) return fx_remote_no_pointer();
  return fx_default_stream(stream);
}

/* Not alive from here on, so that no operator of another thread comes behind its end. */
static aclError end(aclError (*call)(aclrtStream), aclrtStream stream) {
  if (fx_live_has(&live, stream)) fx_tell_stream(stream, ACL_RT_STREAM_STATE_DESTROY_PRE);
  bool lived = fx_live_remove(&live, stream);
  aclError error = call(stream);
  if (error != ACL_SUCCESS && lived) fx_live_add(&live, stream);
  return error;
}

aclError fx_remote_aclrtDestroyStream(aclrtStream stream) { return end(fx_call_aclrtDestroyStream, stream); }

aclError fx_remote_aclrtDestroyStreamForce(aclrtStream stream) { return end(fx_call_aclrtDestroyStreamForce, stream); }
