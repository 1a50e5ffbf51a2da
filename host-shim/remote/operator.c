/* Operators of the ring; see remote/operator.h. The daemon fills in time_ns and op_seq, where the arguments' place is now. */
#include "remote/operator.h"

aclError fx_operator_open(fx_operator *o, size_t bytes) {
  aclError error = ACL_SUCCESS;
  o->ring = fx_ring_get(&error);
  if (o->ring == NULL) return error;
  o->args = o->at = fx_ring_reserve(o->ring, bytes, &o->position, &error);
  return o->args != NULL ? ACL_SUCCESS : error;
}

aclError fx_operator_submit(fx_operator *o) {
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
  return ACL_SUCCESS;
}
