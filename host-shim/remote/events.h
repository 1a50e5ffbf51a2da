/* Events: answered calls, and which of them live (remote/live.h). */
#ifndef FX_REMOTE_EVENTS_H
#define FX_REMOTE_EVENTS_H

#include "acl/acl.h"

/* An error, kept, where it is no event that lives. */
aclError fx_event_check(aclrtEvent event);

#endif
