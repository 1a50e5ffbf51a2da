/**
 * Learned device time of kernels, and of graph replays and collectives. The key is the kernel, its launch shape, and the
 * virtual NPU and phase it runs in: the same kernel takes very different time in prefill and in decode, and in two
 * models. While the phase of a stream is not known, the stream stands in for it; what was learned so is where the new
 * key begins. Open addressing; where all places of a key are in use, all share a slot for the kernel. An operator notes
 * a tag of the key, so that nothing is learned for a key that has made room for another.
 *
 * slot   0 u64 hash of the key   8 u32 mean ns   12 u32 mean deviation ns   16 u16 measurements, 18 u16 trust
 *       20 u32 launches since the last exact measurement   24 u64 time of last use + 1
 */
import {
  MAX_KERNEL_KEYS,
  OP_CLASS_CALLBACK_BLOCK,
  OP_CLASS_COLLECTIVE,
  OP_CLASS_COPY_D2D,
  OP_CLASS_COPY_D2H,
  OP_CLASS_COPY_H2D,
  OP_CLASS_GRAPH,
  OP_CLASS_KERNEL,
  OP_CLASS_NOTIFY_WAIT,
  PHASE_UNKNOWN,
} from '../../build/gen/as/layout'
import { cost_slots, now_ns, set_cost_slots } from '../state/globals'
import { COST_BYTES, COSTS } from '../state/memory'
import { phase, streamId, vnpu } from '../state/streams'

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
/** First guess for a collective: msmodeling's static cost (hardware.md). */
const COLLECTIVE_GUESS_NS: u32 = 10_000
/** The first slots serve the classes of operators whose time is not learned. */
const CLASS_SLOTS: u32 = 16
/** What a measurement alone adds to the trust in a slot; one in company takes 1. Its limit. */
const TRUST_GAIN: u32 = 64
const TRUST_LIMIT: u32 = 512
/** A slot that was not used for this long makes room. */
const STALE_NS: u64 = 10_000_000_000
/** Places of a key. */
const PROBES: u32 = 4

function at(slot: u32): u32 {
  return COSTS + slot * COST_BYTES
}

/** Learned time, ns; 0 before the first measurement. */
export function costNs(slot: u32): u32 {
  return load<u32>(at(slot), 8)
}

/** Mean deviation of the measurements, ns. */
export function costDeviation(slot: u32): u32 {
  return load<u32>(at(slot), 12)
}

/** Measurements so far, up to 65,535. */
export function costCount(slot: u32): u32 {
  return load<u16>(at(slot), 16)
}

/** Trust that the learned time is the kernel's own: measurements with no other phase on the device build it up. */
function trust(slot: u32): u32 {
  return load<u16>(at(slot), 18)
}

/** Whether the learned time is the kernel's own, so that more time in company is the company's doing. */
export function isOwnTime(slot: u32): bool {
  return trust(slot) > 0
}

function mix(a: u64, b: u64): u64 {
  let h = (a ^ b) * 0x9e3779b97f4a7c15
  h ^= h >> 29
  h *= 0xbf58476d1ce4e5b9
  return h ^ (h >> 32)
}

/** Whether the time of operators of the class is learned by key. */
export function isLearned(opClass: u32): bool {
  return opClass == OP_CLASS_KERNEL || opClass == OP_CLASS_GRAPH || opClass == OP_CLASS_COLLECTIVE
}

/** Tag of the key that a slot is for now. */
export function costTag(slot: u32): u32 {
  return load<u16>(at(slot), 2)
}

function begin(p: u32, hash: u64): void {
  store<u64>(p, hash)
  store<u64>(p, 0, 8)
  store<u64>(p, 0, 16)
}

/** The slot of a hash that search() found; 0 where it found none. */
let found: u32 = 0
/** The slot it would take: a free one, or the least recently used of the key's places. */
let free: u32 = 0
/** When that was used last; 0 where it is free. */
let freeUsedAt: u64 = 0

function search(hash: u64): void {
  const span = MAX_KERNEL_KEYS - CLASS_SLOTS
  let slot = CLASS_SLOTS + (<u32>(hash >> 1) % span)
  found = 0
  freeUsedAt = u64.MAX_VALUE
  for (let i: u32 = 0; i < PROBES; i++) {
    const p = at(slot)
    const owner = load<u64>(p)
    if (owner == hash) {
      found = slot
      return
    }
    if (load<u64>(p, 24) < freeUsedAt) {
      freeUsedAt = load<u64>(p, 24)
      free = slot
    }
    if (owner == 0) return
    slot = slot + 1 == MAX_KERNEL_KEYS ? CLASS_SLOTS : slot + 1
  }
}

