/**
 * Streams: one fixed record each. Operators of a stream are one list, oldest incomplete first; `head` is the first that
 * was not dispatched. submitted >= dispatched >= completed, always.
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

// @ts-ignore: decorator
@inline export function streamAt(id: u32): u32 {
  return STREAMS + id * STREAM_BYTES
}

// @ts-ignore: decorator
@inline export function streamId(p: u32): u32 {
  return (p - STREAMS) / STREAM_BYTES
}

/** The stream of that number, or 0 where there is none. */
export function findStream(id: u32): u32 {
  if (id >= MAX_STREAMS) return 0
  const p = streamAt(id)
  return used(p) != 0 ? p : 0
}

/** 1 where the stream exists. */
// @ts-ignore: decorator
@inline export function used(p: u32): u32 {
  return load<u8>(p, 0)
}
// @ts-ignore: decorator
@inline export function set_used(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 0)
}
/** Phase it is believed to run, its class. */
// @ts-ignore: decorator
@inline export function phase(p: u32): u32 {
  return load<u8>(p, 1)
}
// @ts-ignore: decorator
@inline export function set_phase(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 1)
}
/** PhaseSource of that belief. */
// @ts-ignore: decorator
@inline export function phaseSource(p: u32): u32 {
  return load<u8>(p, 2)
}
// @ts-ignore: decorator
@inline export function set_phaseSource(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 2)
}
/** IDLE, ELIGIBLE, BLOCKED or BARRIER. */
// @ts-ignore: decorator
@inline export function state(p: u32): u32 {
  return load<u8>(p, 3)
}
// @ts-ignore: decorator
@inline export function set_state(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 3)
}
/** Device number. */
// @ts-ignore: decorator
@inline export function device(p: u32): u32 {
  return load<u32>(p, 4)
}
// @ts-ignore: decorator
@inline export function set_device(p: u32, v: u32): void {
  store<u32>(p, v, 4)
}
/** Virtual NPU number. */
// @ts-ignore: decorator
@inline export function vnpu(p: u32): u32 {
  return load<u32>(p, 8)
}
// @ts-ignore: decorator
@inline export function set_vnpu(p: u32, v: u32): void {
  store<u32>(p, v, 8)
}
/** Share weight: tenant weight times priority factor. */
// @ts-ignore: decorator
@inline export function weight(p: u32): u32 {
  return load<u32>(p, 12)
}
// @ts-ignore: decorator
@inline export function set_weight(p: u32, v: u32): void {
  store<u32>(p, v, 12)
}
/** Oldest incomplete operator + 1. */
// @ts-ignore: decorator
@inline export function oldest(p: u32): u32 {
  return load<u32>(p, 16)
}
// @ts-ignore: decorator
@inline export function set_oldest(p: u32, v: u32): void {
  store<u32>(p, v, 16)
}
/** First operator not dispatched + 1. */
// @ts-ignore: decorator
@inline export function head(p: u32): u32 {
  return load<u32>(p, 20)
}
// @ts-ignore: decorator
@inline export function set_head(p: u32, v: u32): void {
  store<u32>(p, v, 20)
}
/** Newest operator + 1. */
// @ts-ignore: decorator
@inline export function tail(p: u32): u32 {
  return load<u32>(p, 24)
}
// @ts-ignore: decorator
@inline export function set_tail(p: u32, v: u32): void {
  store<u32>(p, v, 24)
}
/** Operators not dispatched. */
// @ts-ignore: decorator
@inline export function queued(p: u32): u32 {
  return load<u32>(p, 28)
}
// @ts-ignore: decorator
@inline export function set_queued(p: u32, v: u32): void {
  store<u32>(p, v, 28)
}
/** op_seq of the newest operator. */
// @ts-ignore: decorator
@inline export function submitted(p: u32): u64 {
  return load<u64>(p, 32)
}
// @ts-ignore: decorator
@inline export function set_submitted(p: u32, v: u64): void {
  store<u64>(p, v, 32)
}
/** op_seq up to which operators were dispatched. */
// @ts-ignore: decorator
@inline export function dispatched(p: u32): u64 {
  return load<u64>(p, 40)
}
// @ts-ignore: decorator
@inline export function set_dispatched(p: u32, v: u64): void {
  store<u64>(p, v, 40)
}
/** op_seq up to which operators are complete. */
// @ts-ignore: decorator
@inline export function completed(p: u32): u64 {
  return load<u64>(p, 48)
}
// @ts-ignore: decorator
@inline export function set_completed(p: u32, v: u64): void {
  store<u64>(p, v, 48)
}
/** Virtual time: predicted work over weight. */
// @ts-ignore: decorator
@inline export function vtime(p: u32): u64 {
  return load<u64>(p, 56)
}
// @ts-ignore: decorator
@inline export function set_vtime(p: u32, v: u64): void {
  store<u64>(p, v, 56)
}
/** Position in the heap of its class. */
// @ts-ignore: decorator
@inline export function heapPos(p: u32): u32 {
  return load<u32>(p, 64)
}
// @ts-ignore: decorator
@inline export function set_heapPos(p: u32, v: u32): void {
  store<u32>(p, v, 64)
}
/** Next stream + 1 that waits for the same object. */
// @ts-ignore: decorator
@inline export function blockedNext(p: u32): u32 {
  return load<u32>(p, 68)
}
// @ts-ignore: decorator
@inline export function set_blockedNext(p: u32, v: u32): void {
  store<u32>(p, v, 68)
}
/** Operators of the present grant, 0 for none. */
// @ts-ignore: decorator
@inline export function credit(p: u32): u64 {
  return load<u64>(p, 72)
}
// @ts-ignore: decorator
@inline export function set_credit(p: u32, v: u64): void {
  store<u64>(p, v, 72)
}
/** Size of the next grant. */
// @ts-ignore: decorator
@inline export function grantSize(p: u32): u32 {
  return load<u32>(p, 80)
}
// @ts-ignore: decorator
@inline export function set_grantSize(p: u32, v: u32): void {
  store<u32>(p, v, 80)
}
/** Predicted work dispatched and not complete, credit included. */
// @ts-ignore: decorator
@inline export function inflightNs(p: u32): u64 {
  return load<u64>(p, 88)
}
// @ts-ignore: decorator
@inline export function set_inflightNs(p: u32, v: u64): void {
  store<u64>(p, v, 88)
}
/** Part of it that was issued on credit. */
// @ts-ignore: decorator
@inline export function creditNs(p: u32): u64 {
  return load<u64>(p, 96)
}
// @ts-ignore: decorator
@inline export function set_creditNs(p: u32, v: u64): void {
  store<u64>(p, v, 96)
}
/** op_seq that ends the credit part. */
// @ts-ignore: decorator
@inline export function creditEnd(p: u32): u64 {
  return load<u64>(p, 104)
}
// @ts-ignore: decorator
@inline export function set_creditEnd(p: u32, v: u64): void {
  store<u64>(p, v, 104)
}
/** Mean device time of its operators. */
// @ts-ignore: decorator
@inline export function meanNs(p: u32): u32 {
  return load<u32>(p, 112)
}
// @ts-ignore: decorator
@inline export function set_meanNs(p: u32, v: u32): void {
  store<u32>(p, v, 112)
}
/** Measurements in it. */
// @ts-ignore: decorator
@inline export function meanCount(p: u32): u32 {
  return load<u32>(p, 116)
}
// @ts-ignore: decorator
@inline export function set_meanCount(p: u32, v: u32): void {
  store<u32>(p, v, 116)
}
/** Bloom of the kernels it launches. */
// @ts-ignore: decorator
@inline export function functions(p: u32): u64 {
  return load<u64>(p, 120)
}
// @ts-ignore: decorator
@inline export function set_functions(p: u32, v: u64): void {
  store<u64>(p, v, 120)
}
/** Evidence of launch shape: positive prefill, negative decode. */
// @ts-ignore: decorator
@inline export function shapeScore(p: u32): i32 {
  return load<i32>(p, 128)
}
// @ts-ignore: decorator
@inline export function set_shapeScore(p: u32, v: i32): void {
  store<i32>(p, v, 128)
}
/** Operators whose name says prefill. */
// @ts-ignore: decorator
@inline export function namesPrefill(p: u32): u32 {
  return load<u32>(p, 132)
}
// @ts-ignore: decorator
@inline export function set_namesPrefill(p: u32, v: u32): void {
  store<u32>(p, v, 132)
}
/** Operators whose name says decode. */
// @ts-ignore: decorator
@inline export function namesDecode(p: u32): u32 {
  return load<u32>(p, 136)
}
// @ts-ignore: decorator
@inline export function set_namesDecode(p: u32, v: u32): void {
  store<u32>(p, v, 136)
}
/** Graph replays. */
// @ts-ignore: decorator
@inline export function graphs(p: u32): u32 {
  return load<u32>(p, 140)
}
// @ts-ignore: decorator
@inline export function set_graphs(p: u32, v: u32): void {
  store<u32>(p, v, 140)
}
/** Phase of an explicit hint. */
// @ts-ignore: decorator
@inline export function hintPhase(p: u32): u32 {
  return load<u8>(p, 144)
}
// @ts-ignore: decorator
@inline export function set_hintPhase(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 144)
}
/** Phase of the process role. */
// @ts-ignore: decorator
@inline export function rolePhase(p: u32): u32 {
  return load<u8>(p, 145)
}
// @ts-ignore: decorator
@inline export function set_rolePhase(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 145)
}
/** 1 after a HOLD until it dispatches again. */
// @ts-ignore: decorator
@inline export function held(p: u32): u32 {
  return load<u8>(p, 146)
}
// @ts-ignore: decorator
@inline export function set_held(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 146)
}
/** 1 where it is in the list of unmarked streams. */
// @ts-ignore: decorator
@inline export function inUnmarked(p: u32): u32 {
  return load<u8>(p, 147)
}
// @ts-ignore: decorator
@inline export function set_inUnmarked(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 147)
}
/** 1 where it is counted as busy. */
// @ts-ignore: decorator
@inline export function busy(p: u32): u32 {
  return load<u8>(p, 148)
}
// @ts-ignore: decorator
@inline export function set_busy(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 148)
}
/** Phase that arguments say. */
// @ts-ignore: decorator
@inline export function argumentsPhase(p: u32): u32 {
  return load<u8>(p, 149)
}
// @ts-ignore: decorator
@inline export function set_argumentsPhase(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 149)
}
/** Confidence in the phase, permille. */
// @ts-ignore: decorator
@inline export function confidence(p: u32): u32 {
  return load<u32>(p, 152)
}
// @ts-ignore: decorator
@inline export function set_confidence(p: u32, v: u32): void {
  store<u32>(p, v, 152)
}
/** Predicted work dispatched since the last marker. */
// @ts-ignore: decorator
@inline export function unmarkedNs(p: u32): u64 {
  return load<u64>(p, 160)
}
// @ts-ignore: decorator
@inline export function set_unmarkedNs(p: u32, v: u64): void {
  store<u64>(p, v, 160)
}
/** Operators in it. */
// @ts-ignore: decorator
@inline export function unmarkedOps(p: u32): u32 {
  return load<u32>(p, 168)
}
// @ts-ignore: decorator
@inline export function set_unmarkedOps(p: u32, v: u32): void {
  store<u32>(p, v, 168)
}
/** Next unmarked stream + 1. */
// @ts-ignore: decorator
@inline export function unmarkedNext(p: u32): u32 {
  return load<u32>(p, 172)
}
// @ts-ignore: decorator
@inline export function set_unmarkedNext(p: u32, v: u32): void {
  store<u32>(p, v, 172)
}
/** When the first of them was dispatched. */
// @ts-ignore: decorator
@inline export function unmarkedSince(p: u32): u64 {
  return load<u64>(p, 176)
}
// @ts-ignore: decorator
@inline export function set_unmarkedSince(p: u32, v: u64): void {
  store<u64>(p, v, 176)
}
/** Time of its newest operator. */
// @ts-ignore: decorator
@inline export function lastSubmit(p: u32): u64 {
  return load<u64>(p, 184)
}
// @ts-ignore: decorator
@inline export function set_lastSubmit(p: u32, v: u64): void {
  store<u64>(p, v, 184)
}
