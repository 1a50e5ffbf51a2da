/** The events of streams: made, removed, operators submitted and complete, credit used, hints. */
import {
  credit_used_count,
  event_flags,
  event_stream,
  EVENT_CREDIT_USED,
  EVENT_FLAG_MORE,
  EVENT_OP_COMPLETE,
  EVENT_OP_SUBMIT,
  EVENT_PHASE_HINT,
  EVENT_STREAM_ADD,
  EVENT_STREAM_REMOVE,
  EVENT_STREAM_SYNC,
  FAULT_CODE_BAD_DEVICE,
  FAULT_CODE_BAD_SEQUENCE,
  FAULT_CODE_BAD_STREAM,
  FAULT_CODE_BAD_VALUE,
  FAULT_CODE_BAD_VNPU,
  FAULT_CODE_TABLE_FULL,
  MAX_STREAMS,
  MAX_SYNC_OBJECTS,
  NONE,
  OP_CLASS_GRAPH,
  OP_CLASS_KERNEL,
  OP_CLASS_CALLBACK_BLOCK,
  op_complete_completed_seq,
  op_complete_count,
  op_complete_device_ns,
  op_submit_args_bytes,
  op_submit_blocks,
  op_submit_bytes,
  op_submit_evidence,
  op_submit_key,
  op_submit_op_class,
  op_submit_op_seq,
  op_submit_sync_object,
  PHASE_EVIDENCE_DECODE,
  PHASE_EVIDENCE_PREFILL,
  phase_hint_phase,
  phase_hint_source,
  phase_hint_vnpu,
  PHASE_MIXED,
  PHASE_SOURCE_ARGUMENTS,
  PHASE_SOURCE_HINT,
  PHASE_SOURCE_ROLE,
  PHASE_UNKNOWN,
  RULE_COMPETITOR,
  stream_add_priority,
  stream_add_vnpu,
} from '../../build/gen/as/layout'
import { costSlot, costTag, predictNs } from '../model/costs'
import { updateActive } from '../model/service'
import { weigh } from '../phase/detect'
import {
  classInflightNs,
  classQueued,
  creditHolder,
  deviceAt,
  findDevice,
  set_classInflightNs,
  set_classQueued,
  set_creditHolder,
  set_shapeStream,
  set_unscheduled,
  shapeStream,
  unscheduled,
  vclock,
} from '../state/devices'
import * as evidence from '../state/evidence'
import { credit, inflightNs, set_credit, set_inflightNs } from '../state/flight'
import { more, now_ns } from '../state/globals'
import { STREAM_BYTES } from '../state/memory'
import {
  giveOp,
  opAt,
  opNext,
  set_opClass,
  set_opCost,
  set_opNext,
  set_opNs,
  set_opSampled,
  set_opSeq,
  set_opSubmitted,
  set_opSync,
  set_opTag,
  takeOp,
} from '../state/ops'
import * as s from '../state/streams'
import {
  findTenant,
  findVnpu,
  set_tenantStreams,
  set_vnpuRole,
  tenantStreamLimit,
  tenantStreams,
  tenantWeight,
  vnpuDevice,
  vnpuRole,
  vnpuTenant,
} from '../state/tenants'
import { updateBusy } from './busy'
import { complete } from './complete'
import { revokeOther, used } from './credit'
import { clearUnmarked } from './dispatch'
import { fault } from './emit'
import { classify, isOrdered, isSync, noteBarrier, passTicket, takeOut, takeTickets } from './order'
import { schedule, scheduleAll } from './schedule'

/** Operators with telling names that are remembered of a stream: some ten steps of 28 layers. */
const NAMES_KEPT: u32 = 256

/** Weight of a stream: its tenant's, scaled by the stream's priority (0, the greatest, counts eight times 7). */
function weightOf(tenant: u32, priority: u32): u32 {
  return max<u32>((tenantWeight(tenant) * (8 - priority)) / 8, 1)
}

export function streamAdd(e: u32): void {
  const id = event_stream(e)
  const v = findVnpu(stream_add_vnpu(e))
  if (id >= MAX_STREAMS || s.findStream(id) != 0) {
    fault(FAULT_CODE_BAD_STREAM, EVENT_STREAM_ADD, id)
    return
  }
  const t = v == 0 ? 0 : findTenant(vnpuTenant(v))
  if (t == 0) {
    fault(FAULT_CODE_BAD_VNPU, EVENT_STREAM_ADD, id)
    return
  }
  if (findDevice(vnpuDevice(v)) == 0) {
    fault(FAULT_CODE_BAD_DEVICE, EVENT_STREAM_ADD, id)
    return
  }
  if (stream_add_priority(e) > 7 || (tenantStreamLimit(t) != 0 && tenantStreams(t) >= tenantStreamLimit(t))) {
    fault(stream_add_priority(e) > 7 ? FAULT_CODE_BAD_VALUE : FAULT_CODE_TABLE_FULL, EVENT_STREAM_ADD, id)
    return
  }
  const p = s.streamAt(id)
  memory.fill(p, 0, STREAM_BYTES)
  s.set_used(p, 1)
  s.set_device(p, vnpuDevice(v))
  s.set_vnpu(p, stream_add_vnpu(e))
  s.set_tenant(p, vnpuTenant(v))
  s.set_priority(p, stream_add_priority(e))
  s.set_weight(p, weightOf(t, stream_add_priority(e)))
  s.set_vtime(p, vclock(deviceAt(vnpuDevice(v))))
  evidence.set_rolePhase(p, vnpuRole(v))
  set_tenantStreams(t, tenantStreams(t) + 1)
  if (vnpuRole(v) != PHASE_UNKNOWN) weigh(p)
}

