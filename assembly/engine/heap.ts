/**
 * For each class of a device, the eligible streams as a binary heap by virtual time (ties by stream number, so that the
 * order is total and the same everywhere). O(log n) for every change.
 */
import { MAX_STREAMS } from '../../build/gen/as/layout'
import { deviceNumber, heapSize, set_heapSize } from '../state/devices'
import { CLASSES, HEAP_ENTRY_BYTES, HEAP_PLACES, HEAPS } from '../state/memory'
import { phase, streamAt, streamId, vtime } from '../state/streams'

function base(d: u32, c: u32): u32 {
  return HEAPS + (deviceNumber(d) * CLASSES + c) * MAX_STREAMS * HEAP_ENTRY_BYTES
}

/* An entry holds the virtual time (u64) beside the stream number (u32), so that finding a place touches no stream but
 * those that move; where each stream is, is beside the heaps for the same reason. A stream's virtual time does not
 * change while it is in a heap. */

function entry(heap: u32, position: u32): u32 {
  return heap + position * HEAP_ENTRY_BYTES
}

/** Whether (time, number) comes before what is at `p`. */
function before(time: u64, number: u32, p: u32): bool {
  const other = load<u64>(p)
  return time < other || (time == other && number < load<u32>(p, 8))
}

function place(heap: u32, position: u32, time: u64, number: u32): void {
  const p = entry(heap, position)
  store<u64>(p, time)
  store<u32>(p, number, 8)
  store<u32>(HEAP_PLACES + number * 4, position)
}

function up(heap: u32, from: u32, time: u64, number: u32): void {
  let position = from
  while (position > 0) {
    const parent = (position - 1) >> 1
    const p = entry(heap, parent)
    if (!before(time, number, p)) break
    place(heap, position, load<u64>(p), load<u32>(p, 8))
    position = parent
  }
  place(heap, position, time, number)
}

function down(heap: u32, size: u32, from: u32, time: u64, number: u32): void {
  let position = from
  for (;;) {
    let child = position * 2 + 1
    if (child >= size) break
    let p = entry(heap, child)
    if (child + 1 < size) {
      const right = entry(heap, child + 1)
      if (before(load<u64>(right), load<u32>(right, 8), p)) {
        p = right
        child++
      }
    }
    if (before(time, number, p)) break
    place(heap, position, load<u64>(p), load<u32>(p, 8))
    position = child
  }
  place(heap, position, time, number)
}

/** Adds a stream to the heap of its class. */
export function heapPush(d: u32, s: u32): void {
  const c = phase(s)
  const size = heapSize(d, c)
  set_heapSize(d, c, size + 1)
  up(base(d, c), size, vtime(s), streamId(s))
}

/** Takes a stream out of the heap of its class. */
export function heapRemove(d: u32, s: u32): void {
  const c = phase(s)
  const heap = base(d, c)
  const size = heapSize(d, c) - 1
  const position = load<u32>(HEAP_PLACES + streamId(s) * 4)
  set_heapSize(d, c, size)
  if (position == size) return
  const last = entry(heap, size)
  const time = load<u64>(last)
  const number = load<u32>(last, 8)
  if (position > 0 && before(time, number, entry(heap, (position - 1) >> 1))) up(heap, position, time, number)
  else down(heap, size, position, time, number)
}

/** The virtual time of a stream in the heap of its class has become greater. */
export function heapRaise(d: u32, s: u32): void {
  const c = phase(s)
  down(base(d, c), heapSize(d, c), load<u32>(HEAP_PLACES + streamId(s) * 4), vtime(s), streamId(s))
}

/** The stream of the class with the least virtual time, or 0. */
export function heapTop(d: u32, c: u32): u32 {
  return heapSize(d, c) == 0 ? 0 : streamAt(load<u32>(base(d, c), 8))
}
