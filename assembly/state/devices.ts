/**
 * Devices: capacities, the lists of streams that wait there, and what is queued and in flight by class. What dynamic-pd
 * keeps of a device is in shares.ts. The record, by byte offset:
 *
 *     0 capacities, counts, lists (here)          320 by class: heap sizes, in flight, queued, unmarked, busy, active
 *   128 by class: service (model/service.ts)        (here)
 *   192 shares of the phases (shares.ts)          448 interference of pairs of classes (model/interference.ts)
 */
import { MAX_DEVICES } from '../../build/gen/as/layout'
import { DEVICE_BYTES, DEVICES } from './memory'

export function deviceAt(number: u32): u32 {
  return DEVICES + number * DEVICE_BYTES
}

/** The device of that number, or 0 where there is none. */
export function findDevice(number: u32): u32 {
  if (number >= MAX_DEVICES) return 0
  const p = deviceAt(number)
  return deviceUsed(p) != 0 ? p : 0
}

/** Number of the device. */
export function deviceNumber(p: u32): u32 {
  return (p - DEVICES) / DEVICE_BYTES
}

/** List of the eligible streams, longest waiting first. */
export function eligibleList(p: u32): u32 {
  return p + 56
}

/** List of the streams with operators queued behind a wait for a notify, longest waiting first. */
export function barrierList(p: u32): u32 {
  return p + 112
}

/** List of the streams with unmarked operators, longest unmarked first. */
export function unmarkedList(p: u32): u32 {
  return p + 64
}

/** Predicted work on the device, all classes. */
export function deviceInflightNs(p: u32): u64 {
  return classInflightNs(p, 0) + classInflightNs(p, 1) + classInflightNs(p, 2) + classInflightNs(p, 3)
}

/** Operators that wait, all classes. */
export function deviceQueued(p: u32): u32 {
  return classQueued(p, 0) + classQueued(p, 1) + classQueued(p, 2) + classQueued(p, 3)
}

/** Size of the heap of a class. */
export function heapSize(p: u32, c: u32): u32 {
  return load<u32>(p + (c << 2), 320)
}
export function set_heapSize(p: u32, c: u32, v: u32): void {
  store<u32>(p + (c << 2), v, 320)
}
/** Predicted work of a class on the device. */
export function classInflightNs(p: u32, c: u32): u64 {
  return load<u64>(p + (c << 3), 336)
}
export function set_classInflightNs(p: u32, c: u32, v: u64): void {
  store<u64>(p + (c << 3), v, 336)
}
/** Operators of a class that wait. */
export function classQueued(p: u32, c: u32): u32 {
  return load<u32>(p + (c << 2), 368)
}
export function set_classQueued(p: u32, c: u32, v: u32): void {
  store<u32>(p + (c << 2), v, 368)
}
/** Predicted work of a class on the device that has no marker behind it. */
export function classUnmarkedNs(p: u32, c: u32): u64 {
  return load<u64>(p + (c << 3), 384)
}
export function set_classUnmarkedNs(p: u32, c: u32, v: u64): void {
  store<u64>(p + (c << 3), v, 384)
}
/** Busy streams of a class. */
export function classBusy(p: u32, c: u32): u32 {
  return load<u32>(p + (c << 2), 416)
}
export function set_classBusy(p: u32, c: u32, v: u32): void {
  store<u32>(p + (c << 2), v, 416)
}

/** Streams of a class with work on the device. */
export function classActive(p: u32, c: u32): u32 {
  return load<u32>(p + (c << 2), 432)
}
export function set_classActive(p: u32, c: u32, v: u32): void {
  store<u32>(p + (c << 2), v, 432)
}
/** Service that each active stream of a class has had so far, ns / 1024: time over the number of them. */
export function classService(p: u32, c: u32): u64 {
  return load<u64>(p + (c << 3), 128)
}
export function set_classService(p: u32, c: u32, v: u64): void {
  store<u64>(p + (c << 3), v, 128)
}
/** When that was brought up to date. */
export function classServiceAt(p: u32, c: u32): u64 {
  return load<u64>(p + (c << 3), 160)
}
export function set_classServiceAt(p: u32, c: u32, v: u64): void {
  store<u64>(p + (c << 3), v, 160)
}

