/* What is known of a stream's phase from outside of the core: told to it in order with the stream's operators. */
#ifndef FX_HINT_H
#define FX_HINT_H

#include <stdint.h>

#include "acl/acl.h"

/*
 * Phase: FLEXNPU_PHASE_*; source: FLEXNPU_PHASE_SOURCE_HINT, _ARGUMENTS or _NAMES; tokens of the batch where they are known,
 * else 0. A NULL stream is the default stream. An error where the daemon refuses.
 */
aclError fx_hint(aclrtStream stream, uint32_t phase, uint32_t source, uint32_t prefill_tokens, uint32_t decode_tokens);

#endif
