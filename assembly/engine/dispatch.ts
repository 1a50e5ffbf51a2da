/**
 * Takes operators from the front of a stream and decides them: accounting of what is in flight, virtual time, markers
 * and samples. Which stream, and how much, is the policy's choice. A marker costs the host about 10 us, so there is one
 * for a quarter of a window; whatever has none yet gets one before long, so that everything dispatched is seen complete.
 */
import {
  DECISION_DISPATCH,
  DECISION_FLAG_MARK,
  DECISION_FLAG_SAMPLE,
  OP_CLASS_KERNEL,
  RULE_DRAIN,
} from '../../build/gen/as/layout'
import { costCount, costDeviation, costNs, setSinceSample, sinceSample } from '../model/costs'
import { updateActive } from '../model/service'
import { windowNs } from '../policy/window'
import {
  classInflightNs,
  classQueued,
  classUnmarkedNs,
  deviceAt,
  deviceInflightNs,
  sampleTokens,
  set_classInflightNs,
  set_classQueued,
  set_classUnmarkedNs,
  set_progressNs,
  set_sampleTokens,
  set_vclock,
  unmarkedList,
  vclock,
} from '../state/devices'
import {
  inflightNs,
  set_inflightNs,
  set_unmarkedNs,
  set_unmarkedOps,
  set_unmarkedSince,
  unmarkedNs,
  unmarkedOps,
  unmarkedSince,
} from '../state/flight'
import { now_ns } from '../state/globals'
import { listAppend, listFirst, listRemove, UNMARKED_LINK } from '../state/lists'
import { opAt, opClass, opCost, opNext, opNs, opSeq, set_opSampled } from '../state/ops'
import {
  device,
  dispatched,
  head,
  phase,
  queued,
  set_dispatched,
  set_head,
  set_held,
  set_queued,
  set_vtime,
  streamId,
  vtime,
  weight,
} from '../state/streams'
import { emit, room } from './emit'
import { enterBarrier, goOn, isBarrier, isFree, passTicket, takeOut } from './order'

/** Most operators of one decision: the host looks at its lock between decisions. */
const GROUP: u32 = 32
/** A stream's unmarked work gets a marker beyond this many operators. */
const MARK_OPS: u32 = 64
/** No marker for less predicted work than it costs the host (shared/facts/acl.md: an event record takes 11.4 us). */
const MARK_LEAST_NS: u64 = 10_000
/** Where nothing follows, what has no marker gets one after this long. */
const TAIL_NS: u64 = 500_000
/** Exact measurements of a kernel that is new. */
const FIRST_SAMPLES: u32 = 3
/** Launches between two exact measurements, of one whose time is uncertain and of any. */
const SAMPLE_UNCERTAIN: u32 = 128
const SAMPLE_ANY: u32 = 1024
/** What an exact measurement costs the device: the gap behind a marker (shared/facts/hardware.md: 2 to 5 us). */
const SAMPLE_COST_NS: u64 = 5_000
/** Measurements cost no more than this part of the device's time: 1 / 1024. */
const SAMPLE_SHIFT: u64 = 10
/** Measurements that may come at once, where many kernels are new. */
export const SAMPLE_TOKENS_LIMIT: u64 = 1024 * SAMPLE_COST_NS

/** Whether the exact time of this operator is wanted. */
function wantsSample(d: u32, op: u32): bool {
  if (opClass(op) != OP_CLASS_KERNEL || sampleTokens(d) < SAMPLE_COST_NS) return false
  const slot = opCost(op)
  if (costCount(slot) < FIRST_SAMPLES) return true
  return sinceSample(slot) >= (costDeviation(slot) > costNs(slot) >> 2 ? SAMPLE_UNCERTAIN : SAMPLE_ANY)
}

/** Work of a stream, of class `c`, was dispatched with no marker behind it. */
function noteUnmarked(d: u32, c: u32, s: u32, ns: u64, count: u32): void {
  if (unmarkedOps(s) == 0) {
    set_unmarkedSince(s, now_ns())
    listAppend(unmarkedList(d), UNMARKED_LINK, s)
  }
  set_unmarkedNs(s, unmarkedNs(s) + ns)
  set_unmarkedOps(s, unmarkedOps(s) + count)
  set_classUnmarkedNs(d, c, classUnmarkedNs(d, c) + ns)
}

