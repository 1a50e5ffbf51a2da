/**
 * The exports of core.wasm that only tell what its state is (assembly/index.ts, assembly/inspect.ts). Integers of 64 bits
 * come as BigInt, signed; those of 32 bits as number, signed. Asking for what is not there gives 0.
 */
export interface CoreFigures {
  now_ns(): bigint
  policy(): number
  policy_parameter(i: number): bigint
  next_wake_ns(): bigint
  events_seen(): bigint
  window_ns(phase: number): bigint

  stream_exists(id: number): number
  stream_device(id: number): number
  stream_tenant(id: number): number
  stream_vnpu(id: number): number
  stream_priority(id: number): number
  stream_weight(id: number): number
  stream_state(id: number): number
  stream_held(id: number): number
  stream_vtime(id: number): bigint
  stream_submitted(id: number): bigint
  stream_dispatched(id: number): bigint
  stream_completed(id: number): bigint
  stream_eligible_since(id: number): bigint
  stream_queued(id: number): number
  stream_inflight(id: number): bigint
  stream_inflight_ns(id: number): bigint
  stream_unmarked_ns(id: number): bigint
  stream_credit(id: number): bigint
  stream_phase(id: number): number
  stream_phase_source(id: number): number
  stream_confidence(id: number): number
  /** Of an operator that is submitted and not complete, by its op_seq: predicted device time, class, time of submission. */
  stream_op_ns(id: number, seq: bigint): number
  stream_op_class(id: number, seq: bigint): number
  stream_op_submitted_ns(id: number, seq: bigint): bigint

  device_exists(number: number): number
  device_chip(number: number): number
  device_vclock(number: number): bigint
  device_busy_streams(number: number): number
  device_credit_holder(number: number): number
  device_hbm_bytes(number: number): bigint
  device_hbm_bytes_per_s(number: number): bigint
  device_compute_permille(number: number): number
  device_bandwidth_permille(number: number): number
  device_decode_share(number: number): number
  device_saturation(number: number): number
  device_decode_tokens_ns(number: number): bigint
  device_prefill_load(number: number): number
  device_eligible(number: number, phase: number): number
  device_queued(number: number, phase: number): number
  device_inflight_ns(number: number, phase: number): bigint
  device_unmarked_ns(number: number, phase: number): bigint
  device_busy(number: number, phase: number): number
  device_interference(number: number, slow: number, by: number): number

  tenant_exists(number: number): number
  tenant_weight(number: number): number
  tenant_priority(number: number): number
  tenant_streams(number: number): number
  tenant_quota_bytes(number: number): bigint
  tenant_held_bytes(number: number): bigint

  vnpu_exists(number: number): number
  vnpu_tenant(number: number): number
  vnpu_device(number: number): number
}
