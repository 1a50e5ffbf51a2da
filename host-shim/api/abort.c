/* Calls that end what streams hold: what is still queued here goes the same way (stream/stream.h). */
#include <stdlib.h>

#include "engine/submit.h"
#include "real_table.h"

FX_EXPORT aclError aclrtStreamAbort(aclrtStream stream) {
  FX_COUNT(aclrtStreamAbort);
  fx_stream_end end = stream != NULL ? fx_stream_end_begin(stream, false) : (fx_stream_end){0};
  aclError error = fx_real.aclrtStreamAbort(stream);
  fx_stream_end_finish(end, false);
  return error;
}

FX_EXPORT aclError aclrtDeviceTaskAbort(int32_t deviceId, uint32_t timeout) {
  FX_COUNT(aclrtDeviceTaskAbort);
  fx_device *d = fx_device_peek(deviceId);
  uint32_t count = 0;
  fx_stream_end *ends = d != NULL ? fx_stream_end_begin_all(d, &count) : NULL;
  aclError error = fx_real.aclrtDeviceTaskAbort(deviceId, timeout);
  for (uint32_t i = 0; i < count; i++) fx_stream_end_finish(ends[i], false);
  free(ends);
  return error;
}
