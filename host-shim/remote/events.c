/* Events and notifies; see remote/events.h. One lives from its creation to its destruction, whatever becomes of contexts. */
#include "remote/events.h"

#include "boot/counters.h"
#include "records.h"
#include "real_table.h"
#include "remote/error.h"
#include "remote/live.h"
#include "remote/operator.h"
#include "remote/streams.h"
#include "remote_client.h"

static _Atomic uint64_t handles[FLEXNPU_MAX_SYNC_OBJECTS];
static const fx_live live = {handles, FLEXNPU_MAX_SYNC_OBJECTS};

aclError fx_event_check(aclrtEvent event) {
  if (FX_LIKELY(fx_handle_is(event, FLEXNPU_HANDLE_EVENT) && fx_live_has(&live, event))) return ACL_SUCCESS;
  return fx_remote_no_handle(event, "event");
}

/* Events and notifies are numbered together, and a handle says which it is. */
aclError fx_notify_check(aclrtNotify notify) {
  if (FX_LIKELY(fx_handle_is(notify, FLEXNPU_HANDLE_NOTIFY) && fx_live_has(&live, notify))) return ACL_SUCCESS;
  return fx_remote_no_handle(notify, "notify");
}

aclError fx_cnt_notify_check(aclrtCntNotify notify) {
  if (FX_LIKELY(fx_handle_is(notify, FLEXNPU_HANDLE_CNT_NOTIFY) && fx_live_has(&live, notify))) return ACL_SUCCESS;
  return fx_remote_no_handle(notify, "counting notify");
}

_Atomic uint8_t fx_events_shared[FLEXNPU_MAX_SYNC_OBJECTS];

void fx_event_made(aclrtEvent event, bool shared) {
  uint32_t number = fx_handle_number(event);
  if (number < FLEXNPU_MAX_SYNC_OBJECTS) atomic_store(&fx_events_shared[number], shared);
  fx_live_add(&live, event);
}

static aclError made(aclError error, const aclrtEvent *event, bool shared) {
  if (error == ACL_SUCCESS) fx_event_made(*event, shared);
  return error;
}

aclError fx_event_tell(void) {
  int32_t unused;
  return fx_remote_aclrtDeviceGetBareTgid(&unused); /* any call does */
}

aclError fx_remote_aclrtCreateEvent(aclrtEvent *event) { return made(fx_call_aclrtCreateEvent(event), event, false); }

aclError fx_remote_aclrtCreateEventWithFlag(aclrtEvent *event, uint32_t flag) {
  return made(fx_call_aclrtCreateEventWithFlag(event, flag), event, false);
}

aclError fx_remote_aclrtCreateEventExWithFlag(aclrtEvent *event, uint32_t flag) {
  return made(fx_call_aclrtCreateEventExWithFlag(event, flag), event, flag == ACL_EVENT_IPC);
}

aclError fx_remote_aclrtResetEvent(aclrtEvent event, aclrtStream stream) {
  aclError error = fx_event_check(event);
  if (error == ACL_SUCCESS) error = fx_stream_resolve(&stream);
  if (error != ACL_SUCCESS) return error;
  if (fx_event_is_shared(event))
    return fx_remote_fail(ACL_ERROR_RT_FEATURE_NOT_SUPPORT, "an event of several processes cannot be reset");
  fx_args_aclrtResetEvent args = {.event = event, .stream = stream};
  fx_operator o = {
    .api = FX_API_aclrtResetEvent,
    .op_class = FLEXNPU_OP_CLASS_EVENT_RESET,
    .stream = fx_handle_number(stream),
    .sync_object = fx_handle_number(event),
  };
  if ((error = fx_operator_open(&o, sizeof args)) != ACL_SUCCESS) return error;
  fx_operator_put(&o, &args, sizeof args);
  return fx_operator_answered(&o); /* one made by aclrtCreateEventExWithFlag takes none */
}

/* What is being ended is issued on no more; it lives on where the daemon does not end it. */
static aclError ended(aclError (*call)(void *), void *handle) {
  bool lived = fx_live_remove(&live, handle);
  aclError error = call(handle);
  if (error != ACL_SUCCESS && lived) fx_live_add(&live, handle);
  return error;
}

aclError fx_remote_aclrtDestroyEvent(aclrtEvent event) { return ended(fx_call_aclrtDestroyEvent, event); }

aclError fx_remote_aclrtCreateNotify(aclrtNotify *notify, uint64_t flag) {
  return made(fx_call_aclrtCreateNotify(notify, flag), notify, false);
}

aclError fx_remote_aclrtDestroyNotify(aclrtNotify notify) { return ended(fx_call_aclrtDestroyNotify, notify); }

aclError fx_remote_aclrtCntNotifyCreate(aclrtCntNotify *cntNotify, uint64_t flag) {
  return made(fx_call_aclrtCntNotifyCreate(cntNotify, flag), cntNotify, false);
}

aclError fx_remote_aclrtCntNotifyDestroy(aclrtCntNotify cntNotify) { return ended(fx_call_aclrtCntNotifyDestroy, cntNotify); }
