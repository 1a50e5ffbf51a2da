/**
 * TTFT and TPOT as the device sees them. A recording holds no requests; it holds stretches of work: from the first
 * operator on an idle stream until all is complete. On a prefill stream one is what a request waits for its first token;
 * on a decode stream, from the end of one to the end of the next is a token, unless the stream had nothing to do in between.
 */
import { Phase } from '../../build/gen/ts/records.ts'
import type { Trace } from './trace.ts'

/** A decode stream that rests for longer had no token to make. */
const REST_NS = 100e6

export interface Distribution {
  /** Sorted, ms. */
  values: Float64Array
  p50: number
  p90: number
  p99: number
}

/** Sorted, with quantiles by the nearest rank. */
export function distribution(values: readonly number[]): Distribution {
  const sorted = Float64Array.from(values).sort()
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN
  return { values: sorted, p50: at(0.5), p90: at(0.9), p99: at(0.99) }
}

/** Both, of what ended between two times. */
export function tokenTimes({ steps }: Trace, from: number, to: number): { ttft: Distribution; tpot: Distribution } {
  const ttft: number[] = []
  const tpot: number[] = []
  for (let i = 0; i < steps.start.length; i++) {
    const length = steps.length.data[i]!
    const end = steps.start.data[i]! + length
    if (end < from || end > to) continue
    const phase = steps.phase.data[i]!
    const since = steps.since.data[i]!
    if (phase === Phase.PREFILL) ttft.push(length / 1e6)
    else if (phase === Phase.DECODE && since > 0 && since - length < REST_NS) tpot.push(since / 1e6)
  }
  return { ttft: distribution(ttft), tpot: distribution(tpot) }
}

/** How many values lie in each of `bins` equal parts from 0 to the greatest shown (the 99th percentile and a bit). */
export function histogram(
  { values, p99 }: Distribution,
  bins: number,
): { counts: number[]; width: number; beyond: number } {
  const top = (values.length === 0 ? 1 : p99 * 1.1) || 1
  const counts = Array.from({ length: bins }, () => 0)
  let beyond = 0
  for (const value of values) {
    const bin = Math.floor((value / top) * bins)
    if (bin < bins) counts[bin] = counts[bin]! + 1
    else beyond++
  }
  return { counts, width: top / bins, beyond }
}
