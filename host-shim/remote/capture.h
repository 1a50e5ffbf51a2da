/* Whether streams are being captured: a copy with pageable host memory cannot be part of a graph. */
#ifndef FX_REMOTE_CAPTURE_H
#define FX_REMOTE_CAPTURE_H

#include "acl/acl.h"

/* An error, kept, where the stream is being captured. Asks the daemon only while some capture of the process is on. */
aclError fx_capture_refuse_pageable(aclrtStream stream);

#endif
