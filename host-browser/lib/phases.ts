/** How activity is coded in a byte: one bit for each phase at work, one for work on credit, which nobody watches. */
import { Phase } from '../../build/gen/ts/records.ts'

/** Bit of a phase. */
export const phaseBit = (phase: number): number => 1 << phase

/** Operators may be issued on credit: what runs is not seen. */
export const CREDIT_BIT = 16

export const PREFILL_BIT = 1 << Phase.PREFILL
export const DECODE_BIT = 1 << Phase.DECODE

/** Phases by number, as people read them. */
export const phaseLabels = ['unknown', 'prefill', 'decode', 'mixed'] as const

/** What activity a span is. */
export function codeLabel(code: number): string {
  const phases = phaseLabels.filter((_, phase) => (code & (1 << phase)) !== 0)
  if ((code & CREDIT_BIT) !== 0) phases.push('on credit' as never)
  return phases.join(' + ')
}
