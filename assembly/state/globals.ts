/** What belongs to no device: counters, hashes, the policy and its parameters, the free list of operators. */
import { GLOBALS } from './memory'

/** Events taken so far. */
export function events_seen(): u64 {
  return load<u64>(GLOBALS, 0)
}
export function set_events_seen(v: u64): void {
  store<u64>(GLOBALS, v, 0)
}
/** Time of the newest event. */
export function now_ns(): u64 {
  return load<u64>(GLOBALS, 8)
}
export function set_now_ns(v: u64): void {
  store<u64>(GLOBALS, v, 8)
}
/** Running hash of every decision. */
export function decision_hash_value(): u64 {
  return load<u64>(GLOBALS, 16)
}
export function set_decision_hash_value(v: u64): void {
  store<u64>(GLOBALS, v, 16)
}
/** PolicyId. */
export function policy_id(): u32 {
  return load<u32>(GLOBALS, 24)
}
export function set_policy_id(v: u32): void {
  store<u32>(GLOBALS, v, 24)
}
/** First free operator + 1, 0 for none. */
export function free_op(): u32 {
  return load<u32>(GLOBALS, 28)
}
export function set_free_op(v: u32): void {
  store<u32>(GLOBALS, v, 28)
}
/** Operators ever taken from the fresh end of the table. */
export function ops_used(): u32 {
  return load<u32>(GLOBALS, 32)
}
export function set_ops_used(v: u32): void {
  store<u32>(GLOBALS, v, 32)
}
/** First policy parameter, default applied. */
export function p0(): u64 {
  return load<u64>(GLOBALS, 40)
}
export function set_p0(v: u64): void {
  store<u64>(GLOBALS, v, 40)
}
/** Second. */
export function p1(): u64 {
  return load<u64>(GLOBALS, 48)
}
export function set_p1(v: u64): void {
  store<u64>(GLOBALS, v, 48)
}
/** Third. */
export function p2(): u64 {
  return load<u64>(GLOBALS, 56)
}
export function set_p2(v: u64): void {
  store<u64>(GLOBALS, v, 56)
}
/** Fourth. */
export function p3(): u64 {
  return load<u64>(GLOBALS, 64)
}
export function set_p3(v: u64): void {
  store<u64>(GLOBALS, v, 64)
}
/** 1: decisions were left over for the next event. */
export function more(): u32 {
  return load<u32>(GLOBALS, 72)
}
export function set_more(v: u32): void {
  store<u32>(GLOBALS, v, 72)
}
/** Kernel cost slots in use. */
export function cost_slots(): u32 {
  return load<u32>(GLOBALS, 76)
}
export function set_cost_slots(v: u32): void {
  store<u32>(GLOBALS, v, 76)
}
/** First stream + 1 whose credit of an earlier policy is still to be taken back, 0 for none. */
export function sweep(): u32 {
  return load<u32>(GLOBALS, 80)
}
export function set_sweep(v: u32): void {
  store<u32>(GLOBALS, v, 80)
}
/** One more than the greatest number of a device that was ever added. */
export function devices_end(): u32 {
  return load<u32>(GLOBALS, 84)
}
export function set_devices_end(v: u32): void {
  store<u32>(GLOBALS, v, 84)
}
