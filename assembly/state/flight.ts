/**
 * Of a stream, what is out of its queue: the credit it has, and the work on the device with the markers behind it.
 * inflightNs is the sum of the predictions of all that was dispatched, or used on credit, and is neither complete nor
 * forgiven; of a class, the sum over its streams, exactly.
 */

/** Operators of the present grant, 0 for none. */
export function credit(p: u32): u64 {
  return load<u64>(p, 128)
}
export function set_credit(p: u32, v: u64): void {
  store<u64>(p, v, 128)
}
/** Size of the next grant. */
export function grantSize(p: u32): u32 {
  return load<u32>(p, 136)
}
export function set_grantSize(p: u32, v: u32): void {
  store<u32>(p, v, 136)
}
/** Predicted work dispatched and not complete, credit included. */
export function inflightNs(p: u32): u64 {
  return load<u64>(p, 144)
}
export function set_inflightNs(p: u32, v: u64): void {
  store<u64>(p, v, 144)
}
/** Part of it that was issued on credit. */
export function creditNs(p: u32): u64 {
  return load<u64>(p, 152)
}
export function set_creditNs(p: u32, v: u64): void {
  store<u64>(p, v, 152)
}
/** op_seq that ends the credit part. */
export function creditEnd(p: u32): u64 {
  return load<u64>(p, 160)
}
export function set_creditEnd(p: u32, v: u64): void {
  store<u64>(p, v, 160)
}
/** Predicted work dispatched since the last marker. */
export function unmarkedNs(p: u32): u64 {
  return load<u64>(p, 168)
}
export function set_unmarkedNs(p: u32, v: u64): void {
  store<u64>(p, v, 168)
}
/** Operators in it. */
export function unmarkedOps(p: u32): u32 {
  return load<u32>(p, 176)
}
export function set_unmarkedOps(p: u32, v: u32): void {
  store<u32>(p, v, 176)
}
/** op_seq up to which the work counts no more, complete or not: its completion is lost. */
export function forgivenSeq(p: u32): u64 {
  return load<u64>(p, 248)
}
export function set_forgivenSeq(p: u32, v: u64): void {
  store<u64>(p, v, 248)
}
/** When the first of them was dispatched. */
export function unmarkedSince(p: u32): u64 {
  return load<u64>(p, 184)
}
export function set_unmarkedSince(p: u32, v: u64): void {
  store<u64>(p, v, 184)
}
/** 1 where it is counted as having work on the device. */
export function active(p: u32): u32 {
  return load<u8>(p, 75)
}
export function set_active(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 75)
}
/** Service of its class when its last work was seen complete, or its first begun, ns / 1024. */
export function serviceThen(p: u32): u64 {
  return load<u64>(p, 232)
}
export function set_serviceThen(p: u32, v: u64): void {
  store<u64>(p, v, 232)
}
/** When that was. */
export function serviceThenAt(p: u32): u64 {
  return load<u64>(p, 240)
}
export function set_serviceThenAt(p: u32, v: u64): void {
  store<u64>(p, v, 240)
}
