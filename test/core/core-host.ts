/**
 * The core as a host sees it: build/core.wasm through its exports and nothing else. Records go in and out through the
 * generated codec; every event that was fed is kept, so that any run can be replayed.
 */
import { readFileSync } from 'node:fs'
import {
  DECISION_BYTES,
  decodeDecision,
  decodeEvent,
  encodeEvent,
  EVENT_BYTES,
  type DecisionRecord,
  type EventRecord,
} from '../../build/gen/ts/records.ts'

const wasm = new WebAssembly.Module(readFileSync(new URL('../../build/core.wasm', import.meta.url)))

interface Exports {
  memory: WebAssembly.Memory
  init(): void
  run(n: number): number
  consumed(): number
  inbox_ptr(): number
  outbox_ptr(): number
  inbox_capacity(): number
  outbox_capacity(): number
  state_ptr(): number
  state_bytes(): number
  state_hash(): bigint
  decision_hash(): bigint
  next_wake_ns(): bigint
  events_seen(): bigint
  stream_queued(id: number): number
  stream_inflight(id: number): bigint
  stream_inflight_ns(id: number): bigint
  stream_unmarked_ns(id: number): bigint
  stream_credit(id: number): bigint
  stream_phase(id: number): number
  stream_phase_source(id: number): number
  stream_confidence(id: number): number
  device_decode_share(device: number): number
  device_interference(device: number, slow: number, by: number): number
  device_queued(device: number, phase: number): number
  device_inflight_ns(device: number, phase: number): bigint
  device_unmarked_ns(device: number, phase: number): bigint
  device_busy(device: number, phase: number): number
  policy(): number
}

/** An event without its common fields, which the host adds. */
export type Draft = EventRecord extends infer E
  ? E extends EventRecord
    ? Omit<E, 'flags' | 'stream' | 'time_ns'>
    : never
  : never

export const NEVER = 2n ** 64n - 1n

const abort = (): never => {
  throw new Error('the core aborted')
}

export class Core {
  readonly exports: Exports
  readonly inbox: Uint8Array
  readonly state: Uint8Array
  readonly #outbox: DataView

  constructor() {
    this.exports = new WebAssembly.Instance(wasm, { env: { abort } }).exports as unknown as Exports
    this.exports.init()
    const { memory } = this.exports
    this.inbox = new Uint8Array(memory.buffer, this.exports.inbox_ptr(), this.exports.inbox_capacity() * EVENT_BYTES)
    this.#outbox = new DataView(
      memory.buffer,
      this.exports.outbox_ptr(),
      this.exports.outbox_capacity() * DECISION_BYTES,
    )
    this.state = new Uint8Array(memory.buffer, this.exports.state_ptr(), this.exports.state_bytes())
  }

  /** Feeds whole events in calls of at most `batch`; all decisions, as bytes. */
  feed(events: Uint8Array, batch = this.exports.inbox_capacity()): Uint8Array {
    const parts: Uint8Array[] = []
    for (let at = 0; at < events.length;) {
      const n = Math.min(batch, (events.length - at) / EVENT_BYTES)
      this.inbox.set(events.subarray(at, at + n * EVENT_BYTES))
      const decisions = this.exports.run(n)
      const taken = this.exports.consumed()
      if (taken < 1 || taken > n) throw new Error(`the core took ${taken} of ${n} events`)
      const { buffer, byteOffset } = this.#outbox
      parts.push(new Uint8Array(buffer, byteOffset, decisions * DECISION_BYTES).slice())
      at += taken * EVENT_BYTES
    }
    return Buffer.concat(parts)
  }

  get hash(): bigint {
    return BigInt.asUintN(64, this.exports.state_hash())
  }

  get decisionHash(): bigint {
    return BigInt.asUintN(64, this.exports.decision_hash())
  }

  get nextWake(): bigint {
    return BigInt.asUintN(64, this.exports.next_wake_ns())
  }
}

/** A core with the events that it was fed, one at a time. */
export class CoreHost {
  readonly core = new Core()
  /** Time of the next event, ns. */
  now = 0
  readonly events: Uint8Array[] = []
  readonly decisions: DecisionRecord[] = []

  /** Feeds one event; what the core decided. */
  send(draft: Draft, stream = 0xffffffff, flags = 0): DecisionRecord[] {
    const record = { ...draft, flags, stream, time_ns: BigInt(Math.round(this.now)) } as EventRecord
    const bytes = new Uint8Array(EVENT_BYTES)
    encodeEvent(new DataView(bytes.buffer), 0, record)
    return this.sendBytes(bytes)
  }

  sendBytes(bytes: Uint8Array): DecisionRecord[] {
    this.events.push(bytes)
    const decisions = decode(this.core.feed(bytes))
    this.decisions.push(...decisions)
    return decisions
  }

  /** Time of the event of that number, counted from 1, ns. */
  timeOf(event_seq: bigint): number {
    return Number(view(this.events[Number(event_seq) - 1]!).getBigUint64(8, true))
  }

  /** Kinds of the events of a stream, in order. */
  kinds(stream: number): string[] {
    const records = this.events.map((bytes) => decodeEvent(view(bytes), 0))
    return records.filter((record) => record.stream === stream).map(({ kind }) => kind)
  }

  /** All events so far. */
  recording(): Uint8Array {
    return Buffer.concat(this.events)
  }

  device(device = 0): void {
    const zero = { cube_cores: 0, vector_cores: 0, hbm_bytes: 0n, hbm_bytes_per_s: 0n }
    this.send({ kind: 'DEVICE_ADD', device, chip: 2, ...zero })
  }

  tenant(tenant: number, weight: number, quota = 0n, stream_limit = 0): DecisionRecord[] {
    return this.send({ kind: 'TENANT_SET', tenant, weight, priority: 0, stream_limit, hbm_quota_bytes: quota })
  }

  vnpu(vnpu: number, tenant = 0, device = 0): DecisionRecord[] {
    return this.send({ kind: 'VNPU_ADD', vnpu, tenant, device })
  }

  policy(policy: number, ...p: number[]): DecisionRecord[] {
    const [p0, p1, p2, p3] = [0, 1, 2, 3].map((i) => BigInt(p[i] ?? 0)) as [bigint, bigint, bigint, bigint]
    return this.send({ kind: 'POLICY_SET', policy, p0, p1, p2, p3 })
  }

  hint(stream: number, phase: number, source = 1): DecisionRecord[] {
    return this.send({ kind: 'PHASE_HINT', phase, source, vnpu: 0 }, stream)
  }
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export function decode(bytes: Uint8Array): DecisionRecord[] {
  return Array.from({ length: bytes.length / DECISION_BYTES }, (_, i) =>
    decodeDecision(view(bytes), i * DECISION_BYTES),
  )
}
