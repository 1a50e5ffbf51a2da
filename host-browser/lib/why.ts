/**
 * Why a decision was made: what the policy could choose from at that moment, with each candidate's figures. The core
 * tells its state before and after an event only, and one event may lead to many decisions. In between, what adds up
 * (queued, in flight) is the state after the event less what later decisions of it did; virtual time is the state before
 * it with the earlier decisions carried out as the core does it (assembly/engine/dispatch.ts, order.ts). The latter is
 * checked against the state after the event: `exact` says whether it met it.
 */
import {
  DecisionFlag,
  DecisionKind,
  EventKind,
  limits,
  OpClassNames,
  PolicyIdNames,
} from '../../build/gen/ts/records.ts'
import type { CoreFigures } from '../../host-node/core/figures.ts'
import { NameKind } from '../../host-node/log/names.ts'
import { shownDecision, shownEvent, type ShownRecord } from '../../host-node/log/shown.ts'
import { policyIds, policyParameters } from '../../spec/records.ts'
import type { Cursor } from './cursor.ts'
import { phaseLabels } from './phases.ts'
import type { Recording } from './recording.ts'
import { orderText, phaseRank, ruleText } from './rules.ts'

/** After this long an eligible operator goes whatever the policy says (STARVING_NS of assembly/engine/schedule.ts). */
const STARVING_NS = 1e9
/** How far back the submission of an operator is looked for. */
const LOOK_BACK_EVENTS = 200_000

export interface Candidate {
  stream: number
  name?: string
  tenant: number
  phase: string
  state: string
  queued: number
  weight: number
  /** Predicted work over weight, what `fair` and every phase's order goes by. */
  vtime: number
  /** op_seq, class or kernel, and predicted device time of the operator that would go next. */
  next_seq: number
  next: string
  predicted_ns: number
  waiting_ns: number
  /** Time until the starvation guard lets it through. */
  slack_ns: number
  /** How much longer it is predicted to take beside what other phases have on the device, permille; 1000: no longer. */
  interference_permille: number
  inflight_ns: number
  chosen: boolean
}

export interface PhaseFigures {
  phase: string
  queued: number
  inflight_ns: number
  window_ns: number
}

export interface Why {
  /** Counted from 0. */
  decision: number
  event: number
  time_ns: number
  shown: ShownRecord
  cause: ShownRecord
  rule: string
  policy: string
  parameters: { name: string; value: string }[]
  order: string
  device: number
  phases: PhaseFigures[]
  share_permille: number
  tokens_ns: number
  candidates: Candidate[]
  /** Candidates that are left out, being too many. */
  more: number
  exact: boolean
}

const states = ['idle', 'eligible', 'blocked', 'behind a wait', 'behind a call']
const SHOWN = 200

/** What is needed of a stream, as numbers. */
interface Known {
  exists: boolean
  phase: number
  state: number
  queued: number
  submitted: number
  dispatched: number
  vtime: bigint
  weight: number
  eligible_since: number
  inflight_ns: number
}

function known(f: CoreFigures, id: number): Known {
  return {
    exists: f.stream_exists(id) !== 0,
    phase: f.stream_phase(id),
    state: f.stream_state(id),
    queued: f.stream_queued(id),
    submitted: Number(f.stream_submitted(id)),
    dispatched: Number(f.stream_dispatched(id)),
    vtime: f.stream_vtime(id),
    weight: f.stream_weight(id),
    eligible_since: Number(f.stream_eligible_since(id)),
    inflight_ns: Number(f.stream_inflight_ns(id)),
  }
}

interface Made {
  kind: number
  flags: number
  stream: number
  count: number
  last_seq: number
  device: number
  /** Predicted work of what it dispatched. */
  ns: number
}

