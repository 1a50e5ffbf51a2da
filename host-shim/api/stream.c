/* Streams: made, ended and asked; and what a program may say of their phase. */
#include "stream/stream.h"

#include "engine/hint.h"
#include "engine/submit.h"
#include "flexnpu.h"
#include "real_table.h"

/* Priority of a stream that was made without one (acl.md: 0 is the greatest). */
#define DEFAULT_PRIORITY 0u

FX_EXPORT aclError aclrtCreateStream(aclrtStream *stream) {
  FX_COUNT(aclrtCreateStream);
  aclError error = fx_real.aclrtCreateStream(stream);
  if (error == ACL_SUCCESS) fx_stream_created(*stream, DEFAULT_PRIORITY, 0);
  return error;
}

FX_EXPORT aclError aclrtCreateStreamWithConfig(aclrtStream *stream, uint32_t priority, uint32_t flag) {
  FX_COUNT(aclrtCreateStreamWithConfig);
  aclError error = fx_real.aclrtCreateStreamWithConfig(stream, priority, flag);
  if (error == ACL_SUCCESS) fx_stream_created(*stream, priority > 7 ? 7 : priority, flag);
  return error;
}

FX_EXPORT aclError aclrtCreateStreamV2(aclrtStream *stream, const aclrtStreamConfigHandle *handle) {
  FX_COUNT(aclrtCreateStreamV2);
  aclError error = fx_real.aclrtCreateStreamV2(stream, handle);
  uint32_t priority = handle != NULL ? handle->priority : DEFAULT_PRIORITY;
  if (error == ACL_SUCCESS) fx_stream_created(*stream, priority > 7 ? 7 : priority, handle != NULL ? (uint32_t)handle->flag : 0);
  return error;
}

FX_EXPORT aclError aclrtDestroyStream(aclrtStream stream) {
  FX_COUNT(aclrtDestroyStream);
  if (stream != NULL) fx_stream_destroying(stream);
  return fx_real.aclrtDestroyStream(stream);
}

FX_EXPORT aclError aclrtDestroyStreamForce(aclrtStream stream) {
  FX_COUNT(aclrtDestroyStreamForce);
  fx_stream_end end = stream != NULL ? fx_stream_end_begin(stream, true) : (fx_stream_end){0};
  aclError error = fx_real.aclrtDestroyStreamForce(stream);
  fx_stream_end_finish(end, error == ACL_SUCCESS);
  return error;
}

FX_EXPORT aclError aclrtStreamQuery(aclrtStream stream, aclrtStreamStatus *status) {
  FX_COUNT(aclrtStreamQuery);
  fx_stream *s = fx_stream_of(stream);
  fx_device *d = s->device;
  if (d != NULL && status != NULL && fx_device_waits(d)) {
    fx_lock_take(&d->lock);
    bool waits = !fx_stage_collect(s);
    fx_device_flush(d);
    fx_execute(d);
    if (s->queue.count > 0) waits = true;
    fx_lock_give(&d->lock);
    if (waits) {
      *status = ACL_STREAM_STATUS_NOT_READY;
      return ACL_SUCCESS;
    }
  }
  return fx_real.aclrtStreamQuery(stream, status);
}

FX_EXPORT int flexnpu_phase_hint(void *stream, int phase) {
  if (phase < FLEXNPU_UNKNOWN || phase > FLEXNPU_MIXED) return ACL_ERROR_INVALID_PARAM;
  return fx_hint(stream, (uint32_t)phase, FLEXNPU_PHASE_SOURCE_HINT, 0, 0);
}
