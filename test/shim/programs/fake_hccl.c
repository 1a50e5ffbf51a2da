/*
 * A HCCL for one process: what its collectives do is append to a log, by launches and events of AscendCL on the
 * caller's stream and on one of its own, as HCCL does. The comm is a struct of the program's, see collectives.h.
 */
#include "collectives.h"

static _Thread_local int group;
static _Thread_local fake_comm *kept_comm[16];
static _Thread_local aclrtStream kept_stream[16];
static _Thread_local uint64_t kept_value[16];
static _Thread_local int kept;

static void append(const fake_comm *c, aclrtStream stream, uint64_t value) {
  append_args args = {c->log, value, 1000};
  OK(launch_spoiled(c->append, stream, &args, sizeof args));
}

/* A value before, one on the own stream, one after: only in this order if nothing of it is reordered. */
static void collective(fake_comm *c, aclrtStream stream, uint64_t value) {
  append(c, stream, value);
  OK(aclrtRecordEvent(c->begin, stream));
  OK(aclrtStreamWaitEvent(c->own, c->begin));
  append(c, c->own, value + 1);
  OK(aclrtRecordEvent(c->end, c->own));
  OK(aclrtStreamWaitEvent(stream, c->end));
  append(c, stream, value + 2);
}

HcclResult HcclAllReduce(void *send, void *recv, uint64_t count, HcclDataType type, HcclReduceOp op, HcclComm comm, aclrtStream stream) {
  (void)send, (void)recv, (void)type, (void)op;
  if (count == 0) return HCCL_E_PARA;
  if (group == 0) {
    collective(comm, stream, count);
    return HCCL_SUCCESS;
  }
  kept_comm[kept] = comm;
  kept_stream[kept] = stream;
  kept_value[kept++] = count;
  return HCCL_SUCCESS;
}

HcclResult HcclAlltoAllV(const void *send, const void *counts, const void *displacements, HcclDataType type, const void *recv,
                         const void *recv_counts, const void *recv_displacements, HcclDataType recv_type, HcclComm comm,
                         aclrtStream stream) {
  (void)send, (void)displacements, (void)type, (void)recv, (void)recv_displacements, (void)recv_type;
  collective(comm, stream, ((const uint64_t *)counts)[0] + ((const uint64_t *)recv_counts)[1]);
  return HCCL_SUCCESS;
}

HcclResult HcclBatchSendRecv(HcclSendRecvItem *items, uint32_t count, HcclComm comm, aclrtStream stream) {
  for (uint32_t i = 0; i < count; i++) collective(comm, stream, items[i].count);
  return HCCL_SUCCESS;
}

HcclResult HcclGroupStart(void) {
  group++;
  return HCCL_SUCCESS;
}

HcclResult HcclGroupEnd(void) {
  if (group == 0) return HCCL_E_INTERNAL;
  if (--group > 0) return HCCL_SUCCESS;
  for (int i = 0; i < kept; i++) collective(kept_comm[i], kept_stream[i], kept_value[i]);
  kept = 0;
  return HCCL_SUCCESS;
}
