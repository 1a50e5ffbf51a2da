/**
 * Learned device time of kernels. The key is the kernel, its launch shape and its stream: the same kernel takes very
 * different time in prefill and in decode, and streams are how the two are told apart. Open addressing; where the
 * table is full, a slot per class of operator serves.
 */
import {
  MAX_KERNEL_KEYS,
  OP_CLASS_COPY_D2D,
  OP_CLASS_COPY_D2H,
  OP_CLASS_COPY_H2D,
  OP_CLASS_GRAPH,
  OP_CLASS_KERNEL,
} from '../../build/gen/as/layout'
import { cost_slots, set_cost_slots } from '../state/globals'
import { COST_BYTES, COSTS } from '../state/memory'

/** First guess for a kernel: between the static costs of msmodeling (2-10 us) and what profiles show (acl.md). */
const KERNEL_GUESS_NS: u32 = 20_000
/** First guess for a captured decode step: one 7B step (acl.md). */
const GRAPH_GUESS_NS: u32 = 15_000_000
/** Events, resets and other small tasks. */
const SMALL_NS: u32 = 1_000
/** A host copy: about 25 GB/s effective (hardware.md), and its set-up. */
const COPY_BYTES_PER_US: u64 = 25_000
const COPY_START_NS: u64 = 5_000
/** No prediction is longer: a wrong estimate must not close a window for seconds. */
const LONGEST_NS: u64 = 50_000_000
/** The first slots serve classes of operators when the table is full. */
const CLASS_SLOTS: u32 = 16
/** Slots looked at before the table counts as full for a key. */
const PROBES: u32 = 8

// @ts-ignore: decorator
@inline function at(slot: u32): u32 {
  return COSTS + slot * COST_BYTES
}

/** Learned time, ns; 0 before the first measurement. */
// @ts-ignore: decorator
@inline export function costNs(slot: u32): u32 {
  return load<u32>(at(slot), 8)
}

/** Mean deviation of the measurements, ns. */
// @ts-ignore: decorator
@inline export function costDeviation(slot: u32): u32 {
  return load<u32>(at(slot), 12)
}

/** Measurements so far. */
// @ts-ignore: decorator
@inline export function costCount(slot: u32): u32 {
  return load<u32>(at(slot), 16)
}

function mix(a: u64, b: u64): u64 {
  let h = (a ^ b) * 0x9e3779b97f4a7c15
  h ^= h >> 29
  h *= 0xbf58476d1ce4e5b9
  return h ^ (h >> 32)
}

/** The slot of a kernel on a stream; made where it is new. */
export function costSlot(opClass: u32, key: u64, blocks: u32, argsBytes: u32, stream: u32): u32 {
  if (opClass != OP_CLASS_KERNEL) return opClass
  const hash = mix(mix(key, (<u64>blocks << 32) | argsBytes), <u64>stream + 1) | 1
  const span = MAX_KERNEL_KEYS - CLASS_SLOTS
  let slot = <u32>(hash >> 1) % span
  for (let i: u32 = 0; i < PROBES; i++) {
    const p = at(CLASS_SLOTS + slot)
    const owner = load<u64>(p)
    if (owner == hash) return CLASS_SLOTS + slot
    if (owner == 0) {
      store<u64>(p, hash)
      set_cost_slots(cost_slots() + 1)
      return CLASS_SLOTS + slot
    }
    slot = slot + 1 == span ? 0 : slot + 1
  }
  return OP_CLASS_KERNEL
}

/** Predicted device time of one operator. */
export function predictNs(slot: u32, opClass: u32, bytes: u64): u32 {
  if (opClass == OP_CLASS_COPY_H2D || opClass == OP_CLASS_COPY_D2H || opClass == OP_CLASS_COPY_D2D) {
    return <u32>min<u64>(COPY_START_NS + (min<u64>(bytes, 1 << 40) * 1000) / COPY_BYTES_PER_US, LONGEST_NS)
  }
  const known = costNs(slot)
  if (known != 0) return known
  if (opClass == OP_CLASS_KERNEL) return KERNEL_GUESS_NS
  return opClass == OP_CLASS_GRAPH ? GRAPH_GUESS_NS : SMALL_NS
}

/** Takes one measurement in; `shift` damps it (3: an eighth of the difference). */
export function learn(slot: u32, ns: u64, shift: u32): void {
  const p = at(slot)
  const measured = <i64>min<u64>(ns, LONGEST_NS)
  const count = costCount(slot)
  const before = <i64>costNs(slot)
  if (count == 0) {
    store<u32>(p, <u32>max<i64>(measured, 1), 8)
    store<u32>(p, <u32>(measured >> 2), 12)
  } else {
    const difference = measured - before
    const size = difference < 0 ? -difference : difference
    const deviation = <i64>costDeviation(slot)
    store<u32>(p, <u32>max<i64>(before + (difference >> shift), 1), 8)
    store<u32>(p, <u32>(deviation + ((size - deviation) >> shift)), 12)
  }
  if (count != u32.MAX_VALUE) store<u32>(p, count + 1, 16)
}

/** Operators of the slot since its exact time was last asked for. */
// @ts-ignore: decorator
@inline export function sinceSample(slot: u32): u32 {
  return load<u32>(at(slot), 20)
}

// @ts-ignore: decorator
@inline export function setSinceSample(slot: u32, v: u32): void {
  store<u32>(at(slot), v, 20)
}