function use(slot: u32, hash: u64): u32 {
  const p = at(slot)
  if (load<u64>(p) != hash) {
    if (load<u64>(p) == 0) set_cost_slots(cost_slots() + 1)
    begin(p, hash)
  }
  store<u64>(p, now_ns() + 1, 24)
  return slot
}

/** Who runs a kernel, as far as its time depends on that. Phases of virtual NPUs and streams never collide. */
function runner(s: u32): u64 {
  const c = phase(s)
  return c != PHASE_UNKNOWN ? 0x100000000 | ((vnpu(s) << 2) | c) : <u64>streamId(s) + 1
}

/** A slot for a key that is new; `from` is the key of the same kernel under which it may have been learned before. */
function make(own: u64, from: u64): u32 {
  const slot = free
  search(from)
  use(slot, own)
  if (found != 0 && found != slot) memory.copy(at(slot) + 8, at(found) + 8, 12)
  return slot
}

/**
 * The slot of an operator on a stream; made where it is new. Where every place is in use by others, the kernel shares a
 * slot with the same kernel wherever it runs.
 */
export function costSlot(opClass: u32, key: u64, blocks: u32, argsBytes: u32, s: u32): u32 {
  if (!isLearned(opClass)) return opClass
  const kernel = mix(key ^ opClass, ((<u64>blocks) << 32) | argsBytes)
  const own = mix(kernel, runner(s)) | 1
  search(own)
  if (found != 0) return use(found, own)
  if (freeUsedAt == 0 || freeUsedAt + STALE_NS < now_ns()) return make(own, mix(kernel, <u64>streamId(s) + 1) | 1)
  const shared = mix(kernel, 0) | 1
  search(shared)
  return use(found != 0 ? found : free, shared)
}

/** Predicted device time of one operator. */
export function predictNs(slot: u32, opClass: u32, bytes: u64): u32 {
  if (opClass == OP_CLASS_KERNEL) {
    const known = costNs(slot)
    return known != 0 ? known : KERNEL_GUESS_NS
  }
  if (opClass == OP_CLASS_COPY_H2D || opClass == OP_CLASS_COPY_D2H || opClass == OP_CLASS_COPY_D2D) {
    return <u32>min<u64>(COPY_START_NS + (min<u64>(bytes, 1 << 40) * 1000) / COPY_BYTES_PER_US, LONGEST_NS)
  }
  /* What may wait for something that is not there yet counts in no window. */
  if (opClass == OP_CLASS_NOTIFY_WAIT || opClass == OP_CLASS_CALLBACK_BLOCK) return 0
  if (opClass != OP_CLASS_GRAPH && opClass != OP_CLASS_COLLECTIVE) return SMALL_NS
  const known = costNs(slot)
  if (known != 0) return known
  return opClass == OP_CLASS_GRAPH ? GRAPH_GUESS_NS : COLLECTIVE_GUESS_NS
}

/**
 * Takes one measurement in; `shift` damps it (3: an eighth of the difference). One in company of another phase is taken
 * only where the kernel was never, or not for long, measured by itself.
 */
export function learn(slot: u32, ns: u64, shift: u32, company: bool): void {
  const p = at(slot)
  const count = costCount(slot)
  if (company) {
    const left = trust(slot)
    if (left > 0) {
      store<u16>(p, <u16>(left - 1), 18)
      return
    }
  } else store<u16>(p, <u16>min<u32>(trust(slot) + TRUST_GAIN, TRUST_LIMIT), 18)
  const measured = <i64>min<u64>(ns, LONGEST_NS)
  if (count == 0) {
    store<u32>(p, <u32>max<i64>(measured, 1), 8)
    store<u32>(p, <u32>(measured >> 2), 12)
  } else {
    const before = <i64>costNs(slot)
    const difference = measured - before
    const size = difference < 0 ? -difference : difference
    const deviation = <i64>costDeviation(slot)
    store<u32>(p, <u32>max<i64>(before + (difference >> shift), 1), 8)
    store<u32>(p, <u32>(deviation + ((size - deviation) >> shift)), 12)
  }
  if (count < 0xffff) store<u16>(p, <u16>(count + 1), 16)
}

/** Operators of the slot since its exact time was last asked for. */
export function sinceSample(slot: u32): u32 {
  return load<u32>(at(slot), 20)
}

export function setSinceSample(slot: u32, v: u32): void {
  store<u32>(at(slot), v, 20)
}
