/* What AscendCL's error codes say by their range (acl_base_rt.h). */
#ifndef FX_CODES_H
#define FX_CODES_H

#include <stdbool.h>

#include "acl/acl.h"

/* What ran on the device has failed, and nothing runs behind it on its stream: the program's doing, not ours. */
static inline bool fx_failed_on_device(aclError error) { return error / 1000 == 507; }

#endif
