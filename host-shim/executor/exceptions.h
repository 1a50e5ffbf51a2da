/* Operators that fail on the device, told to the client whose stream they were of; see executor/exceptions.c. */
#ifndef FX_EXECUTOR_EXCEPTIONS_H
#define FX_EXECUTOR_EXCEPTIONS_H

#include "executor/executor.h"

/* The stream begins, in the current context: notes the number that exceptions name it by. */
void fxd_exceptions_stream(uint32_t number, aclrtStream real);
/* The client is gone and hears nothing any more. */
void fxd_exceptions_forget(uint32_t client);

#endif
