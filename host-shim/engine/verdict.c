/* What is known of operators' arguments; see engine/verdict.h. */
#include "engine/verdict.h"

#include "api/captured.h"
#include "api/held_memory.h"
#include "engine/submit.h"
#include "kernel/functions.h"
#include "real_table.h"
#include "stream/ties.h"

static fx_verdict says(aclError error) {
  if (error == ACL_SUCCESS) return FX_VERDICT_RIGHT;
  return error == ACL_ERROR_RT_FEATURE_NOT_SUPPORT ? FX_VERDICT_UNKNOWN : FX_VERDICT_WRONG; /* an older library cannot say */
}

static fx_verdict on_device(const void *at) {
  aclrtPtrAttributes found = {0};
  fx_verdict v = says(fx_real.aclrtPointerGetAttributes(at, &found));
  return v == FX_VERDICT_RIGHT && found.location.type != ACL_MEM_LOCATION_TYPE_DEVICE ? FX_VERDICT_WRONG : v;
}

/* Mapped, pooled or of another process: whoever gave the memory, the real library knows where it is. */
static fx_verdict device_memory(const void *start, size_t bytes) {
  if (bytes == 0 || fx_device_memory_known(start, bytes)) return FX_VERDICT_RIGHT;
  if (bytes > UINTPTR_MAX - (uintptr_t)start) return FX_VERDICT_WRONG;
  fx_verdict v = on_device(start);
  return v == FX_VERDICT_RIGHT ? on_device((const char *)start + (bytes - 1)) : v;
}

static fx_verdict copy(const fx_args_aclrtMemcpyAsync *a) {
  if (a->count > a->destMax) return FX_VERDICT_WRONG;
  fx_verdict to = a->kind == ACL_MEMCPY_DEVICE_TO_HOST ? FX_VERDICT_RIGHT : device_memory(a->dst, a->count);
  if (to != FX_VERDICT_RIGHT) return to;
  return a->kind == ACL_MEMCPY_HOST_TO_DEVICE ? FX_VERDICT_RIGHT : device_memory(a->src, a->count);
}

static fx_verdict set(const fx_args_aclrtMemsetAsync *a) {
  return a->count > a->maxCount ? FX_VERDICT_WRONG : device_memory(a->devPtr, a->count);
}

static fx_verdict event_lives(fx_device *d, aclrtEvent event) {
  fx_lock_take(&d->lock);
  bool known = fx_events_find(&d->events, event) != NULL; /* it would be taken out as it ends */
  fx_lock_give(&d->lock);
  if (fx_event_tied(event)) return FX_VERDICT_UNKNOWN;
  aclrtEventRecordedStatus status;
  return known ? FX_VERDICT_RIGHT : says(fx_real.aclrtQueryEventStatus(event, &status));
}

static fx_verdict notify_lives(aclrtNotify notify) {
  uint32_t id;
  return says(fx_real.aclrtGetNotifyId(notify, &id));
}

static fx_verdict kernel(fx_op_meta *meta) {
  if (meta->function == NULL) return FX_VERDICT_RIGHT; /* it has none: an operator of another kind */
  return meta->blocks == 0 ? FX_VERDICT_WRONG : says(fx_function_ask(meta->function, &meta->known));
}

fx_verdict fx_verdict_of(fx_device *d, fx_op_meta *meta, const void *args) {
  switch (meta->api) {
    case FX_API_aclrtMemcpyAsync: return copy(args);
    case FX_API_aclrtMemsetAsync: return set(args);
    case FX_API_aclrtRecordEvent:
    case FX_API_aclrtStreamWaitEvent:
    case FX_API_rtEventRecord:
    case FX_API_rtStreamWaitEvent: return event_lives(d, meta->event);
    case FX_API_aclmdlRIExecuteAsync:
      return fx_graph_known(((const fx_args_aclmdlRIExecuteAsync *)args)->modelRI) ? FX_VERDICT_RIGHT : FX_VERDICT_UNKNOWN;
    /* What stands for an event of a graph does nothing. */
    case FX_API_aclrtRecordEventWithFlag:
      return ((const fx_args_aclrtRecordEventWithFlag *)args)->flag == FX_TIED ? FX_VERDICT_RIGHT : FX_VERDICT_UNKNOWN;
    case FX_API_aclrtStreamWaitEventWithFlag:
      return ((const fx_args_aclrtStreamWaitEventWithFlag *)args)->flag == FX_TIED ? FX_VERDICT_RIGHT : FX_VERDICT_UNKNOWN;
    case FX_API_aclrtRecordNotify: return notify_lives(meta->event);
    case FX_API_aclrtWaitAndResetNotify: {
      fx_verdict v = notify_lives(meta->event);
      /* Only a stream of the device of the notify may wait for it. */
      return v == FX_VERDICT_RIGHT && atomic_load_explicit(&fx_many_devices, memory_order_relaxed) ? FX_VERDICT_UNKNOWN : v;
    }
    default: break;
  }
  switch (meta->op_class) {
    case FLEXNPU_OP_CLASS_KERNEL: return kernel(meta);
    case FLEXNPU_OP_CLASS_GRAPH:
    case FLEXNPU_OP_CLASS_COLLECTIVE:
    case FLEXNPU_OP_CLASS_CALLBACK:
    case FLEXNPU_OP_CLASS_CALLBACK_BLOCK: return FX_VERDICT_RIGHT;
    default: return FX_VERDICT_UNKNOWN;
  }
}
