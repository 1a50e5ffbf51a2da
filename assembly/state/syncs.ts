/**
 * Synchronization objects. Operators on one object are dispatched in the order of submission as readers and writers are:
 * a wait after every earlier record, a record after every earlier record and wait. Tickets count both kinds.
 */
import { SYNC_BYTES, SYNCS } from './memory'

export function syncAt(id: u32): u32 {
  return SYNCS + id * SYNC_BYTES
}

/** Records and resets submitted. */
export function recordsSubmitted(p: u32): u32 {
  return load<u32>(p, 0)
}
export function set_recordsSubmitted(p: u32, v: u32): void {
  store<u32>(p, v, 0)
}
/** Of them, dispatched. */
export function recordsDispatched(p: u32): u32 {
  return load<u32>(p, 4)
}
export function set_recordsDispatched(p: u32, v: u32): void {
  store<u32>(p, v, 4)
}
/** Waits submitted. */
export function waitsSubmitted(p: u32): u32 {
  return load<u32>(p, 8)
}
export function set_waitsSubmitted(p: u32, v: u32): void {
  store<u32>(p, v, 8)
}
/** Of them, dispatched. */
export function waitsDispatched(p: u32): u32 {
  return load<u32>(p, 12)
}
export function set_waitsDispatched(p: u32, v: u32): void {
  store<u32>(p, v, 12)
}
/** List of the streams whose next operator waits for another on the object. */
export function blockedList(p: u32): u32 {
  return p + 16
}

/** Counts how often the object was destroyed: operators of an earlier life order with nothing. */
export function life(p: u32): u32 {
  return load<u32>(p, 24)
}
export function set_life(p: u32, v: u32): void {
  store<u32>(p, v, 24)
}
