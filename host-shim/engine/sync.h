/*
 * Synchronization calls: what is queued is handed over first, then the real call waits for the device; what it proves
 * complete is reported to the core. A stream that has nothing queued or reported goes straight to the real call.
 */
#ifndef FX_SYNC_H
#define FX_SYNC_H

#include "engine/device.h"

typedef struct fx_sync {
  fx_stream *stream; /* NULL: nothing to report */
  fx_device *device;
  uint64_t life;     /* of the stream, when the wait began: where it is another one now, nothing is to report */
  uint64_t seq;      /* op_seq that was handed over when the wait began */
  void *reached;     /* for a device: the same for each of its streams */
  uint32_t reached_count;
} fx_sync;

/*
 * Before the real call: waits at most timeout_ms (-1: without end) for the queue. ACL_SUCCESS; or what the call returns:
 * 507046 for a timeout, or the error of an operator that failed when it was handed over.
 */
aclError fx_sync_begin(fx_sync *y, fx_stream *s, int32_t timeout_ms);

/* After the real call, with its result; returns it. */
aclError fx_sync_end(fx_sync *y, aclError result);

/* The same for all streams of the current device. */
aclError fx_sync_device_begin(fx_sync *y);
aclError fx_sync_device_end(fx_sync *y, aclError result);

#endif
