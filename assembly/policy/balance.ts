/**
 * The share of decode under dynamic-pd, from what is measured. Prefill is the bottleneck when it has work nearly all of
 * the time; then decode's share is brought down step by step, first to what decode needs at all, then as far as decode
 * loses nothing by it: the share below which less of it becomes complete is its saturation share. Only where prefill
 * still is the bottleneck after a while is decode made to give, down to a floor. Where prefill has time to spare, the
 * share grows back. Every change is a SHARE decision.
 */
import { DECISION_SHARE, PHASE_DECODE, PHASE_PREFILL, RULE_REBALANCE } from '../../build/gen/as/layout'
import { emit, room } from '../engine/emit'
import { classBusy, deviceNumber, telemetryBandwidth } from '../state/devices'
import { now_ns, p0, p1 } from '../state/globals'
import {
  contendedDoneNs,
  contendedNs,
  decodeShare,
  epochAt,
  intervalAt,
  intervals,
  patience,
  prefillBusyNs,
  prefillLoad,
  rateBefore,
  saturation,
  set_contendedDoneNs,
  set_contendedNs,
  set_decodeShare,
  set_decodeTokens,
  set_epochAt,
  set_intervalAt,
  set_intervals,
  set_patience,
  set_prefillBusyNs,
  set_prefillLoad,
  set_rateBefore,
  set_saturation,
  set_tokensAt,
  set_watchedAt,
  set_watchedFlags,
  watchedAt,
  watchedFlags,
} from '../state/shares'
import { TOKENS_LIMIT } from './dynamic-pd'

/** Decode's share never falls below this while it has work (permille): TPOT is a promise, too. */
const SHARE_FLOOR: u32 = 600
/** One step of the share. */
const SHARE_STEP: u32 = 50
/** Prefill is the bottleneck above the first load, and has time to spare below the second (permille). */
const LOAD_HIGH: u32 = 950
const LOAD_LOW: u32 = 700
/** Intervals of an epoch: what decode gets done in one is compared with the one before. */
const EPOCH: u32 = 16
/** A rate below this part of the one before is a loss (permille). */
const LOSS: u64 = 950
/** Epochs for which the saturation share is kept although prefill lacks time: about 2 s at the default interval. */
const PATIENCE: u32 = 25
/** Bandwidth in use beyond which HBM is full, and decode gains nothing by a tenth of the time (permille). */
const BANDWIDTH_FULL: u32 = 900

/** Prefill, and decode, had work. */
const HAD_PREFILL: u32 = 1
const HAD_DECODE: u32 = 2

/** Upper bound of decode's share: the parameter, or all of it unless HBM is full. */
function ceiling(d: u32): u32 {
  if (p0() > 0) return <u32>min<u64>(p0(), 1000)
  return telemetryBandwidth(d) > BANDWIDTH_FULL ? BANDWIDTH_FULL : 1000
}

/** Begins anew, as a policy or a device begins. */
export function beginDevice(d: u32): void {
  set_decodeShare(d, ceiling(d))
  set_saturation(d, 0)
  set_decodeTokens(d, TOKENS_LIMIT)
  set_tokensAt(d, now_ns())
  set_intervalAt(d, now_ns() + p1())
  set_watchedAt(d, now_ns())
  set_watchedFlags(d, 0)
  set_intervals(d, 0)
  set_prefillBusyNs(d, 0)
  set_prefillLoad(d, 0)
  beginEpoch(d)
}

function beginEpoch(d: u32): void {
  set_intervals(d, 0)
  set_contendedNs(d, 0)
  set_contendedDoneNs(d, 0)
  set_epochAt(d, now_ns())
}

function setShare(d: u32, share: u32): void {
  if (share == decodeShare(d) || room() == 0) return
  set_decodeShare(d, share)
  emit(DECISION_SHARE, 0, RULE_REBALANCE, PHASE_DECODE, share, deviceNumber(d), prefillLoad(d))
}

/** Keeps account of the time in which the phases have work. */
export function watch(d: u32): void {
  const passed = now_ns() - watchedAt(d)
  const had = watchedFlags(d)
  if ((had & HAD_PREFILL) != 0) set_prefillBusyNs(d, prefillBusyNs(d) + passed)
  if (had == (HAD_PREFILL | HAD_DECODE)) set_contendedNs(d, contendedNs(d) + passed)
  set_watchedAt(d, now_ns())
  const has = (classBusy(d, PHASE_PREFILL) > 0 ? HAD_PREFILL : 0) | (classBusy(d, PHASE_DECODE) > 0 ? HAD_DECODE : 0)
  set_watchedFlags(d, has)
}

/** What decode needs that gets so much done (permille of the time): a quarter more is enough for it. */
function enough(rate: u32): u32 {
  return max<u32>(min<u32>((rate * 5) >> 2, 1000), SHARE_FLOOR)
}

/** Prefill is the bottleneck: takes a step towards less for decode, unless decode loses by it. */
function favourPrefill(d: u32, rate: u32): void {
  const share = decodeShare(d)
  const before = rateBefore(d)
  set_rateBefore(d, rate)
  if (patience(d) > 0) {
    set_patience(d, patience(d) - 1)
    return
  }
  if (saturation(d) == 0 && before > 0 && <u64>rate * 1000 < <u64>before * LOSS) {
    set_saturation(d, share + SHARE_STEP)
    set_patience(d, PATIENCE)
    setShare(d, min<u32>(share + SHARE_STEP, ceiling(d)))
    return
  }
  if (share <= SHARE_FLOOR) return
  setShare(d, max<u32>(min<u32>(share - SHARE_STEP, enough(rate)), SHARE_FLOOR))
}

/** Prefill has time to spare: decode gets more, and its saturation share is to be found anew. */
function favourDecode(d: u32): void {
  set_rateBefore(d, 0)
  set_saturation(d, 0)
  set_patience(d, 0)
  setShare(d, min<u32>(decodeShare(d) + SHARE_STEP, ceiling(d)))
}

function endEpoch(d: u32): void {
  const length = max<u64>(now_ns() - epochAt(d), 1)
  if (prefillLoad(d) > LOAD_HIGH && contendedNs(d) * 2 > length) {
    favourPrefill(d, <u32>min<u64>((contendedDoneNs(d) * 1000) / contendedNs(d), 1 << 20))
  }
  beginEpoch(d)
}

/** Once an interval: how loaded prefill is, and what that means for decode's share. */
export function rebalance(d: u32): void {
  if (now_ns() < intervalAt(d)) return
  const length = p1() + (now_ns() - intervalAt(d))
  const load = <i32>min<u64>((prefillBusyNs(d) * 1000) / max<u64>(length, 1), 1000)
  set_prefillLoad(d, <u32>(<i32>prefillLoad(d) + ((load - <i32>prefillLoad(d)) >> 3)))
  set_prefillBusyNs(d, 0)
  set_intervalAt(d, now_ns() + p1())
  set_intervals(d, intervals(d) + 1)
  if (intervals(d) >= EPOCH) endEpoch(d)
  if (decodeShare(d) > ceiling(d)) setShare(d, ceiling(d))
  else if (prefillLoad(d) < LOAD_LOW && decodeShare(d) < ceiling(d)) favourDecode(d)
}
