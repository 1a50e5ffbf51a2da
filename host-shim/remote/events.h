/* Events and notifies: answered calls, and which of them live (remote/live.h). */
#ifndef FX_REMOTE_EVENTS_H
#define FX_REMOTE_EVENTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "acl/acl.h"
#include "boot/counters.h"
#include "records.h"
#include "remote/handles.h"

/* An error, kept, where it is no event that lives. */
aclError fx_event_check(aclrtEvent event);

/* The same of notifies. */
aclError fx_notify_check(aclrtNotify notify);
aclError fx_cnt_notify_check(aclrtCntNotify notify);

/* An event was made or opened. */
void fx_event_made(aclrtEvent event, bool shared);

/* Events that other processes may use, by number. */
extern _Atomic uint8_t fx_events_shared[FLEXNPU_MAX_SYNC_OBJECTS];
/* Returns when the daemon has taken what the thread has issued: what another process is told next comes behind it. */
aclError fx_event_tell(void);

static inline bool fx_event_is_shared(aclrtEvent event) {
  uint32_t number = fx_handle_number(event);
  return number < FLEXNPU_MAX_SYNC_OBJECTS && atomic_load_explicit(&fx_events_shared[number], memory_order_relaxed) != 0;
}

/* The end of an operator about an event. */
static inline aclError fx_event_told(aclrtEvent event, aclError error) {
  return FX_LIKELY(error != ACL_SUCCESS || !fx_event_is_shared(event)) ? error : fx_event_tell();
}

#endif
