/**
 * Synchronization objects. Operators on one object are dispatched in the order of submission as readers and writers are:
 * a wait after every earlier record, a record after every earlier record and wait. Tickets count both kinds.
 */
import { SYNC_BYTES, SYNCS } from './memory'

// @ts-ignore: decorator
@inline export function syncAt(id: u32): u32 {
  return SYNCS + id * SYNC_BYTES
}

/** Records and resets submitted. */
// @ts-ignore: decorator
@inline export function recordsSubmitted(p: u32): u32 {
  return load<u32>(p, 0)
}
// @ts-ignore: decorator
@inline export function set_recordsSubmitted(p: u32, v: u32): void {
  store<u32>(p, v, 0)
}
/** Of them, dispatched. */
// @ts-ignore: decorator
@inline export function recordsDispatched(p: u32): u32 {
  return load<u32>(p, 4)
}
// @ts-ignore: decorator
@inline export function set_recordsDispatched(p: u32, v: u32): void {
  store<u32>(p, v, 4)
}
/** Waits submitted. */
// @ts-ignore: decorator
@inline export function waitsSubmitted(p: u32): u32 {
  return load<u32>(p, 8)
}
// @ts-ignore: decorator
@inline export function set_waitsSubmitted(p: u32, v: u32): void {
  store<u32>(p, v, 8)
}
/** Of them, dispatched. */
// @ts-ignore: decorator
@inline export function waitsDispatched(p: u32): u32 {
  return load<u32>(p, 12)
}
// @ts-ignore: decorator
@inline export function set_waitsDispatched(p: u32, v: u32): void {
  store<u32>(p, v, 12)
}
/** First stream + 1 that waits for an operator on it. */
// @ts-ignore: decorator
@inline export function blockedHead(p: u32): u32 {
  return load<u32>(p, 16)
}
// @ts-ignore: decorator
@inline export function set_blockedHead(p: u32, v: u32): void {
  store<u32>(p, v, 16)
}
