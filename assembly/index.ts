/**
 * The scheduling core: a state machine that reads event records from an inbox and writes decision records to an outbox
 * (spec/records.ts). It has no clock, no random numbers, no floating point and no allocation; the same events lead to
 * the same decisions and the same state in every host, however they are batched.
 */
import {
  DECISIONS_PER_EVENT,
  EVENT_BYTES,
  INBOX_RECORDS,
  OUTBOX_RECORDS,
  POLICY_ID_PASSTHROUGH,
} from '../build/gen/as/layout'
import { beginRun, decisionsWritten } from './engine/emit'
import { take } from './engine/events'
import { nextWake } from './engine/schedule'
import { interference } from './model/interference'
import { classBusy, classInflightNs, classQueued, classUnmarkedNs, findDevice } from './state/devices'
import { confidence } from './state/evidence'
import { credit, inflightNs, unmarkedNs } from './state/flight'
import { decision_hash_value, events_seen as seen, policy_id, set_policy_id } from './state/globals'
import { CLASSES, INBOX, MEMORY_END, OUTBOX, STATE, STATE_BYTES, STATE_END, TENANTS } from './state/memory'
import { decodeShare } from './state/shares'
import * as s from './state/streams'
import { set_tenantUsed, set_tenantWeight } from './state/tenants'

export * from './inspect'

let taken: u32 = 0

/** Begins anew: no device, no stream, tenant 0 with weight 1000, policy passthrough. */
export function init(): void {
  memory.fill(STATE, 0, MEMORY_END - STATE)
  set_tenantUsed(TENANTS, 1)
  set_tenantWeight(TENANTS, 1000)
  set_policy_id(POLICY_ID_PASSTHROUGH)
  taken = 0
}

/**
 * Takes up to `n` events from the inbox; the number of decisions in the outbox. Stops early where the outbox might
 * overflow: consumed() says how many events were taken.
 */
export function run(n: u32): u32 {
  beginRun()
  const events = min<u32>(n, INBOX_RECORDS)
  let i: u32 = 0
  while (i < events && decisionsWritten() + DECISIONS_PER_EVENT <= OUTBOX_RECORDS) {
    take(INBOX + i * EVENT_BYTES)
    i++
  }
  taken = i
  return decisionsWritten()
}

/** Events that the last run took. */
export function consumed(): u32 {
  return taken
}

/** Where events go; room for inbox_capacity() of them. */
export function inbox_ptr(): u32 {
  return INBOX
}

export function inbox_capacity(): u32 {
  return INBOX_RECORDS
}

/** Where decisions are after run(). */
export function outbox_ptr(): u32 {
  return OUTBOX
}

export function outbox_capacity(): u32 {
  return OUTBOX_RECORDS
}

/** The whole decision-relevant state, one region: a copy of it is a snapshot, writing it back restores it. */
export function state_ptr(): u32 {
  return STATE
}

export function state_bytes(): u32 {
  return STATE_BYTES
}

/** Hash of that region. */
export function state_hash(): u64 {
  let hash: u64 = 0x9e3779b97f4a7c15
  for (let p: u32 = STATE; p < STATE_END; p += 8) hash = rotl<u64>((hash ^ load<u64>(p)) * 0x9fb21c651e98df25, 29)
  return hash ^ (hash >> 32)
}

/** Running hash of every decision since init(). */
export function decision_hash(): u64 {
  return decision_hash_value()
}

/** Event time at which the core wants a TICK; all ones for never. */
export function next_wake_ns(): u64 {
  return nextWake()
}

/** Events taken since init(). */
export function events_seen(): u64 {
  return seen()
}

/** Of a stream, for those who show it: operators that wait. 0 where there is no such stream, here and below. */
export function stream_queued(id: u32): u32 {
  const p = s.findStream(id)
  return p == 0 ? 0 : s.queued(p)
}

/** Operators on the device. */
export function stream_inflight(id: u32): u64 {
  const p = s.findStream(id)
  return p == 0 ? 0 : s.dispatched(p) - s.completed(p)
}

/** Predicted work of them, ns. */
export function stream_inflight_ns(id: u32): u64 {
  const p = s.findStream(id)
  return p == 0 ? 0 : inflightNs(p)
}

/** Part of that with no marker behind it, ns. */
export function stream_unmarked_ns(id: u32): u64 {
  const p = s.findStream(id)
  return p == 0 ? 0 : unmarkedNs(p)
}

/** Operators of the present grant, 0 for none. */
export function stream_credit(id: u32): u64 {
  const p = s.findStream(id)
  return p == 0 ? 0 : credit(p)
}

/** Phase it is believed to run. */
export function stream_phase(id: u32): u32 {
  const p = s.findStream(id)
  return p == 0 ? 0 : s.phase(p)
}

/** Where that is known from: PhaseSource. */
export function stream_phase_source(id: u32): u32 {
  const p = s.findStream(id)
  return p == 0 ? 0 : s.phaseSource(p)
}

/** Confidence in that, permille. */
export function stream_confidence(id: u32): u32 {
  const p = s.findStream(id)
  return p == 0 ? 0 : confidence(p)
}

/** Of a device: the share of decode while prefill has work, permille. 0 where there is no such device, here and below. */
export function device_decode_share(number: u32): u32 {
  const d = findDevice(number)
  return d == 0 ? 0 : decodeShare(d)
}

/** Operators of the streams of a phase that wait there; with the four below, the sums over streams that the core keeps. */
export function device_queued(number: u32, phase: u32): u32 {
  const d = findDevice(number)
  return d == 0 || phase >= CLASSES ? 0 : classQueued(d, phase)
}

/** Predicted work of them on the device, ns. */
export function device_inflight_ns(number: u32, phase: u32): u64 {
  const d = findDevice(number)
  return d == 0 || phase >= CLASSES ? 0 : classInflightNs(d, phase)
}

/** Part of that with no marker behind it, ns. */
export function device_unmarked_ns(number: u32, phase: u32): u64 {
  const d = findDevice(number)
  return d == 0 || phase >= CLASSES ? 0 : classUnmarkedNs(d, phase)
}

/** Streams of the phase with anything queued, in flight or granted. */
export function device_busy(number: u32, phase: u32): u32 {
  const d = findDevice(number)
  return d == 0 || phase >= CLASSES ? 0 : classBusy(d, phase)
}

/** Slowdown of one phase by another on the device, permille; 1000 is none. */
export function device_interference(number: u32, slow: u32, by: u32): u32 {
  const d = findDevice(number)
  return d == 0 || slow >= CLASSES || by >= CLASSES ? 0 : interference(d, slow, by)
}

/** PolicyId in force. */
export function policy(): u32 {
  return policy_id()
}
