/**
 * dynamic-pd: the paper's heuristic. Decode gains nothing beyond the share at which it saturates HBM bandwidth; it gets
 * up to that, prefill the rest, and whatever one does not use goes to the other at once. Both may be on the device
 * together: a compute-bound kernel and a bandwidth-bound one overlap. Decode's operators are short and go first;
 * prefill keeps little on the device while decode has work, so that decode never waits behind much of it. When
 * prefill is the bottleneck (it always has work), decode's share shrinks step by step to its floor, and grows back.
 */
import {
  DECISION_SHARE,
  PHASE_DECODE,
  PHASE_MIXED,
  PHASE_PREFILL,
  PHASE_UNKNOWN,
  RULE_DECODE_SHARE,
  RULE_PHASE_IDLE,
  RULE_PREFILL_SHARE,
  RULE_REBALANCE,
} from '../../build/gen/as/layout'
import { dispatchFrom } from '../engine/dispatch'
import { emit, room } from '../engine/emit'
import { heapTop } from '../engine/heap'
import {
  classBusy,
  classInflightNs,
  decodeShare,
  decodeTokens,
  intervalAt,
  prefillBusyNs,
  prefillBusySince,
  prefillLoad,
  set_decodeShare,
  set_decodeTokens,
  set_intervalAt,
  set_prefillBusyNs,
  set_prefillBusySince,
  set_prefillLoad,
  set_tokensAt,
  slowdown,
  telemetryBandwidth,
  tokensAt,
} from '../state/devices'
import { now_ns, p0, p1, p2 } from '../state/globals'
import { DEVICE_BYTES, DEVICES } from '../state/memory'

/** Work that may be on the device of a phase that has it for itself. */
const ALONE_NS: u64 = 10_000_000
/** Work that decode may have on the device: about one step, which is what it issues at a time. */
const DECODE_NS: u64 = 20_000_000
/** Decode's share never falls below this while it has work (permille): TPOT is a promise, too. */
const SHARE_FLOOR: u32 = 600
/** One step of the share. */
const SHARE_STEP: u32 = 50
/** Prefill is the bottleneck above the first load, and has room below the second (permille of time with work). */
const LOAD_HIGH: u32 = 950
const LOAD_LOW: u32 = 700
/** Decode work that may be saved up. */
const TOKENS_LIMIT: i64 = 10_000_000
/** Decode that is slowed down beyond this (permille) by prefill next to it gets a smaller prefill window. */
const SLOW: u32 = 1_500
/** Turn of one decision. */
const TURN_NS: u64 = 1_000_000

/** Upper bound of decode's share: the parameter, or all of it until bandwidth pressure is measured. */
function ceiling(d: u32): u32 {
  if (p0() > 0) return <u32>min<u64>(p0(), 1000)
  /* Saturated HBM serves decode no faster: a tenth of the time is prefill's for free. */
  return telemetryBandwidth(d) > 900 ? 900 : 1000
}

export function beginDevice(d: u32): void {
  set_decodeShare(d, ceiling(d))
  set_decodeTokens(d, TOKENS_LIMIT)
  set_tokensAt(d, now_ns())
  set_intervalAt(d, now_ns() + p1())
}

function setShare(d: u32, share: u32): void {
  if (share == decodeShare(d) || room() == 0) return
  set_decodeShare(d, share)
  emit(DECISION_SHARE, 0, RULE_REBALANCE, PHASE_DECODE, share, (d - DEVICES) / DEVICE_BYTES, prefillLoad(d))
}

/** Keeps account of the time in which prefill has work. */
function watchPrefill(d: u32): void {
  const since = prefillBusySince(d)
  const has = classBusy(d, PHASE_PREFILL) > 0
  if (since != 0) set_prefillBusyNs(d, prefillBusyNs(d) + (now_ns() - since))
  set_prefillBusySince(d, has ? max<u64>(now_ns(), 1) : 0)
}

/** Once an interval: how loaded prefill is, and what that means for decode's share. */
function rebalance(d: u32): void {
  if (now_ns() < intervalAt(d)) return
  const length = p1() + (now_ns() - intervalAt(d))
  const load = <i32>min<u64>((prefillBusyNs(d) * 1000) / length, 1000)
  const before = <i32>prefillLoad(d)
  set_prefillLoad(d, <u32>(before + ((load - before) >> 4)))
  set_prefillBusyNs(d, 0)
  set_intervalAt(d, now_ns() + p1())
  const share = decodeShare(d)
  const top = ceiling(d)
  if (prefillLoad(d) > LOAD_HIGH && share > SHARE_FLOOR) setShare(d, max<u32>(share - SHARE_STEP, SHARE_FLOOR))
  else if (prefillLoad(d) < LOAD_LOW && share < top) setShare(d, min<u32>(share + SHARE_STEP, top))
  else if (share > top) setShare(d, top)
}

/** Adds what decode's share has earned since the last look. */
function earn(d: u32): void {
  const elapsed = min<u64>(now_ns() - tokensAt(d), 100_000_000)
  set_tokensAt(d, now_ns())
  const earned = <i64>((elapsed * decodeShare(d)) / 1000)
  set_decodeTokens(d, min<i64>(decodeTokens(d) + earned, TOKENS_LIMIT))
}

function drainClass(d: u32, c: u32, window: u64, rule: u32): void {
  while (room() > 1 && classInflightNs(d, c) < window) {
    const s = heapTop(d, c)
    if (s == 0) return
    dispatchFrom(s, min<u64>(window - classInflightNs(d, c), TURN_NS), rule)
  }
}

function drainDecode(d: u32, contended: bool): void {
  while (room() > 1 && classInflightNs(d, PHASE_DECODE) < DECODE_NS) {
    if (contended && decodeShare(d) < 1000 && decodeTokens(d) <= 0) return
    const s = heapTop(d, PHASE_DECODE)
    if (s == 0) return
    const ns = dispatchFrom(s, TURN_NS, contended ? RULE_DECODE_SHARE : RULE_PHASE_IDLE)
    set_decodeTokens(d, max<i64>(decodeTokens(d) - <i64>ns, -TOKENS_LIMIT))
  }
}

/** When decode has earned enough to go on; MAX where it is not waiting for that. */
export function tokensDue(d: u32): u64 {
  if (classBusy(d, PHASE_PREFILL) == 0 || decodeTokens(d) > 0 || heapTop(d, PHASE_DECODE) == 0) return u64.MAX_VALUE
  return now_ns() + <u64>((-decodeTokens(d) + 1) * 1000) / max<u64>(decodeShare(d), 1) + 1000
}

export function dynamicPd(d: u32): void {
  watchPrefill(d)
  rebalance(d)
  earn(d)
  const prefill = classBusy(d, PHASE_PREFILL) > 0
  const decode = classBusy(d, PHASE_DECODE) > 0
  drainDecode(d, prefill)
  const window = slowdown(d) > SLOW ? p2() >> 1 : p2()
  drainClass(d, PHASE_PREFILL, decode ? window : ALONE_NS, decode ? RULE_PREFILL_SHARE : RULE_PHASE_IDLE)
  const others = prefill || decode ? window : ALONE_NS
  drainClass(d, PHASE_UNKNOWN, others, RULE_PREFILL_SHARE)
  drainClass(d, PHASE_MIXED, others, RULE_PREFILL_SHARE)
}
