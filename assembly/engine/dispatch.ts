/**
 * Takes operators from the front of a stream and decides them: accounting of what is in flight, virtual time, markers
 * and samples. Which stream, and how much, is the policy's choice.
 */
import {
  DECISION_DISPATCH,
  DECISION_FLAG_MARK,
  DECISION_FLAG_SAMPLE,
  OP_CLASS_KERNEL,
  OP_CLASS_NOTIFY_WAIT,
} from '../../build/gen/as/layout'
import { costCount, costDeviation, costNs, setSinceSample, sinceSample } from '../model/costs'
import {
  classInflightNs,
  classQueued,
  deviceAt,
  set_classInflightNs,
  set_classLastNs,
  set_classQueued,
  set_tailDueNs,
  set_unmarkedHead,
  set_vclock,
  tailDueNs,
  unmarkedHead,
  vclock,
} from '../state/devices'
import { now_ns } from '../state/globals'
import { opAt, opClass, opCost, opNext, opNs, opSeq, set_opSampled } from '../state/ops'
import {
  BARRIER,
  device,
  dispatched,
  head,
  inflightNs,
  inUnmarked,
  phase,
  queued,
  set_dispatched,
  set_head,
  set_held,
  set_inflightNs,
  set_inUnmarked,
  set_queued,
  set_state,
  set_unmarkedNext,
  set_unmarkedNs,
  set_unmarkedOps,
  set_unmarkedSince,
  set_vtime,
  streamAt,
  streamId,
  unmarkedNext,
  unmarkedNs,
  unmarkedOps,
  unmarkedSince,
  vtime,
  weight,
} from '../state/streams'
import { emit, room } from './emit'
import { classify, isFree, passTicket, takeOut } from './order'

/** Most operators of one decision: the host looks at its lock between decisions. */
const GROUP: u32 = 32
/** A stream's unmarked work gets a marker beyond this much predicted time: a quarter of the default window. */
const MARK_NS: u64 = 250_000
/** ... or beyond this many operators. */
const MARK_OPS: u32 = 64
/** Where nothing follows, the tail is marked after this long. */
const TAIL_NS: u64 = 500_000
/** Exact measurements of a kernel that is new. */
const FIRST_SAMPLES: u32 = 3
/** Operators between two exact measurements of one whose time is uncertain; a marker costs the host about 10 us. */
const SAMPLE_EVERY: u32 = 512

/** Whether the exact time of this operator is wanted. */
function wantsSample(op: u32): bool {
  if (opClass(op) != OP_CLASS_KERNEL) return false
  const slot = opCost(op)
  const count = costCount(slot)
  if (count < FIRST_SAMPLES) return true
  return costDeviation(slot) > costNs(slot) >> 2 && sinceSample(slot) >= SAMPLE_EVERY
}

function noteUnmarked(d: u32, s: u32, ns: u64, count: u32): void {
  if (unmarkedOps(s) == 0) set_unmarkedSince(s, now_ns())
  set_unmarkedNs(s, unmarkedNs(s) + ns)
  set_unmarkedOps(s, unmarkedOps(s) + count)
  if (inUnmarked(s) == 0) {
    set_inUnmarked(s, 1)
    set_unmarkedNext(s, unmarkedHead(d))
    set_unmarkedHead(d, streamId(s) + 1)
  }
  const due = now_ns() + TAIL_NS
  if (due < tailDueNs(d)) set_tailDueNs(d, due)
}

function clearUnmarked(s: u32): void {
  set_unmarkedNs(s, 0)
  set_unmarkedOps(s, 0)
}

/**
 * Dispatches operators of an eligible stream while their predicted time fits into `budgetNs`; the first always goes.
 * Returns the predicted time dispatched.
 */
export function dispatchFrom(s: u32, budgetNs: u64, rule: u32): u64 {
  const d = deviceAt(device(s))
  const c = phase(s)
  takeOut(s)
  let count: u32 = 0
  let ns: u64 = 0
  let flags: u32 = 0
  let barrier = false
  let next = head(s)
  let lastSeq: u64 = 0
  while (next != 0 && count < GROUP) {
    const op = opAt(next - 1)
    const cost = <u64>opNs(op)
    if (count > 0 && (ns + cost > budgetNs || !isFree(op))) break
    const sample = wantsSample(op)
    if (sample && count > 0) break
    count++
    lastSeq = opSeq(op)
    setSinceSample(opCost(op), sample ? 0 : sinceSample(opCost(op)) + 1)
    next = opNext(op)
    set_head(s, next)
    if (opClass(op) == OP_CLASS_NOTIFY_WAIT) {
      barrier = true // it may wait for work that is not there yet: it counts in no window
      passTicket(op)
      break
    }
    ns += cost
    passTicket(op)
    if (sample) {
      set_opSampled(op, 1)
      flags |= DECISION_FLAG_SAMPLE | DECISION_FLAG_MARK
      break
    }
  }
  set_queued(s, queued(s) - count)
  set_classQueued(d, c, classQueued(d, c) - count)
  set_dispatched(s, dispatched(s) + count)
  set_inflightNs(s, inflightNs(s) + ns)
  set_classInflightNs(d, c, classInflightNs(d, c) + ns)
  set_classLastNs(d, c, now_ns())
  if (vtime(s) > vclock(d)) set_vclock(d, vtime(s))
  set_vtime(s, vtime(s) + max<u64>((ns << 10) / weight(s), 1))
  set_held(s, 0)
  if (barrier || unmarkedNs(s) + ns >= MARK_NS || unmarkedOps(s) + count >= MARK_OPS) flags |= DECISION_FLAG_MARK
  if ((flags & DECISION_FLAG_MARK) != 0) clearUnmarked(s)
  else noteUnmarked(d, s, ns, count)
  emit(DECISION_DISPATCH, flags, rule, streamId(s), count, device(s), lastSeq)
  if (barrier) set_state(s, BARRIER)
  else classify(s)
  return ns
}

/** Marks the tails that are due: dispatches of no operators with a marker. */
export function markTails(d: u32, rule: u32): void {
  if (now_ns() < tailDueNs(d)) return
  let due: u64 = u64.MAX_VALUE
  let kept: u32 = 0
  let at = unmarkedHead(d)
  while (at != 0) {
    const s = streamAt(at - 1)
    const number = at
    at = unmarkedNext(s)
    const since = unmarkedSince(s)
    const waiting = unmarkedOps(s) > 0
    if (waiting && (now_ns() < since + TAIL_NS || room() == 0)) {
      due = min<u64>(due, max<u64>(since + TAIL_NS, now_ns()))
      set_unmarkedNext(s, kept)
      kept = number
      continue
    }
    set_inUnmarked(s, 0)
    if (!waiting) continue
    emit(DECISION_DISPATCH, DECISION_FLAG_MARK, rule, streamId(s), 0, device(s), dispatched(s))
    clearUnmarked(s)
  }
  set_unmarkedHead(d, kept)
  set_tailDueNs(d, due)
}
