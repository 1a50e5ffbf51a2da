/**
 * How much pairs of phases slow one another: for each device and each pair of classes, the time operators of the one
 * took over their own time while the other was on the device, permille, learned on line from completions. It is told
 * apart from a change of that time by learning the latter only without company (costs.ts), as long as that occurs. 1000
 * is no slowdown, and what is assumed before anything was measured.
 */
import { classInflightNs } from '../state/devices'
import { CLASSES } from '../state/memory'

/** Offset of the table in a device: CLASSES rows of CLASSES figures. */
const TABLE: u32 = 448
/** Ratios outside of this are idle time or a wrong prediction, not interference (permille). */
const LOW: u64 = 300
const HIGH: u64 = 8_000
/** An eighth of the difference a measurement. */
const SHIFT: u32 = 3

function cell(d: u32, c: u32, other: u32): u32 {
  return d + TABLE + (c * CLASSES + other) * 4
}

/** Slowdown of class `c` while `other` is on the device, permille. */
export function interference(d: u32, c: u32, other: u32): u32 {
  return load<u32>(cell(d, c, other))
}

/** A device begins: nothing is known to interfere. */
export function beginInterference(d: u32): void {
  for (let i: u32 = 0; i < CLASSES * CLASSES; i++) store<u32>(d + TABLE + i * 4, 1000)
}

/** Operators of class `c` took `ratio` permille of what was predicted. */
export function observeInterference(d: u32, c: u32, ratio: u64): void {
  if (ratio < LOW || ratio > HIGH) return
  for (let other: u32 = 0; other < CLASSES; other++) {
    if (other == c || classInflightNs(d, other) == 0) continue
    const before = <i64>interference(d, c, other)
    store<u32>(cell(d, c, other), <u32>(before + ((<i64>ratio - before) >> SHIFT)))
  }
}
