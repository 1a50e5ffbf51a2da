/**
 * What the core says of its state, for the debugger: pure reads, on no decision path. 0 where there is no such stream,
 * device or tenant.
 */
import {
  chip,
  creditHolder,
  busyStreams,
  findDevice,
  hbmBytes,
  hbmBytesPerS,
  heapSize,
  telemetryBandwidth,
  telemetryCompute,
  vclock,
} from './state/devices'
import { windowNs } from './policy/window'
import { now_ns as now, p0, p1, p2, p3 } from './state/globals'
import { CLASSES } from './state/memory'
import { opAt, opClass, opNext, opNs, opSeq, opSubmitted } from './state/ops'
import { decodeTokens, prefillLoad, saturation } from './state/shares'
import * as s from './state/streams'
import * as t from './state/tenants'

/** Time of the newest event. */
export function now_ns(): u64 {
  return now()
}

/** Parameter 0 to 3 of the policy in force, default applied. */
export function policy_parameter(i: u32): u64 {
  return i == 0 ? p0() : i == 1 ? p1() : i == 2 ? p2() : i == 3 ? p3() : 0
}

/** Predicted work that the policy in force lets onto a device, of the phase. */
export function window_ns(phase: u32): u64 {
  return phase >= CLASSES ? 0 : windowNs(phase)
}

/** 1 where there is such a stream. */
export function stream_exists(id: u32): u32 {
  return s.findStream(id) == 0 ? 0 : 1
}

/** Device number. */
export function stream_device(id: u32): u32 {
  const p = s.findStream(id)
  return p == 0 ? 0 : s.device(p)
}

/** Tenant number. */
export function stream_tenant(id: u32): u32 {
  const p = s.findStream(id)
  return p == 0 ? 0 : s.tenant(p)
}

/** Virtual NPU number. */
export function stream_vnpu(id: u32): u32 {
  const p = s.findStream(id)
  return p == 0 ? 0 : s.vnpu(p)
}

/** AscendCL priority. */
export function stream_priority(id: u32): u32 {
  const p = s.findStream(id)
  return p == 0 ? 0 : s.priority(p)
}

/** Share weight. */
export function stream_weight(id: u32): u32 {
  const p = s.findStream(id)
  return p == 0 ? 0 : s.weight(p)
}

/** IDLE, ELIGIBLE, BLOCKED, BARRIER or CALLED (state/streams.ts). */
export function stream_state(id: u32): u32 {
  const p = s.findStream(id)
  return p == 0 ? 0 : s.state(p)
}

/** 1 after a HOLD until nothing of it waits. */
export function stream_held(id: u32): u32 {
  const p = s.findStream(id)
  return p == 0 ? 0 : s.held(p)
}

/** Virtual time. */
export function stream_vtime(id: u32): u64 {
  const p = s.findStream(id)
  return p == 0 ? 0 : s.vtime(p)
}

/** op_seq of the newest operator. */
export function stream_submitted(id: u32): u64 {
  const p = s.findStream(id)
  return p == 0 ? 0 : s.submitted(p)
}

/** op_seq up to which operators were dispatched. */
export function stream_dispatched(id: u32): u64 {
  const p = s.findStream(id)
  return p == 0 ? 0 : s.dispatched(p)
}

/** op_seq up to which they are complete. */
export function stream_completed(id: u32): u64 {
  const p = s.findStream(id)
  return p == 0 ? 0 : s.completed(p)
}

/** Since when its next operator could have gone. */
export function stream_eligible_since(id: u32): u64 {
  const p = s.findStream(id)
  return p == 0 ? 0 : s.eligibleSince(p)
}

/** The operator of that op_seq, submitted and not complete, or 0. */
function findOp(id: u32, seq: u64): u32 {
  const p = s.findStream(id)
  if (p == 0) return 0
  let at = s.oldest(p)
  while (at != 0) {
    const op = opAt(at - 1)
    if (opSeq(op) == seq) return op
    at = opNext(op)
  }
  return 0
}

/** Predicted device time of an operator that is submitted and not complete. */
export function stream_op_ns(id: u32, seq: u64): u32 {
  const op = findOp(id, seq)
  return op == 0 ? 0 : opNs(op)
}

/** OpClass of it. */
export function stream_op_class(id: u32, seq: u64): u32 {
  const op = findOp(id, seq)
  return op == 0 ? 0 : opClass(op)
}

