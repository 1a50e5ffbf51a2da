/** What the names in a predicate stand for: fields of events and decisions (spec/records.ts), and figures of the core. */
import {
  ChipNames,
  DecisionFlag,
  OpClassNames,
  PhaseEvidenceNames,
  PhaseNames,
  PhaseSourceNames,
  PolicyIdNames,
  RuleNames,
} from '../../../build/gen/ts/records.ts'
import type { CoreFigures } from '../../../host-node/core/figures.ts'
import { NameKind } from '../../../host-node/log/names.ts'
import { decisions, events, NONE, type Field } from '../../../spec/records.ts'
import type { Recording } from '../recording.ts'

/** Where a predicate is asked. */
export interface Place {
  recording: Recording
  figures: CoreFigures
  /** Counted from 0. */
  event: number
  /** Counted from 0; -1 where the question is about the event. */
  decision: number
}

export type Answer = number | string | boolean | undefined

/** A name that has been looked up. */
export interface Meaning {
  read: (place: Place) => Answer
  /** Needs the core as it is after the event. */
  state: boolean
  /** Is about a decision. */
  decision: boolean
  /** The values it can have, where they are names. */
  values?: readonly string[]
}

const lower = (names: Record<number, string>) => (value: number) => (names[value] ?? String(value)).toLowerCase()
const valuesOf = (names: Record<number, string>): string[] => Object.values(names).map((name) => name.toLowerCase())

const eventKinds: Record<number, string> = Object.fromEntries(events.map((e) => [e.id, e.name]))
const decisionKinds: Record<number, string> = Object.fromEntries(decisions.map((d) => [d.id, d.name]))
const enumNames: Record<string, Record<number, string>> = {
  op_class: OpClassNames,
  phase: PhaseNames,
  source: PhaseSourceNames,
  policy: PolicyIdNames,
  evidence: PhaseEvidenceNames,
  chip: ChipNames,
}

function reader(recording: Recording, index: number, { type, at }: Field): number {
  if (type === 'u64') return recording.events.u64(index, at)
  const word = recording.events.u32(index, at & ~3)
  return type === 'u32' ? word : type === 'u16' ? (word >>> ((at & 2) * 8)) & 0xffff : (word >>> ((at & 3) * 8)) & 0xff
}

/** Fields of events by name, and where each kind has them. */
const eventFields = new Map<string, Map<number, Field>>()
for (const { id, fields } of events) {
  for (const field of fields) {
    const kinds = eventFields.get(field.name) ?? new Map<number, Field>()
    eventFields.set(field.name, kinds.set(id, field))
  }
}

const kindOf = ({ recording, event }: Place): number => recording.events.u32(event, 0) & 0xffff
const ofEvent = (read: (place: Place) => Answer, values?: readonly string[]): Meaning => ({
  read,
  state: false,
  decision: false,
  ...(values && { values }),
})
const ofDecision = (read: (place: Place, i: number) => Answer, values?: readonly string[]): Meaning => ({
  read: (place) => (place.decision < 0 ? undefined : read(place, place.decision)),
  state: false,
  decision: true,
  ...(values && { values }),
})

/** The stream a place is about: the decision's, else the event's; NONE for none. */
function subject({ recording, event, decision }: Place): number {
  if (decision < 0) return recording.events.u32(event, 4)
  const kind = decisionKinds[recording.decisions.u32(decision, 0) & 0xff]
  return kind === 'ADMIT' || kind === 'DENY' || kind === 'SHARE' ? NONE : recording.decisions.u32(decision, 4)
}

function streamOf(place: Place): Answer {
  const stream = subject(place)
  return stream === NONE ? undefined : stream
}

