/**
 * dynamic-pd: the paper's heuristic. Decode gains nothing beyond the share at which it saturates HBM bandwidth; it gets
 * up to that, prefill the rest, and whatever one does not use goes to the other at once. Both may be on the device
 * together: a compute-bound kernel and a bandwidth-bound one overlap, and that is the gain. Decode's operators are short
 * and go first, a whole step of them if need be; prefill keeps little on the device while decode has work, so that decode
 * never waits behind much of it. How the share of decode is found is in balance.ts.
 */
import {
  PHASE_DECODE,
  PHASE_MIXED,
  PHASE_PREFILL,
  PHASE_UNKNOWN,
  RULE_DECODE_SHARE,
  RULE_PHASE_IDLE,
  RULE_PREFILL_SHARE,
} from '../../build/gen/as/layout'
import { dispatchFrom } from '../engine/dispatch'
import { room } from '../engine/emit'
import { heapTop } from '../engine/heap'
import { interference } from '../model/interference'
import { classBusy, classInflightNs, competitionUntil, heapSize } from '../state/devices'
import { now_ns, p2 } from '../state/globals'
import { decodeShare, decodeTokens, intervalAt, set_decodeTokens, set_tokensAt, tokensAt } from '../state/shares'
import { rebalance, watch } from './balance'
import { DEEP_NS, STEP_NS } from './window'

/** Decode work that may be saved up, or owed, ns: half a step. */
export const TOKENS_LIMIT: i64 = 10_000_000
/** Decode that prefill slows down beyond this (permille) makes prefill's window half of what it is. */
const SLOW: u32 = 1_500
/** Predicted work of one decision. */
const TURN_NS: u64 = 1_000_000

/** Adds what decode's share has earned since the last look. */
function earn(d: u32): void {
  const elapsed = min<u64>(now_ns() - tokensAt(d), 100_000_000)
  set_tokensAt(d, now_ns())
  const earned = <i64>((elapsed * decodeShare(d)) / 1000)
  set_decodeTokens(d, min<i64>(decodeTokens(d) + earned, TOKENS_LIMIT))
}

/** Whether decode has used up its share while prefill uses the device, or could: not where prefill waits for others. */
function isSpent(d: u32): bool {
  if (heapSize(d, PHASE_PREFILL) == 0 && classInflightNs(d, PHASE_PREFILL) == 0) return false
  return decodeShare(d) < 1000 && decodeTokens(d) <= 0
}

function drainClass(d: u32, c: u32, window: u64, rule: u32): void {
  while (room() > 1 && classInflightNs(d, c) < window) {
    const s = heapTop(d, c)
    if (s == 0) return
    dispatchFrom(s, min<u64>(window - classInflightNs(d, c), TURN_NS), rule)
  }
}

function drainDecode(d: u32): void {
  const rule = classBusy(d, PHASE_PREFILL) > 0 ? RULE_DECODE_SHARE : RULE_PHASE_IDLE
  while (room() > 1 && classInflightNs(d, PHASE_DECODE) < STEP_NS && !isSpent(d)) {
    const s = heapTop(d, PHASE_DECODE)
    if (s == 0) return
    const ns = dispatchFrom(s, TURN_NS, rule)
    set_decodeTokens(d, max<i64>(decodeTokens(d) - <i64>ns, -TOKENS_LIMIT))
  }
}

/** When decode has earned enough to go on; MAX where it is not waiting for that. */
function tokensDue(d: u32): u64 {
  if (!isSpent(d) || heapTop(d, PHASE_DECODE) == 0) return u64.MAX_VALUE
  return tokensAt(d) + <u64>((1 - decodeTokens(d)) * 1000) / max<u64>(decodeShare(d), 1) + 1000
}

/** When time alone changes something, while work waits. */
export function dynamicWake(d: u32): u64 {
  const both = classBusy(d, PHASE_PREFILL) > 0 && classBusy(d, PHASE_DECODE) > 0
  return both ? min<u64>(tokensDue(d), intervalAt(d)) : tokensDue(d)
}

export function dynamicPd(d: u32): void {
  watch(d)
  rebalance(d)
  earn(d)
  drainDecode(d)
  const window = interference(d, PHASE_DECODE, PHASE_PREFILL) > SLOW ? max<u64>(p2() >> 1, 1) : p2()
  /* Between two steps decode has no work for a moment; its next step shall not find the device full of prefill. */
  const decode = classBusy(d, PHASE_DECODE) > 0 || now_ns() < competitionUntil(d)
  drainClass(d, PHASE_PREFILL, decode ? window : DEEP_NS, decode ? RULE_PREFILL_SHARE : RULE_PHASE_IDLE)
  const contended = decode || classBusy(d, PHASE_PREFILL) > 0
  drainClass(d, PHASE_MIXED, contended ? window : DEEP_NS, RULE_PREFILL_SHARE)
  drainClass(d, PHASE_UNKNOWN, contended ? window : DEEP_NS, RULE_PREFILL_SHARE)
}
