/**
 * For each class of a device, the eligible streams as a binary heap by virtual time (ties by stream number, so that the
 * order is total and the same everywhere). O(log n) for every change.
 */
import { MAX_STREAMS } from '../../build/gen/as/layout'
import { heapSize, set_heapSize } from '../state/devices'
import { CLASSES, DEVICE_BYTES, DEVICES, HEAPS } from '../state/memory'
import { heapPos, phase, set_heapPos, streamAt, streamId, vtime } from '../state/streams'

// @ts-ignore: decorator
@inline function base(d: u32, c: u32): u32 {
  return HEAPS + (((d - DEVICES) / DEVICE_BYTES) * CLASSES + c) * MAX_STREAMS * 4
}

// @ts-ignore: decorator
@inline function before(a: u32, b: u32): bool {
  const x = vtime(a)
  const y = vtime(b)
  return x < y || (x == y && a < b)
}

// @ts-ignore: decorator
@inline function place(heap: u32, position: u32, s: u32): void {
  store<u32>(heap + (position << 2), streamId(s))
  set_heapPos(s, position)
}

// @ts-ignore: decorator
@inline function look(heap: u32, position: u32): u32 {
  return streamAt(load<u32>(heap + (position << 2)))
}

function up(heap: u32, from: u32, s: u32): void {
  let position = from
  while (position > 0) {
    const parent = (position - 1) >> 1
    const other = look(heap, parent)
    if (!before(s, other)) break
    place(heap, position, other)
    position = parent
  }
  place(heap, position, s)
}

function down(heap: u32, size: u32, from: u32, s: u32): void {
  let position = from
  for (;;) {
    let child = position * 2 + 1
    if (child >= size) break
    let other = look(heap, child)
    if (child + 1 < size) {
      const right = look(heap, child + 1)
      if (before(right, other)) {
        other = right
        child++
      }
    }
    if (!before(other, s)) break
    place(heap, position, other)
    position = child
  }
  place(heap, position, s)
}

/** Adds a stream to the heap of its class. */
export function heapPush(d: u32, s: u32): void {
  const c = phase(s)
  const size = heapSize(d, c)
  set_heapSize(d, c, size + 1)
  up(base(d, c), size, s)
}

/** Takes a stream out of the heap of its class. */
export function heapRemove(d: u32, s: u32): void {
  const c = phase(s)
  const heap = base(d, c)
  const size = heapSize(d, c) - 1
  const position = heapPos(s)
  set_heapSize(d, c, size)
  const last = look(heap, size)
  if (last == s) return
  if (position > 0 && before(last, look(heap, (position - 1) >> 1))) up(heap, position, last)
  else down(heap, size, position, last)
}

/** The virtual time of a stream in the heap grew. */
export function heapGrown(d: u32, s: u32): void {
  const c = phase(s)
  down(base(d, c), heapSize(d, c), heapPos(s), s)
}

/** The stream of the class with the least virtual time, or 0. */
export function heapTop(d: u32, c: u32): u32 {
  return heapSize(d, c) == 0 ? 0 : look(base(d, c), 0)
}
