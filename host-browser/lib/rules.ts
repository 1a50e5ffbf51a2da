/** What each rule of a decision means, for people; by Rule and, where it matters, by kind of decision. */
import { PolicyId } from '../../build/gen/ts/records.ts'

const rules: Record<string, string> = {
  NONE: 'No rule: the decision follows from the event alone.',
  PASSTHROUGH: 'Policy passthrough: every operator goes at once, and every stream may issue on credit.',
  ALONE: 'No other stream of the device has had work for a while: the stream has the device for itself.',
  FAIR_VTIME:
    'Policy fair: of the eligible streams, the one with the least virtual time goes, while the window has room.',
  SLICE_OWNER: 'Policy static-split: this part of the period belongs to the phase of the stream.',
  SLICE_OTHER: 'Policy static-split: this part of the period belongs to the other phase, or the stream is of no phase.',
  DECODE_SHARE: 'Policy dynamic-pd: decode goes first, as long as it has not used up its share of the time.',
  PREFILL_SHARE: 'Policy dynamic-pd: what decode leaves goes to the others, as long as their window has room.',
  PHASE_IDLE: 'Policy dynamic-pd: the other phase has no work, so this one may use what it leaves.',
  WINDOW_FULL: 'So much predicted work is on the device already that the window of the policy has no room.',
  SYNC_ORDER: 'Its next operator has to follow another on the same event, which has not gone yet.',
  STARVATION_GUARD: 'It could have gone for a second and did not: it goes, whatever the policy says.',
  COMPETITOR: 'Another stream of the device has work: credit is taken back, so that each operator is decided.',
  QUOTA: 'The tenant would hold more memory than its quota.',
  HINT: 'An explicit hint says so.',
  NAMES: 'The names of its operators say so.',
  ROLE: 'The role of its process says so.',
  SHAPE: 'The shape and length of its launches say so.',
  REBALANCE: 'Policy dynamic-pd: the load of prefill and what decode gets done were weighed anew.',
  DRAIN: 'A marker behind what was dispatched, so that its completion is seen.',
  SYNC_OBJECT: 'It waits on the device for a notify.',
  CALLBACK: 'It waits for a function of the host to return.',
}

/** Why, in a sentence. */
export const ruleText = (rule: string): string => rules[rule] ?? 'This version knows no such rule.'

const orders: Record<number, string> = {
  [PolicyId.PASSTHROUGH]: 'passthrough takes every eligible stream, in no order that matters.',
  [PolicyId.FAIR]: 'fair takes the least virtual time first; ties go to the lower stream number.',
  [PolicyId.STATIC_SPLIT]:
    'static-split takes streams of the phase that owns this part of the period, then unknown and mixed ones; within a phase the least virtual time first.',
  [PolicyId.DYNAMIC_PD]:
    'dynamic-pd takes decode first while it has share left, then prefill, mixed, unknown, each in its window; within a phase the least virtual time first.',
}

/** In which order a policy looks at candidates. */
export const orderText = (policy: number): string => orders[policy] ?? ''

/** Phases in the order in which a policy serves them; the rest of the order is virtual time. */
export function phaseRank(policy: number, phase: number): number {
  return policy === PolicyId.DYNAMIC_PD ? ([3, 1, 0, 2][phase] ?? 0) : 0
}