function eventField(field: string): Meaning | undefined {
  if (field === 'stream') return ofEvent((place) => streamOf({ ...place, decision: -1 }))
  if (field === 'kernel') {
    const key = eventFields.get('key')?.values().next().value as Field
    return ofEvent((place) => {
      if (eventKinds[kindOf(place)] !== 'OP_SUBMIT') return undefined
      const { recording, event } = place
      const id = (BigInt(recording.events.u32(event, key.at + 4)) << 32n) | BigInt(recording.events.u32(event, key.at))
      return recording.activity.topology.nameOf(NameKind.KERNEL, id) ?? `0x${id.toString(16)}`
    })
  }
  const kinds = eventFields.get(field)
  if (kinds === undefined) return undefined
  const names = enumNames[field]
  const read = (place: Place): Answer => {
    const where = kinds.get(kindOf(place))
    if (where === undefined) return undefined
    const value = reader(place.recording, place.event, where)
    return names === undefined ? value : lower(names)(value)
  }
  return ofEvent(read, names && valuesOf(names))
}

function decisionField(field: string): Meaning | undefined {
  const word = (at: number) => (place: Place, i: number) => place.recording.decisions.u32(i, at)
  const flag = (bit: number) => (place: Place, i: number) => ((place.recording.decisions.u32(i, 0) >>> 8) & bit) !== 0
  const known: Record<string, Meaning> = {
    rule: ofDecision((place, i) => lower(RuleNames)(place.recording.decisions.u32(i, 0) >>> 16), valuesOf(RuleNames)),
    stream: ofDecision(streamOf),
    count: ofDecision(word(8)),
    device: ofDecision((place, i) => place.recording.decisions.u32(i, 12) & 0xffff),
    value: ofDecision((place, i) => place.recording.decisions.u64(i, 16)),
    credit: ofDecision(flag(DecisionFlag.CREDIT)),
    mark: ofDecision(flag(DecisionFlag.MARK)),
    sample: ofDecision(flag(DecisionFlag.SAMPLE)),
  }
  return known[field]
}

type Figure = (f: CoreFigures, id: number) => number | bigint | string | boolean

const stateNames = ['idle', 'eligible', 'blocked', 'barrier', 'called']

/** Figures of a stream by the name that predicates give them. */
export const streamFigures: Record<string, Figure> = {
  queue: (f, id) => f.stream_queued(id),
  inflight: (f, id) => f.stream_inflight(id),
  inflight_ns: (f, id) => f.stream_inflight_ns(id),
  unmarked_ns: (f, id) => f.stream_unmarked_ns(id),
  credit: (f, id) => f.stream_credit(id),
  phase: (f, id) => lower(PhaseNames)(f.stream_phase(id)),
  source: (f, id) => lower(PhaseSourceNames)(f.stream_phase_source(id)),
  confidence: (f, id) => f.stream_confidence(id),
  vtime: (f, id) => f.stream_vtime(id),
  weight: (f, id) => f.stream_weight(id),
  state: (f, id) => stateNames[f.stream_state(id)] ?? '',
  held: (f, id) => f.stream_held(id) !== 0,
  waiting_ns: (f, id) => (f.stream_queued(id) === 0 ? 0 : f.now_ns() - f.stream_eligible_since(id)),
  submitted: (f, id) => f.stream_submitted(id),
  dispatched: (f, id) => f.stream_dispatched(id),
  completed: (f, id) => f.stream_completed(id),
  tenant: (f, id) => f.stream_tenant(id),
  device: (f, id) => f.stream_device(id),
}

const phaseSum = (read: (phase: number) => number | bigint): bigint =>
  [0, 1, 2, 3].reduce((sum, phase) => sum + BigInt(read(phase)), 0n)

