/** Choosing a policy: its parameters with defaults applied, and credit that the new policy would not have given. */
import {
  MAX_STREAMS,
  POLICY_DEFAULT_DYNAMIC_PD_1,
  POLICY_DEFAULT_DYNAMIC_PD_2,
  POLICY_DEFAULT_FAIR_0,
  POLICY_DEFAULT_STATIC_SPLIT_0,
  POLICY_DEFAULT_STATIC_SPLIT_1,
  POLICY_DEFAULT_STATIC_SPLIT_2,
  POLICY_ID_DYNAMIC_PD,
  POLICY_ID_FAIR,
  POLICY_ID_PASSTHROUGH,
  POLICY_ID_STATIC_SPLIT,
  RULE_COMPETITOR,
} from '../../build/gen/as/layout'
import { revoke } from '../engine/credit'
import { room } from '../engine/emit'
import { deviceAt, deviceUsed } from '../state/devices'
import { credit } from '../state/flight'
import {
  devices_end,
  policy_id,
  set_p0,
  set_p1,
  set_p2,
  set_p3,
  set_policy_id,
  set_sweep,
  sweep,
} from '../state/globals'
import { streamAt, used } from '../state/streams'
import { beginDevice } from './balance'

function or(value: u64, otherwise: u64): u64 {
  return value != 0 ? value : otherwise
}

/** Takes the policy over; false where there is none of that number or a parameter makes no sense. */
export function choosePolicy(policy: u32, a: u64, b: u64, c: u64, e: u64): bool {
  if (policy == POLICY_ID_STATIC_SPLIT) {
    const period = or(b, POLICY_DEFAULT_STATIC_SPLIT_1)
    if (or(a, POLICY_DEFAULT_STATIC_SPLIT_0) > 1000 || period < 1000 || period > 1 << 40) return false
  } else if (policy == POLICY_ID_DYNAMIC_PD) {
    const interval = or(b, POLICY_DEFAULT_DYNAMIC_PD_1)
    if (a > 1000 || interval < 1000 || interval > 1 << 40) return false
  } else if (policy != POLICY_ID_PASSTHROUGH && policy != POLICY_ID_FAIR) return false
  set_policy_id(policy)
  set_p0(a)
  set_p1(b)
  set_p2(c)
  set_p3(e)
  if (policy == POLICY_ID_FAIR) set_p0(or(a, POLICY_DEFAULT_FAIR_0))
  else if (policy == POLICY_ID_STATIC_SPLIT) {
    set_p0(or(a, POLICY_DEFAULT_STATIC_SPLIT_0))
    set_p1(or(b, POLICY_DEFAULT_STATIC_SPLIT_1))
    set_p2(or(c, POLICY_DEFAULT_STATIC_SPLIT_2))
  } else if (policy == POLICY_ID_DYNAMIC_PD) {
    set_p1(or(b, POLICY_DEFAULT_DYNAMIC_PD_1))
    set_p2(or(c, POLICY_DEFAULT_DYNAMIC_PD_2))
  }
  for (let i: u32 = 0; i < devices_end(); i++) if (deviceUsed(deviceAt(i)) != 0) beginDevice(deviceAt(i))
  set_sweep(1)
  return true
}

/** Takes back credit that was given under the policy before, as far as this event has room; the rest follows. */
export function sweepCredit(): bool {
  if (policy_id() == POLICY_ID_PASSTHROUGH) set_sweep(0)
  let at = sweep()
  while (at != 0) {
    if (room() <= 1) {
      set_sweep(at)
      return false
    }
    const s = streamAt(at - 1)
    if (used(s) != 0 && credit(s) > 0) revoke(s, RULE_COMPETITOR)
    at = at == MAX_STREAMS ? 0 : at + 1
  }
  set_sweep(0)
  return true
}
