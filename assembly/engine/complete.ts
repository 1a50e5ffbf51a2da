/** Completion: operators leave, what is in flight shrinks, and the resource model learns from the time they took. */
import { OP_CLASS_KERNEL, PHASE_DECODE, PHASE_PREFILL } from '../../build/gen/as/layout'
import { learn } from '../model/costs'
import { observeShape } from '../phase/shape'
import { classBusy, classInflightNs, deviceAt, set_classInflightNs, set_slowdown, slowdown } from '../state/devices'
import { giveOp, opAt, opClass, opCost, opNext, opNs, opSampled, opSeq } from '../state/ops'
import {
  BARRIER,
  creditEnd,
  creditNs,
  device,
  dispatched,
  inflightNs,
  meanCount,
  meanNs,
  oldest,
  phase,
  set_completed,
  set_creditNs,
  set_inflightNs,
  set_meanCount,
  set_meanNs,
  set_oldest,
  set_tail,
  state,
} from '../state/streams'
import { updateBusy } from './busy'
import { classify } from './order'

/** How fast means follow: an eighth of the difference. */
const SHIFT: u32 = 3
/** Ratios of actual to predicted time outside of this are idle time or a wrong first guess, not slowdown (permille). */
const RATIO_LOW: u64 = 100
const RATIO_HIGH: u64 = 20_000

/** Sums the predictions of the kernels among the last `count` operators up to `seq`. */
function predicted(s: u32, seq: u64, count: u32): u64 {
  let ns: u64 = 0
  let at = oldest(s)
  while (at != 0) {
    const op = opAt(at - 1)
    if (opSeq(op) > seq) break
    if (opSeq(op) + count > seq) ns += opNs(op)
    at = opNext(op)
  }
  return ns
}

function observeMean(s: u32, deviceNs: u64, count: u32): void {
  const each = <i64>min<u64>(deviceNs / count, 1_000_000_000)
  const before = <i64>meanNs(s)
  set_meanNs(s, meanCount(s) == 0 ? <u32>each : <u32>(before + ((each - before) >> SHIFT)))
  set_meanCount(s, meanCount(s) + 1)
}

/** Takes in that everything up to `seq` is complete; `deviceNs` (0: unknown) is what the last `count` of it took. */
export function complete(s: u32, seq: u64, deviceNs: u64, count: u32): void {
  const d = deviceAt(device(s))
  const c = phase(s)
  const sum = deviceNs > 0 && count > 0 ? predicted(s, seq, count) : 0
  const ratio = sum > 0 ? (deviceNs * 1000) / sum : 0
  const known = ratio >= RATIO_LOW && ratio <= RATIO_HIGH
  let freed: u64 = 0
  let at = oldest(s)
  while (at != 0) {
    const op = opAt(at - 1)
    if (opSeq(op) > seq) break
    const number = at
    at = opNext(op)
    freed += opNs(op)
    if (opClass(op) == OP_CLASS_KERNEL && opSeq(op) + count > seq && deviceNs > 0) {
      if (count == 1) learn(opCost(op), deviceNs, opSampled(op) != 0 ? SHIFT - 1 : SHIFT)
      else if (known) learn(opCost(op), (<u64>opNs(op) * ratio) / 1000, SHIFT)
    }
    giveOp(number)
  }
  set_oldest(s, at)
  if (at == 0) set_tail(s, 0)
  set_completed(s, seq)
  if (creditNs(s) > 0 && seq >= creditEnd(s)) {
    freed += creditNs(s)
    set_creditNs(s, 0)
  }
  freed = min<u64>(freed, inflightNs(s))
  set_inflightNs(s, inflightNs(s) - freed)
  set_classInflightNs(d, c, classInflightNs(d, c) - min<u64>(freed, classInflightNs(d, c)))
  if (deviceNs > 0 && count > 0) observeMean(s, deviceNs, count)
  if (known && c == PHASE_DECODE && classBusy(d, PHASE_PREFILL) > 0) {
    const before = <i64>slowdown(d)
    set_slowdown(d, <u32>(before + ((<i64>ratio - before) >> SHIFT)))
  }
  if (state(s) == BARRIER && seq >= dispatched(s)) classify(s)
  updateBusy(s)
  if (deviceNs > 0) observeShape(s)
}