/** Explains a decision, counted from 0. Moves the cursor to behind the event that led to it. */
export function why(recording: Recording, cursor: Cursor, decision: number): Why {
  const event = recording.eventOf(decision)
  const first = recording.firstDecision(event)
  const f = cursor.core.figures
  cursor.seek(event)
  const present = Array.from({ length: limits.MAX_STREAMS }, (_, id) => id).filter((id) => f.stream_exists(id) !== 0)
  const before = new Map(present.map((id) => [id, known(f, id)]))
  const clockBefore = new Map<number, bigint>()
  const deviceOf = new Map(present.map((id) => [id, f.stream_device(id)]))
  for (let d = 0; d < limits.MAX_DEVICES; d++) clockBefore.set(d, f.device_vclock(d))
  cursor.step()
  const after = new Map(present.map((id) => [id, known(f, id)]))
  const made: Made[] = []
  for (let d = first; d < recording.decisions.count && recording.eventOf(d) === event; d++)
    made.push(read(recording, d, f))
  const at = decision - first
  const subject = made[at] as Made
  const device = deviceFor(subject, deviceOf)
  const clocks = virtualTimes(recording, event, before, after, clockBefore, deviceOf, made, at)
  const later = made.slice(at).filter(isDispatch)
  const laterOf = (id: number): Made[] => later.filter((m) => m.stream === id)

  const phases = phaseLabels.map((label, phase): PhaseFigures => {
    const own = later.filter((m) => m.device === device && after.get(m.stream)?.phase === phase)
    return {
      phase: label,
      queued: f.device_queued(device, phase) + sum(own, (m) => m.count),
      inflight_ns: Number(f.device_inflight_ns(device, phase)) - sum(own, (m) => m.ns),
      window_ns: Number(f.window_ns(phase)),
    }
  })
  const time_ns = recording.timeOf(event)
  const candidates: Candidate[] = []
  const policy = f.policy()
  for (const id of present) {
    const a = after.get(id) as Known
    const b = before.get(id) as Known
    const queued = a.queued + sum(laterOf(id), (m) => m.count)
    if (deviceOf.get(id) !== device || !a.exists || queued === 0) continue
    const next_seq = a.submitted - queued + 1
    const eligible = b.state === 0 || laterOf(id).length > 0 ? 1 : b.state
    const waiting_ns = b.queued > 0 && b.eligible_since > 0 ? time_ns - b.eligible_since : 0
    const others = phases.filter((p, phase) => phase !== a.phase && p.inflight_ns > 0)
    const slowed = others.map((p) => f.device_interference(device, a.phase, phaseLabels.indexOf(p.phase as never)))
    const name = recording.activity.topology.nameOf(NameKind.STREAM, id)
    candidates.push({
      stream: id,
      ...(name !== undefined && { name }),
      tenant: f.stream_tenant(id),
      phase: phaseLabels[a.phase] ?? '',
      state: states[eligible] ?? '',
      queued,
      weight: a.weight,
      vtime: Number(clocks.times.get(id) ?? a.vtime),
      next_seq,
      next: operatorName(recording, event, id, next_seq, f),
      predicted_ns: f.stream_op_ns(id, BigInt(next_seq)),
      waiting_ns,
      slack_ns: Math.max(0, STARVING_NS - waiting_ns),
      interference_permille: Math.max(1000, ...slowed),
      inflight_ns: a.inflight_ns - sum(laterOf(id), (m) => m.ns),
      chosen: id === subject.stream && isStreams(subject.kind),
    })
  }
  const rank = (c: Candidate): number =>
    (c.state === 'eligible' ? 0 : 10) + phaseRank(policy, phaseLabels.indexOf(c.phase as never))
  candidates.sort((x, y) => rank(x) - rank(y) || x.vtime - y.vtime || x.stream - y.stream)
  const shown = shownDecision(recording.decisions.at(decision))
  const name = Object.entries(policyIds).find(([, id]) => id === policy)?.[0] ?? PolicyIdNames[policy] ?? ''
  return {
    decision,
    event,
    time_ns,
    shown,
    cause: shownEvent(recording.events.at(event)),
    rule: ruleText(String(shown['rule'])),
    policy: name,
    parameters: (policyParameters[name] ?? []).map((p, i) => ({ name: p.name, value: String(f.policy_parameter(i)) })),
    order: orderText(policy),
    device,
    phases,
    share_permille: f.device_decode_share(device),
    tokens_ns: Number(f.device_decode_tokens_ns(device)),
    candidates: candidates.slice(0, SHOWN).concat(candidates.slice(SHOWN).filter((c) => c.chosen)),
    more: Math.max(0, candidates.length - SHOWN),
    exact: clocks.exact,
  }
}

const sum = (list: readonly Made[], of: (m: Made) => number): number => list.reduce((total, m) => total + of(m), 0)

const isDispatch = (m: Made): boolean =>
  m.kind === DecisionKind.DISPATCH && (m.flags & DecisionFlag.CREDIT) === 0 && m.count > 0

