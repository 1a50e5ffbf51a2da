/**
 * Streams: one fixed record each. Operators of a stream are one list, oldest incomplete first; `head` is the first that
 * was not dispatched. submitted >= dispatched >= completed, always. The record, by byte offset:
 *
 *     0 what it is, its queue and its place among others (here)
 *    96 links of the lists it can be in (lists.ts): 96 eligible, 104 unmarked, 112 blocked
 *   128 credit and what is on the device (flight.ts)
 *   192 evidence of its phase (evidence.ts)
 *   232 service it had, what of its work is forgiven (flight.ts)
 */
import { MAX_STREAMS } from '../../build/gen/as/layout'
import { STREAM_BYTES, STREAMS } from './memory'

/** Not eligible: nothing queued. */
export const IDLE: u32 = 0
/** In its class's heap. */
export const ELIGIBLE: u32 = 1
/** Its next operator waits for another on the same synchronization object. */
export const BLOCKED: u32 = 2
/** An operator that may wait on the device without end is under way; nothing follows until it completes. */
export const BARRIER: u32 = 3
/** A function of the host that it waits for is under way; nothing follows, however long that takes. */
export const CALLED: u32 = 4

export function streamAt(id: u32): u32 {
  return STREAMS + id * STREAM_BYTES
}

export function streamId(p: u32): u32 {
  return (p - STREAMS) / STREAM_BYTES
}

/** The stream of that number, or 0 where there is none. */
export function findStream(id: u32): u32 {
  if (id >= MAX_STREAMS) return 0
  const p = streamAt(id)
  return used(p) != 0 ? p : 0
}

/** 1 where the stream exists. */
export function used(p: u32): u32 {
  return load<u8>(p, 0)
}
export function set_used(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 0)
}
/** Phase it is believed to run, its class. */
export function phase(p: u32): u32 {
  return load<u8>(p, 1)
}
export function set_phase(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 1)
}
/** PhaseSource of that belief. */
export function phaseSource(p: u32): u32 {
  return load<u8>(p, 2)
}
export function set_phaseSource(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 2)
}
/** IDLE, ELIGIBLE, BLOCKED, BARRIER or CALLED. */
export function state(p: u32): u32 {
  return load<u8>(p, 3)
}
export function set_state(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 3)
}
/** Device number. */
export function device(p: u32): u32 {
  return load<u32>(p, 4)
}
export function set_device(p: u32, v: u32): void {
  store<u32>(p, v, 4)
}
/** Virtual NPU number. */
export function vnpu(p: u32): u32 {
  return load<u32>(p, 8)
}
export function set_vnpu(p: u32, v: u32): void {
  store<u32>(p, v, 8)
}
/** Share weight: tenant weight times priority factor. */
export function weight(p: u32): u32 {
  return load<u32>(p, 12)
}
export function set_weight(p: u32, v: u32): void {
  store<u32>(p, v, 12)
}
/** Oldest incomplete operator + 1. */
export function oldest(p: u32): u32 {
  return load<u32>(p, 16)
}
export function set_oldest(p: u32, v: u32): void {
  store<u32>(p, v, 16)
}
/** First operator not dispatched + 1. */
export function head(p: u32): u32 {
  return load<u32>(p, 20)
}
export function set_head(p: u32, v: u32): void {
  store<u32>(p, v, 20)
}
/** Newest operator + 1. */
export function tail(p: u32): u32 {
  return load<u32>(p, 24)
}
export function set_tail(p: u32, v: u32): void {
  store<u32>(p, v, 24)
}
/** Operators not dispatched. */
export function queued(p: u32): u32 {
  return load<u32>(p, 28)
}
export function set_queued(p: u32, v: u32): void {
  store<u32>(p, v, 28)
}
/** op_seq of the newest operator. */
export function submitted(p: u32): u64 {
  return load<u64>(p, 32)
}
export function set_submitted(p: u32, v: u64): void {
  store<u64>(p, v, 32)
}
/** op_seq up to which operators were dispatched. */
export function dispatched(p: u32): u64 {
  return load<u64>(p, 40)
}
export function set_dispatched(p: u32, v: u64): void {
  store<u64>(p, v, 40)
}
/** op_seq up to which operators are complete. */
export function completed(p: u32): u64 {
  return load<u64>(p, 48)
}
export function set_completed(p: u32, v: u64): void {
  store<u64>(p, v, 48)
}
/** Virtual time: predicted work over weight. */
export function vtime(p: u32): u64 {
  return load<u64>(p, 56)
}
export function set_vtime(p: u32, v: u64): void {
  store<u64>(p, v, 56)
}
/** Tenant number. */
export function tenant(p: u32): u32 {
  return load<u32>(p, 68)
}
export function set_tenant(p: u32, v: u32): void {
  store<u32>(p, v, 68)
}
/** AscendCL priority, 0 (greatest) to 7. */
export function priority(p: u32): u32 {
  return load<u8>(p, 72)
}
export function set_priority(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 72)
}
/** 1 after a HOLD until nothing of it waits any more. */
export function held(p: u32): u32 {
  return load<u8>(p, 73)
}
export function set_held(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 73)
}
/** 1 where it is counted as busy. */
export function busy(p: u32): u32 {
  return load<u8>(p, 74)
}
export function set_busy(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 74)
}
/** When it last became eligible: since then its next operator could have gone. */
export function eligibleSince(p: u32): u64 {
  return load<u64>(p, 80)
}
export function set_eligibleSince(p: u32, v: u64): void {
  store<u64>(p, v, 80)
}
