/**
 * Phase by launch shape: two streams of a device launch the same kernels, and one's take clearly longer. Prefill works
 * on hundreds or thousands of rows where decode works on one a request, so its operators are longer many times over.
 */
import { PHASE_SOURCE_NONE, PHASE_SOURCE_SHAPE } from '../../build/gen/as/layout'
import { deviceAt, set_shapeStream, shapeStream } from '../state/devices'
import { functions, meanCount, meanNs, set_shapeScore, shapeScore } from '../state/evidence'
import { device, phaseSource, streamAt, streamId, used } from '../state/streams'
import { SHAPE_LIMIT, weigh } from './detect'

/** Measurements before a stream is compared at all. */
const ENOUGH: u32 = 8
/** How much longer its operators have to be. */
const LONGER: u64 = 2

function score(s: u32, by: i32): void {
  const next = shapeScore(s) + by
  set_shapeScore(s, max<i32>(min<i32>(next, SHAPE_LIMIT), -SHAPE_LIMIT))
  const source = phaseSource(s)
  if (source == PHASE_SOURCE_NONE || source == PHASE_SOURCE_SHAPE) weigh(s)
}

/** Whether two streams launch largely the same kernels. */
function alike(a: u32, b: u32): bool {
  const x = functions(a)
  const y = functions(b)
  const both = popcnt<u64>(x & y)
  return both > 0 && both * 2 >= min<u64>(popcnt<u64>(x), popcnt<u64>(y))
}

/** A measurement of the stream came in: compares it with the other stream that was measured last. */
export function observeShape(s: u32): void {
  const d = deviceAt(device(s))
  const number = streamId(s) + 1
  const last = shapeStream(d)
  if (last == number) return
  set_shapeStream(d, number)
  if (last == 0) return
  const other = streamAt(last - 1)
  if (used(other) == 0 || device(other) != device(s)) return
  if (meanCount(s) < ENOUGH || meanCount(other) < ENOUGH || !alike(s, other)) return
  const mine = <u64>meanNs(s)
  const theirs = <u64>meanNs(other)
  if (mine > theirs * LONGER) {
    score(s, 1)
    score(other, -1)
  } else if (theirs > mine * LONGER) {
    score(s, -1)
    score(other, 1)
  }
}
