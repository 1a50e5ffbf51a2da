/** Decisions leave here: written to the outbox and folded into the running hash. */
import {
  DECISION_BYTES,
  DECISION_FAULT,
  DECISIONS_PER_EVENT,
  NONE,
  set_decision_core_limit,
  set_decision_count,
  set_decision_device,
  set_decision_event_seq,
  set_decision_flags,
  set_decision_kind,
  set_decision_rule,
  set_decision_stream,
  set_decision_value,
} from '../../build/gen/as/layout'
import { decision_hash_value, events_seen, set_decision_hash_value } from '../state/globals'
import { OUTBOX } from '../state/memory'

/** Decisions in the outbox, over all events of this run. */
let written: u32 = 0
/** Of them, those of the present event. */
let ofEvent: u32 = 0
/** Whether the present event was refused. */
let refused: bool = false

export function beginRun(): void {
  written = 0
}

export function beginEvent(): void {
  ofEvent = 0
  refused = false
}

/** Whether the present event was refused. */
export function wasRefused(): bool {
  return refused
}

export function decisionsWritten(): u32 {
  return written
}

/** How many more decisions this event may lead to. */
export function room(): u32 {
  return DECISIONS_PER_EVENT - ofEvent
}

function fold(hash: u64, word: u64): u64 {
  return rotl<u64>((hash ^ word) * 0x9fb21c651e98df25, 27)
}

/** Writes one decision. Callers keep within room(). */
export function emit(kind: u32, flags: u32, rule: u32, stream: u32, count: u32, device: u32, value: u64): void {
  const p = OUTBOX + written * DECISION_BYTES
  set_decision_kind(p, kind)
  set_decision_flags(p, flags)
  set_decision_rule(p, rule)
  set_decision_stream(p, stream)
  set_decision_count(p, count)
  set_decision_device(p, device)
  set_decision_core_limit(p, 0)
  set_decision_value(p, value)
  set_decision_event_seq(p, events_seen())
  let hash = fold(decision_hash_value(), load<u64>(p))
  hash = fold(hash, load<u64>(p, 8))
  hash = fold(hash, load<u64>(p, 16))
  set_decision_hash_value(fold(hash, load<u64>(p, 24)))
  written++
  ofEvent++
}

/** The event cannot be honoured: it must not have changed anything. */
export function fault(code: u32, kind: u32, stream: u32): void {
  refused = true
  emit(DECISION_FAULT, 0, 0, stream, code, 0, kind)
}

/** For events that have no stream. */
export function faultOf(code: u32, kind: u32): void {
  fault(code, kind, NONE)
}
