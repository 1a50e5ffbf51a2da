/**
 * After every event: lets the policy dispatch on the device the event was about, marks tails, watches that nothing
 * starves, and says when time alone would change something. Every bound here is an event time that nextWake() reports,
 * so that a host that sends the TICKs never leaves work lying.
 */
import {
  DECISION_HOLD,
  MAX_STREAMS,
  POLICY_ID_DYNAMIC_PD,
  POLICY_ID_FAIR,
  POLICY_ID_PASSTHROUGH,
  POLICY_ID_STATIC_SPLIT,
  RULE_ALONE,
  RULE_CALLBACK,
  RULE_SLICE_OTHER,
  RULE_STARVATION_GUARD,
  RULE_SYNC_OBJECT,
  RULE_SYNC_ORDER,
  RULE_WINDOW_FULL,
} from '../../build/gen/as/layout'
import { sweepCredit } from '../policy/choose'
import { dynamicPd, dynamicWake } from '../policy/dynamic-pd'
import { fair } from '../policy/fair'
import { passthrough } from '../policy/passthrough'
import { mayBeAlone, sliceEnd, sliceOwner, staticSplit } from '../policy/static-split'
import {
  barrierList,
  deviceAt,
  deviceInflightNs,
  deviceQueued,
  deviceUsed,
  eligibleList,
  guardAt,
  progressNs,
  scheduledAt,
  set_guardAt,
  set_progressNs,
  set_scheduledAt,
  set_unscheduled,
  set_watchFrom,
  unscheduled,
  watchFrom,
} from '../state/devices'
import { devices_end, more, now_ns, policy_id, set_more } from '../state/globals'
import { listFirst } from '../state/lists'
import {
  BARRIER,
  BLOCKED,
  CALLED,
  device,
  ELIGIBLE,
  eligibleSince,
  findStream,
  held,
  phase,
  queued,
  set_held,
  state,
  streamId,
} from '../state/streams'
import { isAlone } from './busy'
import { grant } from './credit'
import { dispatchFrom, markTails, tailDue } from './dispatch'
import { forgive } from './complete'
import { emit, room } from './emit'
import { leaveBarrier } from './order'

/** An operator that could have gone and did not for this long goes, whatever the policy says. */
const STARVING_NS: u64 = 1_000_000_000
/** So much of one such stream at a time, a tenth of the device: one that is merely overloaded keeps its policy. */
const GUARD_NS: u64 = 100_000
const GUARD_EVERY_NS: u64 = 1_000_000
/** Where nothing became complete for this long, completions are lost, and what is in flight counts no more. */
const LOST_NS: u64 = 1_000_000_000

/** When the first stream of a list has waited for too long; MAX for never. */
function starvingAt(list: u32): u64 {
  const s = listFirst(list)
  return s == 0 ? u64.MAX_VALUE : eligibleSince(s) + STARVING_NS
}

/** When a stream that has waited too long is let through; MAX for never. */
function guardDue(d: u32): u64 {
  const at = min<u64>(starvingAt(eligibleList(d)), starvingAt(barrierList(d)))
  return max<u64>(at, guardAt(d))
}

function guard(d: u32): void {
  if (now_ns() < guardDue(d) || room() <= 1) return
  set_guardAt(d, now_ns() + GUARD_EVERY_NS)
  if (now_ns() >= starvingAt(barrierList(d))) leaveBarrier(listFirst(barrierList(d)))
  if (now_ns() >= starvingAt(eligibleList(d))) dispatchFrom(listFirst(eligibleList(d)), GUARD_NS, RULE_STARVATION_GUARD)
}

/** When completions of the device count as lost, if something waits for one by then; MAX where none is outstanding. */
function lostFrom(d: u32): u64 {
  return deviceInflightNs(d) == 0 ? u64.MAX_VALUE : progressNs(d) + LOST_NS
}

