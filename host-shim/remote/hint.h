/* What is known of a stream's phase, for the daemon's core: in order with its operators. */
#ifndef FX_REMOTE_HINT_H
#define FX_REMOTE_HINT_H

#include <stdint.h>

#include "acl/acl.h"

/* As fx_hint (engine/hint.h). */
aclError fx_remote_hint(aclrtStream stream, uint32_t phase, uint32_t source, uint32_t prefill_tokens,
                        uint32_t decode_tokens);

#endif
