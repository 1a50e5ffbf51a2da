/** Of a device, what dynamic-pd keeps: the share of decode, what it may still use, and what both phases were seen to need. */

/** Share of decode while prefill has work, permille. */
export function decodeShare(p: u32): u32 {
  return load<u32>(p, 192)
}
export function set_decodeShare(p: u32, v: u32): void {
  store<u32>(p, v, 192)
}
/** Least share at which decode was seen to lose nothing, permille; 0 before it was found. */
export function saturation(p: u32): u32 {
  return load<u32>(p, 196)
}
export function set_saturation(p: u32, v: u32): void {
  store<u32>(p, v, 196)
}
/** Predicted decode work that may still go, ns. */
export function decodeTokens(p: u32): i64 {
  return load<i64>(p, 200)
}
export function set_decodeTokens(p: u32, v: i64): void {
  store<i64>(p, v, 200)
}
/** When tokens were last added. */
export function tokensAt(p: u32): u64 {
  return load<u64>(p, 208)
}
export function set_tokensAt(p: u32, v: u64): void {
  store<u64>(p, v, 208)
}
/** When shares are next reconsidered. */
export function intervalAt(p: u32): u64 {
  return load<u64>(p, 216)
}
export function set_intervalAt(p: u32, v: u64): void {
  store<u64>(p, v, 216)
}
/** When the times below were last brought up to date. */
export function watchedAt(p: u32): u64 {
  return load<u64>(p, 224)
}
export function set_watchedAt(p: u32, v: u64): void {
  store<u64>(p, v, 224)
}
/** Whether prefill (1) and decode (2) had work since then. */
export function watchedFlags(p: u32): u32 {
  return load<u32>(p, 232)
}
export function set_watchedFlags(p: u32, v: u32): void {
  store<u32>(p, v, 232)
}
/** Intervals of this epoch so far. */
export function intervals(p: u32): u32 {
  return load<u32>(p, 236)
}
export function set_intervals(p: u32, v: u32): void {
  store<u32>(p, v, 236)
}
/** Time of this interval in which prefill had work. */
export function prefillBusyNs(p: u32): u64 {
  return load<u64>(p, 240)
}
export function set_prefillBusyNs(p: u32, v: u64): void {
  store<u64>(p, v, 240)
}
/** Time of this epoch in which both had. */
export function contendedNs(p: u32): u64 {
  return load<u64>(p, 248)
}
export function set_contendedNs(p: u32, v: u64): void {
  store<u64>(p, v, 248)
}
/** Predicted decode work that became complete in this epoch while prefill had work, too. */
export function contendedDoneNs(p: u32): u64 {
  return load<u64>(p, 264)
}
export function set_contendedDoneNs(p: u32, v: u64): void {
  store<u64>(p, v, 264)
}
/** When the epoch began. */
export function epochAt(p: u32): u64 {
  return load<u64>(p, 272)
}
export function set_epochAt(p: u32, v: u64): void {
  store<u64>(p, v, 272)
}
/** Smoothed share of time in which prefill has work, permille. */
export function prefillLoad(p: u32): u32 {
  return load<u32>(p, 280)
}
export function set_prefillLoad(p: u32, v: u32): void {
  store<u32>(p, v, 280)
}
/** Decode work a time unit while prefill has work, at the share before this one, permille. */
export function rateBefore(p: u32): u32 {
  return load<u32>(p, 288)
}
export function set_rateBefore(p: u32, v: u32): void {
  store<u32>(p, v, 288)
}
/** Epochs for which the share stays at the saturation share although prefill lacks time. */
export function patience(p: u32): u32 {
  return load<u32>(p, 292)
}
export function set_patience(p: u32, v: u32): void {
  store<u32>(p, v, 292)
}