/** The weight of a tenant changed: that of its streams follows. */
export function weighTenant(number: u32): void {
  const t = findTenant(number)
  for (let id: u32 = 0; id < MAX_STREAMS; id++) {
    const p = s.findStream(id)
    if (p != 0 && s.tenant(p) == number) s.set_weight(p, weightOf(t, s.priority(p)))
  }
}

/** Ends a stream with whatever it still had; what waited for its operators may go. */
function removeOne(p: u32): void {
  const d = deviceAt(s.device(p))
  const c = s.phase(p)
  takeOut(p)
  clearUnmarked(p)
  let at = s.oldest(p)
  let dispatched = at != s.head(p)
  set_classQueued(d, c, classQueued(d, c) - s.queued(p))
  set_classInflightNs(d, c, classInflightNs(d, c) - inflightNs(p))
  const first = s.head(p)
  s.set_head(p, 0)
  while (at != 0) {
    const op = opAt(at - 1)
    if (at == first) dispatched = false
    if (!dispatched) passTicket(op, NONE)
    const number = at
    at = opNext(op)
    giveOp(number)
  }
  s.set_queued(p, 0)
  set_credit(p, 0)
  s.set_dispatched(p, s.completed(p))
  set_inflightNs(p, 0)
  updateActive(p)
  updateBusy(p)
  const number = s.streamId(p) + 1
  if (creditHolder(d) == number) set_creditHolder(d, 0)
  if (shapeStream(d) == number) set_shapeStream(d, 0)
  const t = findTenant(s.tenant(p))
  set_tenantStreams(t, tenantStreams(t) - 1)
  memory.fill(p, 0, STREAM_BYTES)
}

export function streamRemove(e: u32): void {
  const p = s.findStream(event_stream(e))
  if (p == 0) {
    fault(FAULT_CODE_BAD_STREAM, EVENT_STREAM_REMOVE, event_stream(e))
    return
  }
  removeOne(p)
  scheduleAll()
}

/** Ends every stream of a device that goes. */
export function streamsOfDeviceRemove(number: u32): void {
  for (let id: u32 = 0; id < MAX_STREAMS; id++) {
    const p = s.findStream(id)
    if (p != 0 && s.device(p) == number) removeOne(p)
  }
}

/** Ends every stream of a tenant that goes. */
export function streamsOfTenantRemove(number: u32): void {
  for (let id: u32 = 0; id < MAX_STREAMS; id++) {
    const p = s.findStream(id)
    if (p != 0 && s.tenant(p) == number) removeOne(p)
  }
}

/** What an operator says of the phase of its stream. Old evidence fades: a stream may change its phase. */
function noteEvidence(p: u32, opClass: u32, e: u32): void {
  if (opClass == OP_CLASS_KERNEL) {
    evidence.set_functions(p, evidence.functions(p) | ((<u64>1) << (op_submit_key(e) >> 58)))
  }
  const name = op_submit_evidence(e)
  if (name == PHASE_EVIDENCE_PREFILL) evidence.set_namesPrefill(p, evidence.namesPrefill(p) + 1)
  else if (name == PHASE_EVIDENCE_DECODE) evidence.set_namesDecode(p, evidence.namesDecode(p) + 1)
  else if (opClass == OP_CLASS_GRAPH) {
    if (evidence.graphs(p) != u32.MAX_VALUE) evidence.set_graphs(p, evidence.graphs(p) + 1)
  } else return
  if (evidence.namesPrefill(p) + evidence.namesDecode(p) > NAMES_KEPT) {
    evidence.set_namesPrefill(p, evidence.namesPrefill(p) >> 1)
    evidence.set_namesDecode(p, evidence.namesDecode(p) >> 1)
  }
  weigh(p)
}

