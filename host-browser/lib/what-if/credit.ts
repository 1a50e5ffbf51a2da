/**
 * When a program went on behind operators that it issued on credit. Nothing recorded says it: it is judged by what they
 * take on the device, and, where credit was used up again and again, by how long that took.
 */
import { Rule, type CreditStretch, type StreamProgram } from './program.ts'

/** Bounds of what credit that was used up says of its operators' time over what is known of them. */
const LEAST = 0.5
const MOST = 2
/** Steps in a stretch before its time says anything. */
const STEPS_ENOUGH = 2

function ends(p: StreamProgram, { from, to }: CreditStretch): number {
  return p.boundaries.reduce((sum, n) => (n > from && n <= to ? sum + 1 : sum), 0)
}

function own(p: StreamProgram, { from, to }: CreditStretch): number {
  let sum = 0
  for (let n = from; n < to; n++) sum += p.own[n]!
  return sum
}

/** Completes the rules of what follows operators on credit; `times`: when it was submitted. */
export function settleStretches(p: StreamProgram, times: (operator: number) => number): void {
  for (const stretch of p.stretches) {
    const pauses = ends(p, stretch)
    const took = stretch.settled_ns - stretch.granted_ns - pauses * p.think
    if (stretch.exhausted && pauses >= STEPS_ENOUGH) {
      const scale = Math.min(Math.max(took / own(p, stretch), LEAST), MOST)
      if (Number.isFinite(scale)) for (let n = stretch.from; n < stretch.to; n++) p.own[n]! *= scale
    }
    const next = stretch.to
    if (next >= p.count || p.rule[next] !== Rule.OPEN) continue
    const begins = p.boundaries.includes(next)
    const idle = times(next) - stretch.granted_ns - own(p, stretch) - pauses * p.think
    if (begins && idle > p.thinkLimit) {
      p.rule[next] = Rule.ARRIVES
      p.delay[next] = times(next)
    } else {
      p.rule[next] = begins ? Rule.AFTER : Rule.PACED
      p.delay[next] = begins ? p.think : p.pace
    }
  }
}