/** What a stream has dispatched has a marker behind it now, or is gone. */
export function clearUnmarked(s: u32): void {
  if (unmarkedOps(s) == 0) return
  const d = deviceAt(device(s))
  const c = phase(s)
  set_classUnmarkedNs(d, c, classUnmarkedNs(d, c) - unmarkedNs(s))
  set_unmarkedNs(s, 0)
  set_unmarkedOps(s, 0)
  listRemove(unmarkedList(d), UNMARKED_LINK, s)
}

/** A marker behind what the stream has dispatched: a dispatch of no operators. */
export function markTail(s: u32): void {
  emit(DECISION_DISPATCH, DECISION_FLAG_MARK, RULE_DRAIN, streamId(s), 0, device(s), dispatched(s))
  clearUnmarked(s)
}

/** Accounts for operators of a stream that go to the device. */
function account(d: u32, c: u32, s: u32, count: u32, ns: u64): void {
  if (deviceInflightNs(d) == 0) set_progressNs(d, now_ns())
  set_queued(s, queued(s) - count)
  set_classQueued(d, c, classQueued(d, c) - count)
  set_dispatched(s, dispatched(s) + count)
  set_inflightNs(s, inflightNs(s) + ns)
  updateActive(s)
  set_classInflightNs(d, c, classInflightNs(d, c) + ns)
  if (vtime(s) > vclock(d)) set_vclock(d, vtime(s))
  set_vtime(s, vtime(s) + max<u64>((ns << 10) / weight(s), 1))
  if (queued(s) == 0) set_held(s, 0)
  set_sampleTokens(d, min<u64>(sampleTokens(d) + (ns >> SAMPLE_SHIFT), SAMPLE_TOKENS_LIMIT))
}

/**
 * Dispatches operators of an eligible stream while their predicted time fits into `budgetNs`; the first always goes.
 * Makes up to two decisions. Returns the predicted time dispatched.
 *
 * An operator that may wait without end (for a notify, for a function of the host) goes alone, behind a marker of what was before it, so
 * that this is seen complete even while the stream waits; nothing follows it until it is complete.
 */
export function dispatchFrom(s: u32, budgetNs: u64, rule: u32): u64 {
  const number = device(s)
  const d = deviceAt(number)
  const c = phase(s)
  const first = opAt(head(s) - 1)
  const firstClass = opClass(first)
  const barrier = isBarrier(firstClass)
  if (barrier && unmarkedOps(s) > 0) markTail(s)
  let count: u32 = 0
  let ns: u64 = 0
  let flags: u32 = barrier ? DECISION_FLAG_MARK : 0
  let lastSeq: u64 = 0
  const most: u32 = barrier ? 1 : GROUP
  let next = head(s)
  while (next != 0 && count < most) {
    const op = opAt(next - 1)
    const cost = <u64>opNs(op)
    const sample = wantsSample(d, op)
    if (count > 0) {
      if (ns + cost > budgetNs || sample || !isFree(op)) break
      if (isBarrier(opClass(op))) {
        flags |= DECISION_FLAG_MARK
        break
      }
    }
    count++
    ns += cost
    lastSeq = opSeq(op)
    next = opNext(op)
    set_head(s, next)
    setSinceSample(opCost(op), sample ? 0 : sinceSample(opCost(op)) + 1)
    passTicket(op, number)
    if (sample) {
      set_opSampled(op, 1)
      set_sampleTokens(d, sampleTokens(d) - SAMPLE_COST_NS)
      flags |= DECISION_FLAG_SAMPLE | DECISION_FLAG_MARK
      break
    }
  }
  account(d, c, s, count, ns)
  const enough = max<u64>(windowNs(c) >> 2, MARK_LEAST_NS)
  if (classUnmarkedNs(d, c) + ns >= enough || unmarkedOps(s) + count >= MARK_OPS) flags |= DECISION_FLAG_MARK
  if ((flags & DECISION_FLAG_MARK) != 0) clearUnmarked(s)
  else noteUnmarked(d, c, s, ns, count)
  emit(DECISION_DISPATCH, flags, rule, streamId(s), count, number, lastSeq)
  if (barrier) {
    takeOut(s)
    enterBarrier(s, firstClass)
  } else goOn(s)
  return ns
}

/** When the longest unmarked work of the device gets its marker; MAX for never. */
export function tailDue(d: u32): u64 {
  const s = listFirst(unmarkedList(d))
  return s == 0 ? u64.MAX_VALUE : unmarkedSince(s) + TAIL_NS
}

/** Marks what is due. */
export function markTails(d: u32): void {
  while (room() > 0 && now_ns() >= tailDue(d)) markTail(listFirst(unmarkedList(d)))
}
