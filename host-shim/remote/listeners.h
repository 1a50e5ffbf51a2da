/* Functions of the program that hear of streams, of the device, and of the end of its work: all of it happens here. */
#ifndef FX_REMOTE_LISTENERS_H
#define FX_REMOTE_LISTENERS_H

#include "acl/acl.h"

void fx_tell_stream(aclrtStream stream, aclrtStreamState state);
void fx_tell_device(int32_t device, aclrtDeviceState state);
void fx_tell_abort(int32_t device, aclrtDeviceTaskAbortStage stage, uint32_t timeout);

#endif
