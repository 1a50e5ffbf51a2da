/* Whether streams are being captured: not everything can be part of a graph. */
#ifndef FX_REMOTE_CAPTURE_H
#define FX_REMOTE_CAPTURE_H

#include "acl/acl.h"

/* The error, kept, where the stream is being captured. Asks the daemon only while some capture of the process is on. */
aclError fx_capture_refuse(aclrtStream stream, aclError with, const char *what);

#endif
