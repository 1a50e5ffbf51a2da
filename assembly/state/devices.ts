/** Devices: capacities, what is in flight on them by class, and the state of the policies that run there. */
import { MAX_DEVICES } from '../../build/gen/as/layout'
import { DEVICE_BYTES, DEVICES } from './memory'

// @ts-ignore: decorator
@inline export function deviceAt(number: u32): u32 {
  return DEVICES + number * DEVICE_BYTES
}

/** The device of that number, or 0 where there is none. */
export function findDevice(number: u32): u32 {
  if (number >= MAX_DEVICES) return 0
  const p = deviceAt(number)
  return deviceUsed(p) != 0 ? p : 0
}

/** Size of the heap of a class. */
// @ts-ignore: decorator
@inline export function heapSize(p: u32, c: u32): u32 {
  return load<u32>(p + (c << 2), 320)
}
// @ts-ignore: decorator
@inline export function set_heapSize(p: u32, c: u32, v: u32): void {
  store<u32>(p + (c << 2), v, 320)
}
/** Predicted work of a class on the device. */
// @ts-ignore: decorator
@inline export function classInflightNs(p: u32, c: u32): u64 {
  return load<u64>(p + (c << 3), 336)
}
// @ts-ignore: decorator
@inline export function set_classInflightNs(p: u32, c: u32, v: u64): void {
  store<u64>(p + (c << 3), v, 336)
}
/** Operators of a class that wait. */
// @ts-ignore: decorator
@inline export function classQueued(p: u32, c: u32): u32 {
  return load<u32>(p + (c << 2), 368)
}
// @ts-ignore: decorator
@inline export function set_classQueued(p: u32, c: u32, v: u32): void {
  store<u32>(p + (c << 2), v, 368)
}
/** When a class last dispatched, or became non-empty. */
// @ts-ignore: decorator
@inline export function classLastNs(p: u32, c: u32): u64 {
  return load<u64>(p + (c << 3), 384)
}
// @ts-ignore: decorator
@inline export function set_classLastNs(p: u32, c: u32, v: u64): void {
  store<u64>(p + (c << 3), v, 384)
}
/** Busy streams of a class. */
// @ts-ignore: decorator
@inline export function classBusy(p: u32, c: u32): u32 {
  return load<u32>(p + (c << 2), 416)
}
// @ts-ignore: decorator
@inline export function set_classBusy(p: u32, c: u32, v: u32): void {
  store<u32>(p + (c << 2), v, 416)
}

