/* Kernels: which of them live, so that a launch of one whose binary was unloaded fails at once. */
#ifndef FX_REMOTE_KERNELS_H
#define FX_REMOTE_KERNELS_H

#include "acl/acl.h"

/* An error, kept, where it is no kernel of a loaded binary. */
aclError fx_kernel_check(aclrtFuncHandle function);

#endif
