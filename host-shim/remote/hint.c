/* Phase hints; see remote/hint.h. */
#include "remote/hint.h"

#include "records.h"
#include "remote/handles.h"
#include "remote/ring.h"
#include "remote/streams.h"

aclError fx_remote_hint(aclrtStream stream, uint32_t phase, uint32_t source, uint32_t prefill_tokens,
                        uint32_t decode_tokens) {
  aclError error = fx_stream_resolve(&stream);
  uint32_t position;
  if (error != ACL_SUCCESS) return error;
  fx_ring *r = fx_ring_get(&error);
  if (r == NULL || fx_ring_reserve(r, 0, &position, &error) == NULL) return error;
  fx_record record = {.ring = {.kind = FLEXNPU_RING_HINT,
                               .stream = fx_handle_number(stream),
                               .op_class = (uint16_t)phase,
                               .api = (uint16_t)source,
                               .prefill_tokens = prefill_tokens,
                               .decode_tokens = decode_tokens,
                               .args_at = position}};
  fx_ring_publish(r, &record);
  return ACL_SUCCESS;
}
