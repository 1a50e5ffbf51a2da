/* What the program says of a stream's phase, for the daemon's core: in order with its operators. */
#ifndef FX_REMOTE_HINT_H
#define FX_REMOTE_HINT_H

#include <stdint.h>

#include "acl/acl.h"

/* Phase: FLEXNPU_PHASE_*; a NULL stream is the default stream. */
aclError fx_remote_hint(aclrtStream stream, uint32_t phase);

#endif
