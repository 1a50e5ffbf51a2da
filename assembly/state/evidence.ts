/**
 * Of a stream, what speaks for the phase it runs. Kept for every source apart, so that weaker evidence is still there
 * when stronger is taken back.
 */

/** Bloom of the kernels it launches. */
export function functions(p: u32): u64 {
  return load<u64>(p, 192)
}
export function set_functions(p: u32, v: u64): void {
  store<u64>(p, v, 192)
}
/** Mean device time of its operators, ns. */
export function meanNs(p: u32): u32 {
  return load<u32>(p, 200)
}
export function set_meanNs(p: u32, v: u32): void {
  store<u32>(p, v, 200)
}
/** Measurements in it. */
export function meanCount(p: u32): u32 {
  return load<u32>(p, 204)
}
export function set_meanCount(p: u32, v: u32): void {
  store<u32>(p, v, 204)
}
/** Evidence of launch shape: positive prefill, negative decode. */
export function shapeScore(p: u32): i32 {
  return load<i32>(p, 208)
}
export function set_shapeScore(p: u32, v: i32): void {
  store<i32>(p, v, 208)
}
/** Operators whose name says prefill. */
export function namesPrefill(p: u32): u32 {
  return load<u32>(p, 212)
}
export function set_namesPrefill(p: u32, v: u32): void {
  store<u32>(p, v, 212)
}
/** Operators whose name says decode. */
export function namesDecode(p: u32): u32 {
  return load<u32>(p, 216)
}
export function set_namesDecode(p: u32, v: u32): void {
  store<u32>(p, v, 216)
}
/** Graph replays. */
export function graphs(p: u32): u32 {
  return load<u32>(p, 220)
}
export function set_graphs(p: u32, v: u32): void {
  store<u32>(p, v, 220)
}
/** Phase of an explicit hint. */
export function hintPhase(p: u32): u32 {
  return load<u8>(p, 224)
}
export function set_hintPhase(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 224)
}
/** Phase of the process role. */
export function rolePhase(p: u32): u32 {
  return load<u8>(p, 225)
}
export function set_rolePhase(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 225)
}
/** Phase that arguments say. */
export function argumentsPhase(p: u32): u32 {
  return load<u8>(p, 226)
}
export function set_argumentsPhase(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 226)
}
/** Confidence in the phase, permille. */
export function confidence(p: u32): u32 {
  return load<u32>(p, 228)
}
export function set_confidence(p: u32, v: u32): void {
  store<u32>(p, v, 228)
}