export function opSubmit(e: u32): void {
  const id = event_stream(e)
  const p = s.findStream(id)
  if (p == 0) {
    fault(FAULT_CODE_BAD_STREAM, EVENT_OP_SUBMIT, id)
    return
  }
  const opClass = op_submit_op_class(e)
  const object = op_submit_sync_object(e)
  const sync = isSync(opClass)
  if (opClass == 0 || opClass > OP_CLASS_CALLBACK_BLOCK || (sync ? object >= MAX_SYNC_OBJECTS : object != NONE)) {
    fault(FAULT_CODE_BAD_VALUE, EVENT_OP_SUBMIT, id)
    return
  }
  if (op_submit_op_seq(e) != s.submitted(p) + 1 || credit(p) > 0) {
    fault(FAULT_CODE_BAD_SEQUENCE, EVENT_OP_SUBMIT, id)
    return
  }
  const number = takeOp()
  if (number == 0) {
    fault(FAULT_CODE_TABLE_FULL, EVENT_OP_SUBMIT, id)
    return
  }
  const d = deviceAt(s.device(p))
  revokeOther(d, p, RULE_COMPETITOR)
  const op = opAt(number - 1)
  const slot = costSlot(opClass, op_submit_key(e), op_submit_blocks(e), op_submit_args_bytes(e), p)
  set_opNext(op, 0)
  set_opCost(op, slot)
  set_opTag(op, costTag(slot))
  set_opClass(op, opClass)
  set_opSampled(op, 0)
  set_opSync(op, isOrdered(opClass) ? object : NONE)
  set_opNs(op, predictNs(slot, opClass, op_submit_bytes(e)))
  set_opSeq(op, op_submit_op_seq(e))
  set_opSubmitted(op, now_ns())
  takeTickets(op)
  if (s.tail(p) != 0) set_opNext(opAt(s.tail(p) - 1), number)
  else s.set_oldest(p, number)
  s.set_tail(p, number)
  if (s.head(p) == 0) s.set_head(p, number)
  s.set_submitted(p, op_submit_op_seq(e))
  const c = s.phase(p)
  set_classQueued(d, c, classQueued(d, c) + 1)
  s.set_queued(p, s.queued(p) + 1)
  updateBusy(p)
  if (s.state(p) == s.IDLE) classify(p)
  else if (s.queued(p) == 1) noteBarrier(p)
  const believed = s.phase(p)
  noteEvidence(p, opClass, e)
  /* Behind others of its stream, which have been said to wait, it changes nothing that can go: time alone may (TICK). */
  const behind = s.queued(p) > 1 && s.held(p) != 0 && s.phase(p) == believed
  if ((event_flags(e) & EVENT_FLAG_MORE) != 0) {
    if (!behind) set_unscheduled(d, 1)
    return
  }
  if (behind && unscheduled(d) == 0 && more() == 0) return
  schedule(d, p)
}

export function opComplete(e: u32): void {
  const id = event_stream(e)
  const p = s.findStream(id)
  if (p == 0) {
    fault(FAULT_CODE_BAD_STREAM, EVENT_OP_COMPLETE, id)
    return
  }
  const seq = op_complete_completed_seq(e)
  if (seq < s.completed(p) || seq > s.dispatched(p)) {
    fault(FAULT_CODE_BAD_SEQUENCE, EVENT_OP_COMPLETE, id)
    return
  }
  complete(p, seq, op_complete_device_ns(e), op_complete_count(e))
  schedule(deviceAt(s.device(p)), 0)
}

export function creditUsed(e: u32): void {
  const id = event_stream(e)
  const p = s.findStream(id)
  if (p == 0) {
    fault(FAULT_CODE_BAD_STREAM, EVENT_CREDIT_USED, id)
    return
  }
  if (credit(p) == 0 || credit_used_count(e) > credit(p)) {
    fault(FAULT_CODE_BAD_SEQUENCE, EVENT_CREDIT_USED, id)
    return
  }
  used(p, credit_used_count(e))
  schedule(deviceAt(s.device(p)), 0)
}

export function streamSync(e: u32): void {
  const id = event_stream(e)
  const p = s.findStream(id)
  if (p == 0) fault(FAULT_CODE_BAD_STREAM, EVENT_STREAM_SYNC, id)
  else schedule(deviceAt(s.device(p)), 0)
}

function setHint(p: u32, source: u32, phase: u32): void {
  if (source == PHASE_SOURCE_HINT) evidence.set_hintPhase(p, phase)
  else if (source == PHASE_SOURCE_ARGUMENTS) evidence.set_argumentsPhase(p, phase)
  else evidence.set_rolePhase(p, phase)
  weigh(p)
}

export function phaseHint(e: u32): void {
  const id = event_stream(e)
  const phase = phase_hint_phase(e)
  const source = phase_hint_source(e)
  const known = source == PHASE_SOURCE_HINT || source == PHASE_SOURCE_ARGUMENTS || source == PHASE_SOURCE_ROLE
  if (phase > PHASE_MIXED || !known) {
    fault(FAULT_CODE_BAD_VALUE, EVENT_PHASE_HINT, id)
    return
  }
  if (id != NONE) {
    const p = s.findStream(id)
    if (p == 0) {
      fault(FAULT_CODE_BAD_STREAM, EVENT_PHASE_HINT, id)
      return
    }
    setHint(p, source, phase)
    schedule(deviceAt(s.device(p)), 0)
    return
  }
  const v = findVnpu(phase_hint_vnpu(e))
  if (v == 0 || source != PHASE_SOURCE_ROLE) {
    fault(v == 0 ? FAULT_CODE_BAD_VNPU : FAULT_CODE_BAD_VALUE, EVENT_PHASE_HINT, id)
    return
  }
  set_vnpuRole(v, phase) // the role of a process, for the streams that it will make
}
