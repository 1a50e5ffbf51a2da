/**
 * static-split: the paper's static co-location. Time is cut into periods, the first part of each belongs to prefill, the
 * rest to decode, whether they have work or not; that is what makes it static. Streams of no known phase, and mixed
 * ones, may use both parts.
 */
import { PHASE_DECODE, PHASE_MIXED, PHASE_PREFILL, PHASE_UNKNOWN, RULE_SLICE_OTHER, RULE_SLICE_OWNER } from '../../build/gen/as/layout'
import { dispatchFrom } from '../engine/dispatch'
import { room } from '../engine/emit'
import { heapTop } from '../engine/heap'
import { classInflightNs } from '../state/devices'
import { now_ns, p0, p1, p2 } from '../state/globals'
import { opAt, opNs } from '../state/ops'
import { head } from '../state/streams'

// @ts-ignore: decorator
@inline function prefillPart(): u64 {
  return (p1() * min<u64>(p0(), 1000)) / 1000
}

/** When the present part of the period ends. */
export function sliceEnd(): u64 {
  const into = now_ns() % p1()
  const start = now_ns() - into
  return into < prefillPart() ? start + prefillPart() : start + p1()
}

function drainClass(d: u32, c: u32, left: u64, whole: u64, rule: u32): void {
  while (room() > 1) {
    const ns = classInflightNs(d, c)
    if (ns >= p2()) return
    const s = heapTop(d, c)
    if (s == 0) return
    const first = <u64>opNs(opAt(head(s) - 1))
    /* What would run over into the other's part waits, unless it is longer than any part of its own. */
    if (ns + first > left && !(first >= whole && ns == 0 && left * 2 >= whole)) return
    dispatchFrom(s, min<u64>(p2() - ns, left - min<u64>(ns, left)), rule)
  }
}

export function staticSplit(d: u32): void {
  const into = now_ns() % p1()
  const part = prefillPart()
  const owner = into < part ? PHASE_PREFILL : PHASE_DECODE
  const whole = owner == PHASE_PREFILL ? part : p1() - part
  const left = owner == PHASE_PREFILL ? part - into : p1() - into
  drainClass(d, owner, left, whole, RULE_SLICE_OWNER)
  drainClass(d, PHASE_UNKNOWN, u64.MAX_VALUE, u64.MAX_VALUE, RULE_SLICE_OTHER)
  drainClass(d, PHASE_MIXED, u64.MAX_VALUE, u64.MAX_VALUE, RULE_SLICE_OTHER)
}
