/** The first decision at which two runs differ, whatever events led to them. */
import { DecisionKind } from '../../../build/gen/ts/records.ts'
import type { DecisionSide } from './types.ts'
import { DECISION_WORDS, EVENT_WORDS, timeOf, u64 } from './words.ts'

/** What of a decision is compared: all but the number of its event, and until when a HOLD lasts (a time). */
function same(a: Uint32Array, b: Uint32Array, at: number): boolean {
  const isHold = (a[at]! & 0xff) === DecisionKind.HOLD
  for (let i = 0; i < (isHold ? 4 : 6); i++) if (a[at + i] !== b[at + i]) return false
  return true
}

function side(events: Uint32Array, decisions: Uint32Array, at: number): DecisionSide | null {
  if (at >= decisions.length) return null
  const event = u64(decisions, at + 6)
  const time = event * EVENT_WORDS <= events.length ? timeOf(events, (event - 1) * EVENT_WORDS) : NaN
  const words = decisions.slice(at, at + DECISION_WORDS)
  return { decision: at / DECISION_WORDS + 1, event, time_ns: time, record: new Uint8Array(words.buffer) }
}

/** A run, in words. */
export interface Words {
  events: Uint32Array
  decisions: Uint32Array
}

export function firstDifference(
  recorded: Words,
  whatif: Words,
): { recorded: DecisionSide | null; whatif: DecisionSide | null } | null {
  const [a, b] = [recorded.decisions, whatif.decisions]
  const shared = Math.min(a.length, b.length)
  let at = 0
  while (at < shared && same(a, b, at)) at += DECISION_WORDS
  if (at >= a.length && at >= b.length) return null
  return { recorded: side(recorded.events, a, at), whatif: side(whatif.events, b, at) }
}
