/** How much predicted work of a class the policy in force lets onto the device at a time. */
import { PHASE_DECODE, POLICY_ID_DYNAMIC_PD, POLICY_ID_FAIR, POLICY_ID_STATIC_SPLIT } from '../../build/gen/as/layout'
import { p0, p2, policy_id } from '../state/globals'

/** dynamic-pd: a decode step is about 280 kernels of 10 to 60 us (shared/facts/acl.md), and may be in flight whole. */
export const STEP_NS: u64 = 20_000_000
/** Bound of work in flight where nobody competes: enough to keep the device busy between two looks of the host. */
export const DEEP_NS: u64 = 10_000_000

/** Predicted work that may be on the device: of the class, under `fair` of all classes together. */
export function windowNs(c: u32): u64 {
  const policy = policy_id()
  if (policy == POLICY_ID_FAIR) return p0()
  if (policy == POLICY_ID_STATIC_SPLIT) return p2()
  if (policy == POLICY_ID_DYNAMIC_PD) return c == PHASE_DECODE ? STEP_NS : p2()
  return DEEP_NS
}