/** 1 where the device exists. */
export function deviceUsed(p: u32): u32 {
  return load<u8>(p, 0)
}
export function set_deviceUsed(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 0)
}
/** Chip. */
export function chip(p: u32): u32 {
  return load<u32>(p, 4)
}
export function set_chip(p: u32, v: u32): void {
  store<u32>(p, v, 4)
}
/** Cube cores. */
export function cubeCores(p: u32): u32 {
  return load<u32>(p, 8)
}
export function set_cubeCores(p: u32, v: u32): void {
  store<u32>(p, v, 8)
}
/** Vector cores. */
export function vectorCores(p: u32): u32 {
  return load<u32>(p, 12)
}
export function set_vectorCores(p: u32, v: u32): void {
  store<u32>(p, v, 12)
}
/** Device memory. */
export function hbmBytes(p: u32): u64 {
  return load<u64>(p, 16)
}
export function set_hbmBytes(p: u32, v: u64): void {
  store<u64>(p, v, 16)
}
/** Peak HBM bandwidth. */
export function hbmBytesPerS(p: u32): u64 {
  return load<u64>(p, 24)
}
export function set_hbmBytesPerS(p: u32, v: u64): void {
  store<u64>(p, v, 24)
}
/** Streams with anything queued, in flight or granted. */
export function busyStreams(p: u32): u32 {
  return load<u32>(p, 32)
}
export function set_busyStreams(p: u32, v: u32): void {
  store<u32>(p, v, 32)
}
/** Stream + 1 that has credit (not under passthrough). */
export function creditHolder(p: u32): u32 {
  return load<u32>(p, 36)
}
export function set_creditHolder(p: u32, v: u32): void {
  store<u32>(p, v, 36)
}
/** Until when no stream counts as alone. */
export function competitionUntil(p: u32): u64 {
  return load<u64>(p, 40)
}
export function set_competitionUntil(p: u32, v: u64): void {
  store<u64>(p, v, 40)
}
/** Virtual time of the stream that dispatched last. */
export function vclock(p: u32): u64 {
  return load<u64>(p, 48)
}
export function set_vclock(p: u32, v: u64): void {
  store<u64>(p, v, 48)
}
/** When something was last complete, or the device last stopped being idle. */
export function progressNs(p: u32): u64 {
  return load<u64>(p, 72)
}
export function set_progressNs(p: u32, v: u64): void {
  store<u64>(p, v, 72)
}
/** No stream is let through for having waited too long before this time. */
export function guardAt(p: u32): u64 {
  return load<u64>(p, 80)
}
export function set_guardAt(p: u32, v: u64): void {
  store<u64>(p, v, 80)
}
/** Before this time nothing starves and no completion counts as lost: what schedule.ts need not look for at every event. */
export function watchFrom(p: u32): u64 {
  return load<u64>(p, 304)
}
export function set_watchFrom(p: u32, v: u64): void {
  store<u64>(p, v, 304)
}
/** 1 where an operator came that was not scheduled, because another was to follow. */
export function unscheduled(p: u32): u32 {
  return load<u32>(p, 312)
}
export function set_unscheduled(p: u32, v: u32): void {
  store<u32>(p, v, 312)
}
/** When the device was last scheduled. */
export function scheduledAt(p: u32): u64 {
  return load<u64>(p, 88)
}
export function set_scheduledAt(p: u32, v: u64): void {
  store<u64>(p, v, 88)
}
/** Stream + 1 whose launch shape was looked at last. */
export function shapeStream(p: u32): u32 {
  return load<u32>(p, 96)
}
export function set_shapeStream(p: u32, v: u32): void {
  store<u32>(p, v, 96)
}
/** TELEMETRY: compute in use, permille. */
export function telemetryCompute(p: u32): u32 {
  return load<u32>(p, 100)
}
export function set_telemetryCompute(p: u32, v: u32): void {
  store<u32>(p, v, 100)
}
/** TELEMETRY: bandwidth in use, permille. */
export function telemetryBandwidth(p: u32): u32 {
  return load<u32>(p, 104)
}
export function set_telemetryBandwidth(p: u32, v: u32): void {
  store<u32>(p, v, 104)
}
/** Device time that exact measurements may still cost, ns. */
export function sampleTokens(p: u32): u64 {
  return load<u64>(p, 120)
}
export function set_sampleTokens(p: u32, v: u64): void {
  store<u64>(p, v, 120)
}
