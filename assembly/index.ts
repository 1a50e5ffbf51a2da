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
import { decision_hash_value, events_seen as seen, set_policy_id } from './state/globals'
import { INBOX, MEMORY_END, OUTBOX, STATE, STATE_BYTES, STATE_END, TENANTS } from './state/memory'
import * as s from './state/streams'
import { set_tenantUsed, set_tenantWeight } from './state/tenants'

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

/** Phase it is believed to run. */
export function stream_phase(id: u32): u32 {
  const p = s.findStream(id)
  return p == 0 ? 0 : s.phase(p)
}

/** Confidence in that, permille. */
export function stream_confidence(id: u32): u32 {
  const p = s.findStream(id)
  return p == 0 ? 0 : s.confidence(p)
}
