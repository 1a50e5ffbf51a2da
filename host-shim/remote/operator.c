/* Operators of the ring; see remote/operator.h. The daemon fills in time_ns and op_seq, where the arguments' place is now. */
#include "remote/operator.h"

#include "remote/call.h"

aclError fx_operator_open(fx_operator *o, size_t bytes) {
  aclError error = ACL_SUCCESS;
  o->ring = fx_ring_get(&error);
  if (o->ring == NULL) return error;
  o->args = o->at = fx_ring_reserve(o->ring, bytes, &o->position, &error);
  return o->args != NULL ? ACL_SUCCESS : error;
}

static void publish(fx_operator *o) {
  fx_record *record = fx_ring_record(o->ring);
  *record = (fx_record){.event = {.kind = FLEXNPU_EVENT_OP_SUBMIT, .stream = o->stream}};
  record->event.op_submit.op_class = (uint16_t)o->op_class;
  record->event.op_submit.api = (uint16_t)o->api;
  record->event.op_submit.sync_object = o->sync_object;
  record->event.op_submit.key = o->key;
  record->event.op_submit.blocks = o->blocks;
  record->event.op_submit.args_bytes = o->args_bytes;
  record->event.op_submit.bytes = o->bytes;
  record->event.op_submit.evidence = o->evidence;
  record->ring.args_at = o->position;
  record->ring.args_length = (uint32_t)(o->at - o->args);
  fx_ring_publish(o->ring, record);
}

/* A call of the same function asks for it: the daemon takes both in their order. */
aclError fx_operator_answered(fx_operator *o) {
  fx_call c;
  publish(o);
  aclError error = fx_call_open(&c, o->api, 0);
  return error == ACL_SUCCESS ? fx_call_answer(&c, o->stream, FLEXNPU_NONE) : error;
}

_Atomic int fx_operators_answered;

aclError fx_operator_submit(fx_operator *o) {
  if (FX_UNLIKELY(atomic_load_explicit(&fx_operators_answered, memory_order_relaxed) > 0)) return fx_operator_answered(o);
  publish(o);
  return ACL_SUCCESS;
}