/** 1 where the device exists. */
// @ts-ignore: decorator
@inline export function deviceUsed(p: u32): u32 {
  return load<u8>(p, 0)
}
// @ts-ignore: decorator
@inline export function set_deviceUsed(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 0)
}
/** Chip. */
// @ts-ignore: decorator
@inline export function chip(p: u32): u32 {
  return load<u32>(p, 4)
}
// @ts-ignore: decorator
@inline export function set_chip(p: u32, v: u32): void {
  store<u32>(p, v, 4)
}
/** Cube cores. */
// @ts-ignore: decorator
@inline export function cubeCores(p: u32): u32 {
  return load<u32>(p, 8)
}
// @ts-ignore: decorator
@inline export function set_cubeCores(p: u32, v: u32): void {
  store<u32>(p, v, 8)
}
/** Vector cores. */
// @ts-ignore: decorator
@inline export function vectorCores(p: u32): u32 {
  return load<u32>(p, 12)
}
// @ts-ignore: decorator
@inline export function set_vectorCores(p: u32, v: u32): void {
  store<u32>(p, v, 12)
}
/** Device memory. */
// @ts-ignore: decorator
@inline export function hbmBytes(p: u32): u64 {
  return load<u64>(p, 16)
}
// @ts-ignore: decorator
@inline export function set_hbmBytes(p: u32, v: u64): void {
  store<u64>(p, v, 16)
}
/** Peak HBM bandwidth. */
// @ts-ignore: decorator
@inline export function hbmBytesPerS(p: u32): u64 {
  return load<u64>(p, 24)
}
// @ts-ignore: decorator
@inline export function set_hbmBytesPerS(p: u32, v: u64): void {
  store<u64>(p, v, 24)
}
/** Streams with anything queued, in flight or granted. */
// @ts-ignore: decorator
@inline export function busyStreams(p: u32): u32 {
  return load<u32>(p, 32)
}
// @ts-ignore: decorator
@inline export function set_busyStreams(p: u32, v: u32): void {
  store<u32>(p, v, 32)
}
/** Stream + 1 that has credit (not under passthrough). */
// @ts-ignore: decorator
@inline export function creditHolder(p: u32): u32 {
  return load<u32>(p, 36)
}
// @ts-ignore: decorator
@inline export function set_creditHolder(p: u32, v: u32): void {
  store<u32>(p, v, 36)
}
/** Until when no stream counts as alone. */
// @ts-ignore: decorator
@inline export function competitionUntil(p: u32): u64 {
  return load<u64>(p, 40)
}
// @ts-ignore: decorator
@inline export function set_competitionUntil(p: u32, v: u64): void {
  store<u64>(p, v, 40)
}
/** Virtual time of the stream that dispatched last. */
// @ts-ignore: decorator
@inline export function vclock(p: u32): u64 {
  return load<u64>(p, 48)
}
// @ts-ignore: decorator
@inline export function set_vclock(p: u32, v: u64): void {
  store<u64>(p, v, 48)
}
/** First stream + 1 with unmarked operators. */
// @ts-ignore: decorator
@inline export function unmarkedHead(p: u32): u32 {
  return load<u32>(p, 56)
}
// @ts-ignore: decorator
@inline export function set_unmarkedHead(p: u32, v: u32): void {
  store<u32>(p, v, 56)
}
/** When unmarked tails are marked, MAX for never. */
// @ts-ignore: decorator
@inline export function tailDueNs(p: u32): u64 {
  return load<u64>(p, 64)
}
// @ts-ignore: decorator
@inline export function set_tailDueNs(p: u32, v: u64): void {
  store<u64>(p, v, 64)
}
/** dynamic-pd: share of decode while prefill has work, permille. */
// @ts-ignore: decorator
@inline export function decodeShare(p: u32): u32 {
  return load<u32>(p, 72)
}
// @ts-ignore: decorator
@inline export function set_decodeShare(p: u32, v: u32): void {
  store<u32>(p, v, 72)
}
/** dynamic-pd: predicted decode work that may still go, ns. */
// @ts-ignore: decorator
@inline export function decodeTokens(p: u32): i64 {
  return load<i64>(p, 80)
}
// @ts-ignore: decorator
@inline export function set_decodeTokens(p: u32, v: i64): void {
  store<i64>(p, v, 80)
}
/** dynamic-pd: when tokens were last added. */
// @ts-ignore: decorator
@inline export function tokensAt(p: u32): u64 {
  return load<u64>(p, 88)
}
// @ts-ignore: decorator
@inline export function set_tokensAt(p: u32, v: u64): void {
  store<u64>(p, v, 88)
}
/** dynamic-pd: when shares are next reconsidered. */
// @ts-ignore: decorator
@inline export function intervalAt(p: u32): u64 {
  return load<u64>(p, 96)
}
// @ts-ignore: decorator
@inline export function set_intervalAt(p: u32, v: u64): void {
  store<u64>(p, v, 96)
}
/** dynamic-pd: time in this interval in which prefill had work. */
// @ts-ignore: decorator
@inline export function prefillBusyNs(p: u32): u64 {
  return load<u64>(p, 104)
}
// @ts-ignore: decorator
@inline export function set_prefillBusyNs(p: u32, v: u64): void {
  store<u64>(p, v, 104)
}
/** dynamic-pd: since when it has, 0 for not. */
// @ts-ignore: decorator
@inline export function prefillBusySince(p: u32): u64 {
  return load<u64>(p, 112)
}
// @ts-ignore: decorator
@inline export function set_prefillBusySince(p: u32, v: u64): void {
  store<u64>(p, v, 112)
}
/** dynamic-pd: smoothed share of time with prefill work, permille. */
// @ts-ignore: decorator
@inline export function prefillLoad(p: u32): u32 {
  return load<u32>(p, 120)
}
// @ts-ignore: decorator
@inline export function set_prefillLoad(p: u32, v: u32): void {
  store<u32>(p, v, 120)
}
/** Decode time over prediction while prefill is in flight, permille, smoothed. */
// @ts-ignore: decorator
@inline export function slowdown(p: u32): u32 {
  return load<u32>(p, 124)
}
// @ts-ignore: decorator
@inline export function set_slowdown(p: u32, v: u32): void {
  store<u32>(p, v, 124)
}
/** Stream + 1 whose launch shape was looked at last. */
// @ts-ignore: decorator
@inline export function shapeStream(p: u32): u32 {
  return load<u32>(p, 128)
}
// @ts-ignore: decorator
@inline export function set_shapeStream(p: u32, v: u32): void {
  store<u32>(p, v, 128)
}
/** TELEMETRY: compute in use, permille. */
// @ts-ignore: decorator
@inline export function telemetryCompute(p: u32): u32 {
  return load<u32>(p, 132)
}
// @ts-ignore: decorator
@inline export function set_telemetryCompute(p: u32, v: u32): void {
  store<u32>(p, v, 132)
}
/** TELEMETRY: bandwidth in use, permille. */
// @ts-ignore: decorator
@inline export function telemetryBandwidth(p: u32): u32 {
  return load<u32>(p, 136)
}
// @ts-ignore: decorator
@inline export function set_telemetryBandwidth(p: u32, v: u32): void {
  store<u32>(p, v, 136)
}
