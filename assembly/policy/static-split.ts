/**
 * static-split: the paper's static co-location. Time is cut into periods, the first part of each belongs to prefill, the
 * rest to decode, whether they have work or not; that is what makes it static. Streams of no known phase, and mixed
 * ones, may use both parts. What is predicted not to be done by the end of the part waits for the next one.
 */
import {
  PHASE_DECODE,
  PHASE_MIXED,
  PHASE_PREFILL,
  PHASE_UNKNOWN,
  POLICY_ID_STATIC_SPLIT,
  RULE_SLICE_OTHER,
  RULE_SLICE_OWNER,
} from '../../build/gen/as/layout'
import { dispatchFrom } from '../engine/dispatch'
import { room } from '../engine/emit'
import { heapTop } from '../engine/heap'
import { classInflightNs } from '../state/devices'
import { now_ns, p0, p1, p2, policy_id } from '../state/globals'
import { opAt, opNs } from '../state/ops'
import { head, phase } from '../state/streams'

function prefillPart(): u64 {
  return (p1() * min<u64>(p0(), 1000)) / 1000
}

/** When the part of the period that `at` lies in ends. */
export function sliceEnd(at: u64): u64 {
  const into = at % p1()
  const start = at - into
  return into < prefillPart() ? start + prefillPart() : start + p1()
}

/** The phase that part belongs to. */
export function sliceOwner(at: u64): u32 {
  return at % p1() < prefillPart() ? PHASE_PREFILL : PHASE_DECODE
}

/** Whether a stream may have the device for itself where it is alone: a phase has its part and no more even then. */
export function mayBeAlone(s: u32): bool {
  if (policy_id() != POLICY_ID_STATIC_SPLIT) return true
  return phase(s) != PHASE_PREFILL && phase(s) != PHASE_DECODE
}

/** Dispatches of a class that may use the device for `left` ns more, in a part of `whole` ns. */
function drainClass(d: u32, c: u32, left: u64, whole: u64, rule: u32): void {
  while (room() > 1) {
    const ns = classInflightNs(d, c)
    if (ns >= p2()) return
    const s = heapTop(d, c)
    if (s == 0) return
    const first = <u64>opNs(opAt(head(s) - 1))
    /* What would run over into the other's part waits; what takes half a part or more begins in the first half of one. */
    if (ns + first > left && !(first * 2 >= whole && ns == 0 && left * 2 >= whole)) return
    dispatchFrom(s, min<u64>(p2() - ns, left - min<u64>(ns, left)), rule)
  }
}

export function staticSplit(d: u32): void {
  const owner = sliceOwner(now_ns())
  const whole = owner == PHASE_PREFILL ? prefillPart() : p1() - prefillPart()
  drainClass(d, owner, sliceEnd(now_ns()) - now_ns(), whole, RULE_SLICE_OWNER)
  drainClass(d, PHASE_UNKNOWN, 1 << 62, 0, RULE_SLICE_OTHER)
  drainClass(d, PHASE_MIXED, 1 << 62, 0, RULE_SLICE_OTHER)
}
