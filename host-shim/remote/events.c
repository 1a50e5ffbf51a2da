/* Events; see remote/events.h. An event lives from its creation to its destruction, whatever becomes of contexts. */
#include "remote/events.h"

#include "boot/counters.h"
#include "records.h"
#include "remote/live.h"
#include "remote_client.h"

static _Atomic uint64_t handles[FLEXNPU_MAX_SYNC_OBJECTS];
static const fx_live live = {handles, FLEXNPU_MAX_SYNC_OBJECTS};

aclError fx_event_check(aclrtEvent event) {
  if (FX_LIKELY(fx_handle_is(event, FLEXNPU_HANDLE_EVENT) && fx_live_has(&live, event))) return ACL_SUCCESS;
  return fx_remote_no_handle(event, "event");
}

static aclError made(aclError error, const aclrtEvent *event) {
  if (error == ACL_SUCCESS) fx_live_add(&live, *event);
  return error;
}

aclError fx_remote_aclrtCreateEvent(aclrtEvent *event) { return made(fx_call_aclrtCreateEvent(event), event); }

aclError fx_remote_aclrtCreateEventWithFlag(aclrtEvent *event, uint32_t flag) {
  return made(fx_call_aclrtCreateEventWithFlag(event, flag), event);
}

aclError fx_remote_aclrtCreateEventExWithFlag(aclrtEvent *event, uint32_t flag) {
  return made(fx_call_aclrtCreateEventExWithFlag(event, flag), event);
}

aclError fx_remote_aclrtDestroyEvent(aclrtEvent event) {
  bool lived = fx_live_remove(&live, event);
  aclError error = fx_call_aclrtDestroyEvent(event);
  if (error != ACL_SUCCESS && lived) fx_live_add(&live, event);
  return error;
}