/** When it was submitted. */
export function stream_op_submitted_ns(id: u32, seq: u64): u64 {
  const op = findOp(id, seq)
  return op == 0 ? 0 : opSubmitted(op)
}

/** 1 where there is such a device. */
export function device_exists(number: u32): u32 {
  return findDevice(number) == 0 ? 0 : 1
}

/** Chip. */
export function device_chip(number: u32): u32 {
  const d = findDevice(number)
  return d == 0 ? 0 : chip(d)
}

/** Virtual time of the stream that dispatched last. */
export function device_vclock(number: u32): u64 {
  const d = findDevice(number)
  return d == 0 ? 0 : vclock(d)
}

/** Streams with anything queued, in flight or granted. */
export function device_busy_streams(number: u32): u32 {
  const d = findDevice(number)
  return d == 0 ? 0 : busyStreams(d)
}

/** Stream + 1 that has credit. */
export function device_credit_holder(number: u32): u32 {
  const d = findDevice(number)
  return d == 0 ? 0 : creditHolder(d)
}

/** Device memory. */
export function device_hbm_bytes(number: u32): u64 {
  const d = findDevice(number)
  return d == 0 ? 0 : hbmBytes(d)
}

/** Peak HBM bandwidth. */
export function device_hbm_bytes_per_s(number: u32): u64 {
  const d = findDevice(number)
  return d == 0 ? 0 : hbmBytesPerS(d)
}

/** TELEMETRY: compute in use. */
export function device_compute_permille(number: u32): u32 {
  const d = findDevice(number)
  return d == 0 ? 0 : telemetryCompute(d)
}

/** TELEMETRY: bandwidth in use. */
export function device_bandwidth_permille(number: u32): u32 {
  const d = findDevice(number)
  return d == 0 ? 0 : telemetryBandwidth(d)
}

/** Least share of decode at which it loses nothing, permille; 0 before it was found. */
export function device_saturation(number: u32): u32 {
  const d = findDevice(number)
  return d == 0 ? 0 : saturation(d)
}

/** Predicted decode work that may still go, signed. */
export function device_decode_tokens_ns(number: u32): i64 {
  const d = findDevice(number)
  return d == 0 ? 0 : decodeTokens(d)
}

/** Smoothed share of time in which prefill has work, permille. */
export function device_prefill_load(number: u32): u32 {
  const d = findDevice(number)
  return d == 0 ? 0 : prefillLoad(d)
}

/** Eligible streams of the phase. */
export function device_eligible(number: u32, phase: u32): u32 {
  const d = findDevice(number)
  return d == 0 || phase >= CLASSES ? 0 : heapSize(d, phase)
}

/** 1 where there is such a tenant. */
export function tenant_exists(number: u32): u32 {
  return t.findTenant(number) == 0 ? 0 : 1
}

/** Share weight. */
export function tenant_weight(number: u32): u32 {
  const p = t.findTenant(number)
  return p == 0 ? 0 : t.tenantWeight(p)
}

/** 0 (greatest) to 7. */
export function tenant_priority(number: u32): u32 {
  const p = t.findTenant(number)
  return p == 0 ? 0 : t.tenantPriority(p)
}

/** Streams it has. */
export function tenant_streams(number: u32): u32 {
  const p = t.findTenant(number)
  return p == 0 ? 0 : t.tenantStreams(p)
}

/** Device memory it may hold, 0 for no limit. */
export function tenant_quota_bytes(number: u32): u64 {
  const p = t.findTenant(number)
  return p == 0 ? 0 : t.tenantQuotaBytes(p)
}

/** Device memory it holds. */
export function tenant_held_bytes(number: u32): u64 {
  const p = t.findTenant(number)
  return p == 0 ? 0 : t.tenantHeldBytes(p)
}

/** 1 where there is such a virtual NPU. */
export function vnpu_exists(number: u32): u32 {
  return t.findVnpu(number) == 0 ? 0 : 1
}

/** Tenant number. */
export function vnpu_tenant(number: u32): u32 {
  const p = t.findVnpu(number)
  return p == 0 ? 0 : t.vnpuTenant(p)
}

/** Device number. */
export function vnpu_device(number: u32): u32 {
  const p = t.findVnpu(number)
  return p == 0 ? 0 : t.vnpuDevice(p)
}
