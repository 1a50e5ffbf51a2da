/**
 * What a recording holds, gathered in one pass with memory bounded by the number of streams, tenants, devices and
 * kernels, never by the length of the recording. Counts are of good frames only.
 */
import {
  decodeDecision,
  decodeEvent,
  EventKind,
  Phase,
  PhaseNames,
  RuleNames,
  type EventRecord,
} from '../../build/gen/ts/records.ts'
import { DECISION_BYTES, EVENT_BYTES, decisions as decisionKinds } from '../../spec/records.ts'
import { decodeNames, NameKind } from './names.ts'
import type { Frame } from './reader.ts'
import { shownEvent, type ShownRecord } from './shown.ts'

/** A stream number, and what all streams that had it did. */
export interface StreamSummary {
  stream: number
  name?: string
  vnpu: number
  priority: number
  /** Operators submitted to the core, and issued on credit. */
  submitted: number
  on_credit: number
  /** As the core believed last, and how often it changed its mind. */
  phase: string
  phase_confidence_permille: number
  phase_changes: number
  /** How often a stream of this number was created, and whether the last one is gone. */
  created: number
  removed: boolean
}

/** A kernel by its key. */
export interface KernelSummary {
  key: bigint
  name?: string
  submits: number
}

const POLICIES_KEPT = 32

/** Gathers frames, in file order. */
export class LogSummary {
  readonly devices = new Map<number, ShownRecord>()
  readonly tenants = new Map<number, ShownRecord>()
  readonly vnpus = new Map<number, ShownRecord>()
  /** By number, in order of first creation. */
  readonly streams = new Map<number, StreamSummary>()
  readonly kernels = new Map<bigint, KernelSummary>()
  readonly events_by_kind = new Map<string, number>()
  readonly decisions_by_kind = new Map<string, number>()
  /** By kind and rule: 'DISPATCH FAIR_VTIME'. */
  readonly decisions_by_rule = new Map<string, number>()
  /** The last POLICIES_KEPT that were set. */
  readonly policies: ShownRecord[] = []
  snapshots = 0
  first_ns: bigint | undefined
  last_ns: bigint | undefined
  /** The decision hash of the last DECISIONS frame. */
  chain_end: bigint | undefined
  stats: unknown
  readonly #names = new Map<string, string>()

  add(frame: Frame): void {
    if (frame.name === 'EVENTS') this.#events(frame)
    else if (frame.name === 'DECISIONS') this.#decisions(frame)
    else if (frame.name === 'NAMES') this.#addNames(frame)
    else if (frame.name === 'SNAPSHOT') this.snapshots++
    else if (frame.name === 'STATS') this.stats = JSON.parse(new TextDecoder().decode(frame.payload))
  }

  /** Kernels by submits, greatest first, with their names. */
  kernelList(): KernelSummary[] {
    const list = [...this.kernels.values()].map((kernel) => this.#withName(kernel, NameKind.KERNEL, kernel.key))
    return list.sort((a, b) => b.submits - a.submits || (a.key < b.key ? -1 : 1))
  }

  /** Streams with their names. */
  streamList(): StreamSummary[] {
    return [...this.streams.values()].map((stream) => this.#withName(stream, NameKind.STREAM, BigInt(stream.stream)))
  }

  /** The name that a NAMES frame gives, if one does. */
  nameOf(kind: number, id: bigint): string | undefined {
    return this.#names.get(`${kind}:${id}`)
  }

  #withName<T extends { name?: string }>(entry: T, kind: number, id: bigint): T {
    const name = this.nameOf(kind, id)
    return name === undefined ? entry : { ...entry, name }
  }

  #addNames(frame: Frame): void {
    for (const { kind, id, name } of decodeNames(frame.payload, frame.count)) this.#names.set(`${kind}:${id}`, name)
  }

  #events({ payload, count }: Frame): void {
    const view = viewOf(payload)
    for (let i = 0; i < count; i++) {
      const at = i * EVENT_BYTES
      const time = view.getBigUint64(at + 8, true)
      this.first_ns ??= time
      this.last_ns = time
      const event = decoded(view, at)
      increment(this.events_by_kind, event?.kind ?? `kind ${view.getUint16(at, true)}`)
      if (event !== undefined) this.#event(event, payload.subarray(at, at + EVENT_BYTES))
    }
  }

  #event(event: EventRecord, bytes: Uint8Array): void {
    const stream = this.streams.get(event.stream)
    switch (event.kind) {
      case 'DEVICE_ADD':
        this.devices.set(event.device, shownEvent(bytes))
        break
      case 'TENANT_SET':
        this.tenants.set(event.tenant, shownEvent(bytes))
        break
      case 'VNPU_ADD':
        this.vnpus.set(event.vnpu, shownEvent(bytes))
        break
      case 'POLICY_SET':
        this.policies.push(shownEvent(bytes))
        if (this.policies.length > POLICIES_KEPT) this.policies.shift()
        break
      case 'STREAM_ADD':
        this.#addStream(event.stream, event.vnpu, event.priority)
        break
      case 'STREAM_REMOVE':
        if (stream !== undefined) stream.removed = true
        break
      case 'CREDIT_USED':
        if (stream !== undefined) stream.on_credit += Number(event.count)
        break
      case 'OP_SUBMIT':
        if (stream !== undefined) stream.submitted++
        if (event.key !== 0n) this.#kernel(event.key)
        break
      default:
    }
  }

  #addStream(stream: number, vnpu: number, priority: number): void {
    const before = this.streams.get(stream)
    const phase = { phase: PhaseNames[Phase.UNKNOWN] ?? '', phase_confidence_permille: 0, phase_changes: 0 }
    this.streams.set(stream, {
      stream,
      vnpu,
      priority,
      submitted: before?.submitted ?? 0,
      on_credit: before?.on_credit ?? 0,
      ...phase,
      created: (before?.created ?? 0) + 1,
      removed: false,
    })
  }

  #kernel(key: bigint): void {
    const kernel = this.kernels.get(key)
    if (kernel === undefined) this.kernels.set(key, { key, submits: 1 })
    else kernel.submits++
  }

  #decisions({ payload, count }: Frame): void {
    const view = viewOf(payload)
    for (let i = 0; i < count; i++) {
      const at = i * DECISION_BYTES
      const number = view.getUint8(at)
      const kind = decisionNames.get(number) ?? `kind ${number}`
      const rule = view.getUint16(at + 2, true)
      increment(this.decisions_by_kind, kind)
      increment(this.decisions_by_rule, `${kind} ${RuleNames[rule] ?? rule}`)
      if (kind === 'PHASE') this.#phase(view, at)
    }
    this.chain_end = view.getBigUint64(count * DECISION_BYTES, true)
  }

  #phase(view: DataView, at: number): void {
    const decision = decodeDecision(view, at)
    const stream = this.streams.get(decision.stream)
    if (stream === undefined) return
    stream.phase = PhaseNames[decision.count] ?? String(decision.count)
    stream.phase_confidence_permille = Number(decision.value)
    stream.phase_changes++
  }
}

const decisionNames = new Map(decisionKinds.map(({ id, name }) => [id, name]))
const eventNumbers = new Set<number>(Object.values(EventKind))

const decoded = (view: DataView, at: number): EventRecord | undefined =>
  eventNumbers.has(view.getUint16(at, true)) ? decodeEvent(view, at) : undefined

const increment = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