/** The same, MAX where nothing waits now. */
function lostDue(d: u32): u64 {
  return deviceQueued(d) == 0 ? u64.MAX_VALUE : lostFrom(d)
}

/** Takes what is in flight out of all windows. Looks at every stream: it happens where a host loses markers only. */
function forgiveLost(d: u32): void {
  if (now_ns() < lostDue(d)) return
  for (let id: u32 = 0; id < MAX_STREAMS; id++) {
    const s = findStream(id)
    if (s != 0 && deviceAt(device(s)) == d) forgive(s)
  }
  set_progressNs(d, now_ns())
}

/**
 * Lets through what has waited too long, and forgives what is lost. Both come a second after what begins them at the
 * earliest, so that a look which found nothing is good until what it found due, or for a second.
 */
function watchOver(d: u32): void {
  if (now_ns() < watchFrom(d)) return
  forgiveLost(d)
  guard(d)
  const due = min<u64>(guardDue(d), lostFrom(d))
  set_watchFrom(d, min<u64>(due, now_ns() + min<u64>(STARVING_NS, LOST_NS)))
}

/** Says once that a stream has begun to wait. */
function hold(s: u32): void {
  if (queued(s) == 0 || held(s) != 0 || room() == 0) return
  const was = state(s)
  const sliced = was == ELIGIBLE && !mayBeAlone(s) && phase(s) != sliceOwner(now_ns())
  let waits: u32 = RULE_WINDOW_FULL
  if (was == BLOCKED) waits = RULE_SYNC_ORDER
  else if (was == BARRIER) waits = RULE_SYNC_OBJECT
  else if (was == CALLED) waits = RULE_CALLBACK
  set_held(s, 1)
  const until = sliced ? sliceEnd(now_ns()) : 0
  emit(DECISION_HOLD, 0, sliced ? RULE_SLICE_OTHER : waits, streamId(s), queued(s), device(s), until)
}

/** Lets the device's work go on; `s` is the stream that submitted, or 0. */
export function schedule(d: u32, s: u32): void {
  const policy = policy_id()
  set_scheduledAt(d, now_ns())
  set_unscheduled(d, 0)
  if (policy == POLICY_ID_PASSTHROUGH) {
    watchOver(d)
    passthrough(d, s)
  } else {
    if (s != 0 && mayBeAlone(s) && isAlone(d, s)) {
      while (room() > 1 && state(s) == ELIGIBLE) dispatchFrom(s, u64.MAX_VALUE, RULE_ALONE)
      if (room() > 1) grant(s, RULE_ALONE)
    }
    watchOver(d)
    if (policy == POLICY_ID_FAIR) fair(d)
    else if (policy == POLICY_ID_STATIC_SPLIT) staticSplit(d)
    else if (policy == POLICY_ID_DYNAMIC_PD) dynamicPd(d)
  }
  markTails(d)
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
  for (let i: u32 = 0; i < devices_end(); i++) {
    const d = deviceAt(i)
    if (deviceUsed(d) != 0) schedule(d, 0)
  }
}

function wakeOf(d: u32): u64 {
  if (unscheduled(d) != 0) return now_ns()
  let at = tailDue(d)
  if (deviceQueued(d) == 0) return at
  at = min<u64>(at, min<u64>(guardDue(d), lostDue(d)))
  const policy = policy_id()
  if (policy == POLICY_ID_STATIC_SPLIT) return min<u64>(at, sliceEnd(scheduledAt(d)))
  return policy == POLICY_ID_DYNAMIC_PD ? min<u64>(at, dynamicWake(d)) : at
}

/** When time alone changes something; MAX for never. */
export function nextWake(): u64 {
  if (more() != 0) return now_ns()
  let at = u64.MAX_VALUE
  for (let i: u32 = 0; i < devices_end(); i++) {
    const d = deviceAt(i)
    if (deviceUsed(d) != 0) at = min<u64>(at, wakeOf(d))
  }
  return at
}
