/**
 * Completion: operators leave, what is in flight shrinks, and the resource model learns from the time they took. Time
 * that covers a wait on the device, or operators the core has not seen, says nothing of any one kernel.
 */
import { OP_CLASS_CALLBACK, OP_CLASS_CALLBACK_BLOCK, PHASE_DECODE, PHASE_PREFILL } from '../../build/gen/as/layout'
import { costTag, isLearned, isOwnTime, learn } from '../model/costs'
import { observeInterference } from '../model/interference'
import { hadCompany, servedNs, updateActive } from '../model/service'
import { observeShape } from '../phase/shape'
import { classBusy, classInflightNs, deviceAt, set_classInflightNs, set_progressNs } from '../state/devices'
import { meanCount, meanNs, set_meanCount, set_meanNs } from '../state/evidence'
import {
  creditEnd,
  creditNs,
  forgivenSeq,
  inflightNs,
  set_creditNs,
  set_forgivenSeq,
  set_inflightNs,
} from '../state/flight'
import { now_ns } from '../state/globals'
import { giveOp, opAt, opClass, opCost, opNext, opNs, opSampled, opSeq, opTag } from '../state/ops'
import { contendedDoneNs, set_contendedDoneNs } from '../state/shares'
import {
  BARRIER,
  CALLED,
  device,
  dispatched,
  head,
  oldest,
  phase,
  set_completed,
  set_oldest,
  set_tail,
  state,
} from '../state/streams'
import { updateBusy } from './busy'
import { isWait, leaveBarrier } from './order'

/** How fast means follow: an eighth of the difference, a quarter where one operator was measured by itself. */
const SHIFT: u32 = 3
/** Ratios of actual to predicted time outside of this are no measurement of the operators (permille). */
const RATIO_LOW: u64 = 100
const RATIO_HIGH: u64 = 20_000

/** What the last `count` operators up to some seq were predicted to take; 0 where their time cannot be told apart. */
let predictedNs: u64 = 0
/** Whether every prediction in it is of the operator's own time. */
let predictedOwn: bool = false
/** Whether one of them waited on the device, or for the host. */
let waited: bool = false

function predict(s: u32, seq: u64, count: u32): void {
  predictedNs = 0
  predictedOwn = true
  waited = false
  let seen: u32 = 0
  let ns: u64 = 0
  let at = oldest(s)
  while (at != 0) {
    const op = opAt(at - 1)
    if (opSeq(op) > seq) break
    at = opNext(op)
    if (opSeq(op) + count <= seq) continue
    const c = opClass(op)
    if (isWait(c) || c == OP_CLASS_CALLBACK || c == OP_CLASS_CALLBACK_BLOCK) {
      waited = true
      return
    }
    seen++
    ns += opNs(op)
    if (isLearned(c) && !isOwnTime(opCost(op))) predictedOwn = false
  }
  if (seen == count) predictedNs = ns
}

function observeMean(s: u32, deviceNs: u64, count: u32): void {
  const each = <i64>min<u64>(deviceNs / count, 1_000_000_000)
  const before = <i64>meanNs(s)
  set_meanNs(s, meanCount(s) == 0 ? <u32>each : <u32>(before + ((each - before) >> SHIFT)))
  if (meanCount(s) != u32.MAX_VALUE) set_meanCount(s, meanCount(s) + 1)
}

/**
 * Frees the operators up to `seq` and learns of the last `count`: a single one's time as it is, else each one's prediction
 * times `ratio` (permille). `ownNs` 0: nothing. Returns their work in flight.
 */
function free(s: u32, seq: u64, count: u32, ownNs: u64, ratio: u64, company: bool): u64 {
  const forgiven = forgivenSeq(s)
  let freed: u64 = 0
  let at = oldest(s)
  while (at != 0) {
    const op = opAt(at - 1)
    if (opSeq(op) > seq) break
    const number = at
    at = opNext(op)
    if (opSeq(op) > forgiven) freed += opNs(op)
    if (ownNs > 0 && opSeq(op) + count > seq && isLearned(opClass(op)) && opTag(op) == costTag(opCost(op))) {
      const ns = count == 1 ? ownNs : (<u64>opNs(op) * ratio) / 1000
      learn(opCost(op), ns, opSampled(op) != 0 ? SHIFT - 1 : SHIFT, company)
    }
    giveOp(number)
  }
  set_oldest(s, at)
  if (at == 0) set_tail(s, 0)
  return freed
}

/** What the stream has on the device counts no more: its completion is not to be expected. */
export function forgive(s: u32): void {
  const ns = inflightNs(s)
  if (ns == 0) return
  const d = deviceAt(device(s))
  const c = phase(s)
  set_classInflightNs(d, c, classInflightNs(d, c) - ns)
  set_inflightNs(s, 0)
  set_creditNs(s, 0)
  set_forgivenSeq(s, dispatched(s))
  updateActive(s)
}

/** Takes in that everything up to `seq` is complete; `deviceNs` (0: unknown) is what the last `count` of it took. */
export function complete(s: u32, seq: u64, deviceNs: u64, count: u32): void {
  const d = deviceAt(device(s))
  const c = phase(s)
  predictedNs = 0
  const measured = deviceNs > 0 && count > 0
  if (measured) predict(s, seq, count)
  const company = hadCompany(s, deviceNs)
  const served = servedNs(s, deviceNs)
  const ratio: u64 = predictedNs > 0 ? (served * 1000) / predictedNs : 0
  if (company && ratio > 0 && predictedOwn) observeInterference(d, c, ratio)
  const far = count > 1 && (ratio < RATIO_LOW || ratio > RATIO_HIGH)
  let freed = free(s, seq, count, predictedNs == 0 || far ? 0 : max<u64>(served, 1), ratio, company)
  set_completed(s, seq)
  if (creditNs(s) > 0 && seq >= creditEnd(s)) {
    freed += creditNs(s)
    set_creditNs(s, 0)
  }
  set_inflightNs(s, inflightNs(s) - freed)
  updateActive(s)
  set_classInflightNs(d, c, classInflightNs(d, c) - freed)
  set_progressNs(d, now_ns())
  if (c == PHASE_DECODE && classBusy(d, PHASE_PREFILL) > 0) set_contendedDoneNs(d, contendedDoneNs(d) + freed)
  if ((state(s) == BARRIER || state(s) == CALLED) && seq >= dispatched(s)) leaveBarrier(s)
  updateBusy(s)
  if (!measured || waited) return
  observeMean(s, deviceNs, count)
  observeShape(s)
}
