/**
 * Which phase a stream runs, by the best evidence there is (shared/facts/acl.md): an explicit hint, attention arguments,
 * operator names, graph replays, the process's role, and last the shape of its launches. Reports every change of
 * belief with its confidence.
 */
import {
  DECISION_PHASE,
  PHASE_DECODE,
  PHASE_MIXED,
  PHASE_PREFILL,
  PHASE_SOURCE_ARGUMENTS,
  PHASE_SOURCE_GRAPH,
  PHASE_SOURCE_HINT,
  PHASE_SOURCE_NAMES,
  PHASE_SOURCE_NONE,
  PHASE_SOURCE_ROLE,
  PHASE_SOURCE_SHAPE,
  PHASE_UNKNOWN,
  RULE_HINT,
  RULE_NAMES,
  RULE_NONE,
  RULE_ROLE,
  RULE_SHAPE,
} from '../../build/gen/as/layout'
import { revoke } from '../engine/credit'
import { emit } from '../engine/emit'
import { heapPush, heapRemove } from '../engine/heap'
import { moveActive } from '../model/service'
import { mayBeAlone } from '../policy/static-split'
import {
  classBusy,
  classInflightNs,
  classQueued,
  classUnmarkedNs,
  deviceAt,
  set_classBusy,
  set_classInflightNs,
  set_classQueued,
  set_classUnmarkedNs,
} from '../state/devices'
import {
  argumentsPhase,
  graphs,
  hintPhase,
  namesDecode,
  namesPrefill,
  rolePhase,
  set_confidence,
  shapeScore,
} from '../state/evidence'
import { inflightNs, unmarkedNs } from '../state/flight'
import {
  busy,
  device,
  ELIGIBLE,
  phase,
  phaseSource,
  queued,
  set_phase,
  set_phaseSource,
  state,
  streamId,
} from '../state/streams'

/** Names decide from this many operators on; MIXED where both kinds are this share of all (permille). */
export const NAMES_ENOUGH: u32 = 2
const MIXED_PERMILLE: u64 = 250
/** Graph replays decide from this many on (decode steps under full graphs come by the hundred). */
const GRAPHS_ENOUGH: u32 = 4
/** Looks at the launch shape that have to agree before it is believed, and before it is not believed any more. */
export const SHAPE_BELIEVE: i32 = 3
export const SHAPE_LIMIT: i32 = 8

/** Moves a stream from the class of its old phase to the new one. */
function move(s: u32, to: u32): void {
  const d = deviceAt(device(s))
  const from = phase(s)
  const eligible = state(s) == ELIGIBLE
  if (eligible) heapRemove(d, s)
  set_classQueued(d, from, classQueued(d, from) - queued(s))
  set_classInflightNs(d, from, classInflightNs(d, from) - inflightNs(s))
  set_classBusy(d, from, classBusy(d, from) - busy(s))
  set_classUnmarkedNs(d, from, classUnmarkedNs(d, from) - unmarkedNs(s))
  moveActive(s, 0)
  set_phase(s, to)
  moveActive(s, 1)
  set_classUnmarkedNs(d, to, classUnmarkedNs(d, to) + unmarkedNs(s))
  set_classQueued(d, to, classQueued(d, to) + queued(s))
  set_classInflightNs(d, to, classInflightNs(d, to) + inflightNs(s))
  set_classBusy(d, to, classBusy(d, to) + busy(s))
  if (eligible) heapPush(d, s)
}

function byNames(s: u32): u32 {
  const prefill = <u64>namesPrefill(s)
  const decode = <u64>namesDecode(s)
  const all = prefill + decode
  if (all < NAMES_ENOUGH) return PHASE_UNKNOWN
  if (prefill * 1000 >= all * MIXED_PERMILLE && decode * 1000 >= all * MIXED_PERMILLE) return PHASE_MIXED
  return prefill > decode ? PHASE_PREFILL : PHASE_DECODE
}

/** Launch shape, with hysteresis: a belief is kept until the evidence has turned. */
function byShape(s: u32): u32 {
  const score = shapeScore(s)
  if (score >= SHAPE_BELIEVE) return PHASE_PREFILL
  if (score <= -SHAPE_BELIEVE) return PHASE_DECODE
  if (phaseSource(s) != PHASE_SOURCE_SHAPE) return PHASE_UNKNOWN
  if (phase(s) == PHASE_PREFILL && score > 0) return PHASE_PREFILL
  if (phase(s) == PHASE_DECODE && score < 0) return PHASE_DECODE
  return PHASE_UNKNOWN
}

function ruleOf(source: u32): u32 {
  if (source == PHASE_SOURCE_HINT) return RULE_HINT
  if (source == PHASE_SOURCE_NAMES || source == PHASE_SOURCE_GRAPH || source == PHASE_SOURCE_ARGUMENTS)
    return RULE_NAMES
  if (source == PHASE_SOURCE_ROLE) return RULE_ROLE
  return source == PHASE_SOURCE_SHAPE ? RULE_SHAPE : RULE_NONE
}

/** Weighs the evidence anew; reports where the belief changed. */
export function weigh(s: u32): void {
  let to = hintPhase(s)
  let source = PHASE_SOURCE_HINT
  let sure: u32 = 1000
  if (to == PHASE_UNKNOWN) {
    to = argumentsPhase(s)
    source = PHASE_SOURCE_ARGUMENTS
    sure = 950
  }
  if (to == PHASE_UNKNOWN) {
    to = byNames(s)
    source = PHASE_SOURCE_NAMES
    sure = 900
  }
  if (to == PHASE_UNKNOWN && graphs(s) >= GRAPHS_ENOUGH) {
    to = PHASE_DECODE
    source = PHASE_SOURCE_GRAPH
    sure = 800
  }
  if (to == PHASE_UNKNOWN) {
    to = rolePhase(s)
    source = PHASE_SOURCE_ROLE
    sure = 750
  }
  if (to == PHASE_UNKNOWN) {
    to = byShape(s)
    source = PHASE_SOURCE_SHAPE
    const score = shapeScore(s)
    sure = 500 + 50 * <u32>(score < 0 ? -score : score)
  }
  if (to == PHASE_UNKNOWN) {
    source = PHASE_SOURCE_NONE
    sure = 0
  }
  const changed = to != phase(s)
  if (changed) move(s, to)
  set_phaseSource(s, source)
  set_confidence(s, sure)
  if (!changed) return
  emit(DECISION_PHASE, 0, ruleOf(source), streamId(s), to, device(s), sure)
  if (!mayBeAlone(s)) revoke(s, ruleOf(source))
}
