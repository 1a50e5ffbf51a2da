/**
 * How much of the device a stream had to itself. Streams of one class want the same resource, so that while several have
 * work on the device each is served for a part of the time, and the time that device events measure is longer than the
 * work. What is learned, and what is charged to a stream, is the work: the time divided by the number of streams that
 * shared it. Streams of different classes may overlap; what that costs is interference.ts's matter.
 */
import {
  classActive,
  classService,
  classServiceAt,
  deviceAt,
  set_classActive,
  set_classService,
  set_classServiceAt,
} from '../state/devices'
import {
  active,
  inflightNs,
  serviceThen,
  serviceThenAt,
  set_active,
  set_serviceThen,
  set_serviceThenAt,
} from '../state/flight'
import { now_ns } from '../state/globals'
import { CLASSES } from '../state/memory'
import { device, phase } from '../state/streams'

/** Service is counted in 1024ths of a nanosecond. */
const SCALE: u64 = 1024
/** How late a host sees completion at most: it looks every 2 ms. */
const SEEN_LATE_NS: u64 = 2_500_000

function bringUpToDate(d: u32, c: u32): void {
  const passed = now_ns() - classServiceAt(d, c)
  const n = classActive(d, c)
  if (n > 0) set_classService(d, c, classService(d, c) + (passed * SCALE) / n)
  set_classServiceAt(d, c, now_ns())
}

function begin(d: u32, c: u32, s: u32): void {
  set_serviceThen(s, classService(d, c))
  set_serviceThenAt(s, now_ns())
}

/** Brings the number of active streams up to date after the work of a stream on the device changed. */
export function updateActive(s: u32): void {
  const is: u32 = inflightNs(s) > 0 ? 1 : 0
  if (is == active(s)) return
  const d = deviceAt(device(s))
  const c = phase(s)
  bringUpToDate(d, c)
  set_active(s, is)
  set_classActive(d, c, is != 0 ? classActive(d, c) + 1 : classActive(d, c) - 1)
  if (is != 0) begin(d, c, s)
}

/** A stream moves from one class to another: called before its phase changes with 0, after with 1. */
export function moveActive(s: u32, arrives: u32): void {
  if (active(s) == 0) return
  const d = deviceAt(device(s))
  const c = phase(s)
  bringUpToDate(d, c)
  set_classActive(d, c, arrives != 0 ? classActive(d, c) + 1 : classActive(d, c) - 1)
  if (arrives != 0) begin(d, c, s)
}

/**
 * Whether another class had work on the device in the time that was measured for the stream's work which is complete
 * now. When exactly that was is not known: it was seen late, so some time before counts as well.
 */
export function hadCompany(s: u32, measured: u64): bool {
  const d = deviceAt(device(s))
  const back = measured + SEEN_LATE_NS
  const from = min<u64>(serviceThenAt(s), now_ns() > back ? now_ns() - back : 0)
  for (let c: u32 = 0; c < CLASSES; c++) {
    if (c != phase(s) && (classActive(d, c) > 0 || classServiceAt(d, c) > from)) return true
  }
  return false
}

/** Of a time measured for work of the stream that is complete now, the part in which the device served it, ns. */
export function servedNs(s: u32, measured: u64): u64 {
  const d = deviceAt(device(s))
  const c = phase(s)
  bringUpToDate(d, c)
  const passed = now_ns() - serviceThenAt(s)
  const n = max<u32>(classActive(d, c), 1)
  const part = passed > 0 ? min<u64>((classService(d, c) - serviceThen(s)) / passed, SCALE) : SCALE / n
  begin(d, c, s)
  return (min<u64>(measured, 1 << 40) * part) / SCALE
}