const isStreams = (kind: number): boolean =>
  kind !== DecisionKind.ADMIT && kind !== DecisionKind.DENY && kind !== DecisionKind.SHARE

function deviceFor(made: Made, deviceOf: Map<number, number>): number {
  return isStreams(made.kind) ? (deviceOf.get(made.stream) ?? made.device) : made.device
}

function read(recording: Recording, d: number, f: CoreFigures): Made {
  const { decisions } = recording
  const made: Made = {
    kind: decisions.u32(d, 0) & 0xff,
    flags: (decisions.u32(d, 0) >>> 8) & 0xff,
    stream: decisions.u32(d, 4),
    count: decisions.u32(d, 8),
    device: decisions.u32(d, 12) & 0xffff,
    last_seq: decisions.u64(d, 16),
    ns: 0,
  }
  if (!isDispatch(made)) return made
  // What was dispatched is not complete yet: the core still knows each operator.
  for (let i = 0; i < made.count; i++) made.ns += f.stream_op_ns(made.stream, BigInt(made.last_seq - i))
  return made
}

/** Virtual times of streams just before decision `at` of an event. */
function virtualTimes(
  recording: Recording,
  event: number,
  before: Map<number, Known>,
  after: Map<number, Known>,
  clocks: Map<number, bigint>,
  deviceOf: Map<number, number>,
  made: readonly Made[],
  at: number,
): { times: Map<number, bigint>; exact: boolean } {
  const times = new Map([...before].map(([id, { vtime }]) => [id, vtime]))
  const queued = new Map([...before].map(([id, k]) => [id, k.queued]))
  const raise = (id: number): void => {
    const clock = clocks.get(deviceOf.get(id) ?? 0) ?? 0n
    if ((times.get(id) ?? 0n) < clock) times.set(id, clock)
  }
  const submits = (recording.events.u32(event, 0) & 0xffff) === EventKind.OP_SUBMIT
  const stream = recording.events.u32(event, 4)
  if (submits && before.has(stream)) {
    queued.set(stream, (queued.get(stream) ?? 0) + 1)
    // A stream that was idle does not save up what it did not use.
    if (before.get(stream)?.state === 0) raise(stream)
  }
  let asked: Map<number, bigint> | undefined
  for (const [i, m] of made.entries()) {
    if (i === at) asked = new Map(times)
    if (!isDispatch(m) || !times.has(m.stream)) continue
    const time = times.get(m.stream) as bigint
    const d = deviceOf.get(m.stream) ?? 0
    if (time > (clocks.get(d) ?? 0n)) clocks.set(d, time)
    const step = (BigInt(m.ns) << 10n) / BigInt(Math.max(1, after.get(m.stream)?.weight ?? 1))
    times.set(m.stream, time + (step > 0n ? step : 1n))
    const left = (queued.get(m.stream) ?? 0) - m.count
    queued.set(m.stream, left)
    if (left > 0) raise(m.stream)
  }
  const exact = made.filter(isDispatch).every((m) => after.get(m.stream)?.vtime === times.get(m.stream))
  return { times: asked ?? times, exact }
}

/** Kernel name, or class, of an operator that was submitted at or before an event. */
function operatorName(recording: Recording, event: number, stream: number, seq: number, f: CoreFigures): string {
  const { events } = recording
  const least = Math.max(0, event - LOOK_BACK_EVENTS)
  for (let e = event; e >= least; e--) {
    if (events.u32(e, 4) !== stream || (events.u32(e, 0) & 0xffff) !== EventKind.OP_SUBMIT) continue
    const its = events.u64(e, 48)
    if (its < seq) break
    if (its === seq) return submittedName(recording, e)
  }
  return OpClassNames[f.stream_op_class(stream, BigInt(seq))] ?? ''
}

/** What an OP_SUBMIT submits: the kernel's name where one is known, else its class. */
function submittedName(recording: Recording, event: number): string {
  const { events } = recording
  const key = (BigInt(events.u32(event, 28)) << 32n) | BigInt(events.u32(event, 24))
  const kernel = key === 0n ? undefined : recording.activity.topology.nameOf(NameKind.KERNEL, key)
  return kernel ?? OpClassNames[events.u32(event, 16) & 0xffff] ?? ''
}
