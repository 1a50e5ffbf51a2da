/* Functions of the program that hear of operators that failed on the device; see remote/exceptions.c. */
#ifndef FX_REMOTE_EXCEPTIONS_H
#define FX_REMOTE_EXCEPTIONS_H

#include "acl/acl.h"

/* A call has answered with an error: where it is the device's, the functions hear of it before the program does. */
void fx_exceptions_settle(aclError error);

#endif
