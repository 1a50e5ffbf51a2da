/*
 * Events and physical memory that several clients use. All clients are one process for the real library, so another
 * client's handle stands for the same real object, and the last who ends it ends that.
 */
#ifndef FX_EXECUTOR_SHARED_OBJECTS_H
#define FX_EXECUTOR_SHARED_OBJECTS_H

#include "executor/executor.h"

/* A handle of the object ends; whether it was the last, so that the object ends too. From any thread. */
bool fxd_shared_release(const void *real);

#endif
