/**
 * What the worker sends to the page as a recording is read: rows that are new since the last time, in columns, so that
 * they cross without being copied and the page never holds an object for an event.
 */

/** Kinds of tracks; a track is a kind and the number of what it shows. */
export const TrackKind = { DEVICE: 0, TENANT: 1, STREAM: 2, WAIT: 3 } as const

export const trackId = (kind: number, number: number): number => kind * 0x10000 + number
export const trackKind = (id: number): number => id >>> 16
export const trackNumber = (id: number): number => id & 0xffff

type F64 = Float64Array<ArrayBuffer>
type F32 = Float32Array<ArrayBuffer>
type U32 = Uint32Array<ArrayBuffer>
type U16 = Uint16Array<ArrayBuffer>
type U8 = Uint8Array<ArrayBuffer>

/** Spans of a track, by time, none overlapping another. */
export interface SpanRows {
  /** Nanoseconds. */
  start: F64
  length: F32
  /** phases.ts */
  code: U8
  /** Number of the event that ended it, counted from 1. */
  event: U32
}

/** Every decision. */
export interface DecisionRows {
  time: F64
  kind: U8
  rule: U8
  /** Its stream; 65535 where it is of none, or its field means something else. */
  stream: U16
}

/** A figure over time: least, greatest and last value in the time from each row to the next. */
export interface CounterRows {
  time: F64
  low: F32
  high: F32
  last: F32
}

/** Stretches of work of a stream, from the first operator submitted on an idle stream until all is complete. */
export interface StepRows {
  stream: U16
  phase: U8
  start: F64
  /** Nanoseconds until complete, and since the stretch before ended (0 for the first). */
  length: F64
  since: F64
}

/** What counters show. */
export const CounterKind = {
  QUEUE_PREFILL: 0,
  QUEUE_DECODE: 1,
  QUEUE_OTHER: 2,
  SHARE: 3,
  COMPUTE: 4,
  BANDWIDTH: 5,
  HBM: 6,
} as const

export const seriesId = (device: number, kind: number): number => device * 16 + kind

/** Who is there, as last said. */
export interface Topology {
  devices: { device: number; chip: string }[]
  tenants: { tenant: number; weight: number; quota_bytes: number; name?: string }[]
  streams: { stream: number; vnpu: number; tenant: number; device: number; name?: string }[]
}

/** A wait of the operator at the head of a stream. */
export interface Wait {
  stream: number
  phase: number
  start_ns: number
  length_ns: number
  /** The event that ended it. */
  event: number
  /** Rule of the decision that ended it. */
  rule: number
}

export interface Delta {
  /** Events and decisions so far, and the time of the last event. */
  events: number
  decisions: number
  first_ns: number
  last_ns: number
  spans: { track: number; rows: SpanRows }[]
  decided: DecisionRows
  counters: { series: number; rows: CounterRows }[]
  steps: StepRows
  /** Absent where it did not change. */
  topology?: Topology
  /** The longest so far. */
  waits: Wait[]
  /** Device time of tenants so far, ns: what was on the device at the same time shares it. */
  tenant_ns: { tenant: number; device: number; ns: number }[]
}

/** Buffers to hand over with a delta. */
export function transfers(delta: Delta): ArrayBuffer[] {
  const rows = [delta.decided, delta.steps, ...delta.spans.map((s) => s.rows), ...delta.counters.map((c) => c.rows)]
  return rows.flatMap((columns) => Object.values(columns).map((column: F64) => column.buffer))
}
