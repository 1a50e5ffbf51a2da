/*
 * Calls that end what streams hold: what is still queued here would only be handed over to be ended, and may be held by
 * the very operator that hangs, so it is dropped.
 */
#include <stdlib.h>

#include "engine/submit.h"
#include "real_table.h"

FX_EXPORT aclError aclrtStreamAbort(aclrtStream stream) {
  FX_COUNT(aclrtStreamAbort);
  if (stream != NULL) fx_stream_destroying(stream, true); /* known anew at its next use */
  return fx_real.aclrtStreamAbort(stream);
}

typedef struct fx_handles {
  aclrtStream *list;
  uint32_t count;
} fx_handles;

static void note(fx_stream *s, void *with) {
  fx_handles *handles = with;
  if (handles->count < FLEXNPU_MAX_STREAMS) handles->list[handles->count++] = s->handle;
}

FX_EXPORT aclError aclrtDeviceTaskAbort(int32_t deviceId, uint32_t timeout) {
  FX_COUNT(aclrtDeviceTaskAbort);
  fx_device *d = fx_device_peek(deviceId);
  fx_handles handles = {.list = d != NULL ? malloc(FLEXNPU_MAX_STREAMS * sizeof(aclrtStream)) : NULL};
  if (handles.list != NULL) {
    fx_lock_take(&d->lock);
    fx_stream_each(d, note, &handles);
    fx_lock_give(&d->lock);
    for (uint32_t i = 0; i < handles.count; i++) fx_stream_destroying(handles.list[i], true);
    free(handles.list);
  }
  return fx_real.aclrtDeviceTaskAbort(deviceId, timeout);
}
