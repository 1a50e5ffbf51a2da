/**
 * After every event: lets the policy dispatch on the device the event was about, marks tails, watches that nothing
 * starves, and says when time alone would change something.
 */
import {
  DECISION_HOLD,
  MAX_DEVICES,
  PHASE_DECODE,
  PHASE_PREFILL,
  POLICY_ID_DYNAMIC_PD,
  POLICY_ID_FAIR,
  POLICY_ID_PASSTHROUGH,
  POLICY_ID_STATIC_SPLIT,
  RULE_ALONE,
  RULE_DRAIN,
  RULE_SLICE_OWNER,
  RULE_STARVATION_GUARD,
  RULE_SYNC_ORDER,
  RULE_WINDOW_FULL,
} from '../../build/gen/as/layout'
import { sweepCredit } from '../policy/choose'
import { dynamicPd, tokensDue } from '../policy/dynamic-pd'
import { fair } from '../policy/fair'
import { passthrough } from '../policy/passthrough'
import { sliceEnd, staticSplit } from '../policy/static-split'
import { classBusy, classLastNs, classQueued, deviceAt, deviceUsed, intervalAt, tailDueNs } from '../state/devices'
import { more, now_ns, policy_id, set_more } from '../state/globals'
import { CLASSES } from '../state/memory'
import { BARRIER, BLOCKED, device, ELIGIBLE, held, phase, queued, set_held, state, streamId } from '../state/streams'
import { isAlone } from './busy'
import { grant } from './credit'
import { dispatchFrom, markTails } from './dispatch'
import { emit, room } from './emit'
import { heapTop } from './heap'

/** A class that has work and dispatched nothing for this long gets one turn, whatever the policy says. */
const STARVING_NS: u64 = 1_000_000_000

/** Under a static split a phase has its part and no more, even where it is alone. */
function mayBeAlone(s: u32): bool {
  if (policy_id() != POLICY_ID_STATIC_SPLIT) return true
  return phase(s) != PHASE_PREFILL && phase(s) != PHASE_DECODE
}

function guard(d: u32): void {
  for (let c: u32 = 0; c < CLASSES; c++) {
    if (classQueued(d, c) == 0 || now_ns() < classLastNs(d, c) + STARVING_NS) continue
    const s = heapTop(d, c)
    if (s != 0 && room() > 1) dispatchFrom(s, 0, RULE_STARVATION_GUARD)
  }
}

function hold(s: u32): void {
  if (queued(s) == 0 || held(s) != 0 || room() == 0) return
  const was = state(s)
  const sliced = policy_id() == POLICY_ID_STATIC_SPLIT
  const rule = was == BLOCKED || was == BARRIER ? RULE_SYNC_ORDER : sliced ? RULE_SLICE_OWNER : RULE_WINDOW_FULL
  set_held(s, 1)
  emit(DECISION_HOLD, 0, rule, streamId(s), queued(s), device(s), sliced ? sliceEnd() : 0)
}

/** Lets the device's work go on; `s` is the stream that submitted, or 0. */
export function schedule(d: u32, s: u32): void {
  const policy = policy_id()
  if (policy == POLICY_ID_PASSTHROUGH) passthrough(d, s)
  else {
    if (s != 0 && mayBeAlone(s) && isAlone(d, s)) {
      while (room() > 1 && state(s) == ELIGIBLE) dispatchFrom(s, u64.MAX_VALUE, RULE_ALONE)
      if (room() > 0) grant(s, RULE_ALONE)
    }
    if (policy == POLICY_ID_FAIR) fair(d)
    else if (policy == POLICY_ID_STATIC_SPLIT) staticSplit(d)
    else if (policy == POLICY_ID_DYNAMIC_PD) dynamicPd(d)
    guard(d)
  }
  markTails(d, RULE_DRAIN)
  if (s != 0) hold(s)
  if (room() <= 1) set_more(1)
}

/** Every device: after a change of policy, and as time passes. */
export function scheduleAll(): void {
  set_more(0)
  if (!sweepCredit()) {
    set_more(1)
    return
  }
  for (let i: u32 = 0; i < MAX_DEVICES; i++) {
    const d = deviceAt(i)
    if (deviceUsed(d) != 0) schedule(d, 0)
  }
}

function anyQueued(d: u32): bool {
  let n: u32 = 0
  for (let c: u32 = 0; c < CLASSES; c++) n += classQueued(d, c)
  return n > 0
}

function wakeOf(d: u32): u64 {
  let at = tailDueNs(d)
  if (!anyQueued(d)) return at
  for (let c: u32 = 0; c < CLASSES; c++)
    if (classQueued(d, c) > 0) at = min<u64>(at, classLastNs(d, c) + STARVING_NS)
  const policy = policy_id()
  if (policy == POLICY_ID_STATIC_SPLIT) return min<u64>(at, sliceEnd())
  if (policy != POLICY_ID_DYNAMIC_PD) return at
  at = min<u64>(at, tokensDue(d))
  return classBusy(d, PHASE_PREFILL) > 0 && classBusy(d, PHASE_DECODE) > 0 ? min<u64>(at, intervalAt(d)) : at
}

/** When time alone changes something; MAX for never. */
export function nextWake(): u64 {
  if (more() != 0) return now_ns()
  let at = u64.MAX_VALUE
  for (let i: u32 = 0; i < MAX_DEVICES; i++) {
    const d = deviceAt(i)
    if (deviceUsed(d) != 0) at = min<u64>(at, wakeOf(d))
  }
  return at
}
