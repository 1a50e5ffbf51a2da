/* Phase hints; see engine/hint.h. */
#include "engine/hint.h"

#include "boot/config.h"
#include "engine/device.h"
#include "remote/hint.h"

aclError fx_hint(aclrtStream stream, uint32_t phase, uint32_t source, uint32_t prefill_tokens, uint32_t decode_tokens) {
  if (fx_config_get()->daemon_path != NULL) return fx_remote_hint(stream, phase, source, prefill_tokens, decode_tokens);
  fx_stream *s = fx_stream_of(stream);
  fx_device *d = s->device;
  if (d == NULL) return ACL_SUCCESS;
  fx_lock_take(&d->lock);
  if (!d->failed) {
    flexnpu_event *e = fx_device_event(d, FLEXNPU_EVENT_PHASE_HINT, s->id);
    e->phase_hint.phase = phase;
    e->phase_hint.source = source;
    e->phase_hint.prefill_tokens = prefill_tokens;
    e->phase_hint.decode_tokens = decode_tokens;
    fx_device_feed(d);
    fx_execute(d);
  }
  fx_lock_give(&d->lock);
  return ACL_SUCCESS;
}
