/** Operators that are submitted and not complete: a pool with a free list; each is in the list of its stream. */
import { MAX_OPS } from '../../build/gen/as/layout'
import { free_op, ops_used, set_free_op, set_ops_used } from './globals'
import { OP_BYTES, OPS } from './memory'

export function opAt(index: u32): u32 {
  return OPS + index * OP_BYTES
}

/** Takes an operator; its number + 1, or 0 where the table is full. */
export function takeOp(): u32 {
  const first = free_op()
  if (first != 0) {
    set_free_op(opNext(opAt(first - 1)))
    return first
  }
  const fresh = ops_used()
  if (fresh == MAX_OPS) return 0
  set_ops_used(fresh + 1)
  return fresh + 1
}

/** Gives an operator back. */
export function giveOp(number: u32): void {
  set_opNext(opAt(number - 1), free_op())
  set_free_op(number)
}

/** Next operator of the stream (or of the free list) + 1. */
export function opNext(p: u32): u32 {
  return load<u32>(p, 0)
}
export function set_opNext(p: u32, v: u32): void {
  store<u32>(p, v, 0)
}
/** Kernel cost slot. */
export function opCost(p: u32): u32 {
  return load<u32>(p, 4)
}
export function set_opCost(p: u32, v: u32): void {
  store<u32>(p, v, 4)
}
/** OpClass. */
export function opClass(p: u32): u32 {
  return load<u8>(p, 8)
}
export function set_opClass(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 8)
}
/** 1 where its exact time was asked for. */
export function opSampled(p: u32): u32 {
  return load<u8>(p, 9)
}
export function set_opSampled(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 9)
}
/** Low bits of the hash in its cost slot: tells whether the slot is still for this kernel. */
export function opTag(p: u32): u32 {
  return load<u16>(p, 10)
}
export function set_opTag(p: u32, v: u32): void {
  store<u16>(p, <u16>v, 10)
}
/** Synchronization object, NONE for none. */
export function opSync(p: u32): u32 {
  return load<u32>(p, 12)
}
export function set_opSync(p: u32, v: u32): void {
  store<u32>(p, v, 12)
}
/** Records of the object that have to go before it. */
export function opRecordTicket(p: u32): u32 {
  return load<u32>(p, 16)
}
export function set_opRecordTicket(p: u32, v: u32): void {
  store<u32>(p, v, 16)
}
/** Waits for the object that have to go before it. */
export function opWaitTicket(p: u32): u32 {
  return load<u32>(p, 20)
}
export function set_opWaitTicket(p: u32, v: u32): void {
  store<u32>(p, v, 20)
}
/** Predicted device time. */
export function opNs(p: u32): u32 {
  return load<u32>(p, 24)
}
export function set_opNs(p: u32, v: u32): void {
  store<u32>(p, v, 24)
}
/** Life of the synchronization object it belongs to. */
export function opLife(p: u32): u32 {
  return load<u32>(p, 28)
}
export function set_opLife(p: u32, v: u32): void {
  store<u32>(p, v, 28)
}
/** op_seq. */
export function opSeq(p: u32): u64 {
  return load<u64>(p, 32)
}
export function set_opSeq(p: u32, v: u64): void {
  store<u64>(p, v, 32)
}
/** Time of submission. */
export function opSubmitted(p: u32): u64 {
  return load<u64>(p, 40)
}
export function set_opSubmitted(p: u32, v: u64): void {
  store<u64>(p, v, 40)
}
