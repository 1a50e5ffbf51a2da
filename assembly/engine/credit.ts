/**
 * Credit: the right of a stream to issue operators without asking. At most one stream of a device has it (but under
 * passthrough, where all have); when another one shows up it is taken back and what was used is reported.
 */
import {
  DECISION_DISPATCH,
  DECISION_FLAG_CREDIT,
  DECISION_REVOKE,
  POLICY_ID_PASSTHROUGH,
} from '../../build/gen/as/layout'
import { updateActive } from '../model/service'
import {
  classInflightNs,
  creditHolder,
  deviceAt,
  deviceInflightNs,
  set_classInflightNs,
  set_creditHolder,
  set_progressNs,
} from '../state/devices'
import { now_ns, policy_id } from '../state/globals'
import {
  credit,
  creditNs,
  grantSize,
  inflightNs,
  set_credit,
  set_creditEnd,
  set_creditNs,
  set_grantSize,
  set_inflightNs,
  unmarkedOps,
} from '../state/flight'
import { meanNs } from '../state/evidence'
import {
  device,
  dispatched,
  IDLE,
  phase,
  set_dispatched,
  set_submitted,
  state,
  streamAt,
  streamId,
  submitted,
} from '../state/streams'
import { updateBusy } from './busy'
import { markTail } from './dispatch'
import { emit } from './emit'

/** The first grant, and the largest: a grant that runs out doubles the next. One operator a grant is measured. */
const FIRST_GRANT: u32 = 256
const LARGEST_GRANT: u32 = 65_536
/** In practice without end. */
const PASSTHROUGH_GRANT: u32 = 0x7fffffff
/** Predicted time of an operator issued on credit, where the stream has no mean yet. */
const CREDIT_OP_NS: u64 = 20_000
/** No used grant counts for more: what is in flight after it drains while the device runs. */
const CREDIT_NS_LIMIT: u64 = 5_000_000

/**
 * Grants credit to a stream that has nothing queued and waits for nothing on the device. Makes up to two decisions: what
 * has no marker yet gets it first, as one behind operators issued on credit would take their time for its own.
 */
export function grant(s: u32, rule: u32): void {
  if (state(s) != IDLE || credit(s) > 0) return
  if (unmarkedOps(s) > 0) markTail(s)
  const passthrough = policy_id() == POLICY_ID_PASSTHROUGH
  const size = passthrough ? PASSTHROUGH_GRANT : max<u32>(grantSize(s), FIRST_GRANT)
  set_credit(s, size)
  if (!passthrough) set_creditHolder(deviceAt(device(s)), streamId(s) + 1)
  emit(DECISION_DISPATCH, DECISION_FLAG_CREDIT, rule, streamId(s), size, device(s), submitted(s))
  updateBusy(s)
}

/** Asks the host to take the credit of the device's holder back, unless it is `s` itself. */
export function revokeOther(d: u32, s: u32, rule: u32): void {
  const holder = creditHolder(d)
  if (holder == 0 || holder == streamId(s) + 1) return
  revoke(streamAt(holder - 1), rule)
}

/** Asks the host to take the credit of a stream back; CREDIT_USED follows. */
export function revoke(s: u32, rule: u32): void {
  if (credit(s) == 0) return
  emit(DECISION_REVOKE, 0, rule, streamId(s), 0, device(s), dispatched(s))
}

/** The host reports what was used; the rest of the grant is void. */
export function used(s: u32, count: u64): void {
  const d = deviceAt(device(s))
  if (count >= credit(s) && credit(s) > 0)
    set_grantSize(s, min<u32>(max<u32>(grantSize(s), FIRST_GRANT) * 2, LARGEST_GRANT))
  set_credit(s, 0)
  if (creditHolder(d) == streamId(s) + 1) set_creditHolder(d, 0)
  set_submitted(s, submitted(s) + count)
  set_dispatched(s, dispatched(s) + count)
  if (count > 0) {
    if (deviceInflightNs(d) == 0) set_progressNs(d, now_ns())
    const each = meanNs(s) > 0 ? <u64>meanNs(s) : CREDIT_OP_NS
    const ns = min<u64>(min<u64>(count, 1 << 20) * each, CREDIT_NS_LIMIT)
    const c = phase(s)
    set_creditNs(s, creditNs(s) + ns)
    set_creditEnd(s, submitted(s))
    set_inflightNs(s, inflightNs(s) + ns)
    updateActive(s)
    set_classInflightNs(d, c, classInflightNs(d, c) + ns)
  }
  updateBusy(s)
}