/** Figures of a device. */
export const deviceFigures: Record<string, Figure> = {
  queue: (f, d) => phaseSum((p) => f.device_queued(d, p)),
  queue_prefill: (f, d) => f.device_queued(d, 1),
  queue_decode: (f, d) => f.device_queued(d, 2),
  inflight_ns: (f, d) => phaseSum((p) => f.device_inflight_ns(d, p)),
  inflight_prefill_ns: (f, d) => f.device_inflight_ns(d, 1),
  inflight_decode_ns: (f, d) => f.device_inflight_ns(d, 2),
  busy: (f, d) => f.device_busy_streams(d),
  share: (f, d) => f.device_decode_share(d),
  tokens_ns: (f, d) => f.device_decode_tokens_ns(d),
  saturation: (f, d) => f.device_saturation(d),
  prefill_load: (f, d) => f.device_prefill_load(d),
  compute: (f, d) => f.device_compute_permille(d),
  bandwidth: (f, d) => f.device_bandwidth_permille(d),
  vclock: (f, d) => f.device_vclock(d),
}

/** Figures of a tenant. */
export const tenantFigures: Record<string, Figure> = {
  held: (f, t) => f.tenant_held_bytes(t),
  quota: (f, t) => f.tenant_quota_bytes(t),
  weight: (f, t) => f.tenant_weight(t),
  streams: (f, t) => f.tenant_streams(t),
}

const plain = (value: number | bigint | string | boolean): Answer => (typeof value === 'bigint' ? Number(value) : value)

function figure(of: Record<string, Figure>, field: string, whose: (place: Place) => number): Meaning | undefined {
  const read = of[field]
  if (read === undefined) return undefined
  return {
    read: (place) => {
      const id = whose(place)
      return id === NONE ? undefined : plain(read(place.figures, id))
    },
    state: true,
    decision: false,
    ...(field === 'phase' && { values: valuesOf(PhaseNames) }),
    ...(field === 'state' && { values: stateNames }),
  }
}

function ofDevice(place: Place): number {
  const stream = subject(place)
  return stream === NONE || place.figures.stream_exists(stream) === 0 ? 0 : place.figures.stream_device(stream)
}

function ofTenant(place: Place): number {
  const stream = subject(place)
  return stream === NONE || place.figures.stream_exists(stream) === 0 ? 0 : place.figures.stream_tenant(stream)
}

/** Names that begin a value. */
export const roots = ['event', 'decision', 'stream', 'device', 'tenant', 'time', 'policy'] as const

/** What a name means; undefined where it has no such field. `index` is what is in brackets. */
export function meaning(root: string, index: number | undefined, field: string | undefined): Meaning | undefined {
  const number = (otherwise: (place: Place) => number) => (index === undefined ? otherwise : () => index)
  if (root === 'event' && index === undefined) {
    if (field === undefined) return ofEvent((place) => lower(eventKinds)(kindOf(place)), valuesOf(eventKinds))
    return eventField(field)
  }
  if (root === 'decision' && index === undefined) {
    if (field !== undefined) return decisionField(field)
    const read = (place: Place, i: number) => lower(decisionKinds)(place.recording.decisions.u32(i, 0) & 0xff)
    return ofDecision(read, valuesOf(decisionKinds))
  }
  if (root === 'stream') {
    if (field === undefined) return index === undefined ? ofEvent(streamOf) : undefined
    return figure(streamFigures, field, number(subject))
  }
  if (root === 'device' && field !== undefined) return figure(deviceFigures, field, number(ofDevice))
  if (root === 'tenant' && field !== undefined) return figure(tenantFigures, field, number(ofTenant))
  if (root === 'time' && field === undefined) return ofEvent(({ recording, event }) => recording.timeOf(event))
  if (root === 'policy' && field === undefined) {
    const read = ({ figures }: Place): string => lower(PolicyIdNames)(figures.policy())
    return { read, state: true, decision: false, values: valuesOf(PolicyIdNames) }
  }
  return undefined
}

/** The fields that a root has, for messages and help. */
export function fieldsOf(root: string): string[] {
  if (root === 'event') return ['stream', 'kernel', ...eventFields.keys()]
  if (root === 'decision') return ['rule', 'stream', 'count', 'device', 'value', 'credit', 'mark', 'sample']
  const figures = { stream: streamFigures, device: deviceFigures, tenant: tenantFigures }[root]
  return figures === undefined ? [] : Object.keys(figures)
}
